"""The command line as users call it: a real process, its output, its messages and its exit codes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from processes import children_of

from neurosym.outcome import Status

DATA = Path(__file__).parent / "data"
TICKETS = "var a, b: count\na + b = 20\n5*a + 3*b = 76\nask a\n"


def neurosym(
    *arguments: str | Path, stdin: str = "", cwd: Path | None = None, **env: str
) -> tuple[int, list[Any], str]:
    """Exit code, parsed standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "neurosym", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **env},
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], done.stderr


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(o) + "\n" for o in objects)


# --- run --------------------------------------------------------------------------------------------------------

OUTCOMES = sorted((DATA / "outcomes").glob("*.ns"))


def test_every_outcome_that_a_program_alone_can_reach_is_reached() -> None:
    text = {path.stem: path.read_text(encoding="utf-8") for path in OUTCOMES}
    expected = {name: program.partition("# expect: ")[2].split("\n")[0].split()[0] for name, program in text.items()}
    code, results, _ = neurosym(
        "run", "-", "--allow-python", "--timeout", "3", stdin=lines(*({"id": n, "program": p} for n, p in text.items()))
    )
    assert code == 0
    assert {r["id"]: r["status"] for r in results} == expected
    elsewhere = {Status.DISAGREEMENT, Status.TAMPERING, Status.FAILURE}  # below: a lying, a cheating, a failing part
    assert set(expected.values()) == {s.value for s in Status if s not in elsewhere}


FOL = "∀x (Bird(x) → Flies(x))\nBird(tux)\n⊢ Flies(tux)\n"


def test_a_notation_is_recognised_and_named() -> None:
    code, (result,), said = neurosym("run", "-", stdin=FOL)
    assert (code, result["status"], result["notation"]) == (0, "true", "fol")
    assert "recognised: fol (1)" in said
    _, (result,), said = neurosym("run", "-", "--notation", "fol", "--no-mend", stdin=FOL)
    assert (result["status"], "recognised" in said) == ("true", False)
    _, (result,), said = neurosym("run", "-", stdin="forall x. P(x) -> Q(b)\nP(b)\n|- Q(b)\n")
    assert result["status"] == "malformed"
    assert "fol and as prover9" in result["message"]


@pytest.mark.parametrize(("suffix", "begins"), {".svg": "<svg", ".dot": "digraph", ".mmd": "flowchart"}.items())
def test_the_proof_graph_of_a_program_is_drawn(suffix: str, begins: str, tmp_path: Path) -> None:
    drawn = tmp_path / f"graph{suffix}"
    code, (result,), _ = neurosym("run", "-", "--graph", drawn, "--explain", stdin=FOL)
    assert (code, result["status"]) == (0, "true")
    assert drawn.read_text(encoding="utf-8").startswith(begins)
    assert "Bird(tux)" in result["explanation"]


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    code, _, said = neurosym("run", "-", "--graph", "proof.png", stdin=TICKETS)
    assert (code, ".svg" in said) == (2, True)
    two = lines({"program": TICKETS}, {"program": TICKETS})
    code, _, said = neurosym("run", "-", "--graph", tmp_path / "proof.svg", stdin=two)
    assert (code, "one program, not 2" in said) == (2, True)
    code, _, said = neurosym("run", "-", "--graph", tmp_path / "nowhere" / "proof.svg", stdin=TICKETS)
    assert (code, "cannot be written" in said) == (2, True)


PLUGIN = """
from neurosym.outcome import Outcome, Status


class Liar:
    def solve(self, task):
        return Outcome(Status.VALUE, answers=("7",), solver="liar")


class Failing:
    def solve(self, task):
        raise RuntimeError("out of luck")
"""


def plugin(folder: Path, name: str) -> Path:
    """Another package's solver, registered the way packages do: by entry point."""
    (folder / "plugin_solvers.py").write_text(PLUGIN, encoding="utf-8")
    info = folder / "plugin_solvers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-solvers\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[neurosym.solvers]\nextra = plugin_solvers:{name}\n", encoding="utf-8")
    return folder


def test_a_solver_that_differs_makes_a_disagreement(tmp_path: Path) -> None:
    code, results, _ = neurosym("run", "-", stdin=TICKETS, PYTHONPATH=str(plugin(tmp_path, "Liar")))
    assert code == 0
    assert results[0]["status"] == "disagreement"
    assert results[0]["answer"] is None
    assert "7" in results[0]["message"]


def test_our_own_failure_is_not_the_programs_and_exits_with_3(tmp_path: Path) -> None:
    mixed = "sort s = {a}\nvar x: real\nask diff(x^2, x)\n"  # nobody's but the plugin's
    code, results, _ = neurosym("run", "-", stdin=mixed, PYTHONPATH=str(plugin(tmp_path, "Failing")))
    assert results[0]["status"] == "failure"
    assert "out of luck" in results[0]["message"]
    assert code == 3


def test_a_cheating_block_is_tampering() -> None:
    block = "python\n    import os, signal\n    x = 1\n    os.kill(os.getpid(), signal.SIGSYS)\nend\nask x\n"
    _, results, _ = neurosym("run", "-", "--allow-python", stdin=block)
    assert results[0]["status"] == "tampering"


def test_one_program_from_a_file_and_its_id(tmp_path: Path) -> None:
    file = tmp_path / "tickets.ns"
    file.write_text(TICKETS, encoding="utf-8")
    code, results, said = neurosym("run", file)
    assert code == 0
    assert (results[0]["status"], results[0]["answer"]) == ("value", "8")
    assert "1 of 1 programs: 1 value" in said


def test_notation_question_and_options_of_a_line() -> None:
    _, results, _ = neurosym(
        "run",
        "-",
        "--allow-python",
        stdin=lines(
            {"id": "o", "program": TICKETS, "options": ["A) 12", "B) 8"], "question": "How many adults?"},
            {"id": "p", "program": "print(1)\nanswer = 2", "notation": "python"},
        ),
    )
    assert [(r["id"], r["answer"]) for r in results] == [("o", "B"), ("p", "2")]
    assert results[1]["stdout"] == "1\n"


def test_bad_lines_are_named_the_rest_runs_and_the_exit_code_is_2() -> None:
    stdin = lines({"id": "a", "program": TICKETS}) + "{oops\n" + lines({"id": "b", "program": "ask 1", "notation": "x"})
    code, results, said = neurosym("run", "-", stdin=stdin)
    assert code == 2
    assert [r["id"] for r in results] == ["a"]
    assert "line 2: not JSON" in said
    assert "line 3: there is no notation 'x'" in said


def test_strict_tells_by_the_exit_code_that_something_is_undecided() -> None:
    assert neurosym("run", "-", "--strict", stdin="ask 1\n")[0] == 0
    assert neurosym("run", "-", "--strict", stdin="ask nobody\n")[0] == 1
    assert neurosym("run", "-", stdin="ask nobody\n")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "missing.ns"), "missing.ns cannot be read"),
        (("run", "-", "--notation", "latin"), "no notation 'latin'"),
        (("run", "-", "--timeout", "-1"), "timeout"),
        (("solve", "-", "-k", "0"), "candidates is at least 1"),
        (("solve", "-", "--model", "recorded:missing.jsonl"), "missing.jsonl"),
        (("run",), "usage"),
        (("fly",), "usage"),
    ],
)
def test_wrong_use_exits_with_2_and_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    code, results, said = neurosym(*arguments, stdin='{"id": "a", "program": "ask 1", "problem": "p"}')
    assert (code, results) == (2, [])
    assert message in said


def test_an_interrupted_run_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    endless = "while True: pass"
    programs = tmp_path / "programs.jsonl"
    programs.write_text(
        lines(
            {"id": "a", "program": "ask 1"},
            {"id": "b", "program": "ask 2"},
            {"id": "c", "program": endless, "notation": "python"},
        ),
        encoding="utf-8",
    )
    out = tmp_path / "out.jsonl"
    command = [
        sys.executable,
        "-m",
        "neurosym",
        "run",
        str(programs),
        "-o",
        str(out),
        "--allow-python",
        "--timeout",
        "60",
    ]
    # A shell that runs us in the background has its children ignore the signal that a terminal would send.
    listen = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=listen)
    deadline = time.monotonic() + 60
    while (not out.exists() or out.read_text().count("\n") < 2) and time.monotonic() < deadline:
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    kept = out.read_text(encoding="utf-8")
    assert [json.loads(line)["id"] for line in kept.splitlines()] == ["a", "b"]

    programs.write_text(programs.read_text(encoding="utf-8").replace(endless, "answer = 3"), encoding="utf-8")
    code, _, said = neurosym("run", programs, "-o", out, "--allow-python", "--timeout", "60")
    assert code == 0
    assert "2 from an earlier run" in said
    assert out.read_text(encoding="utf-8").startswith(kept)
    assert [json.loads(line)["answer"] for line in out.read_text(encoding="utf-8").splitlines()] == ["1", "2", "3"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc")
def test_killing_workers_at_random_during_200_programs_loses_none_and_repeats_none(tmp_path: Path) -> None:
    programs = tmp_path / "programs.jsonl"
    programs.write_text(lines(*({"id": str(n), "program": f"ask {n}*{n}"} for n in range(200))), encoding="utf-8")
    rng = random.Random(3)
    kills = {"worker": 0, "zygote": 0}
    with (tmp_path / "out").open("w") as out:
        command = [sys.executable, "-m", "neurosym", "run", str(programs)]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        time.sleep(rng.uniform(0.002, 0.015))  # the random moment is what is tested
        zygotes = children_of(process.pid)
        workers = [worker for zygote in zygotes for worker in children_of(zygote)]
        if not workers:
            continue
        what = "zygote" if kills["worker"] % 10 == 9 and kills["zygote"] < 2 else "worker"
        try:
            os.kill(rng.choice(zygotes if what == "zygote" else workers), signal.SIGKILL)
        except ProcessLookupError:
            continue
        kills[what] += 1
    _, said = process.communicate()
    assert process.returncode == 0, said
    results = [json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert [(r["id"], r["answer"]) for r in results] == [(str(n), str(n * n)) for n in range(200)]
    assert kills["worker"] >= 5


# --- check ------------------------------------------------------------------------------------------------------


def test_check_says_what_and_where(tmp_path: Path) -> None:
    file = tmp_path / "p.ns"
    file.write_text("let a: dollars = 5\nlet b: hours = 2\nask a + b + c\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "neurosym", "check", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "unit-clash: line 3, column 5" in done.stdout
    assert "unknown-name: line 3" in done.stdout
    file.write_text(TICKETS, encoding="utf-8")
    assert neurosym("check", file)[0] == 0


# --- solve, with a recorded model -------------------------------------------------------------------------------

PENCILS = "Tom has 3 boxes with 12 pencils each. He gives 7 pencils away. How many pencils are left?"
RIGHT = "let all_pencils = 3*12\nlet left = all_pencils - 7\nask left\n"
ALSO_RIGHT = "var left: count\nleft + 7 = 3*12\nask left\n"


def recorded(folder: Path, *entries: dict[str, Any]) -> str:
    file = folder / "recorded.jsonl"
    file.write_text(lines(*entries), encoding="utf-8")
    return f"recorded:{file}"


def test_two_different_programs_with_one_answer_are_verified(tmp_path: Path) -> None:
    model = recorded(tmp_path, {"key": "t", "round": 0, "candidates": [RIGHT, ALSO_RIGHT, "let x = 3 +\nask x\n"]})
    code, results, said = neurosym("solve", "-", "--model", model, stdin=lines({"id": "t", "problem": PENCILS}))
    assert code == 0, said
    (result,) = results
    assert (result["answer"], result["status"], result["reasons"]) == ("29", "verified", [])
    assert len(result["attempts"]) == 3
    assert result["outcome"]["evidence"]
    assert "1 of 1 problems: 1 verified" in said


def test_a_single_program_is_solved_and_says_why_not_more(tmp_path: Path) -> None:
    model = recorded(tmp_path, {"key": "t", "round": 0, "candidates": [RIGHT]})
    _, results, _ = neurosym("solve", "-", "--model", model, stdin=lines({"id": "t", "problem": PENCILS}))
    assert (results[0]["answer"], results[0]["status"]) == ("29", "solved")
    assert results[0]["reasons"]


def test_a_repair_round_is_told_what_was_wrong_and_can_win(tmp_path: Path) -> None:
    wrong = "let left = 3*12 - seven\nask left\n"
    model = recorded(
        tmp_path, {"key": "t", "round": 0, "candidates": [wrong]}, {"key": "t", "round": 1, "candidates": [RIGHT]}
    )
    _, results, _ = neurosym("solve", "-", "--model", model, stdin=lines({"id": "t", "problem": PENCILS}))
    assert results[0]["answer"] == "29"
    assert [a["round"] for a in results[0]["attempts"]] == [0, 1]
    assert "'seven' is not declared" in results[0]["attempts"][0]["message"]


def test_the_answer_field_changes_nothing(tmp_path: Path) -> None:
    model = recorded(tmp_path, {"key": "t", "round": 0, "candidates": [RIGHT, ALSO_RIGHT]})

    def solved(**more: str) -> Any:
        _, results, _ = neurosym("solve", "-", "--model", model, stdin=lines({"id": "t", "problem": PENCILS, **more}))
        return without_times(results[0])

    assert solved(answer="28") == solved(answer="29") == solved()


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k != "seconds"}
    return [without_times(v) for v in value] if isinstance(value, list) else value


def test_plain_text_problems_and_strict(tmp_path: Path) -> None:
    model = recorded(tmp_path, {"key": "1", "round": 0, "candidates": [RIGHT]})
    code, results, said = neurosym("solve", "-", "--model", model, "--strict", stdin=f"{PENCILS}\n\nWhat is love?\n")
    assert code == 1
    assert [(r["id"], r["status"]) for r in results] == [("1", "solved"), ("2", "unsolved")]
    assert results[1]["reasons"]
    assert "2 problems: 1 solved, 1 unsolved" in said
