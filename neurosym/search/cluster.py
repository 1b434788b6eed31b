"""Candidates that give equal answers, grouped: the vote, counted by different translations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from neurosym.equality import Verdict
from neurosym.equality.normal import Work
from neurosym.equality.verdict import terms
from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.canonical import key
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.language.values import Undefined, Value, term
from neurosym.models.base import Candidate
from neurosym.outcome import Outcome, Status


@dataclass(frozen=True)
class Attempt:
    """One candidate and what became of it.

    program:   what its text reads as; None where it does not read.
    findings:  what the checks of the translation found.
    round:     0 for the first candidates, then one more for each repair.
    seconds:   wall time of reading, checking and solving.
    verdict:   what a model that was trained to judge thinks of it: the natural logarithm of the odds that it is right;
               None where it was not asked.
    """

    candidate: Candidate
    program: t.Program | None
    outcome: Outcome
    findings: tuple[Diagnostic, ...] = ()
    round: int = 0
    seconds: float = 0.0
    verdict: float | None = None

    @property
    def certified(self) -> bool:
        """Whether the program's question is decided, with evidence, all of which holds."""
        return self.outcome.decided and self.outcome.shown

    @property
    def clean(self) -> bool:
        """Certified, and no check of the translation found anything."""
        return self.certified and not self.findings

    @property
    def complaint(self) -> str:
        """What is wrong with it, as a model is told that shall repair it; "" where nothing is."""
        if self.findings or self.outcome.decided:
            return "; ".join(map(str, self.findings))
        return self.outcome.message or self.outcome.status.value


def to_repair(attempts: Sequence[Attempt]) -> Attempt | None:
    """The most promising attempt at a problem that none of them solves soundly; None where one does, or none is."""
    if not attempts or any(a.outcome.decided and not a.findings for a in attempts):
        return None
    return max(attempts, key=lambda a: (a.outcome.decided, a.program is not None))


@dataclass(frozen=True)
class Cluster:
    """The attempts that give one answer, the most trustworthy first.

    trees:  how many different canonical programs are among them: two that are equal corroborate nothing.
    share:  of all the attempts that have an answer.
    """

    answer: str
    members: tuple[Attempt, ...]
    trees: int
    share: float

    @property
    def best(self) -> Attempt:
        """The attempt that stands for the cluster."""
        return self.members[0]


def clusters(attempts: Sequence[Attempt]) -> tuple[Cluster, ...]:
    """The answers that were given, best first: clean ones, then by votes, then by the best log-probability."""
    groups: dict[tuple[str, ...], list[Attempt]] = {}
    for attempt in attempts:
        if attempt.program is not None and attempt.outcome.answer is not None:
            groups.setdefault(_answer_key(attempt.outcome), []).append(attempt)
    total = sum(map(len, groups.values()))
    found = []
    for members in groups.values():
        members.sort(key=_rank)  # stable: equals stay first come, first served
        trees = distinct_trees(members)
        found.append(Cluster(members[0].outcome.answer or "", tuple(members), trees, len(members) / total))
    return tuple(sorted(found, key=lambda c: (not c.best.clean, -len(c.members), *_rank(c.best))))


def distinct_trees(attempts: Sequence[Attempt]) -> int:
    """How many different translations the attempts have.

    Programs with one canonical tree count once, and so do chains of definitions that compute the same from the same
    numbers but for the laws of algebra: 3*2 + 3*5 says nothing that 3*(2 + 5) does not, and 20*1 nothing more than 20.
    """
    programs = {key(a.program): a.program for a in attempts if a.program is not None}
    different: list[t.Expr | None] = []
    for formula in map(_formula, programs.values()):
        if formula is None or not any(f and _same(f, formula) for f in different):
            different.append(formula)
    return len(different)


def _same(one: t.Expr, other: t.Expr) -> bool:
    try:
        return terms(one, other, Work()).verdict is Verdict.EQUAL
    except Undefined:
        return False


_LARGEST = 500
"""Nodes of a formula: definitions put into definitions can double at each step."""
_LITERAL = re.compile(r"(?<![\w.^])(\d+)(?:\.(\d+))?(?![\w.%])")


def _formula(program: t.Program) -> t.Expr | None:
    """What a chain of definitions computes, with a name for each number but 0 and 1; None for other programs."""
    values: dict[str, t.Expr] = {}
    for statement in program.statements:
        if isinstance(statement, t.Let):
            value = values[statement.name] = t.substitute(statement.value, values)
            if sum(1 for _ in t.walk(value)) > _LARGEST:
                return None
        elif not isinstance(statement, t.Ask) or len(statement.targets) != 1:
            return None
        else:
            told = show_expr(t.substitute(statement.targets[0], values))
            try:
                return read_expression(_LITERAL.sub(_named, told))
            except ProgramError:  # a number with its unit, say, is no name
                return None
    return None


def _named(literal: re.Match[str]) -> str:
    return literal[0] if literal[0] in ("0", "1") else f"number_{literal[1]}_{literal[2] or 0}"


def _rank(attempt: Attempt) -> tuple[bool, bool, int, float]:
    logprob = attempt.candidate.logprob
    return (
        not attempt.clean,
        not attempt.certified,
        len(attempt.findings),
        inf if logprob is None else -logprob,
    )


def _answer_key(outcome: Outcome) -> tuple[str, ...]:
    """Equal for equal answers: `1/2` and `0.5`, `{2, 1}` and `{1, 2}`."""
    if outcome.option is not None or outcome.status is not Status.VALUE:
        return (outcome.answer or "",)
    return tuple(_value_key(text) for text in outcome.answers)


def _value_key(text: str) -> str:
    try:
        e = read_expression(text)
    except ProgramError:
        return text.strip()
    names: dict[str, Value] = {n.id: n.id for n in t.walk(e) if isinstance(n, t.Name) and n.id not in CONSTANTS}
    try:
        return show_expr(term(evaluate(e, Symbols(), Interpretation(values=names))))
    except Undefined:
        return show_expr(e)
