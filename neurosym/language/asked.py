"""Does a program ask what the question asks? Its negation, its direction, its unit and its subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.measures import FAMILIES, noun
from neurosym.language.sentences import NOT, Sentence, asked, mentions, names_of, split, stems, telling
from neurosym.language.symbols import Defined, Function, GraphSymbol, Symbols, Unknown


def asked_otherwise(
    program: t.Program, symbols: Symbols, problem: str, question: str | None = None
) -> tuple[Diagnostic, ...]:
    """`polarity`, `relation-cue` (the goal's direction), `asked-unit` and `wrong-target` where question and ask differ."""
    query = asked(problem, question)
    return (
        *_question_polarity(program, symbols, query),
        *_goal(program, query),
        *_asked_unit(program, symbols, query),
        *_target(program, problem, query),
    )


_NEITHER_WAY = re.compile(
    r"\btrue(?:,| or|/)? ?false(?:,? or (?:unknown|uncertain|neither|independent))?|\bwhether or not\b|\bor not\b"
    r"|\bno (?:less|more|fewer|later|earlier)\b|\bnot only\b",
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
_HOW_MANY = re.compile(
    r"\bhow many (?:more |fewer |less |total |additional |extra |whole |full )?([a-z]+)|\bin ([a-z]+s)\s*\?", re.I
)


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
