"""Whatever programs do and whoever kills their processes: no task is lost or told twice, and nothing grows."""

from __future__ import annotations

import sys

import pytest
from soak import CHILDREN, Report, soak

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def stood(report: Report) -> None:
    assert (report.missing, report.repeated, report.wrong) == (0, 0, ())
    assert report.right + report.hostile.total() == report.tasks
    assert 0.35 < report.hostile.total() / report.tasks < 0.45
    assert report.descriptors <= 2 * CHILDREN  # a spare child has two; whether one is there is chance
    assert report.processes <= CHILDREN
    assert report.memory < 24 << 20


def test_a_thousand_tasks_under_fire() -> None:
    report = soak(1_000, seed=4)
    stood(report)
    assert report.kills["worker"] >= 5


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_ten_thousand_tasks_under_fire() -> None:
    report = soak(10_000, seed=5)
    stood(report)
    assert min(report.kills[what] for what in ("worker", "jail", "zygote")) >= 10
