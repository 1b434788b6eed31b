"""Does each premise say what its sentence says? Negation, the order of arguments, the direction of rules and orders.

Each check speaks only where the names of a premise single its sentence out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.sentences import NOT, Sentence, mentions, place, split, telling


def cues(program: t.Program, problem: str) -> tuple[Diagnostic, ...]:
    """`polarity` and `relation-cue` where a premise and its sentence differ."""
    return (
        *_facts(program, problem),
        *_rules(program, problem),
        *_orientation(program, problem),
        *_edges(program, problem),
    )


_COMPOUND = frozenset(
    [
        "if",
        "then",
        "all",
        "every",
        "each",
        "any",
        "someon",
        "something",
        "everyon",
        "everything",
        "when",
        "whenever",
        "or",
        "and",
        "unles",
        "but",
        "only",
        "either",
    ]
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
        fact = _fact(call)
        if fact is None or fact[0] not in names:
            continue
        relation, *args = fact
        same = [s for s, content in contents if content == set(fact)]
        agreeing = [s for s in same if bool(NOT.search(s.text)) == negated]
        if same and not agreeing:
            yield Diagnostic("polarity", f"the sentence says otherwise: {same[0].text[:100]!r}", premise.span)
        elif agreeing and all(_reversed(s, relation, args) for s in agreeing):
            yield Diagnostic(
                "relation-cue", f"the sentence has it the other way round: {agreeing[0].text[:100]!r}", premise.span
            )


def _fact(e: t.Expr) -> list[str] | None:
    """[relation, arguments] of a relation of names, [name] of a proposition; None of anything else."""
    if isinstance(e, t.Name):
        return [e.id]
    if not isinstance(e, t.Call) or not all(isinstance(a, t.Name) for a in e.args):
        return None
    return [e.function, *(a.id for a in e.args if isinstance(a, t.Name))]


def _reversed(sentence: Sentence, relation: str, args: list[str]) -> bool:
    """Whether an active sentence `a R b` stands as R(b, a)."""
    if len(args) != 2 or args[0] == args[1] or "by" in sentence.stems:
        return False
    first, middle, second = (place(sentence, n) for n in (args[0], relation, args[1]))
    return second < middle < first


_FROM_LEFT = re.compile(
    r"\s*(?:every|all|each|any|no|if|whoever|whenever|when|everyone|everything|anyone|anything)\b", re.I
)
_NO_RULE = re.compile(r"\b(?:only|unless|except|whether|nor|neither)\b", re.I)


def _rules(program: t.Program, problem: str) -> Iterator[Diagnostic]:
    """`p -> q` against the one sentence with exactly its relations: which is the condition, and is any negated."""
    names = telling(program)
    rules = [s for s in split(problem) if not s.asks and _FROM_LEFT.match(s.text) and not _NO_RULE.search(s.text)]
    contents = [(s, frozenset(n for n in names if mentions(s, n))) for s in rules]
    for premise in program.statements:
        formula = premise.formula if isinstance(premise, t.Assertion) else None
        while isinstance(formula, t.Quantified) and formula.quantifier is t.Quantifier.FORALL:
            formula = formula.body
        if not isinstance(formula, t.Binary) or formula.op is not t.BinaryOp.IMPLIES:
            continue
        condition, conclusion = _told(formula.left, names), _told(formula.right, names)
        same = [s for s, content in contents if content == {*condition, *conclusion}]
        if not same or set(condition) & set(conclusion):
            continue
        negated = any(isinstance(n, t.Unary) and n.op is t.UnaryOp.NOT for n in t.walk(formula))
        unequal = any(isinstance(n, t.Compare) and n.rest[0][0] is t.CompareOp.NE for n in t.walk(formula))
        told = [bool(NOT.search(s.text)) for s in same]
        if all(said != negated and not (said and unequal) for said in told):  # `different` negates, too
            yield Diagnostic("polarity", f"the sentence says otherwise: {same[0].text[:100]!r}", premise.span)
        elif not negated and all(_turned(s, condition, conclusion) for s in same):
            yield Diagnostic(
                "relation-cue",
                f"the rule has it the other way round: {same[0].text[:100]!r}",
                premise.span,
                "condition -> conclusion",
            )


def _told(e: t.Expr, names: frozenset[str]) -> list[str]:
    found = (n.function if isinstance(n, t.Call) else n.id for n in t.walk(e) if isinstance(n, t.Call | t.Name))
    return list(dict.fromkeys(n for n in found if n in names))


def _turned(sentence: Sentence, condition: list[str], conclusion: list[str]) -> bool:
    """Whether all of the conclusion is said before all of the condition."""
    if not condition or not conclusion or {"if", "when"} & set(sentence.stems[1:]):
        return False
    return max(place(sentence, n) for n in conclusion) < min(place(sentence, n) for n in condition)


# --- orders -----------------------------------------------------------------------------------------------------

_ORDERS: Mapping[t.CompareOp, bool] = {
    t.CompareOp.LT: True,
    t.CompareOp.LE: True,
    t.CompareOp.GT: False,
    t.CompareOp.GE: False,
}
"""Whether the left side is the smaller one."""

_AXES = (
    ("left west", "right east"),
    ("before earlier ahead", "after later behind"),
    ("above higher", "below lower"),
    ("older", "younger newer"),
    ("taller longer", "shorter"),
    ("heavier", "lighter"),
    ("faster", "slower"),
    ("larger bigger greater", "smaller"),
    ("cheaper", "dearer"),
    ("richer", "poorer"),
    ("north", "south"),
)
_CONVENTION = frozenset({0, 1})
"""Places are numbered from the left and in the order of time, unless several premises say otherwise."""
_OPPOSITE: Mapping[str, tuple[int, int]] = {
    word: (axis, sign)
    for axis, (up, down) in enumerate(_AXES)
    for words, sign in ((up, 1), (down, -1))
    for word in words.split()
}
_COMPARATIVE = re.compile(r"\b(" + "|".join(_OPPOSITE) + r"|(?:more|less) (?=[a-z]+ than))", re.I)


def _orientation(program: t.Program, problem: str) -> Iterator[Diagnostic]:
    """`a is left of b` may be < or >, as the program numbers its places, but the same one for every such sentence."""
    names = telling(program) | {n for s in program.statements if isinstance(s, t.Var) for n in s.names}
    contents = [(s, frozenset(n for n in names if mentions(s, n))) for s in split(problem) if not s.asks]
    votes: dict[tuple[str, int], list[tuple[int, t.Assertion, Sentence]]] = defaultdict(list)
    for premise in program.statements:
        order = _order(premise, names)
        if order is None or not isinstance(premise, t.Assertion):
            continue
        function, small, great = order
        for sentence, content in contents:
            found = _COMPARATIVE.findall(sentence.text)
            if content != {small, great} or len(found) != 1 or NOT.search(sentence.text):
                continue
            word = found[0].lower().strip()
            axis, sign = _OPPOSITE.get(word, (-1, 1 if word == "more" else -1))
            subject_small = place(sentence, small) < place(sentence, great)
            votes[function, axis].append((sign if subject_small else -sign, premise, sentence))
    for (_, axis), cast in votes.items():
        balance = sum(vote for vote, _, _ in cast) + (axis in _CONVENTION)
        for vote, premise, sentence in cast:
            if vote * balance < 0 or (balance == 0 and (vote < 0 or axis not in _CONVENTION)):
                yield Diagnostic(
                    "relation-cue",
                    f"this orders {sentence.text[:100]!r} against the other sentences of its kind",
                    premise.span,
                    "turn the comparison round",
                )


def _order(premise: t.Statement, names: frozenset[str]) -> tuple[str, str, str] | None:
    """(function, smaller, greater) of `f(a) < f(b)`, `not f(a) > f(b)`, `f(b) = f(a) + 1`; "" for unknowns."""
    formula = premise.formula if isinstance(premise, t.Assertion) else None
    negated = isinstance(formula, t.Unary)
    if isinstance(formula, t.Unary):
        formula = formula.operand
    if not isinstance(formula, t.Compare) or len(formula.rest) != 1:
        return None
    op, right = formula.rest[0]
    smaller = _ORDERS.get(op)
    if op is t.CompareOp.EQ and isinstance(right, t.Binary) and isinstance(right.right, t.Number):
        smaller, right = {t.BinaryOp.ADD: False, t.BinaryOp.SUB: True}.get(right.op), right.left
    one, other = _subject(formula.first), _subject(right)
    if smaller is None or one is None or other is None or one[0] != other[0]:
        return None
    (function, a), (_, b) = one, other
    if not {a, b} <= names or a == b:
        return None
    return (function, a, b) if smaller != negated else (function, b, a)


def _subject(e: t.Expr) -> tuple[str, str] | None:
    if isinstance(e, t.Name):
        return "", e.id
    if isinstance(e, t.Call) and len(e.args) == 1 and isinstance(e.args[0], t.Name):
        return e.function, e.args[0].id
    return None


def _edges(program: t.Program, problem: str) -> Iterator[Diagnostic]:
    """A directed edge where the problem has only `from b to a`."""
    directed = {s.signature.name for s in program.statements if isinstance(s, t.Graph) and s.directed}
    words = " ".join(re.findall(r"\w+", problem.lower()))
    for premise in program.statements:
        formula = premise.formula if isinstance(premise, t.Assertion) else None
        fact = _fact(formula.first if isinstance(formula, t.Compare) else formula) if formula else None
        if fact and len(fact) == 3 and fact[0] in directed:
            tail, head = (n.lower().replace("_", " ") for n in fact[1:])
            there, back = (rf"\b{re.escape(a)} to (?:the )?{re.escape(b)}\b" for a, b in ((tail, head), (head, tail)))
            if re.search(back, words) and not re.search(there, words):
                yield Diagnostic(
                    "relation-cue", f"the problem leads from {head} to {tail}", premise.span, "turn it round"
                )
