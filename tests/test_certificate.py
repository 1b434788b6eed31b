"""Certificates: the right is confirmed by other means, the tampered with is refuted, what is none is refused."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym
from neurosym import cli
from neurosym.certificates import Recheck, Verdict, certifiable, certificate, recheck
from neurosym.certificates.document import seal
from neurosym.errors import InputError, LanguageMismatch, UsageError
from neurosym.outcome import Outcome, Status

HERE = Path(__file__).parent
PROGRAMS = {p.stem: p.read_text(encoding="utf-8") for p in sorted((HERE.parent / "examples").glob("*.ns"))}
OUTCOMES = {p.stem: p.read_text(encoding="utf-8") for p in sorted((HERE / "data" / "outcomes").glob("*.ns"))}

TICKETS = "var a, b: count\na + b = 20\n5*a + 3*b = 76\nask a\n"
ROADS = """sort town = {a, b, c, d, e}
graph road(town, town): miles
road(a, b) = 5
road(b, c) = 2
road(a, c) = 9
road(c, d) = 1/2
"""
STEPS = """sort task = {plan, dig, build, paint}
digraph before(task, task)
before(plan, dig)
before(dig, build)
before(build, paint)
before(plan, paint)
"""


@cache
def _certified(program: str) -> str:
    outcome = neurosym.run(program, allow_python=True)
    assert certifiable(outcome), outcome
    return json.dumps(certificate(program, outcome))


def certified(program: str) -> Any:
    """The certificate of a program, as it comes out of a file."""
    return json.loads(_certified(program))


def resealed(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "seal": seal(document)}


def checked(document: Mapping[str, Any]) -> Recheck:
    return recheck(document, allow_python=True)


def changed(document: Any, path: str, value: object) -> dict[str, Any]:
    """The document with one place changed, sealed again: what someone with a purpose would hand over."""
    again = copy.deepcopy(document)
    *way, last = path.split("/")
    place = again
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        assert last in place, path
        place[last] = value
    assert again != document
    return resealed(again)


# --- what is right ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_example_is_confirmed(name: str) -> None:
    result = checked(certified(PROGRAMS[name]))
    assert result.verdict is Verdict.CONFIRMED, result


@pytest.mark.parametrize("name", ["contradictory", "false", "independent", "true", "underdetermined", "value"])
def test_every_outcome_that_says_something_is_confirmed(name: str) -> None:
    result = checked(certified(OUTCOMES[name]))
    assert result.verdict is Verdict.CONFIRMED, result
    assert result.items


MORE = {
    "an irrational value": "var x: real\nx^2 = 2\nx > 0\nask x\n",
    "a ground root": "let side = sqrt(2)\nask 3*side\n",
    "an irrational witness": "var x: real\nx^2 = 2\nask x\n",
    "an open sort": "sort thing\nconst cow, tiger, fox: thing\nrel eats(thing, thing)\neats(tiger, cow)\n"
    "forall x: thing. eats(x, cow) -> x = tiger\neats(fox, cow)\nask fox\n",
    "a closed relation": "sort node = {n1, n2, n3}\nrel next(node, node) closed\nnext(n1, n2)\nnext(n2, n3)\n"
    "ask exists x: node. next(x, x)\n",
    "a core among others": "var x, y: count\nlet n = 3\nx > n\ny = 2\nx < n\nask y\n",
    "a division by zero": "let n = 0\nask 1/n\n",
    "a function of numbers": "sort s = {a, b}\nfun f(s): real\nf(a) = 1/2\nf(b) = 3*f(a)\nask f(b), f(a) < f(b)\n",
    "an endless goal": "var x: real\nx > 1\nmaximize x\nask x\n",
    "two goals": "var x, y: 0..5\nx + y <= 7\nmaximize x\nminimize y\nask x, y\n",
    "no option": "var x: 1..9\nx > 4\noption A: x = 1\noption B: x = 2\nask option may\n",
    "several solutions": "var x: 1..9\nx mod 2 = 0\nask solve(x > 3, x), solve(x)\n",
    "two unequal numbers": "var x: int\nx^2 = 9\nask x = 3\n",
    "calculus at a known point": "var x: real\nx^2 = 4\nx > 0\nask x + integrate(x, x, 0, 2)\n",
    "two graph weights": "sort t = {a, b}\ngraph g(t, t): km\ng(a, b) = 3\ng(b, a) = 4\nask distance(g, a, b)\n",
    "a false premise on a graph": ROADS + "distance(road, a, c) = 8\nask connected(road)\n",
    "a cycle that has no order": STEPS + "before(paint, plan)\nask order(before)\n",
    "two shortest paths": ROADS + "road(b, d) = 2.5\nask path(road, a, d)\n",
    "a contradiction about a closed relation": "sort s = {a, b}\nrel p(s) closed\np(a)\nnot p(a)\nask p(b)\n",
    "a contradiction among options": "var x: 1..3\nx > 2\nx < 2\noption A: x = 1\noption B: x = 2\nask option\n",
    "an option on a graph": ROADS + "option A: connected(road)\noption B: cyclic(road)\nask option must\n",
}


@pytest.mark.parametrize("name", MORE)
def test_every_kind_of_claim_is_confirmed(name: str) -> None:
    result = checked(certified(MORE[name]))
    assert result.verdict is Verdict.CONFIRMED, result


QUESTIONS = [
    *(
        (ROADS, question)
        for question in (
            "distance(road, a, c)", "distance(road, a, e)", "path(road, a, d)", "path(road, a, e)", "connected(road)",
            "connected(road, a, d)", "connected(road, a, e)", "components(road)", "degree(road, c)", "flow(road, a, c)",
            "flow(road, a, e)", "colors(road)", "matching(road)", "spanning(road)", "tour(road)", "cyclic(road)",
            "longest(road)",
        )
    ),
    *(
        (STEPS, question)
        for question in (
            "order(before)", "cyclic(before)", "longest(before)", "distance(before, plan, paint)", "colors(before)",
            "flow(before, plan, paint)", "components(before)", "matching(before)",
        )
    ),
    (ROADS.replace("c, d, e}", "c, d}"), "spanning(road)"),
    (ROADS.replace("c, d, e}", "c, d}") + "road(d, a) = 4\n", "tour(road)"),
    (ROADS.replace("road(a, c) = 9\n", ""), "cyclic(road)"),
    (ROADS.replace("road(a, c) = 9\n", ""), "longest(road)"),
    (ROADS + "road(c, c) = 1\n", "colors(road)"),
    ("sort v = {a, b, c, d, e}\ngraph g(v, v)\ng(a, b)\ng(b, c)\ng(c, d)\ng(d, e)\ng(e, a)\n", "colors(g)"),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "question"), QUESTIONS)
def test_graph_answers_are_confirmed_by_their_duals_and_no_other_answer_is(graph: str, question: str) -> None:
    document = certified(f"{graph}ask {question}\n")
    result = checked(document)
    assert result.verdict is Verdict.CONFIRMED, result
    assert {item.by for item in result.items} == {"its duals"}
    if document["claim"]["answers"]:
        wrong = {**document["claim"], "answers": ["[b, a]" if "[" in document["claim"]["answers"][0] else "6.5"]}
    else:
        wrong = {**document["claim"], "status": "false" if document["claim"]["status"] == "true" else "true"}
    assert checked(resealed({**document, "claim": wrong})).verdict is Verdict.REFUTED
    said = document["evidence"]["graph"][question]
    for key, value in said.items():
        if value not in ([], "[]", "oo") and key != "walks":
            other = copy.deepcopy(document)
            other["evidence"]["graph"][question][key] = _other(value)
            assert checked(resealed(other)).verdict is not Verdict.CONFIRMED, key


def _other(value: Any) -> Any:
    """Something else of the same form: a node less, another number, another truth."""
    if isinstance(value, list):
        return value[1:] if len(value) > 1 else [["zz"]]
    if isinstance(value, dict):
        first = next(iter(value))
        return {
            key: "77" if key == first and isinstance(v, str) else 77 if key == first else v for key, v in value.items()
        }
    if isinstance(value, int):
        return value + 1
    return {"true": "false", "false": "true"}.get(value, "[a]" if value.startswith("[") else f"({value}) + 1")


# --- what was tampered with -------------------------------------------------------------------------------------

CONTRADICTION = MORE["a core among others"]


def claim(status: str, *answers: str, option: str | None = None) -> dict[str, Any]:
    return {"status": status, "answers": list(answers), "option": option, "solver": "smt"}


TAMPERED: dict[str, tuple[str, str, Any]] = {
    "another answer": (TICKETS, "claim/answers/0", "7"),
    "the question as its own answer": (TICKETS, "claim/answers/0", "a"),
    "the question computed differently": (TICKETS, "claim/answers/0", "20 - b"),
    "a value of the assignment": (TICKETS, "evidence/models/0/values/b", "13"),
    "a value of an unknown that there is not": (TICKETS, "evidence/models/0/values", {"c": "8"}),
    "a number of a premise": (TICKETS, "program", TICKETS.replace("76", "74")),
    "a premise left out": (TICKETS, "program", TICKETS.replace("a + b = 20\n", "")),
    "a contradiction claimed": (TICKETS, "claim", claim("contradictory")),
    "several answers claimed": (TICKETS, "claim", claim("underdetermined")),
    "true turned into false": (OUTCOMES["true"], "claim/status", "false"),
    "true turned into independent": (OUTCOMES["true"], "claim/status", "independent"),
    "a line less in the derivation": (OUTCOMES["true"], "evidence/derivation", [5]),
    "a line that there is not": (OUTCOMES["true"], "evidence/derivation", [99]),
    "the question as its own premise": (OUTCOMES["true"], "evidence/derivation", [6]),
    "independent turned into true": (OUTCOMES["independent"], "claim/status", "true"),
    "both witnesses the same way": (
        OUTCOMES["independent"], "evidence/models/1", lambda d: d["evidence"]["models"][0]
    ),
    "another option": (PROGRAMS["race"], "claim", claim("value", "C", option="C")),
    "a letter that differs from the answer": (PROGRAMS["race"], "claim/option", "C"),
    "a row of a table": (PROGRAMS["street"], "evidence/models/0/tables/plays/0/1", "flute"),
    "another element": (PROGRAMS["street"], "claim/answers/0", "harp"),
    "a better optimum": (PROGRAMS["carpenter"], "evidence/optima/0", "260"),
    "a worse optimum": (PROGRAMS["carpenter"], "evidence/optima/0", "240"),
    "an answer at the optimum": (PROGRAMS["carpenter"], "claim/answers", ["4", "5"]),
    "another core line": (CONTRADICTION, "evidence/core", [1, 2, 4, 5]),
    "a core line less": (CONTRADICTION, "evidence/core", [3]),
    "a value instead of a contradiction": (CONTRADICTION, "claim", claim("value", "2")),
    "an integral": (PROGRAMS["arch"], "claim/answers/0", "35"),
    "a derivative": (PROGRAMS["slope"], "claim/answers/0", "15*x^2 - 3"),
    "a derivative not carried out": (PROGRAMS["slope"], "claim/answers/0", "diff(5*x^3 - 2*x, x)"),
    "a solution less": (PROGRAMS["roots"], "claim/answers/0", "{2}"),
    "a solution more": (PROGRAMS["roots"], "claim/answers/0", "{2, 3, 4}"),
    "a row of a closed relation more": (
        PROGRAMS["family"], "evidence/models/0/tables/parent", [["rosa", "karl", "true"], ["tim", "rosa", "true"]]
    ),
    "a computed value": (PROGRAMS["lucky_numbers"], "evidence/computed/0/how_many", "23"),
    "Python that computes something else": (
        PROGRAMS["lucky_numbers"], "program", lambda d: d["program"].replace("== 1", "== 0")
    ),
    "a date": (PROGRAMS["voyage"], "claim/answers/0", "date(2024, 3, 15)"),
    "an element more in no sort": (OUTCOMES["true"], "evidence/models/0/universe/thing", ["cork"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_refuted(name: str) -> None:
    program, path, value = TAMPERED[name]
    document = certified(program)
    result = checked(changed(document, path, value(document) if callable(value) else value))
    assert result.verdict is Verdict.REFUTED, result
    assert result.reasons


def test_whatever_is_changed_without_sealing_again_is_refuted_at_once() -> None:
    document = certified(TICKETS)
    for path, value in (("versions", {"sympy": "0.1"}), ("claim/solver", "nobody"), ("seal", "0" * 64)):
        broken = {**changed(document, path, value), "seal": document["seal"] if path != "seal" else value}
        result = checked(broken)
        assert result.verdict is Verdict.REFUTED
        assert [item.by for item in result.items] == ["its seal"]


@settings(max_examples=25)
@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-4, 4), st.sampled_from([-2, -1, 1, 3]))
def test_only_the_answer_is_confirmed(x: int, y: int, by: int, factor: int) -> None:
    program = f"var x, y: int\nx + {abs(factor)}*y = {x + abs(factor) * y}\nx - y = {x - y}\nask x, y\n"
    document = certified(program)
    assert document["claim"]["answers"] == [str(x), str(y)]
    result = checked(document if by == 0 else changed(document, "claim/answers/0", str(x + by)))
    assert result.verdict is (Verdict.CONFIRMED if by == 0 else Verdict.REFUTED), result


# --- what is no certificate -------------------------------------------------------------------------------------


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k != key}


REFUSED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda d: [d],
    "a field less": lambda d: without(d, "claim"),
    "a field more": lambda d: {**d, "trust": "me"},
    "another format": lambda d: {**d, "format": 2},
    "an unknown status": lambda d: {**d, "claim": {**d["claim"], "status": "sure"}},
    "a status that claims nothing": lambda d: {**d, "claim": {**d["claim"], "status": "timeout"}},
    "answers of numbers": lambda d: {**d, "claim": {**d["claim"], "answers": [8]}},
    "a notation that is run": lambda d: {**d, "notation": "bash"},
    "evidence of its own": lambda d: {**d, "evidence": {"oracle": True}},
    "lines that are texts": lambda d: {**d, "evidence": {"core": ["1"]}},
    "a model of numbers": lambda d: {**d, "evidence": {"models": [{"values": {"a": 8}}]}},
    "what JSON has not": lambda d: {**d, "program": b"ask 1"},
    "too many items": lambda d: {**d, "options": ["x"] * 30_000},
    "too long a text": lambda d: {**d, "program": "x" * 3_000_000},
    "too deep a nest": lambda d: {**d, "evidence": {"graph": {"q": [[[[[[[[[[[[1]]]]]]]]]]]]}}},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_certificate_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        recheck(REFUSED[name](certified(TICKETS)))


def test_another_version_of_the_language_is_refused_by_name() -> None:
    document = resealed({**certified(TICKETS), "language": "ir-7-0123456789ab"})
    with pytest.raises(LanguageMismatch, match="ir-7-0123456789ab"):
        recheck(document)


@pytest.mark.parametrize(
    "program",
    ["", "nonsense here", "ask nobody\n", "ask a\n" * 3, "(" * 5_000, "let x = 1\n" * 4_000, "ask 9^9^9^9\n"],
)
def test_programs_that_do_not_read_or_end_are_never_confirmed(program: str) -> None:
    result = recheck(changed(certified(TICKETS), "program", program), timeout=2)
    assert result.verdict is not Verdict.CONFIRMED


def test_texts_are_only_parsed(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    attack = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    document = certified(TICKETS)
    for path in ("claim/answers/0", "evidence/models/0/values/a", "program"):
        assert recheck(changed(document, path, attack)).verdict is Verdict.REFUTED
    python = certified(PROGRAMS["lucky_numbers"])
    hidden = changed(python, "program", f"python\n    x = {attack}\nend\nask x\n")
    assert recheck(hidden).verdict is Verdict.UNCONFIRMED
    assert "sandbox" in recheck(hidden).reasons[0]
    assert not mark.exists()


def test_what_cannot_be_found_out_again_in_time_stays_unconfirmed() -> None:
    hard = "var x, y, z: int\nx^3 + y^3 + z^3 = 42\nx > 3\ny > x\nask x > 3\n"
    document = resealed({**certified(TICKETS), "program": hard, "claim": claim("contradictory"), "evidence": {}})
    result = recheck(document, timeout=1)
    assert result.verdict is Verdict.UNCONFIRMED
    assert result.reasons


def test_outcomes_that_claim_nothing_have_no_certificate() -> None:
    for outcome in (Outcome(Status.TIMEOUT), Outcome(Status.MALFORMED), Outcome(Status.VALUE)):
        assert not certifiable(outcome)
        with pytest.raises(UsageError, match="claims nothing"):
            certificate(TICKETS, outcome)
    with pytest.raises(UsageError, match="timeout"):
        recheck(certified(TICKETS), timeout=0)


# --- other programs, options in words, the command line ---------------------------------------------------------


def test_options_in_words_other_notations_and_whole_python_programs() -> None:
    options = ["A) 12", "B) 8"]
    chosen = certificate(TICKETS, neurosym.run(TICKETS, options=options), options=options)
    assert recheck(chosen).verdict is Verdict.CONFIRMED
    assert recheck(changed(chosen, "claim/option", "A")).verdict is Verdict.REFUTED
    birds = "∀x (Bird(x) → Flies(x) ⊕ Swims(x))\nBird(tux) ∧ ¬Flies(tux)\n⊢ Swims(tux)\n"
    lowered = certificate(birds, neurosym.run(birds, notation="fol"), "fol")
    assert lowered["notation"] == "ir"
    assert lowered["evidence"]["derivation"]
    assert recheck(lowered).verdict is Verdict.CONFIRMED
    code = "print(1)\nanswer = 6 * 7"
    python = certificate(code, neurosym.run(code, notation="python", allow_python=True), "python")
    assert checked(python).verdict is Verdict.CONFIRMED
    assert checked(changed(python, "claim/answers/0", "43")).verdict is Verdict.REFUTED


def test_the_command_line_certifies_and_rechecks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def process(*arguments: str, stdin: str) -> tuple[int, list[Any], str]:
        command = [sys.executable, "-m", "neurosym", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def here(*arguments: str, stdin: str = "") -> tuple[int, list[str]]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = cli.main(arguments)
        return code, [json.loads(line)["verdict"] for line in capsys.readouterr().out.splitlines()]

    programs = {"t": TICKETS, "r": PROGRAMS["race"], "m": "ask nobody\n"}
    stdin = "".join(json.dumps({"id": name, "program": text}) + "\n" for name, text in programs.items())
    code, results, _ = process("run", "-", "--certify", stdin=stdin)
    assert (code, [("certificate" in r) for r in results]) == (0, [True, True, False])
    code, verdicts, said = process("recheck", "-", stdin="".join(json.dumps(r) + "\n" for r in results))
    assert code == 1
    assert {v["id"]: v["verdict"] for v in verdicts} == {"t": "confirmed", "r": "confirmed", "m": "unconfirmed"}
    assert "2 confirmed, 1 unconfirmed" in said
    tickets = results[0]["certificate"]
    bare = tmp_path / "one.json"
    bare.write_text(json.dumps(tickets, indent=1), encoding="utf-8")
    assert here("recheck", str(bare)) == (0, ["confirmed"])
    assert here("recheck", "-", stdin=json.dumps(changed(tickets, "claim/answers/0", "9"))) == (1, ["refuted"])
    assert here("recheck", "-", stdin='{"claim": 1}\n{oops\n3\n') == (2, ["refused"] * 3)
    assert here("recheck", "missing.json") == here("recheck", "-") == (2, [])
    assert here("recheck", str(bare), "--timeout", "0") == (2, [])


def test_closed_relations_too_large_to_state_leave_a_certificate_unconfirmed() -> None:
    names = [f"c{k}" for k in range(21)]
    facts = "".join(f"r({a}, {b})\n" for a, b in pairwise(names))
    program = f"sort thing\nconst {', '.join(names)}: thing\nrel r(thing, thing) closed\n{facts}ask r(c0, c1)\n"
    assert recheck(certificate(program, neurosym.run(program))).verdict is Verdict.UNCONFIRMED
