"""What share of wrong programs is caught before anyone believes them, and how often right programs are doubted.

    python tests/benchmarks/mistranslations.py                  # a mutant of each kind from every right program
    python tests/benchmarks/mistranslations.py --each 3 --list  # more of them, and those that nothing catches
    python tests/benchmarks/mistranslations.py --gsm8k FILE     # right programs converted from GSM8K's solutions
    python tests/benchmarks/mistranslations.py --draw FILE      # DRAW's annotated equation systems

`checks` is what the checks of the translation find without solving; `outcome` is what only solving shows: contradictory
premises, or an answer that is not the only one. A program of either kind is never believed.

Converted programs count as right where the conversion lost nothing: each gives the gold answer, every definition is
used and computes something, its numbers are the problem's, and the solution's words use no number that it has not.
A random half was for tuning the checks; the other is reported.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import draw

from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.grounding import check_translation, numbers_in, ungrounded
from neurosym.language.read import read
from neurosym.language.usage import unused_definitions
from neurosym.language.values import Undefined
from neurosym.outcome import DECIDED
from neurosym.training.converters.gsm8k import convert

sys.path.insert(0, str(Path(__file__).parent.parent))

import mutations

ANNOTATION = re.compile(r"<<[^<>]*>>")


def codes(program: str, source: mutations.Source) -> tuple[str, ...]:
    """What the checks of the translation find."""
    tree = read(program)
    return tuple(d.code for d in check_translation(tree, check(tree)[0], source.problem, source.question))


def doubted(pairs: Iterable[tuple[t.Program, str]]) -> None:
    """Print how many right programs are doubted, and why."""
    total, found = 0, Counter[str]()
    for program, problem in pairs:
        total += 1
        kinds = {d.code for d in check_translation(program, check(program)[0], problem)}
        found.update({*kinds, "any"} if kinds else ())
    print(f"right programs doubted: {found['any']} of {total} ({found['any'] / total:.1%}) {dict(found)}")


def of_gsm8k(path: Path) -> Iterator[tuple[t.Program, str]]:
    """Right programs and their problems, from the half of a file of {problem, solution, answer} that is reported."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    converted = [(p, r) for r in records if (p := convert(r)) is not None and _gives_gold(p, r["answer"])]
    Random(7).shuffle(converted)  # the first half was for tuning
    for program, record in converted[len(converted) // 2 :]:
        if _lost_nothing(program, record):
            yield program, record["problem"]


def _gives_gold(program: t.Program, answer: str) -> bool:
    symbols, errors = check(program)
    ask = program.ask
    if errors or not isinstance(ask, t.Ask):
        return False
    try:
        return evaluate(ask.targets[0], symbols, Interpretation()) == Fraction(str(answer).replace(",", ""))
    except Undefined:
        return False


def of_draw(path: Path) -> Iterator[tuple[t.Program, str]]:
    """Annotated equation systems as programs, with their problems."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield read(draw.program(record["equations"])), record["problem"]


def _lost_nothing(program: t.Program, record: dict[str, str]) -> bool:
    if unused_definitions(program) or ungrounded(program, record["problem"]):
        return False
    if any(isinstance(s, t.Let) and isinstance(s.value, t.Number) for s in program.statements):
        return False
    annotated = {q.value for a in ANNOTATION.findall(record["solution"]) for q in numbers_in(a)}
    in_words = {q.value for q in numbers_in(ANNOTATION.sub("", record["solution"]))} - annotated - {0, 1}
    literals = {n.value for s in program.statements for n in t.walk(s) if isinstance(n, t.Number)}
    return not in_words & {q.value for q in numbers_in(record["problem"])} - literals


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=mutations.EACH, help="mutants of a kind from one program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="print the mutants that nothing catches")
    parser.add_argument("--gsm8k", type=Path, help="GSM8K's training lines, for right programs instead")
    parser.add_argument("--draw", type=Path, help="DRAW's lines, for right programs instead")
    given = parser.parse_args()
    if given.gsm8k or given.draw:
        doubted(of_gsm8k(given.gsm8k) if given.gsm8k else of_draw(given.draw))
        return
    made = mutations.mutants(given.seed, given.each)
    total, checks, outcome = Counter[str](), Counter[str](), Counter[str]()
    for mutant in made:
        total[mutant.kind] += 1
        if codes(mutant.program, mutant.source):
            checks[mutant.kind] += 1
        elif mutant.outcome.status not in DECIDED:
            outcome[mutant.kind] += 1
        elif given.list:
            print(f"--- {mutant.kind}, {mutant.source.id}: {mutant.source.problem}\n{mutant.program}")
    print(f"{'kind':18}{'wrong':>7}{'checks':>9}{'outcome':>9}{'caught':>9}")
    for kind in (*mutations.KINDS, "all"):
        wrong, by_checks, by_outcome = (c.total() if kind == "all" else c[kind] for c in (total, checks, outcome))
        share = f"{(by_checks + by_outcome) / max(1, wrong):.0%}"
        print(f"{kind:18}{wrong:7}{by_checks:9}{by_outcome:9}{share:>9}")
    doubted((read(s.program), f"{s.problem}\n{s.question or ''}") for s in mutations.sources())


if __name__ == "__main__":
    main()
