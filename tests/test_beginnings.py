"""What the beginning of a program shows, whatever follows."""

import pytest

from neurosym.language.beginnings import MOST_OF_A_NAME, endless_names, extent
from neurosym.language.check import check
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.grounding import ungrounded
from neurosym.language.read import read, read_fragment
from neurosym.training.problems import problem_families

PROBLEM = "Ann has 12 pens and 3.5 boxes."


def findings(text: str) -> tuple[Diagnostic, ...]:
    program = read_fragment(text)
    _, wrong = check(program)
    return wrong or ungrounded(program, PROBLEM) or endless_names(program)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("let pens = 12\nlet all = pens + boxs*3.5\n", "let pens = 12\nlet all = pens + boxs*"),
        ("let all = 12 + boxes\n", "let all = 12 + boxes\n"),
        ("let all = 12*17 + 3.5\n", "let all = 12*17 +"),
        ("let all = 12*7.25\n", "let all = 12*7.25\n"),
    ],
)
def test_a_finding_tells_how_much_of_the_text_it_takes(text: str, wrong: str) -> None:
    (found,) = findings(text)
    assert text[: extent(text, found)] == wrong


@pytest.mark.parametrize(
    "text",
    [
        "let all = 12\nlet all = 3.5\n",  # `let all_pens = 3.5` is right
        "python\n    all = 77\nend\n",  # what is before 77 is right
        "let all = pens(12)\n",  # may be declared for the program by what comes after
    ],
)
def test_where_what_follows_may_matter_it_tells_nothing(text: str) -> None:
    (found,) = findings(text)
    assert extent(text, found) is None


def test_names_that_count_on_are_endless() -> None:
    first = "let miles = 12*3.5\n"
    lines = [f"let miles_{n} = miles{f'_{n - 1}' if n > 2 else ''}*12\n" for n in range(2, MOST_OF_A_NAME + 1)]
    assert findings(first + "".join(lines[:-1])) == ()
    text = first + "".join(lines)
    (found,) = findings(text)
    assert text[: extent(text, found)].endswith(f"\nlet miles_{MOST_OF_A_NAME}")


def test_right_programs_come_to_an_end() -> None:
    programs = [read(made.program) for family in problem_families() if (made := family.generate(930))]
    assert programs
    assert not any(map(endless_names, programs))
