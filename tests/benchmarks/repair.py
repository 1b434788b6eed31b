"""Does it pay to have a model repair its program, or to sample more programs for the same tokens?

    python tests/benchmarks/repair.py FILE... [--limit N] [--candidates K] [--model MODEL]

Each problem is solved with K candidates and a round of repairs, and with as many candidates without repairs as come
nearest to the same tokens. Both draw the same first K. Problems won are those that one way
answers rightly and the other does not; the interval is that of a paired bootstrap over all problems.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from neurosym.engine import Engine, _result
from neurosym.evaluation.golds import Gold, read_golds, right
from neurosym.evaluation.scores import Difference
from neurosym.progress import Progress
from neurosym.result import Result
from neurosym.search.cluster import Attempt

MORE = 3  # times the candidates are sampled without repairs: enough for what a round of repairs takes


def at_equal_tokens(result: Result, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """As many of the first of `attempts` as come nearest to the tokens of the result's."""
    taken = [0, *accumulate(a.candidate.tokens for a in attempts)]
    return tuple(attempts[: min(range(len(taken)), key=lambda n: abs(taken[n] - result.tokens))])


def main() -> None:
    """Solve, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=50, help="problems of each file, evenly spread")
    parser.add_argument("--candidates", type=int, default=4)
    parser.add_argument("--model")
    given = parser.parse_args()
    golds: list[Gold] = []
    for file in given.files:
        found = read_golds(file.read_text(encoding="utf-8"), file.stem)
        golds += found[:: max(1, len(found) // given.limit)][: given.limit]
    repairing = Engine(given.model, candidates=given.candidates, repairs=1)
    sampling = Engine(repairing.model, candidates=MORE * given.candidates, repairs=0)
    chosen, among = [], []
    asked = mended = short = 0
    with Progress(len(golds), sys.stderr, "problems") as progress:
        for gold, one in zip(golds, repairing.solve_many(gold.problem for gold in golds), strict=True):
            other = one
            if any(a.round for a in one.attempts):
                asked += 1
                mended += any(a.round and right(a.outcome.answer, gold) for a in one.attempts)
                more = sampling.solve(gold.problem)
                short += more.tokens < one.tokens
                attempts = at_equal_tokens(one, more.attempts)
                other = _result(gold.problem, attempts, 0.0, sampling._scorer)
            chosen.append(right(one.answer, gold) - right(other.answer, gold))
            among.append(_any(one, gold) - _any(other, gold))
            progress.step(gold.problem.id)
    print(f"{len(golds)} problems; of {asked} a program was to be repaired, and {mended} of these repairs are right")
    if short:
        print(f"for {short} of them, {MORE * given.candidates} candidates took fewer tokens than the repairs did")
    for name, differences in (("answer", chosen), ("a right one among the candidates", among)):
        print(f"{name}, repairing against sampling: {Difference(tuple(differences))}")


def _any(result: Result, gold: Gold) -> bool:
    return any(right(a.outcome.answer, gold) for a in result.attempts)


if __name__ == "__main__":
    main()
