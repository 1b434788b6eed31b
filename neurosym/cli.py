"""The command line: results on standard output or in a file, everything else on standard error.

Exit codes: 0 every line has a result, 1 with --strict and some unsolved (or `check` found something, or `recheck`
could not confirm all), 2 wrong use or a bad line, 3 our own failure, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from neurosym.batch import BadLine, Found, Output, Record, read_certificates, read_records, read_stories, read_text
from neurosym.cli_training import add_commands as add_training_commands
from neurosym.errors import InputError, LanguageMismatch, NeuroSymError, UsageError
from neurosym.outcome import Outcome, Status
from neurosym.progress import Progress

if TYPE_CHECKING:
    from neurosym.language.tree import Program

_Given = TypeVar("_Given")

_LISTEN_SECONDS = 0.5
"""How long an interrupt may go unnoticed."""

OK, UNSOLVED, USAGE, FAILURE, INTERRUPTED = 0, 1, 2, 3, 130

_ALLOW_PYTHON = "let Python run even where the sandbox is below `strong` (see `neurosym sandbox`)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
    except UsageError as error:
        return _fail(error, USAGE)
    except NeuroSymError as error:
        return _fail(error, FAILURE)
    except KeyboardInterrupt:
        _say("interrupted; what was written stays, the same command with -o goes on from there")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or flushing at exit would fail again
        return FAILURE
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"neurosym: {text}\n")


def _fail(error: Exception, code: int) -> int:
    _say(f"error: {error}")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("neurosym", description="Word problems in, checked answers out.")
    parser.add_argument("--version", action="version", version=f"neurosym {version('neurosym')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    solve = commands.add_parser("solve", help="solve problems in words with the model")
    solve.add_argument(
        "file", metavar="FILE|-", help="JSONL (id, problem, question?, options?), or text, a blank line between"
    )
    solve.add_argument(
        "--model",
        help="a path, a hub name, openvino:PATH, recorded:FILE or openai:MODEL@URL (default: the embedded model)",
    )
    solve.add_argument("-k", "--candidates", type=int, default=4, help="programs proposed for a problem (default 4)")
    solve.add_argument("--seed", type=int, default=0, help="of the sampled candidates (default 0)")
    _common(solve, timeout=5.0, strict="exit with 1 where a problem is unsolved")
    solve.set_defaults(command=_solve)

    run = commands.add_parser("run", help="solve programs, without a model")
    run.add_argument(
        "file", metavar="FILE|-", help="one program, or JSONL (id, program, notation?, problem?, question?, options?)"
    )
    run.add_argument(
        "--notation", default="auto", help="of programs that do not name theirs (default auto: it is recognised)"
    )
    run.add_argument("--no-mend", action="store_true", help="refuse slips in other notations instead of mending them")
    run.add_argument(
        "--explain", action="store_true", help="add to each result the steps to its answer, which quote its `problem`"
    )
    run.add_argument(
        "--graph", metavar="FILE", help="draw what the one program's answer rests on, in a file .svg, .dot or .mmd"
    )
    run.add_argument("--certify", action="store_true", help="add to each result a certificate for `neurosym recheck`")
    _common(run, timeout=10.0, strict="exit with 1 where a program is not decided")
    run.set_defaults(command=_run)

    recheck = commands.add_parser("recheck", help="check certificates again, without trusting who made them")
    recheck.add_argument(
        "file", metavar="FILE|-", help="a certificate, or JSONL of them or of what `run --certify` writes"
    )
    recheck.add_argument("--timeout", type=float, default=10.0, help="seconds for each single check (default 10)")
    recheck.add_argument("--allow-python", action="store_true", help=_ALLOW_PYTHON)
    recheck.set_defaults(command=_recheck)

    check = commands.add_parser("check", help="say what is wrong with programs, without solving them")
    check.add_argument("files", metavar="FILE|-", nargs="+")
    check.set_defaults(command=_check)

    sandbox = commands.add_parser("sandbox", help="show what confines Python on this system, by attacking it")
    sandbox.add_argument(
        "--require", metavar="LEVEL", choices=("full", "strong", "interpreter", "none"), help="fail below this level"
    )
    sandbox.set_defaults(command=_sandbox)

    add_training_commands(commands)

    model = commands.add_parser("model", help="show, fetch, verify or remove the embedded model")
    model.add_argument("action", nargs="?", default="show", choices=("show", "fetch", "verify", "remove"))
    model.set_defaults(command=_model)
    return parser


def _common(parser: argparse.ArgumentParser, *, timeout: float, strict: str) -> None:
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write here; a file that is there already is taken up again"
    )
    parser.add_argument(
        "--timeout", type=float, default=timeout, help=f"seconds of solving for a program (default {timeout:g})"
    )
    parser.add_argument("--allow-python", action="store_true", help=_ALLOW_PYTHON)
    parser.add_argument("--strict", action="store_true", help=strict)


def _is_jsonl(text: str) -> bool:
    return text.lstrip().startswith("{")


# --- solve ------------------------------------------------------------------------------------------------------


def _solve(arguments: argparse.Namespace) -> int:
    from neurosym.engine import Engine
    from neurosym.result import Problem

    text = read_text(arguments.file, sys.stdin)
    bad: list[BadLine] = []
    if _is_jsonl(text):
        records, bad = read_records(text, required="problem", optional=("question", "options"))
    else:
        records = read_stories(text, name="problem")
    engine = Engine(
        arguments.model,
        candidates=arguments.candidates,
        timeout=arguments.timeout,
        seed=arguments.seed,
        allow_python=arguments.allow_python,
    )
    settings = {name: getattr(arguments, name) for name in ("candidates", "seed", "timeout", "allow_python")}
    configuration = {"model": [arguments.model, engine.model.name], **settings}

    def results(todo: Sequence[Record]) -> Generator[dict[str, Any], None, None]:
        problems = (
            Problem(r.fields["problem"], r.fields.get("question"), tuple(r.fields.get("options", ())), r.id)
            for r in todo
        )
        return (result.to_dict() for result in engine.solve_many(problems))

    counts = _write_all(arguments, records, bad, configuration, "problems", results)
    return _exit_code(counts, bad, strict=arguments.strict, unsolved=lambda status: status == "unsolved")


# --- run --------------------------------------------------------------------------------------------------------


def _run(arguments: argparse.Namespace) -> int:
    from neurosym.certificates import certifiable, certificate
    from neurosym.explain import explain
    from neurosym.notations.recognise import AUTO
    from neurosym.programs import NOTATIONS, read, run

    if arguments.notation not in NOTATIONS:
        raise UsageError(f"there is no notation {arguments.notation!r}; there are {', '.join(NOTATIONS)}")
    text = read_text(arguments.file, sys.stdin)
    bad: list[BadLine] = []
    if _is_jsonl(text):
        records, bad = read_records(text, required="program", optional=("notation", "problem", "question", "options"))
    else:
        records = [Record(1, arguments.file, {"program": text})]
    for record in [r for r in records if r.fields.get("notation", AUTO) not in NOTATIONS]:
        records.remove(record)
        bad.append(
            BadLine(
                record.line, f"there is no notation {record.fields['notation']!r}; there are {', '.join(NOTATIONS)}"
            )
        )

    if arguments.graph and len(records) != 1:
        raise UsageError(f"--graph draws one program, not {len(records)}")
    draw = _drawing(arguments.graph) if arguments.graph else None
    recognised: Counter[str] = Counter()

    def outcome(record: Record) -> dict[str, Any]:
        program, named = record.fields["program"], record.fields.get("notation", arguments.notation)
        question, options = record.fields.get("question"), record.fields.get("options", ())
        solved = run(
            program,
            notation=named,
            question=question,
            options=options,
            timeout=arguments.timeout,
            mend=not arguments.no_mend,
            allow_python=arguments.allow_python,
        )
        result = {"id": record.id, **solved.to_dict()}
        notation = solved.notation
        if (arguments.explain or draw) and notation not in ("", "python"):  # else there is no tree
            tree = read(program, notation, question, options)[1].program
            if arguments.explain:
                result["explanation"] = explain(tree, solved, record.fields.get("problem", ""), question, options)
            if draw:
                draw(tree, solved)
        if arguments.certify and certifiable(solved):
            result["certificate"] = certificate(program, solved, notation, question=question, options=options)
        if named == AUTO and notation not in ("", "ir"):
            recognised[notation] += 1
        return result

    names = ("notation", "timeout", "no_mend", "allow_python", "certify", "explain", "graph")
    configuration = {name: getattr(arguments, name) for name in names}
    results = partial(_in_parallel, outcome)
    counts = _write_all(arguments, records, bad, configuration, "programs", results)
    if recognised:
        _say(f"notations recognised: {', '.join(f'{name} ({n})' for name, n in recognised.most_common())}")
    return _exit_code(counts, bad, strict=arguments.strict, unsolved=lambda status: not Outcome(Status(status)).decided)


def _drawing(path: str) -> Callable[[Program, Outcome], None]:
    """What draws a program's proof graph into the file at `path`. Raises UsageError where its name tells no format."""
    from neurosym.proofgraph import FORMATS, proof_graph

    formatted = FORMATS.get(Path(path).suffix)
    if formatted is None:
        raise UsageError(f"a graph's file ends in {', '.join(FORMATS)}, not as {path!r} does")

    def draw(program: Program, outcome: Outcome) -> None:
        try:
            Path(path).write_text(formatted(proof_graph(program, outcome)), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from None

    return draw


def _in_parallel(
    function: Callable[[_Given], dict[str, Any]], todo: Iterable[_Given]
) -> Generator[dict[str, Any], None, None]:
    """What the function, which waits for workers, gives for each, in order."""
    from neurosym.workers import close_all

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as executor:
        begun = deque(executor.submit(function, given) for given in todo)
        try:
            while begun:
                if wait([begun[0]], timeout=_LISTEN_SECONDS).done:  # a signal just before a wait is seen after it only
                    yield begun.popleft().result()
        except BaseException:  # an interrupt waits neither for what has not begun nor for what runs
            executor.shutdown(wait=False, cancel_futures=True)
            while wait(begun, timeout=0).not_done:  # one that was between two jobs asks for a new pool
                close_all()
                wait(begun, timeout=_LISTEN_SECONDS / 10)
            raise


def _recheck(arguments: argparse.Namespace) -> int:
    from neurosym.certificates import Verdict, recheck

    if not arguments.timeout > 0:
        raise UsageError(f"the timeout is a number of seconds above 0, not {arguments.timeout!r}")

    def checked(found: Found) -> dict[str, Any]:
        given = found.given
        if given is None:
            return {"id": found.id, "verdict": Verdict.UNCONFIRMED.value, "reasons": ["it has no certificate"]}
        try:
            if isinstance(given, str):
                raise InputError(given)
            result = recheck(given, timeout=arguments.timeout, allow_python=arguments.allow_python)
        except (InputError, LanguageMismatch) as error:
            return {"id": found.id, "verdict": "refused", "reasons": [str(error)]}
        return {"id": found.id, "verdict": result.verdict.value, "reasons": list(result.reasons)}

    counts: Counter[str] = Counter()
    with closing(_in_parallel(checked, read_certificates(read_text(arguments.file, sys.stdin)))) as found:
        for result in found:
            sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            counts[result["verdict"]] += 1
    told = ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    _say(f"{counts.total()} certificates: {told or 'none found'}")
    if counts["refused"] or not counts:
        return USAGE
    return OK if set(counts) == {Verdict.CONFIRMED.value} else UNSOLVED


# --- both -------------------------------------------------------------------------------------------------------


def _write_all(
    arguments: argparse.Namespace,
    records: Sequence[Record],
    bad: Sequence[BadLine],
    configuration: Mapping[str, Any],
    what: str,
    results: Callable[[Sequence[Record]], Generator[dict[str, Any], None, None]],
) -> Counter[str]:
    """Write a result for every record that has none yet; returns how many results have each status."""
    for line in bad:
        _say(str(line))
    keys = [record.key(configuration) for record in records]
    output = Output(arguments.output, sys.stdout)
    todo = [record for record, key in zip(records, keys, strict=True) if key not in output.done]
    todo_keys = [key for key in keys if key not in output.done]
    counts = Counter(str(output.done[key]["status"]) for key in keys if key in output.done)
    taken_up = len(records) - len(todo)
    try:
        # closing: an interrupt that falls between two results must end the work behind them, too
        with Progress(len(todo), sys.stderr, what) as progress, closing(results(todo)) as found:
            for key, result in zip(todo_keys, found, strict=True):
                output.write({**result, "key": key})
                counts[str(result["status"])] += 1
                progress.step(f"{result['id']}: {result['status']}")
    finally:
        output.close()
        told = ", ".join(f"{n} {status}" for status, n in sorted(counts.items(), key=lambda c: -c[1])) or "none"
        again = f" ({taken_up} from an earlier run)" if taken_up else ""
        left_out = f"; {len(bad)} bad lines left out" if bad else ""
        _say(f"{sum(counts.values())} of {len(records)} {what}: {told}{again}{left_out}")
    return counts


def _exit_code(counts: Counter[str], bad: Sequence[BadLine], *, strict: bool, unsolved: Callable[[str], bool]) -> int:
    if counts[Status.FAILURE.value]:
        return FAILURE
    if bad:
        return USAGE
    return UNSOLVED if strict and any(unsolved(status) for status in counts) else OK


# --- check, sandbox and model -----------------------------------------------------------------------------------


def _check(arguments: argparse.Namespace) -> int:
    from neurosym.programs import check

    wrong = 0
    for path in arguments.files:
        for diagnostic in check(read_text(path, sys.stdin)):
            wrong += 1
            sys.stdout.write(f"{path}: {diagnostic.code}: {diagnostic}\n")
    return UNSOLVED if wrong else OK


def _sandbox(arguments: argparse.Namespace) -> int:
    from neurosym.solving.sandbox import sandbox
    from neurosym.workers import Level
    from neurosym.workers.monty import monty

    report = sandbox()
    for layer in report.layers:
        sys.stdout.write(f"{layer.name:<12}{'on' if layer.on else f'off: {layer.why}'}\n")
    lacking = "it needs the level strong" if report.level < Level.STRONG else "pip install 'neurosym[monty]'"
    sys.stdout.write(f"{'monty':<12}{'on' if monty(report.level) else f'off: {lacking}'}\n")
    sys.stdout.write(f"{'level':<12}{report.level}\n")
    if arguments.require:
        report.require(Level.named(arguments.require))
    return OK


def _model(arguments: argparse.Namespace) -> int:
    from neurosym.models import default

    match arguments.action:
        case "fetch":
            sys.stdout.write(f"{default.fetch()}\n")
        case "verify":
            problems = default.verify()
            sys.stdout.writelines(f"{problem}\n" for problem in problems or ["the model is whole"])
            return UNSOLVED if problems else OK
        case "remove":
            sys.stdout.write(f"{default.remove() / 1e6:.0f} MB freed\n")
        case _:
            for name, value in asdict(default.show()).items():
                sys.stdout.write(f"{name}: {value}\n")
    return OK
