"""Words that fix a relation: negation, `at least`, `most`, `how many minutes`, `left of`; does the program follow them?

Each check speaks only where the text leaves no choice; what they catch and how often they are wrong is measured.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.quantities import Form, numbers_in
from neurosym.language.sentences import Sentence, asked, mentions, split, stems, telling
from neurosym.language.symbols import Defined, Function, GraphSymbol, Symbols, Unknown
from neurosym.language.units import singular


def cues(program: t.Program, symbols: Symbols, problem: str, question: str | None = None) -> tuple[Diagnostic, ...]:
    """The findings `polarity`, `relation-cue` and `asked-unit`."""
    query = asked(problem, question)
    text = f"{problem}\n{question or ''}"
    return (
        *_question_polarity(program, symbols, query),
        *_facts(program, problem),
        *_bounds(program, text),
        *_operators(program, text),
        *_goal(program, query),
        *_orientation(program, problem),
        *_asked_unit(program, symbols, query),
    )


# --- polarity ---------------------------------------------------------------------------------------------------


_COMPOUND = frozenset(
    "if then all every each any someon something everyon everything when whenever or and unles but only either".split()
)


def _facts(program: t.Program, problem: str) -> Iterator[Diagnostic]:
    """A fact `likes(a, b)` against the sentences that mention exactly its names: negation, and order of arguments."""
    names = telling(program)
    plain = [s for s in split(problem) if not s.asks and not _COMPOUND & set(s.stems)]
    contents = [(s, frozenset(n for n in names if mentions(s, n))) for s in plain]
    for premise in program.statements:
        if not isinstance(premise, t.Assertion):
            continue
        negated = isinstance(premise.formula, t.Unary) and premise.formula.op is t.UnaryOp.NOT
        call = premise.formula.operand if isinstance(premise.formula, t.Unary) else premise.formula
        if not isinstance(call, t.Call) or call.function not in names:
            continue
        args = [a.id for a in call.args if isinstance(a, t.Name)]
        if len(args) != len(call.args):
            continue
        same = [s for s, content in contents if content == {call.function, *args}]
        agreeing = [s for s in same if bool(_NOT.search(s.text)) == negated]
        if same and not agreeing:
            yield Diagnostic("polarity", f"the sentence says otherwise: {same[0].text[:100]!r}", premise.span)
        elif agreeing and all(_reversed(s, call.function, args) for s in agreeing):
            yield Diagnostic(
                "relation-cue", f"the sentence has it the other way round: {agreeing[0].text[:100]!r}", premise.span
            )


def _reversed(sentence: Sentence, relation: str, args: list[str]) -> bool:
    """Whether an active sentence `a R b` stands as R(b, a)."""
    if len(args) != 2 or args[0] == args[1] or "by" in sentence.stems:
        return False
    first, middle, second = (_place(sentence, n) for n in (args[0], relation, args[1]))
    return second < middle < first


def _place(sentence: Sentence, name: str) -> int:
    return sentence.stems.index(stems(name)[0])


# --- orders -----------------------------------------------------------------------------------------------------

_OPPOSITE: Mapping[str, tuple[str, int]] = {
    word: (f"{up}/{down}", sign)
    for up, down in (
        ("left", "right"),
        ("before", "after"),
        ("before", "later"),
        ("above", "below"),
        ("ahead", "behind"),
        ("older", "younger"),
        ("older", "newer"),
        ("taller", "shorter"),
        ("longer", "briefer"),
        ("heavier", "lighter"),
        ("faster", "slower"),
        ("larger", "smaller"),
        ("bigger", "tinier"),
        ("higher", "lower"),
        ("earlier", "later"),
        ("cheaper", "dearer"),
        ("richer", "poorer"),
        ("north", "south"),
        ("west", "east"),
    )
    for word, sign in ((up, 1), (down, -1))
}
_COMPARATIVE = re.compile(r"\b(" + "|".join(_OPPOSITE) + r"|(?:more|less) (?=[a-z]+ than))", re.I)


def _orientation(program: t.Program, problem: str) -> Iterator[Diagnostic]:
    """`a is left of b` may be < or >, as the program numbers its places, but the same one for every such sentence."""
    names = telling(program) | {n for s in program.statements if isinstance(s, t.Var) for n in s.names}
    contents = [(s, frozenset(n for n in names if mentions(s, n))) for s in split(problem) if not s.asks]
    votes: dict[tuple[str, str], list[tuple[int, t.Assertion, Sentence]]] = defaultdict(list)
    for premise in program.statements:
        order = _order(premise, names)
        if order is None or not isinstance(premise, t.Assertion):
            continue
        function, small, great = order
        for sentence, content in contents:
            found = _COMPARATIVE.findall(sentence.text)
            if content != {small, great} or len(found) != 1 or _NOT.search(sentence.text):
                continue
            word = found[0].lower().strip()
            axis, sign = _OPPOSITE.get(word, ("more/less", 1 if word == "more" else -1))
            subject_small = _place(sentence, small) < _place(sentence, great)
            votes[function, axis].append((sign if subject_small else -sign, premise, sentence))
    for cast in votes.values():
        balance = sum(vote for vote, _, _ in cast)
        for vote, premise, sentence in cast:
            if (balance == 0 and len(cast) > 1) or vote * balance < 0:
                yield Diagnostic(
                    "relation-cue",
                    f"this orders {sentence.text[:100]!r} against the other sentences of its kind",
                    premise.span,
                    "turn the comparison round",
                )


def _order(premise: t.Statement, names: frozenset[str]) -> tuple[str, str, str] | None:
    """(function, smaller, greater) of a premise `f(a) < f(b)`, or of `a < b` between unknowns (function is "")."""
    if not isinstance(premise, t.Assertion) or not isinstance(premise.formula, t.Compare):
        return None
    if len(premise.formula.rest) != 1:
        return None
    op, right = premise.formula.rest[0]
    sides = [_subject(e) for e in (premise.formula.first, right)]
    if op not in _FLIP or sides[0] is None or sides[1] is None or sides[0][0] != sides[1][0]:
        return None
    (function, a), (_, b) = sides[0], sides[1]
    if not {a, b} <= names or a == b:
        return None
    return (function, a, b) if op in (_LT, _LE) else (function, b, a)


def _subject(e: t.Expr) -> tuple[str, str] | None:
    if isinstance(e, t.Name):
        return "", e.id
    if isinstance(e, t.Call) and len(e.args) == 1 and isinstance(e.args[0], t.Name):
        return e.function, e.args[0].id
    return None
