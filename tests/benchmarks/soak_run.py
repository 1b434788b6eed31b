"""The soak of the tests at any length, in figures: python tests/benchmarks/soak_run.py [--tasks 10000] [--seed 5]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from soak import soak


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    report = soak(given.tasks, seed=given.seed)
    print(f"{report.tasks} tasks in {report.seconds:.0f} s; killed {dict(report.kills)}")
    print(f"harmless: {report.right} right, {len(report.wrong)} wrong {report.wrong[:5]}")
    print(f"lost {report.missing}, told twice {report.repeated}; hostile: {dict(report.hostile)}")
    print(f"growth: {report.memory / 1e6:.1f} MB, {report.descriptors} descriptors, {report.processes} processes")


if __name__ == "__main__":
    main()
