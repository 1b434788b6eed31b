"""How far to believe an answer: verified, solved or unsolved, and why (DESIGN.md, "Outcomes and statuses")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from neurosym.outcome import Status
from neurosym.search.cluster import Attempt, Cluster, clusters, distinct_trees

CORROBORATION = 2
"""So many different programs must give an answer before it is verified, where no scorer judges it ..."""
BELIEVED = 0.85
"""... and so probable must it be to the scorer where one does: agreement is among what that looks at."""


@dataclass(frozen=True)
class Judgement:
    """How far to believe an answer.

    status:      verified: every check passes, the certificate holds, and different translations agree or a scorer
                 holds the answer for right. solved: a program has this answer, its translation is not corroborated.
                 unsolved: no answer could be established.
    confidence:  from 0 to 1, to rank answers by; a calibrated probability where a scorer gave it.
    reasons:     why it is not verified, in plain words.
    """

    status: Literal["verified", "solved", "unsolved"]
    confidence: float
    reasons: tuple[str, ...] = ()


def judge(cluster: Cluster | None, attempts: Sequence[Attempt], probability: float | None = None) -> Judgement:
    """The judgement on a cluster's answer among all `attempts`; `cluster` is None where no attempt has an answer.

    The confidence is the scorer's `probability`; without a scorer it is share * (1 - 2^-trees) of the cluster, halved
    where its best attempt has findings: agreement between different programs counts, repetition of one does not.
    """
    if cluster is None or not cluster.best.certified:
        return Judgement("unsolved", 0.0, _failures(attempts))
    clean = [a for a in cluster.members if a.clean]
    reasons = [str(finding) for finding in cluster.best.findings]
    confidence = cluster.share * (1 - 0.5**cluster.trees) * (1.0 if clean else 0.5)
    if probability is not None:
        confidence = probability
        if clean and probability < BELIEVED:
            reasons.append(f"the scorer holds it for right with a probability of {probability:.0%}")
    elif clean:
        reasons += _uncorroborated(cluster, clean, attempts)
    return Judgement("solved" if reasons else "verified", confidence, tuple(reasons))


def _uncorroborated(cluster: Cluster, clean: Sequence[Attempt], attempts: Sequence[Attempt]) -> Iterator[str]:
    """What speaks against believing an answer for the number of different programs that give it."""
    trees = distinct_trees(clean)
    if trees < CORROBORATION:
        same = "one translation, proposed more than once," if len(clean) > 1 else "one candidate"
        yield f"only {same} gives this answer without findings"
    rivals = [c.answer for c in clusters(attempts) if c.answer != cluster.answer and _as_good(c, trees)]
    if rivals:
        yield f"as many different translations give {rivals[0]!r}"


def _as_good(rival: Cluster, trees: int) -> bool:
    clean = [a for a in rival.members if a.clean]
    return bool(clean) and distinct_trees(clean) >= trees


_WHY: dict[Status, str] = {
    Status.VALUE: "answers without a certificate that holds",
    Status.TRUE: "answers without a certificate that holds",
    Status.FALSE: "answers without a certificate that holds",
    Status.INDEPENDENT: "answers without a certificate that holds",
    Status.UNDERDETERMINED: "allow more than one answer",
    Status.CONTRADICTORY: "contradict themselves",
    Status.DISAGREEMENT: "are answered differently by two solvers",
    Status.MALFORMED: "do not read or check",
    Status.UNSUPPORTED: "are beyond the solvers",
    Status.GAVE_UP: "were given up by the solver",
    Status.TIMEOUT: "ran out of time",
    Status.TAMPERING: "tried what the sandbox forbids",
    Status.FAILURE: "met a failure of ours",
}


def _failures(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """What became of the candidates, the commonest first."""
    if not attempts:
        return ("the model proposed no program",)
    counts = Counter(_WHY[a.outcome.status] for a in attempts)
    return tuple(f"{n} of {len(attempts)} programs {why}" for why, n in counts.most_common())
