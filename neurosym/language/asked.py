"""Does a program ask what the question asks? Its negation, its direction, its unit and its subject."""

from __future__ import annotations

import re
from collections.abc import Iterator

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.sentences import NOT, Sentence, asked, mentions, names_of, split, stem, stems, telling
from neurosym.language.symbols import Defined, Function, GraphSymbol, Symbols, Unknown
from neurosym.language.units import FAMILIES, noun


def asked_otherwise(
    program: t.Program, symbols: Symbols, problem: str, question: str | None = None
) -> tuple[Diagnostic, ...]:
    """`polarity`, `relation-cue` (a goal's direction), `asked-unit`, `wrong-target`: where question and ask differ."""
    query = asked(problem, question)
    return (
        *_question_polarity(program, symbols, query),
        *_goal(program, query),
        *_asked_unit(program, symbols, query),
        *_target(program, problem, query),
    )


_NEITHER_WAY = re.compile(
    r"\btrue(?:,| or|/)? ?false(?:,? or (?:unknown|uncertain|neither|independent))?|\bwhether or not\b|\bor not\b"
    r"|\byes(?:,| or|/)? ?no\b(?:,? or (?:it )?can(?:not)?(?: it)?(?: not)? be \w+)?"
    r"|\bno (?:less|more|fewer|later|earlier)\b|\bnot only\b"
    r"|\bno (?:[^\W\d]+ ){1,3}(?:other than|but|except)\b",
    re.I,
)
_MODES: tuple[tuple[frozenset[t.OptionMode], str], ...] = (
    (
        frozenset({t.OptionMode.EXCEPT}),
        r"\bexcept\b|\bnot necessarily\b|\b(?:could|may|might) (?:not be true|be false)\b",
    ),
    (
        frozenset({t.OptionMode.CANNOT}),
        r"\bcannot\b|\bcan't\b|\bcan not\b|\bcould not\b|\bcouldn't\b|\bimpossible\b|\bmust be false\b|\bis false\b"
        r"|\b(?:is|are) not\b|\bnot (?:be )?true\b|\bnever\b",
    ),
    (frozenset({t.OptionMode.MUST, t.OptionMode.CONSISTENT}), r"\bmust\b|\bnecessarily\b|\bhas to\b"),
    (
        frozenset({t.OptionMode.MAY, t.OptionMode.CONSISTENT}),
        r"\bcould\b|\bcan\b|\bmay\b|\bmight\b|\bpossible\b|\bpossibly\b",
    ),
)


def _question_polarity(program: t.Program, symbols: Symbols, query: str) -> Iterator[Diagnostic]:
    ask = program.ask
    if isinstance(ask, t.AskOption):
        yield from _mode(program, ask, query)
    elif isinstance(ask, t.Ask) and len(ask.targets) == 1 and _is_formula(ask.targets[0], symbols):
        negated = len(NOT.findall(_NEITHER_WAY.sub(" ", query))) % 2 == 1
        if negated != _negated(ask.targets[0]):
            yield Diagnostic(
                "polarity",
                f"the question is {'' if negated else 'not '}negated, the ask is{' not' if negated else ''}",
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


# --- units ------------------------------------------------------------------------------------------------------

_HOW_MANY = re.compile(
    r"\bhow many (?:more |fewer |less |total |additional |extra |whole |full )?([a-z]+)|\bin ([a-z]+s)\s*\?", re.I
)


def _asked_unit(program: t.Program, symbols: Symbols, query: str) -> Iterator[Diagnostic]:
    ask = program.ask
    wanted = {noun(a or b) for a, b in _HOW_MANY.findall(query)}
    if not isinstance(ask, t.Ask) or len(ask.targets) != 1 or len(wanted) != 1:
        return
    target, name = ask.targets[0], next(iter(wanted))
    symbol = symbols.get(target.id) if isinstance(target, t.Name) else None
    if not isinstance(symbol, Defined | Unknown) or not symbol.kind.dimension:
        return
    unit = {noun(n) for n, _ in symbol.kind.dimension}
    quantities = [s for _, s in symbols.of(Defined, Unknown) if isinstance(s, Defined | Unknown)]
    declared = {noun(n) for s in quantities for n, _ in s.kind.dimension or ()}
    rate = {d for d, e in symbol.kind.dimension if e < 0 and stem(d) not in stems(query)}
    if rate and name in unit:
        message = f"the question asks for {name}, the answer is in {name} per {', '.join(sorted(rate))}"
        yield Diagnostic("asked-unit", message, ask.span, "multiply the rate")
    if name not in unit and (name in declared or any(name in f and unit & f for f in FAMILIES)):
        shown = "/".join(sorted(unit))
        yield Diagnostic(
            "asked-unit", f"the question asks for {name}, the answer is in {shown}", ask.span, "convert the answer"
        )


# --- the subject ------------------------------------------------------------------------------------------------


def _target(program: t.Program, problem: str, query: str) -> Iterator[Diagnostic]:
    """The ask names what the question names: of quantities, and of elements and relations."""
    ask = program.ask
    question = next(iter(split(query)), None) if len(split(query)) == 1 else None
    if not isinstance(ask, t.Ask) or len(ask.targets) != 1 or question is None:
        return
    target = ask.targets[0]
    if isinstance(target, t.Name):
        rival = _rival(program, target.id, question)
        if rival:
            yield Diagnostic(
                "wrong-target",
                f"the question names {rival!r}, the program asks {target.id!r}",
                ask.span,
                f"ask {rival}",
            )
        return
    names = telling(program)
    told = split(problem)
    known = {n for n in names if any(mentions(s, n) for s in told)}
    wanted, given = {n for n in names if mentions(question, n)}, names_of(ask) & known
    if given - wanted and wanted - given:
        shown = ", ".join(sorted(given - wanted))
        yield Diagnostic("wrong-target", f"the question does not name {shown}", ask.span, "ask what the question asks")


def _rival(program: t.Program, target: str, question: Sentence) -> str | None:
    """A quantity that the question names, where it does not name the target, and the target is not made from it."""
    if mentions(question, target) or not stems(target):
        return None
    made: dict[str, frozenset[str]] = {}
    for s in program.statements:
        if isinstance(s, t.Let):
            used = names_of(s)
            made[s.name] = used.union(*(made.get(n, frozenset()) for n in used))
    quantities = [*made, *(n for s in program.statements if isinstance(s, t.Var) for n in s.names)]
    rivals = [n for n in quantities if mentions(question, n) and n not in made.get(target, frozenset())]
    return rivals[0] if len(rivals) == 1 else None
