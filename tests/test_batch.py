"""Files in and out: what is read, what is refused with its line, and how an output file is taken up again."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.batch import Output, read_records, read_stories, read_text
from neurosym.errors import InputError


def records(text: str) -> tuple[list[dict[str, object]], list[str]]:
    good, bad = read_records(text, required="problem", optional=("question", "options"))
    return [{"id": r.id, **r.fields} for r in good], [str(b) for b in bad]


def test_good_lines_are_read_and_blank_ones_skipped() -> None:
    good, bad = records('{"id": "a", "problem": "p"}\n\n{"problem": "q", "options": ["A) 1"], "id": 7}\n')
    assert good == [{"id": "a", "problem": "p"}, {"id": "7", "problem": "q", "options": ["A) 1"]}]
    assert bad == []


def test_a_gold_answer_is_never_read() -> None:
    with_answer, _ = read_records('{"id": "a", "problem": "p", "answer": "5"}', required="problem", optional=())
    without, _ = read_records('{"id": "a", "problem": "p"}', required="problem", optional=())
    assert with_answer == without
    assert with_answer[0].key({}) == without[0].key({})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "an object is expected"),
        ('{"id": true, "problem": "p"}', '"id"'),
        ('{"id": "a"}', '"problem" is missing'),
        ('{"id": "a", "problem": "  "}', '"problem" is missing'),
        ('{"id": "a", "problem": 5}', '"problem" is a string'),
        ('{"id": "a", "problem": "p", "options": "A"}', '"options" is a list'),
        ('{"id": "a", "problem": "p", "options": [1]}', '"options" is a list'),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_the_rest_is_read(line: str, why: str) -> None:
    good, bad = records(f'{{"id": "x", "problem": "p"}}\n{line}\n{{"id": "y", "problem": "q"}}')
    assert [g["id"] for g in good] == ["x", "y"]
    assert len(bad) == 1
    assert bad[0].startswith("line 2: ")
    assert why in bad[0]


def test_an_id_is_used_once() -> None:
    good, bad = records('{"id": "x", "problem": "p"}\n{"id": "x", "problem": "q"}')
    assert [g["problem"] for g in good] == ["p"]
    assert bad == ["line 2: the id 'x' is taken by line 1"]


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    good, bad = read_records(text, required="problem", optional=("question", "options"))
    assert len(good) + len(bad) == sum(bool(line.strip()) for line in text.split("\n"))


def test_stories_are_separated_by_blank_lines() -> None:
    found = read_stories("\nTom has 3\napples.\n\n \nAnn has 5.", name="problem")
    assert [(r.id, r.line, r.fields["problem"]) for r in found] == [
        ("1", 2, "Tom has 3\napples."),
        ("2", 6, "Ann has 5."),
    ]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl cannot be read"):
        read_text(str(tmp_path / "missing.jsonl"), io.StringIO())
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        read_text(str(tmp_path / "latin"), io.StringIO())
    assert read_text("-", io.StringIO("here")) == "here"


def test_an_output_file_is_taken_up_and_a_torn_line_dropped(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"id": "a", "key": "1"}\n{"id": "b", "ke', encoding="utf-8")
    output = Output(str(path), io.StringIO())
    assert set(output.done) == {"1"}
    output.write({"id": "c", "key": "3"})
    output.close()
    assert [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()] == ["a", "c"]


def test_a_file_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    path.write_text('{"id": "a", "problem": "p"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"line 1 is no result of ours"):
        Output(str(path), io.StringIO())
    assert path.read_text(encoding="utf-8") == '{"id": "a", "problem": "p"}\n'
