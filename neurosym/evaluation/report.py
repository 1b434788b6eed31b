"""A report on scores: a table to read, a plot of risk against coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from neurosym.evaluation import scores as sc
from neurosym.evaluation.scores import Score, Share, share

_SIZE, _EDGE = 320, 40


def table(scores: Sequence[Score], candidates: int) -> str:
    """The figures as Markdown, for `candidates` programs a problem. Intervals are 95%."""
    return (
        "\n".join(["| figure | value |", "|---|---|", *(f"| {n} | {v} |" for n, v in _rows(scores, candidates))]) + "\n"
    )


def _rows(scores: Sequence[Score], k: int) -> Iterator[tuple[str, str | Share]]:
    yield "pass@1 (greedy)", share(s.first for s in scores)
    yield f"selected@{k}", share(s.selected for s in scores)
    yield f"oracle@{k}", share(s.oracle for s in scores)
    yield f"majority vote@{k}", share(s.vote for s in scores)
    yield "selected against the vote", str(sc.difference((s.selected for s in scores), (s.vote for s in scores)))
    for status, hits in sc.by_status(scores).items():
        yield f"right of {status}", hits
    yield "right answers that are verified", share(s.status == "verified" for s in scores if s.selected)
    error = sc.calibration_error(scores)
    yield "calibration error", "none" if error is None else f"{error:.3f}"
    programs = sum(s.programs for s in scores)
    yield "candidates that end", Share(sum(s.finished for s in scores), programs)
    yield "candidates that read", Share(sum(s.readable for s in scores), programs)
    yield "wrong programs that are caught", Share(sum(s.caught for s in scores), sum(s.wrong for s in scores))
    seconds = sorted(s.seconds for s in scores)
    yield "seconds a problem, median", f"{median(seconds):.2f}"
    yield "seconds a problem, p95", f"{seconds[len(seconds) * 95 // 100]:.2f}"
    yield "tokens a problem, mean", f"{sum(s.tokens for s in scores) / len(scores):.0f}"
    joules = [s.joules for s in scores if s.joules is not None]
    if joules:
        yield "joules a problem (the whole machine), mean", f"{sum(joules) / len(joules):.1f}"
    groups = {**sc.by_family(scores), **sc.by_length(scores)}
    yield from ((f"selected@{k}: {name}", hits) for name, hits in groups.items())


_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" font-family="sans-serif" font-size="11">'
)
_LEGEND = ("share of problems answered (0 to 1)", "share of these right (0 to 1)")


def plot(scores: Sequence[Score]) -> str:
    """Accuracy against coverage, as SVG: how right the answers are that the engine is surest of."""
    inner = _SIZE - 2 * _EDGE
    points = " ".join(f"{_EDGE + c * inner:.1f},{_SIZE - _EDGE - a * inner:.1f}" for c, a in sc.risk_coverage(scores))
    low, high = _EDGE, _SIZE - _EDGE
    return (
        f'{_HEAD}<rect width="{_SIZE}" height="{_SIZE}" fill="white"/>'
        f'<path d="M{low} {low}V{high}H{high}" fill="none" stroke="black"/>'
        f'<polyline points="{points}" fill="none" stroke="#0a58ca" stroke-width="2"/>'
        f'<text x="{_SIZE / 2}" y="{_SIZE - 10}" text-anchor="middle">{_LEGEND[0]}</text>'
        f'<text transform="translate(14 {_SIZE / 2}) rotate(-90)" text-anchor="middle">{_LEGEND[1]}</text>'
        "</svg>\n"
    )
