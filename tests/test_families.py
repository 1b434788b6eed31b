"""Every problem family says what its program means, and families are kept apart."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from family_audit import audit, audit_puzzle, too_alike

from neurosym.errors import InputError
from neurosym.grammars import keywords
from neurosym.language.builtins import BUILTINS
from neurosym.training.families import Family, read_families, shipped
from neurosym.training.generator import generate
from neurosym.training.problems import problem_families
from neurosym.training.puzzles import PUZZLES
from neurosym.training.puzzles import generate as generate_puzzle

TOPICS = sorted({family.topic for family in shipped()})
DEV = Path(__file__).parents[2] / "shared" / "data" / "dev"


def of_topic(topic: str) -> list[Family]:
    return [family for family in shipped() if family.topic == topic]


# --- audits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_a_problem_of_every_family_passes_the_audit(topic: str) -> None:
    complaints = {family.name: audit(family, samples=1) for family in of_topic(topic)}
    assert not any(complaints.values()), "\n".join(f"{n}: {c}" for n, cs in complaints.items() for c in cs)


@pytest.mark.long
@pytest.mark.parametrize("topic", TOPICS)
def test_several_problems_of_every_family_pass_the_audit(topic: str) -> None:
    complaints = {family.name: audit(family, samples=6) for family in of_topic(topic)}
    assert not any(complaints.values()), "\n".join(f"{n}: {c}" for n, cs in complaints.items() for c in cs)


@pytest.mark.parametrize("name", PUZZLES)
def test_a_problem_of_every_puzzle_passes_the_audit(name: str) -> None:
    assert audit_puzzle(name, samples=2) == []


@pytest.mark.long
@pytest.mark.parametrize("name", PUZZLES)
def test_several_problems_of_every_puzzle_pass_the_audit(name: str) -> None:
    assert audit_puzzle(name, samples=12) == []


def test_the_audit_finds_a_number_that_the_text_does_not_state() -> None:
    text = """
[[family]]
name = "boats"
texts = ["{n} boats leave and 2 stay. How many are there?", "{n} boats out and 2 in. All in all?", "2 and {n}?"]
values = { n = "5..9" }
program = "let boats = {n} + 17\\nask boats"
"""
    complaints = audit(read_families(text, "sea", {})[0], samples=1)
    assert len(complaints) == 1
    assert "does not state the number 17" in complaints[0]


def test_the_audit_finds_an_answer_that_never_differs_and_too_few_wordings() -> None:
    text = """
[[family]]
name = "boats"
texts = ["{n} boats leave and {n} come back. How many more leave than come back?"]
values = { n = "5..9" }
program = "let more = {n} - {n}\\nask more"
"""
    complaints = audit(read_families(text, "sea", {})[0], samples=3)
    assert complaints == ["1 wordings, at least 3 are wanted", "the answer is always 0"]


# --- what is drawn ------------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_problem_in_every_process() -> None:
    """Whatever order sets have there."""
    code = "from test_families import digest; print(digest())"
    elsewhere = {**os.environ, "PYTHONHASHSEED": "5", "PYTHONPATH": str(Path(__file__).parent)}
    there = subprocess.run([sys.executable, "-c", code], env=elsewhere, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == digest()


def digest() -> str:
    """Of a problem of every puzzle, and of some of the families of the data files."""
    examples = [generate_puzzle(name, seed) for name in PUZZLES for seed in (0, 1)]
    examples += [generate(family, 0) for family in shipped()[::10]]
    return hashlib.sha256(repr(examples).encode()).hexdigest()


def test_another_seed_gives_another_problem() -> None:
    for family in problem_families()[::5]:
        problems = {family.generate(seed).problem for seed in range(4)}
        assert len(problems) > 1, family.name


def test_puzzles_have_no_holes_left_and_no_doubled_stops() -> None:
    for name in PUZZLES:
        problem = generate_puzzle(name, 3).problem
        # Three stops stand for what is left out, and drawings are spaced by more than one blank.
        assert not re.search(r"[{}]|(?<!\.)\.\.(?!\.)|\.\"\.|[\w.,;:?!]  +\w", problem), problem


def test_an_unknown_puzzle_is_an_error() -> None:
    with pytest.raises(KeyError):
        generate_puzzle("no_such_puzzle", 0)


def test_words_that_become_names_are_free() -> None:
    """Rules make relations of traits and verbs: none is a keyword or a function that exists already."""
    from neurosym.training.puzzles.text import data

    rules, kinds = data("rules"), data("kinds")
    named = [t for traits in rules["traits"].values() for t in traits]
    named += [verb.partition("/")[0] for verbs in rules["verbs"].values() for verb in verbs]
    named += kinds["invented"]["traits"] + [kind for tree in kinds["tree"] for kind in tree["chain"] + tree["traits"]]
    assert not set(named) & (set(BUILTINS) | set(keywords()))


# --- families are kept apart --------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["held out", "scorer"])
def test_about_a_tenth_of_all_families_is_no_lesson_but_for_this(use: str) -> None:
    families = problem_families()
    kept = [family.name for family in families if family.use == use]
    assert len({family.name for family in families}) == len(families)
    assert 0.05 < len(kept) / len(families) < 0.15


def test_no_two_families_share_half_of_their_wordings() -> None:
    assert too_alike(shipped()) == []


def test_families_that_differ_in_a_noun_only_are_found() -> None:
    def family(name: str, noun: str) -> str:
        texts = [
            f"{{n}} {noun} lie on the table and three more are put beside them. How many {noun} are there in the end?",
            f"When three {noun} are added to the {{n}} that were on the table, how many lie there altogether?",
        ]
        head = f'[[family]]\nname = "{name}"\ntexts = {json.dumps(texts)}\n'
        return head + 'values = { n = "2..9" }\nprogram = "ask {n} + 3"\n'

    text = family("pears", "pears") + family("plums", "plums")
    text += '[[family]]\nname = "rest"\ntexts = ["Ann had {n} euros. She has spent two of them."]\nprogram = "ask 1"\n'
    assert too_alike(read_families(text, "fruit", {})) == [("pears", "plums")]


@pytest.mark.skipif(not DEV.is_dir(), reason="the shared development sets are not here")
def test_no_wording_is_taken_from_a_development_set() -> None:
    length = 60  # a shorter run of characters may be a phrase that everybody uses
    rows = [row for file in sorted(DEV.glob("*.jsonl")) for row in file.read_text(encoding="utf-8").split("\n") if row]
    dev = "\n".join(json.loads(row).get("problem", "") for row in rows)
    seen = {dev[k : k + length] for k in range(len(dev) - length)}
    for family in shipped():
        for text in family.texts:
            pieces = re.split(r"\{\w+(?::[\w']+)?\}", text)
            shared = [
                p[k : k + length] for p in pieces for k in range(len(p) - length + 1) if p[k : k + length] in seen
            ]
            assert not shared, f"{family.name}: {shared[0]!r}"


# --- data files with mistakes -------------------------------------------------------------------------------------


def entry(**changed: str) -> str:
    keys = {"name": '"boats"', "texts": '["{n} boats?"]', "program": '"ask {n}"', "values": '{ n = "2..4" }'} | changed
    return "[[family]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[family]\n", r"sea: Expected"),
        (entry(program=""), r"sea: boats: 'program' is missing"),
        (entry(colour='"red"'), r"sea: boats: colour is not known; there are computed, distractors, facts"),
        (entry(words='{ p = "persons" }'), r"sea: boats: there is no list of words 'persons'; there are person"),
        (entry(values='{ n = "2-4" }'), r"sea: boats: '2-4' are no values: write 2..9"),
        (entry(where='["n >"]'), r"sea: boats: "),
    ],
)
def test_a_mistake_in_a_data_file_is_told_with_its_family(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_families(text, "sea", {"person": ["Ann/she"]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (entry(texts='["{m} boats?"]'), r"sea: boats: \{m\} is neither a value nor a word"),
        (entry(where='["n > 9"]'), r"sea: boats: no values found that satisfy its conditions"),
        (entry(texts='["{n:roman} boats?"]'), r"sea: boats: a number has no form 'roman'"),
    ],
)
def test_a_mistake_that_shows_in_drawing_is_told_with_its_family(text: str, message: str) -> None:
    family = read_families(text, "sea", {})[0]
    with pytest.raises(InputError, match=message):
        generate(family, 0)
