"""The commands that make and measure models: `generate`, `train` and `eval`. Their packages load when they run."""

from __future__ import annotations

import argparse
import io
import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.batch import Output, read_text
from neurosym.errors import InputError, UsageError
from neurosym.progress import Progress

if TYPE_CHECKING:
    from neurosym.evaluation.golds import Gold


def add_commands(commands: Any) -> None:
    """Add the three to the command line's parser."""
    generate = commands.add_parser("generate", help="print problems with their programs, made from problem families")
    generate.add_argument("family", nargs="*", help="families or topics (default: all); `--list` names them")
    generate.add_argument("-n", "--number", type=int, default=1, help="problems of each family (default 1)")
    generate.add_argument("--seed", type=int, default=0, help="of the first problem of each family (default 0)")
    generate.add_argument("--held-out", action="store_true", help="only families that no training of ours sees")
    generate.add_argument("--list", action="store_true", help="print the families' names, topics and use instead")
    generate.set_defaults(command=_generate)

    train = commands.add_parser("train", help="train an adapter for the language, as a recipe says")
    train.add_argument("recipe", metavar="RECIPE.toml")
    train.add_argument(
        "-o", "--output", metavar="FOLDER", required=True, help="the adapter; an interrupted run goes on"
    )
    train.add_argument(
        "--data", metavar="FOLDER", help="where the files that the recipe names are (default: beside it)"
    )
    train.set_defaults(command=_train)

    evaluate = commands.add_parser("eval", help="measure a model on problems with gold answers")
    evaluate.add_argument(
        "sources",
        metavar="FILE",
        nargs="+",
        help="JSONL (id, problem, question?, options?, answer), or reasoning-gym:NAME; reasoning-gym alone: all NAMEs",
    )
    evaluate.add_argument("--model", help="as for `solve`")
    evaluate.add_argument(
        "-k", "--candidates", type=int, default=16, help="programs proposed for a problem (default 16)"
    )
    evaluate.add_argument("--seed", type=int, default=0, help="of the sampled candidates (default 0)")
    evaluate.add_argument("--limit", type=int, help="only so many problems of each file, evenly spread")
    evaluate.add_argument(
        "-o", "--output", metavar="FILE", help="a line a problem; a file that is there is taken up again"
    )
    evaluate.add_argument("--plot", metavar="FILE.svg", help="draw accuracy against coverage")
    evaluate.set_defaults(command=_eval)


def _generate(arguments: argparse.Namespace) -> int:
    from neurosym.language.read import read
    from neurosym.solving.solve import solve
    from neurosym.training.problems import problem_families

    families = [f for f in problem_families() if f.use == "held out" or not arguments.held_out]
    wanted = set(arguments.family)
    if unknown := wanted - {f.name for f in families} - {f.topic for f in families}:
        raise UsageError(
            f"there is no family or topic {', '.join(sorted(unknown))}; `neurosym generate --list` names them"
        )
    failed = False
    for family in families:
        if wanted and not wanted & {family.name, family.topic}:
            continue
        if arguments.list:
            sys.stdout.write(f"{family.name}\t{family.topic}\t{family.use}\n")
            continue
        for seed in range(arguments.seed, arguments.seed + arguments.number):
            example = family.generate(seed)
            outcome = solve(read(example.program), timeout=10, allow_python=True)
            if outcome.answer is None:
                sys.stderr.write(f"neurosym: {example.id} is left out: {outcome.status}: {outcome.message}\n")
                failed = True
                continue
            sys.stdout.write(json.dumps({**asdict(example), "answer": outcome.answer}, ensure_ascii=False) + "\n")
    return int(failed)


def _train(arguments: argparse.Namespace) -> int:
    from neurosym.training.recipe import follow, read_recipe

    recipe = read_recipe(Path(arguments.recipe), Path(arguments.data) if arguments.data else None)
    done = follow(recipe, Path(arguments.output))
    sys.stderr.write(
        f"neurosym: the adapter is in {arguments.output}: `neurosym solve --model {arguments.output} FILE` uses it\n"
        if done
        else "neurosym: the time is up; the same command goes on from the last checkpoint\n"
    )
    return 0


def _eval(arguments: argparse.Namespace) -> int:
    from neurosym.engine import Engine
    from neurosym.evaluation.energy import Meter
    from neurosym.evaluation.report import plot, table
    from neurosym.evaluation.scores import Score, score

    if arguments.limit is not None and arguments.limit < 1:
        raise UsageError(f"--limit is at least 1, not {arguments.limit}")
    golds = [gold for source in arguments.sources for gold in _golds(source, arguments.limit)]
    if not golds:
        raise InputError("there are no problems to measure on")
    engine = Engine(arguments.model, candidates=arguments.candidates, seed=arguments.seed)
    configuration = [arguments.model, engine.model.name, arguments.candidates, arguments.seed]
    keys = [json.dumps([*configuration, gold.family, gold.problem.id]) for gold in golds]
    output = Output(arguments.output, io.StringIO())  # without a file, the table is all that is wanted
    scored: dict[str, Score] = {}
    for key in set(keys) & output.done.keys():
        try:
            scored[key] = Score(**{name: value for name, value in output.done[key].items() if name != "key"})
        except TypeError:
            raise InputError(f"{arguments.output} holds something else than scores: name another file") from None
    todo = [(key, gold) for key, gold in zip(keys, golds, strict=True) if key not in scored]
    try:
        with (
            Progress(len(todo), sys.stderr, "problems") as progress,
            closing(engine.solve_many(gold.problem for _, gold in todo)) as results,
        ):
            meter = Meter()
            for (key, gold), result in zip(todo, results, strict=True):
                scored[key] = score(result, gold, meter.spent())
                output.write({**scored[key].to_dict(), "key": key})
                progress.step(f"{gold.problem.id}: {result.status}")
    finally:
        output.close()
    scores = [scored[key] for key in keys]
    sys.stdout.write(table(scores, arguments.candidates))
    if arguments.plot:
        try:
            Path(arguments.plot).write_text(plot(scores), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{arguments.plot} cannot be written: {error.strerror or error}") from None
    return 0


def _golds(source: str, limit: int | None) -> list[Gold]:
    from neurosym.evaluation import gym
    from neurosym.evaluation.golds import read_golds

    kind, _, name = source.partition(":")
    if kind == gym.PREFIX:
        return gym.gym_golds(name, limit or gym.NUMBER)
    return _spread(read_golds(read_text(source, sys.stdin), Path(source).stem), limit)


def _spread(golds: list[Gold], limit: int | None) -> list[Gold]:
    """`limit` of them, at even distances, the first among them."""
    if limit is None or limit >= len(golds):
        return golds
    return [golds[i * len(golds) // limit] for i in range(limit)]
