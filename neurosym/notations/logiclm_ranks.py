"""Does a constraint on a scale say what the sentence beside it says?

The constraint dialect names the ends of its scale (`1: oldest`, `5: newest`) and quotes a sentence with each formula.
`crow == 2 ::: the crow is the second-newest` then says 4, since newest is 5: models often count from the wrong end, or
take "to the right of" for "next to the right of". A sentence that has one reading on the scale decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from neurosym.language import tree as t

_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_ORDINAL = rf"({'|'.join(_ORDINALS)})"
_NEXT = re.compile(r"\b(?:immediately|directly|right next|next|just|adjacent|exactly|one)\b", re.I)
_HEDGED = re.compile(r"\b(?:not|no|never|if|or|either|neither|unless|and|but|at least|at most)\b|n't\b", re.I)
_AHEAD, _BEHIND = r"(?:above|before|ahead of|earlier than)", r"(?:below|after|behind|later than)"


@dataclass(frozen=True)
class End:
    """One end of a scale: its value, what it is called, and the step from it towards the other."""

    value: int
    label: str
    step: int


@dataclass(frozen=True)
class Order:
    """One variable is greater than another, by one exactly or by any amount."""

    greater: str
    lesser: str
    exact: bool


@dataclass(frozen=True)
class Scale:
    """The two ends, and the variables that are on it."""

    ends: tuple[End, End]
    variables: tuple[str, ...]

    @classmethod
    def of(cls, low: int, high: int, labels: dict[int, str], variables: Iterable[str]) -> Scale | None:
        """The scale from `low` to `high`, if both ends are named differently."""
        if low >= high or low not in labels or high not in labels or labels[low] == labels[high]:
            return None
        return cls((End(low, labels[low], 1), End(high, labels[high], -1)), tuple(variables))

    def agreed(self, formula: t.Expr, sentence: str | None) -> t.Expr:
        """`formula`, or what the sentence says in its place where that is something else on this scale."""
        if sentence is None or _HEDGED.search(sentence) or not isinstance(formula, t.Compare):
            return formula
        if len(formula.rest) != 1 or not isinstance(formula.first, t.Name):
            return formula
        ((op, right),) = formula.rest
        told = self.mentioned(sentence)
        if len(told) == 1 and op is t.CompareOp.EQ and isinstance(right, t.Number):
            rank = self.rank(sentence)
            if rank is None or (formula.first.id == told[0] and right.value == rank):
                return formula
            return replace(
                formula,
                first=t.Name(told[0], span=formula.span),
                rest=((op, t.Number(Fraction(rank), span=right.span)),),
            )
        said, meant = _order(formula), None
        if len(told) == 2 and said is not None and not _NEXT.search(sentence):
            step = self.direction(sentence)
            meant = None if step is None else Order(told[step < 0], told[step > 0], exact=False)
        if meant is None or meant == said:
            return formula
        chosen = t.CompareOp.GT if meant.greater == told[0] else t.CompareOp.LT
        return replace(
            formula, first=t.Name(told[0], span=formula.span), rest=((chosen, t.Name(told[1], span=right.span)),)
        )

    def mentioned(self, sentence: str) -> list[str]:
        """The variables that a sentence names, in its order."""
        found = []
        for name in self.variables:
            words = re.escape(name.replace("_", " ")).replace(r"\ ", r"[\s_-]+")
            match = re.search(rf"\b{words}\b", sentence, re.I)
            if match:
                found.append((match.start(), name))
        return [name for _, name in sorted(found)]

    def rank(self, sentence: str) -> int | None:
        """The value that a sentence gives by an end's name; None where it gives none, or two."""
        found = {value for end in self.ends for value in _ranks(end, sentence)}
        return found.pop() if len(found) == 1 else None

    def direction(self, sentence: str) -> int | None:
        """1 where the first is said to be the greater, -1 the smaller; None where a sentence does not tell."""
        found = {sign for end in self.ends for sign in _directions(end, sentence)}
        return found.pop() if len(found) == 1 else None


def _order(formula: t.Compare) -> Order | None:
    """What `x < y` or `x = y + 1` says; None for any other formula."""
    ((op, right),) = formula.rest
    left = formula.first
    assert isinstance(left, t.Name)
    if isinstance(right, t.Name) and op in (t.CompareOp.LT, t.CompareOp.GT):
        greater = op is t.CompareOp.GT
        return Order(left.id, right.id, exact=False) if greater else Order(right.id, left.id, exact=False)
    if not isinstance(right, t.Binary) or op is not t.CompareOp.EQ or right.op not in (t.BinaryOp.ADD, t.BinaryOp.SUB):
        return None
    if not isinstance(right.left, t.Name) or right.right != t.Number(Fraction(1)):
        return None
    greater = right.op is t.BinaryOp.ADD
    other = right.left.id
    return Order(left.id, other, exact=True) if greater else Order(other, left.id, exact=True)


def _ranks(end: End, sentence: str) -> Iterator[int]:
    """`second-oldest`, `second from the left`, `second to last`, `oldest`, `third` where an end is the first."""
    label = re.escape(end.label).replace(r"\ ", r"[\s-]")
    side = re.match(r"(\w+)most\Z", end.label)
    counted = [rf"\b{_ORDINAL}[\s-](?:to[\s-])?(?:the[\s-])?{label}\b"]
    if side:
        counted.append(rf"\b{_ORDINAL} (?:place )?from (?:the )?{side[1]}\b")
    if end.label.split()[0] == "first":
        counted.append(rf"\b{_ORDINAL}\b(?![\s-](?:to|from|most|least|\w+est)\b)")
    for pattern in counted:
        match = re.search(pattern, sentence, re.I)
        if match:
            yield end.value + end.step * _ORDINALS.index(match[1].lower())
            return
    if re.search(rf"\b{label}\b", sentence, re.I) and not re.search(rf"\b{_ORDINAL}\b", sentence, re.I):
        yield end.value


def _directions(end: End, sentence: str) -> Iterator[int]:
    """Which way a comparative points: `older than` towards the oldest, `to the left of` towards the leftmost."""
    side, most = re.match(r"(\w+)most\Z", end.label), re.match(r"(most|least) (\w+)\Z", end.label)
    superlative = re.match(r"(\w+)est\Z", end.label)
    towards, away = [], []
    if side:
        towards.append(rf"\bto the {side[1]} of\b")
    elif most:
        more, less = ("more", "less") if most[1] == "most" else ("less", "more")
        towards.append(rf"\b{more} {most[2]} than\b")
        away.append(rf"\b{less} {most[2]} than\b")
    elif superlative:
        towards.append(rf"\b{superlative[1]}er than\b")
    elif end.label.split()[0] in ("first", "last"):
        ahead = end.label.split()[0] == "first"
        towards.append(rf"\b{_AHEAD if ahead else _BEHIND}\b")
        away.append(rf"\b{_BEHIND if ahead else _AHEAD}\b")
    yield from (-end.step for pattern in towards if re.search(pattern, sentence, re.I))
    yield from (end.step for pattern in away if re.search(pattern, sentence, re.I))
