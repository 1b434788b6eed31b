"""Numbers in texts, and programs that say something else than their problem."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.language.check import check
from neurosym.language.grounding import check_translation, ground, numbers_in, unused_definitions
from neurosym.language.quantities import Form
from neurosym.language.read import read


def findings(program: str, problem: str, question: str | None = None) -> list[str]:
    tree = read(program)
    symbols, wrong = check(tree)
    assert not wrong, [str(d) for d in wrong]
    return [d.code for d in check_translation(tree, symbols, problem, question)]


@pytest.mark.parametrize(
    ("text", "value", "surface"),
    [
        ("it has 1,234.50 dollars", "1234.5", "1,234.50"),
        ("a rise of 20%", "1/5", "20%"),
        ("twenty percent of it", "1/5", "twenty percent"),
        ("5 per cent", "1/20", "5 per cent"),
        ("3/4 of a cup", "3/4", "3/4"),
        ("2 1/2 miles", "5/2", "2 1/2"),
        ("1½ cups", "3/2", "1½"),
        ("twenty-one birds", "21", "twenty-one"),
        ("a hundred and five", "105", "a hundred and five"),
        ("two thousand three hundred and four", "2304", "two thousand three hundred and four"),
        ("twenty-five hundred", "2500", "twenty-five hundred"),
        ("one third of them", "1/3", "one third"),
        ("two-thirds", "2/3", "two-thirds"),
        ("three quarters", "3/4", "three quarters"),
        ("two and a half hours", "5/2", "two and a half"),
        ("half of it", "1/2", "half"),
        ("half a dozen eggs", "6", "half a dozen"),
        ("two dozen", "24", "two dozen"),
        ("3 million", "3000000", "3 million"),
        ("twice the size", "2", "twice"),
        ("a quarter of an hour", "1/4", "a quarter"),
    ],
)
def test_each_way_to_say_a_number(text: str, value: str, surface: str) -> None:
    (quantity,) = numbers_in(text)
    assert (quantity.value, quantity.surface) == (Fraction(value), surface)
    assert text[quantity.start : quantity.end] == surface


def test_positions_and_names_are_no_quantities() -> None:
    forms = {q.surface: q.form for q in numbers_in("the third bird, a third of it, the 2nd, room B12, one of them")}
    assert forms == {
        "third": Form.ORDINAL,
        "a third": Form.FRACTION,
        "2nd": Form.ORDINAL,
        "12": Form.ARTICLE,
        "one": Form.ARTICLE,
    }


@given(st.integers(0, 10**9))
def test_digits_are_found_with_and_without_commas(n: int) -> None:
    for text in (f"take {n} steps", f"take {n:,} steps"):
        assert [q.value for q in numbers_in(text)] == [n]


@given(st.text() | st.text("0123456789,./% -andhlftwoeriz½"))
def test_any_text_has_quantities_that_lie_in_it_in_order(text: str) -> None:
    end = 0
    for quantity in numbers_in(text):
        assert end <= quantity.start < quantity.end
        assert text[quantity.start : quantity.end] == quantity.surface
        end = quantity.end


@given(st.text(), st.none() | st.text())
def test_the_checks_welcome_any_text(problem: str, question: str | None) -> None:
    program = read("let a: hours = 3\nvar b: count\nb > a/60 + 20%\npython\n    c = 5 + float('7')\nend\nask b")
    symbols, _ = check(program)
    for finding in check_translation(program, symbols, problem, question):
        assert finding.code
        assert finding.message


ROLLS = "A baker makes 3 dozen rolls and sells 3/4 of them at 2 dollars each. How many dollars does he earn?"


@pytest.mark.parametrize(
    "program",
    [
        "let sold = 3 * 12 * 3/4\nask sold * 2",
        "let sold = 36 * 0.75\nask sold * 2",
        "let sold = 36 * 3 / 4\nlet earned: dollars = sold * 2\nask earned",
        "python\n    earned = 3 * 12 * 3 / 4 * 2\nend\nask earned",
    ],
)
def test_a_number_may_be_written_in_any_way(program: str) -> None:
    assert findings(program, ROLLS) == []


def test_a_number_from_nowhere_and_a_number_left_out() -> None:
    program = read("let sold = 3 * 12 * 3/4\nask sold * 7\n")
    (invented,) = (d for d in ground(program, ROLLS.replace(" at 2 dollars each", "")))
    assert invented.code == "ungrounded-number"
    assert "7" in invented.message
    assert invented.span is not None
    assert (invented.span.line, invented.span.column) == (2, 12)
    (left_out,) = ground(read("ask 3 * 12 * 2"), ROLLS)
    assert left_out.code == "unused-number"
    assert "'3/4'" in left_out.message
    assert "A baker makes" in left_out.message


def test_known_constants_need_their_words() -> None:
    assert findings("ask 5 * 60", "How many minutes are 5 hours?") == []
    assert findings("ask 5 * 60", "How many apples are in 5 boxes?") == ["ungrounded-number"]


@pytest.mark.parametrize("names", ["Ann, Bob and Cid", "Ann, Bob, and Cid", "On Friday, Saturday & Sunday, they"])
def test_a_list_of_names_states_how_many_they_are(names: str) -> None:
    assert findings("ask 24 / 3", f"{names} share 24 sweets. How many does each get?") == []
    assert findings("ask 24 / 4", f"{names} share 24 sweets. How many does each get?") == ["ungrounded-number"]


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("ask 4/3*pi*6^3", "What is the volume of a ball with a radius of 6 cm?"),
        ("ask 1/3*20*9", "A pyramid is 9 m high, its base has 20 square metres. What is its volume?"),
        ("ask 2^3 + 5", "Compute 2³ + 5."),
        ("ask (floor(6795/75) + 1)*75", "What is the smallest multiple of 75 greater than 6,795?"),
        ("ask 100*7 + 10*2 + 4", "What three-digit number has the digits 7, 2 and 4, in this order?"),
        ("ask gcd(8, 15) = 1", "Is it true that 8 and 15 have no common factor other than 1?"),
    ],
)
def test_plain_mathematics_raises_no_doubts(program: str, problem: str) -> None:
    assert findings(program, problem) == []


def test_a_percentage_is_no_plain_number() -> None:
    problem = "A coat of 80 dollars is reduced by 15%. What does it cost now?"
    for right in ("ask 80 - 80*15%", "ask 80*(1 - 0.15)", "ask 80*85/100", "ask 80*85%"):
        assert findings(right, problem) == []
    assert "unused-number" in findings("ask 80 - 15", problem)


@pytest.mark.parametrize(
    ("program", "problem", "code"),
    [
        ("let m: hours = 40\nask m * 3", "He swims 40 minutes, 3 km an hour. How far?", "unit-cue"),
        ("let t: hours = 2 + 3\nask t", "It takes 2 hours and 3 hours. How many minutes is that?", "asked-unit"),
        ("var x: count\nx <= 5\nmaximize x\nask x", "He takes at least 5. How many does he take?", "relation-cue"),
        ("var x: count\nx <= 5\nminimize x\nask x", "He takes at most 5. What is the most he takes?", "relation-cue"),
        (
            "let lea = 26\nlet mark = lea + 8\nask mark",
            "Lea has 26 books. Mark has 8 books fewer than Lea. How many has Mark?",
            "relation-cue",
        ),
        (
            "let lea = 26\nlet mark = lea + 3\nask mark",
            "Lea has 26 books. Mark has 3 times as many books as Lea. How many has Mark?",
            "relation-cue",
        ),
        (
            "var hens, goats: count\nhens + goats = 30\n2*hens + 4*goats = 86\nask hens",
            "A farm has 30 hens and goats with 86 legs. How many goats are there?",
            "wrong-target",
        ),
    ],
)
def test_words_that_fix_a_relation(program: str, problem: str, code: str) -> None:
    assert findings(program, problem) == [code]


def test_two_comparisons_by_one_number_do_not_contradict_each_other() -> None:
    text = "Bob has 5 books. Ann has 3 more books than Bob and Cid has {} books than Ann. How many has Cid?"
    program = "let bob = 5\nlet ann = bob + 3\nlet cid = ann + 3\nask cid"
    assert findings(program, text.format("again 3 more")) == []
    assert findings(program, text.format("3 fewer")) == ["relation-cue"]


CATS = """\
sort thing
const tom, kit: thing
rel cat(thing), quiet(thing), chases(thing, thing)
forall x: thing. cat(x) -> quiet(x)
cat(tom)
not quiet(kit)
chases(tom, kit)
ask {ask}
"""
CATS_TOLD = "Every cat is quiet. Tom is a cat. Kit is not quiet. Tom chases Kit."


def test_a_theory_that_says_what_is_told() -> None:
    assert findings(CATS.format(ask="quiet(tom)"), CATS_TOLD, "Is Tom quiet?") == []
    assert findings(CATS.format(ask="not quiet(tom)"), CATS_TOLD, "Is Tom not quiet?") == []
    assert findings(CATS.format(ask="quiet(tom)"), CATS_TOLD, "True or false: Tom is quiet.") == []
    assert findings(CATS.format(ask="quiet(tom)"), CATS_TOLD, "Is Tom quiet? Say yes or no.") == []
    assert findings(CATS.format(ask="quiet(tom)"), CATS_TOLD, "Is Tom quiet: yes, no, or can it not be told?") == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("cat(x) -> quiet(x)", "quiet(x) -> cat(x)", "relation-cue"),
        ("cat(x) -> quiet(x)", "cat(x) -> not quiet(x)", "polarity"),
        ("not quiet(kit)", "quiet(kit)", "polarity"),
        ("chases(tom, kit)\n", "chases(kit, tom)\n", "relation-cue"),
        ("chases(tom, kit)\n", "", "unread-sentence"),
        ("chases(tom, kit)\n", "chases(tom, kit)\nchases(kit, tom)\n", "relation-cue"),
        ("not quiet(kit)\n", "not quiet(kit)\ncat(kit)\n", "invented-premise"),
        ("ask quiet(tom)", "ask not quiet(tom)", "polarity"),
        ("ask quiet(tom)", "ask quiet(kit)", "wrong-target"),
    ],
)
def test_a_theory_that_says_something_else(old: str, new: str, code: str) -> None:
    wrong = CATS.format(ask="quiet(tom)")
    assert old in wrong
    assert code in findings(wrong.replace(old, new), CATS_TOLD, "Is Tom quiet?")


ROW = """\
sort book = {red, blue, green, white}
fun place(book): 1..4
distinct place
place(red) < place(blue)
place(green) > place(blue)
place(white) = 4
option A: place(red) = 1
option B: place(green) = 1
ask option must
"""
ROW_TOLD = (
    "Four books stand on a shelf: a red, a blue, a green and a white one. The red book is to the left of the blue "
    "book. The green book is to the right of the blue book. The white book is the rightmost."
)


@pytest.mark.parametrize(
    ("old", "new", "question", "code"),
    [
        ("", "", "Which must be true?", None),
        ("option must", "option may", "Which could be true?", None),
        ("option must", "option cannot", "Which cannot be true?", None),
        ("option must", "option may", "Which must be true?", "polarity"),
        ("option must", "option cannot", "Which is true?", "polarity"),
        ("", "", "Each of these must be true except which?", "polarity"),
        ("place(green) > place(blue)", "place(green) < place(blue)", "Which must be true?", "relation-cue"),
        ("place(white) = 4", "place(white) = 3", "Which must be true?", "ungrounded-number"),
        ("place(green) > place(blue)\n", "", "Which must be true?", "unread-sentence"),
    ],
)
def test_orders_and_options(old: str, new: str, question: str, code: str | None) -> None:
    found = findings(ROW.replace(old, new), ROW_TOLD, question)
    assert found == [] if code is None else code in found


def test_where_notes_name_sentences_each_has_its_statement() -> None:
    problem = "Ann has 3 apples. Bo has 4 apples. How many apples do they have?"
    assert findings("let a = 3  # s1\nlet b = 4  # s2\nask a + b", problem) == []
    assert findings("let a = 3  # s1\nlet b = 4  # s1\nask a + b", problem) == ["unread-sentence"]
    assert "invented-premise" in findings("let a = 3  # s1\nlet b = 4  # s2\na < b\nask a + b", problem)


def test_a_definition_that_feeds_nothing() -> None:
    found = unused_definitions(read("let a = 3\nlet b = a\nvar x, y: count\nx = 4\nask x"))
    assert [(d.code, d.span.line if d.span else 0) for d in found] == [
        ("unused-definition", 1),
        ("unused-definition", 2),
        ("unused-definition", 3),
    ]
    assert unused_definitions(read("let n = 3\nsort day = 1..n\nfun f(day): 1..n\nask f(1)")) == ()
    assert unused_definitions(read("let n = 3\npython\n    m = n + 1\nend\nask m")) == ()
