"""Words that fix a relation: negation, `at least`, `most`, `how many minutes`, `left of`; does the program follow them?

Each check speaks only where the text leaves no choice; what they catch and how often they are wrong is measured.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.quantities import Form, numbers_in
from neurosym.language.sentences import Sentence, asked, mentions, names_of, split, stems, telling
from neurosym.language.symbols import Defined, Function, GraphSymbol, Symbols, Unknown
from neurosym.language.units import singular


def cues(
    program: t.Program, symbols: Symbols, problem: str, question: str | None = None
) -> tuple[Diagnostic, ...]:
    """The findings `polarity`, `relation-cue` and `asked-unit`."""
    query = asked(problem, question)
    text = f"{problem}\n{question or ''}"
    return (
        *_question_polarity(program, symbols, query),
        *_facts(program, problem),
        *_bounds(program, text),
        *_goal(program, query),
        *_orientation(program, problem),
        *_asked_unit(program, symbols, query),
    )


# --- polarity ---------------------------------------------------------------------------------------------------

_NOT = re.compile(r"\b(?:not|never|cannot|no|nobody|nothing|none|neither|false|untrue|incorrect|impossible)\b|n't\b|n’t\b", re.I)
_NEITHER_WAY = re.compile(
    r"\btrue(?:,| or|/)? ?false(?:,? or (?:unknown|uncertain|neither|independent))?|\bwhether or not\b|\bor not\b"
    r"|\bno (?:less|more|fewer|later|earlier)\b|\bnot only\b",
    re.I,
)
_MODES: tuple[tuple[frozenset[t.OptionMode], str], ...] = (
    (frozenset({t.OptionMode.EXCEPT}), r"\bexcept\b|\bnot necessarily\b|\b(?:could|may|might) (?:not be true|be false)\b"),
    (
        frozenset({t.OptionMode.CANNOT}),
        r"\bcannot\b|\bcan't\b|\bcan not\b|\bcould not\b|\bcouldn't\b|\bimpossible\b|\bmust be false\b|\bis false\b"
        r"|\b(?:is|are) not\b|\bnot (?:be )?true\b|\bnever\b",
    ),
    (frozenset({t.OptionMode.MUST, t.OptionMode.CONSISTENT}), r"\bmust\b|\bnecessarily\b|\bhas to\b"),
    (frozenset({t.OptionMode.MAY, t.OptionMode.CONSISTENT}), r"\bcould\b|\bcan\b|\bmay\b|\bmight\b|\bpossible\b|\bpossibly\b"),
)


def _question_polarity(program: t.Program, symbols: Symbols, query: str) -> Iterator[Diagnostic]:
    ask = program.ask
    if isinstance(ask, t.AskOption):
        yield from _mode(program, ask, query)
    elif isinstance(ask, t.Ask) and len(ask.targets) == 1 and _is_formula(ask.targets[0], symbols):
        negated = len(_NOT.findall(_NEITHER_WAY.sub(" ", query))) % 2 == 1
        if negated != _negated(ask.targets[0]):
            yield Diagnostic(
                "polarity",
                f"the question is {'' if negated else 'not '}negated, what is asked is {'not' if negated else ''}".rstrip(),
                ask.span,
                "ask what the question says: `ask not ...` for a negated one",
            )


def _mode(program: t.Program, ask: t.AskOption, query: str) -> Iterator[Diagnostic]:
    options = [s.formula for s in program.statements if isinstance(s, t.Option)]
    if options and all(isinstance(o, t.Unary) and o.op is t.UnaryOp.NOT for o in options):
        return  # the negation may stand in the options instead
    for modes, pattern in _MODES:
        if re.search(pattern, query, re.I):
            if ask.mode not in modes:
                wanted = " or ".join(f"`ask option {m}`".replace(" `", "`") for m in sorted(modes))
                yield Diagnostic("polarity", f"the question asks otherwise: {query.strip()[:100]!r}", ask.span, wanted)
            return
    if ask.mode in (t.OptionMode.CANNOT, t.OptionMode.EXCEPT):
        yield Diagnostic("polarity", "the question has no negation, the ask has", ask.span, "ask option")


def _is_formula(e: t.Expr, symbols: Symbols) -> bool:
    if isinstance(e, t.Call):
        symbol = symbols.get(e.function)
        return (isinstance(symbol, Function) and symbol.is_relation) or (
            isinstance(symbol, GraphSymbol) and symbol.type is None
        )
    return isinstance(e, t.Compare | t.Quantified) or (isinstance(e, t.Unary) and e.op is t.UnaryOp.NOT)


def _negated(e: t.Expr) -> bool:
    """The parity of the negations in a formula; `!=` is one."""
    count = 0
    for node in t.walk(e):
        if isinstance(node, t.Unary):
            count += node.op is t.UnaryOp.NOT
        elif isinstance(node, t.Compare):
            count += sum(op is t.CompareOp.NE for op, _ in node.rest)
    return count % 2 == 1


_COMPOUND = frozenset("if then all every each any someon something everyon everything when whenever or and unles but only either".split())


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


# --- bounds and goals -------------------------------------------------------------------------------------------

_LE, _LT, _GE, _GT = t.CompareOp.LE, t.CompareOp.LT, t.CompareOp.GE, t.CompareOp.GT
_FLIP: Mapping[t.CompareOp, t.CompareOp] = {_LE: _GE, _LT: _GT, _GE: _LE, _GT: _LT}
_BEFORE: tuple[tuple[t.CompareOp, str], ...] = (
    (_GE, r"(?:at least|no less than|no fewer than|not less than|not fewer than|a minimum of|minimum of)"),
    (_LE, r"(?:at most|no more than|not more than|a maximum of|maximum of|up to|not exceed|cannot exceed|never exceeds?)"),
    (_GT, r"(?<!no )(?<!not )(?:more than|greater than|exceeds|exceed)"),
    (_LT, r"(?<!no )(?<!not )(?:less than|fewer than|smaller than)"),
)
_AFTER: tuple[tuple[t.CompareOp, str], ...] = (
    (_GE, r"(?:\w+ )?or (?:more|greater|older|over|above)\b"),
    (_LE, r"(?:\w+ )?or (?:less|fewer|younger|under|below)\b"),
)
_FILLER = r"(?:\s+(?:a|the|total|of|about))*\s*[$€£]?\s*\Z"


def _bounds(program: t.Program, text: str) -> Iterator[Diagnostic]:
    """`at least 5` must not become `<= 5`, nor `= 5`: where the text states 5 once, and always as a bound."""
    wanted: dict[Fraction, set[t.CompareOp | None]] = defaultdict(set)
    for q in numbers_in(text):
        wanted[q.value].add(_stated_bound(text, q.start, q.end))
    for statement in program.statements:
        if not isinstance(statement, t.Assertion):
            continue
        for node in t.walk(statement):
            for op, value in _comparisons(node):
                cue = wanted.get(value, set())
                if len(cue) == 1 and None not in cue and op not in cue and op is not t.CompareOp.NE:
                    yield Diagnostic(
                        "relation-cue",
                        f"the problem bounds this by `{next(iter(cue))} {_plain(value)}`, the program says `{op}`",
                        statement.span,
                        "at least is >=, at most is <=, more than is >, less than is <",
                    )


def _stated_bound(text: str, start: int, end: int) -> t.CompareOp | None:
    before, after = text[max(0, start - 40) : start], text[end : end + 30]
    for op, pattern in _AFTER:
        if re.match(rf"\s*{pattern}", after, re.I):
            return op
    for op, pattern in _BEFORE:
        if re.search(rf"\b{pattern}{_FILLER}", before, re.I):
            return op
    return None


def _comparisons(node: t.Node) -> Iterator[tuple[t.CompareOp, Fraction]]:
    """(op, N) for each `something op N` with a literal N, whichever side it stands on."""
    if not isinstance(node, t.Compare):
        return
    for left, op, right in node.pairs():
        if isinstance(right, t.Number):
            yield op, right.value
        elif isinstance(left, t.Number):
            yield _FLIP.get(op, op), left.value


def _plain(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):g}"


_MOST = re.compile(r"\b(?:maximum|maximi[sz]e\w*|most|greatest|largest|highest|biggest|longest)\b", re.I)
_LEAST = re.compile(r"\b(?:minimum|minimi[sz]e\w*|least|fewest|smallest|lowest|cheapest|shortest)\b", re.I)


def _goal(program: t.Program, query: str) -> Iterator[Diagnostic]:
    """The direction of the goal, where the question has words of one direction only."""
    query = re.sub(r"\bat (?:most|least)\b", " ", query, flags=re.I)
    most, least = bool(_MOST.search(query)), bool(_LEAST.search(query))
    for s in program.statements:
        if isinstance(s, t.Goal) and most != least and s.maximize != most:
            yield Diagnostic(
                "relation-cue",
                f"the question asks for the {'greatest' if most else 'least'}",
                s.span,
                "maximize ..." if most else "minimize ...",
            )


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


# --- units ------------------------------------------------------------------------------------------------------

_FAMILIES = tuple(
    frozenset(words.split())
    for words in (
        "second minute hour day week month year decade century",
        "dollar cent penny dime nickel euro pound",
        "inch foot yard mile meter metre kilometer kilometre centimeter centimetre millimeter km cm mm m",
        "gram kilogram ounce pound ton tonne kg g lb oz",
        "liter litre milliliter millilitre gallon quart pint cup ml l",
    )
)
_HOW_MANY = re.compile(r"\bhow many (?:more |fewer |less |total |additional |extra |whole |full )?([a-z]+)|\bin ([a-z]+s)\s*\?", re.I)


def _asked_unit(program: t.Program, symbols: Symbols, query: str) -> Iterator[Diagnostic]:
    ask = program.ask
    wanted = {singular(a or b) for a, b in _HOW_MANY.findall(query)}
    if not isinstance(ask, t.Ask) or len(ask.targets) != 1 or len(wanted) != 1:
        return
    target, noun = ask.targets[0], next(iter(wanted))
    symbol = symbols.get(target.id) if isinstance(target, t.Name) else None
    if not isinstance(symbol, Defined | Unknown) or not symbol.kind.dimension:
        return
    unit = symbol.kind.dimension
    declared = {n for _, s in symbols.of(Defined, Unknown) for n, _ in getattr(s, "kind").dimension or ()}
    family = any(noun in f and any(n in f for n, _ in unit) for f in _FAMILIES)
    if unit != ((noun, 1),) and (family or noun in declared):
        shown = "*".join(n for n, _ in unit)
        yield Diagnostic(
            "asked-unit", f"the question asks for {noun}, the answer is in {shown}", ask.span, "convert the answer"
        )
