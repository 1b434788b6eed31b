"""What share of wrong programs is caught before anyone believes them, and how often right programs are doubted.

    python tests/benchmarks/mistranslations.py                  # a mutant of each kind from every right program
    python tests/benchmarks/mistranslations.py --each 3 --list  # more of them, and those that nothing catches

`checks` is what the checks of the translation find without solving; `outcome` is what only solving shows: contradictory
premises, or an answer that is not the only one. A program of either kind is never believed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from neurosym.language.check import check
from neurosym.language.grounding import check_translation
from neurosym.language.read import read
from neurosym.outcome import DECIDED

sys.path.insert(0, str(Path(__file__).parent.parent))

import mutations


def codes(program: str, source: mutations.Source) -> tuple[str, ...]:
    """What the checks of the translation find."""
    tree = read(program)
    return tuple(d.code for d in check_translation(tree, check(tree)[0], source.problem, source.question))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=mutations.EACH, help="mutants of a kind from one program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="print the mutants that nothing catches")
    given = parser.parse_args()
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
    doubted = {s.id: found for s in mutations.sources() if (found := codes(s.program, s))}
    rate = len(doubted) / len(mutations.sources())
    print(f"right programs doubted: {len(doubted)} of {len(mutations.sources())} ({rate:.1%}) {doubted or ''}")


if __name__ == "__main__":
    main()
