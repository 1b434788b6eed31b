"""Programs that say something else than their problem: what share do the checks catch, and how often are they wrong?

`pytest tests/test_mistranslations.py -s` prints the table. The floors stand a little below what is measured, so that a
change that loses ground is seen.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from neurosym.errors import ProgramError
from neurosym.language.check import check
from neurosym.language.grounding import check_translation
from neurosym.language.read import read

FILE = Path(__file__).parent / "data" / "mistranslations.jsonl"
FLOORS = {
    "number": 0.85,
    "relation": 0.6,
    "unit": 0.85,
    "polarity": 0.75,
    "dropped-premise": 0.7,
    "invented-premise": 0.7,
    "wrong-target": 0.4,
}
"""Kind → the share that must be caught."""
FALSE_ALARMS = 0.05
"""The share of right programs about which anything may be found."""


@cache
def pairs() -> tuple[dict[str, str], ...]:
    return tuple(json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines())


def found(program: str, pair: dict[str, str]) -> tuple[str, ...]:
    """The codes of everything that reading and checking find before a solver is asked."""
    try:
        tree = read(program)
    except ProgramError as error:
        return tuple(d.code for d in error.diagnostics)
    symbols, wrong = check(tree)
    return tuple(d.code for d in wrong or check_translation(tree, symbols, pair["problem"], pair.get("question")))


def test_what_share_of_mistranslations_the_checks_catch() -> None:
    caught, total, false = Counter[str](), Counter[str](), Counter[str]()
    for pair in pairs():
        total[pair["kind"]] += 1
        caught[pair["kind"]] += bool(found(pair["wrong"], pair))
        false[pair["kind"]] += bool(found(pair["right"], pair))
    print(f"\n{'kind':18} {'caught':>9} {'false alarms':>13}")
    for kind, n in total.items():
        print(f"{kind:18} {caught[kind]:3} of {n:2} {false[kind]:6} of {n:2}")
    print(f"{'all':18} {caught.total():3} of {total.total():2} {false.total():6} of {total.total():2}")
    assert total.total() >= 60
    assert false.total() / total.total() <= FALSE_ALARMS
    assert total.keys() == FLOORS.keys()
    for kind, floor in FLOORS.items():
        assert caught[kind] / total[kind] >= floor, kind


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair["id"])
def test_right_and_wrong_programs_read_and_differ(pair: dict[str, str]) -> None:
    assert check(read(pair["right"]))[1] == ()
    assert pair["right"] != pair["wrong"]
