"""Does a program say what its problem says? Every number traces to the text, and every number of the text is used.

A solver proves a program, never a translation: these checks look for well-formed programs that say the wrong thing.
They know nothing of a problem's meaning, so each finding is a reason not to call an answer verified, not an error.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from neurosym.language import tree as t
from neurosym.language.asked import asked_otherwise
from neurosym.language.cues import cues
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.magnitudes import computed_otherwise
from neurosym.language.measures import measured_otherwise
from neurosym.language.quantities import Form, Quantity, numbers_in
from neurosym.language.scenery import is_scenery
from neurosym.language.sentences import sentence_at, unread_sentences
from neurosym.language.symbols import Symbols
from neurosym.language.usage import unused_definitions
from neurosym.language.values import Undefined

__all__ = ["Quantity", "check_translation", "ground", "numbers_in", "unused_definitions"]

_MONTHS = str.split("january february march april may june july august september october november december")
_WEEKDAYS = str.split("monday tuesday wednesday thursday friday saturday sunday")
COMMON: tuple[tuple[str, str], ...] = (
    ("0 1 2", r""),
    ("3", r"yards?|triang\w*|tricycles?|feet|foot|cubed|cubic|cones?|conical|pyramids?"),
    ("3 4", r"spher\w*|balls?|globes?"),
    ("4", r"quarter\w*|weeks?|months?|monthly|season\w*|squares?|rectang\w*|gallons?|legs?|cars?|wheels?|tires?"),
    ("4", r"paws?|dogs?|cats?|cows?|horses?|sheep|goats?|pigs?|years?|sides?|quadri\w*|discriminant"),
    ("5", r"nickels?|week\w*|school ?days?|penta\w*|fingers?|toes?|monday"),
    ("6", r"hexa\w*|dice|die|cubes?|insects?|six-?packs?"),
    ("6 8 10", r"legs?"),
    ("7", r"weeks?|weekly|days?|daily|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"),
    ("3", r"conway\w*|game of life"),
    ("7", r"hepta\w*"),
    ("8", r"oct[ao]\w*|spiders?|cups?|pints?|gallons?|pizzas?"),
    ("9", r"yards?|feet|foot|digits?|fahrenheit|celsius"),
    ("10", r"dimes?|decades?|digits?|cent\w*|milli\w*|mm|cm|fingers?|toes?"),
    ("12", r"months?|monthly|years?|yearly|annual\w*|dozens?|inch\w*|foot|feet|noon|clock|[ap]\.?m"),
    ("14", r"fortnight\w*|weeks?|wood-?(?:lice|louse\w*)|pill ?bugs?"),
    ("15 45", r"quarters?|hours?"),
    ("16", r"ounces?|oz|pounds?|lbs?|cups?|gallons?"),
    ("20 1/20", r"nickels?"),
    ("24", r"hours?|days?|daily"),
    ("25 1/4", r"quarters?"),
    ("26", r"alphabet|letters?"),
    ("28 29 30 31", r"months?|monthly|days?|january|february|march|april|may|june|july|august|september|october"),
    ("30 31", r"november|december|half"),
    ("32 9 5 9/5", r"fahrenheit|celsius"),
    ("36", r"yards?"),
    ("48 52", r"years?|yearly|annual\w*|weeks?|weekly|cards?|deck"),
    ("60", r"minutes?|hours?|hourly|seconds?|min|mins|hrs?|mph|[ap]\.?m|degrees?"),
    ("90", r"right|angles?|degrees?|perpendicular|square|rectang\w*"),
    ("100 1/100", r"percent\w*|percentage|cents?|dollars?|cm|centi\w*|met(?:er|re)s?|century|perfect|penny|pennies"),
    ("10 100", r"hundreds|three-digit"),
    ("180", r"triang\w*|angles?|degrees?|supplement\w*"),
    ("360", r"circles?|circular|angles?|degrees?|revol\w*|rotat\w*|years?"),
    ("365 366", r"years?|yearly|annual\w*|days?|daily"),
    ("1000", r"kilo\w*|k[gm]|grams?|m[gl]|milli\w*|lit(?:er|re)s?|met(?:er|re)s?|ton(?:ne)?s?"),
    ("1/10", r"dimes?"),
    ("2000", r"tons?|pounds?"),
    ("3600", r"hours?|seconds?"),
    ("1440", r"days?|minutes?"),
    ("5280 1760", r"miles?"),
    ("3.14 22/7 22 7", r"pi|circ\w*|radius|diameter|spher\w*|cylind\w*|round"),
    *((str(number), f"{name}s?") for names in (_MONTHS, _WEEKDAYS) for number, name in enumerate(names, start=1)),
)
"""Numbers that everyone knows, and the words in the problem without which nobody would mean them."""

_SIGNS = {"%": "percent", "$": "dollar", "€": "cent", "£": "cent", "°": "degree", "¢": "cent", "³": "cubed"}
_MAX_LITERALS = 2_000
MAX_TEXT = 20_000
"""A longer text is no word problem; what it costs to look at one is bounded."""
_STRICT = re.compile(
    r"\b(?:below|under|less|fewer|smaller|before|more|over|above|greater|larger|between|exceed\w*|after)\b", re.I
)
_NAMES = re.compile(r"\b[A-Z][\w’'-]{0,20}(?:, [A-Z][\w’'-]{0,20}){0,9},? (?:and|or|&) [A-Z]")
_FROM_END = re.compile(r"[\s-]*(?:from|to|most|least|last|[a-z]+est)\b", re.I)


@dataclass(frozen=True)
class Literal:
    """A number that a program states, and where."""

    value: Fraction
    span: Span | None
    where: str
    """`literal`, `bound` (of a range), `python`, `option` (its text may not be the problem's)."""
    percent: bool = False


def check_translation(
    program: t.Program, symbols: Symbols, problem: str, question: str | None = None
) -> tuple[Diagnostic, ...]:
    """All findings about `program` (which reads and checks) as a translation of `problem` and its `question`.

    Total: any text is welcome, the first MAX_TEXT characters of it are looked at. Every check is a heuristic; their
    rates are measured in tests/test_mistranslations.py.
    """
    problem, question = problem[:MAX_TEXT], question and question[:MAX_TEXT]
    text = f"{problem}\n{question or ''}"
    found = (
        *ground(program, problem, question),
        *computed_otherwise(program, symbols, text),
        *measured_otherwise(program, symbols, text),
        *cues(program, problem),
        *asked_otherwise(program, symbols, problem, question),
        *unread_sentences(program, problem, question),
        *unused_definitions(program),
    )
    once: dict[object, Diagnostic] = {}  # one finding for each code and place: two checks may see the same mistake
    for finding in found:
        once.setdefault((finding.code, finding.span or finding.message), finding)
    return tuple(once.values())


def ground(program: t.Program, problem: str, question: str | None = None) -> tuple[Diagnostic, ...]:
    """`ungrounded-number` for each number of the program that the text does not give, `unused-number` the other way."""
    text = f"{problem}\n{question or ''}"
    quantities = numbers_in(text)
    literals = tuple(literals_in(*program.statements))[:_MAX_LITERALS]
    return (*_ungrounded(program, text, quantities, literals), *_unused(program, text, quantities, literals))


def ungrounded(
    program: t.Program, problem: str, question: str | None = None, options: Sequence[str] = ()
) -> tuple[Diagnostic, ...]:
    """`ungrounded-number` alone, which the beginning of a program shows already; options state numbers, too."""
    text = "\n".join((problem, question or "", *options))
    literals = tuple(literals_in(*program.statements))[:_MAX_LITERALS]
    return tuple(_ungrounded(program, text, numbers_in(text), literals))


# --- what the program states ------------------------------------------------------------------------------------


def literals_in(*statements: t.Statement) -> Iterator[Literal]:
    """The numbers that statements write, those within Python blocks and ranges included."""
    for statement in statements:
        for node in t.walk(statement):
            if isinstance(node, t.Number):
                where = "option" if isinstance(statement, t.Option) else "literal"
                yield Literal(node.value, node.span, where, node.percent)
            elif isinstance(node, t.Python):
                for value in _python_numbers(node.code):
                    yield Literal(value, node.span, "python")
            elif isinstance(node, t.Range):
                for bound in (node.low, node.high):
                    if isinstance(bound, int):
                        yield Literal(Fraction(abs(bound)), node.span, "bound")


def _python_numbers(code: str) -> Iterator[Fraction]:
    """The numbers that a Python block states, those within its strings included; none where it does not read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nodes = list(ast.walk(ast.parse(code)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
    for node in nodes:
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, bool):
            continue
        if isinstance(value, int):
            yield Fraction(abs(value))
        elif isinstance(value, float) and value == value and abs(value) != float("inf"):
            yield abs(Fraction(repr(value)))
        elif isinstance(value, str):
            yield from (q.value for q in numbers_in(value[:1000]))


def _folded(program: t.Program) -> Iterator[Fraction]:
    """The values of compound terms that hold only literals: `3/4`, `2*12`, `100 - 20`, `1 + 20%`."""
    nothing, model = Symbols(), Interpretation()
    for statement in program.statements:
        for node in t.walk(statement):
            if isinstance(node, t.Binary | t.Unary) and _closed(node):
                try:
                    value = evaluate(node, nothing, model)
                except Undefined:
                    continue
                if isinstance(value, Fraction):
                    yield abs(value)


def _closed(node: t.Node) -> bool:
    """Whether a small term holds nothing but numbers and operators."""
    parts = list(islice(t.walk(node), 12))
    return len(parts) < 12 and all(isinstance(part, t.Number | t.Binary | t.Unary | t.Unit) for part in parts)


# --- program → text ---------------------------------------------------------------------------------------------


_SCALES = frozenset(map(Fraction, (7, 12, 24, 60, 100, 1000)))
"""Conversions that a program may have done in its head: 2 kilograms as 2000."""


def _ungrounded(
    program: t.Program, text: str, quantities: tuple[Quantity, ...], literals: tuple[Literal, ...]
) -> Iterator[Diagnostic]:
    stated = {form for q in quantities for form in ways_to_write(q)}
    common = common_knowledge(text)
    places = _places(program)
    for q in quantities:
        if q.form is Form.ORDINAL and _FROM_END.match(text, q.end):
            stated |= {n + 1 - q.value for n in places}
    stated |= places | {Fraction((n + 1) // 2) for n in places if "middle" in text.lower()} | _listed(text)
    percentages = {q.value for q in quantities} if re.search(r"%|per ?cent", text, re.I) else set()
    converted = {q.value * k for q in quantities for k in _SCALES & common}
    converted |= {q.value / 100 for q in quantities if Fraction(100) in common}
    strict = {v + d for v in stated for d in (-1, 1)} if _STRICT.search(text) else set()
    reported: set[Fraction] = set()
    for literal in literals:
        value = literal.value
        known = value in stated or _near(value, stated) or (value in common and (not literal.percent or value == 1))
        known |= value in converted
        known |= literal.percent and value * 100 in percentages
        known |= literal.where in ("bound", "python") and value in strict
        known |= literal.where == "bound" and value + 1 in places  # 0..4 for five
        known |= value.denominator == 1 and value.numerator in (10, 100, 1000) and literal.where == "python"
        if not known and literal.where != "option" and value not in reported:
            reported.add(value)
            yield Diagnostic(
                "ungrounded-number",
                f"the problem does not state the number {_shown(value, literal.percent)}",
                literal.span,
                "use the numbers of the problem, and compute the others from them",
            )


def ways_to_write(q: Quantity) -> set[Fraction]:
    """The literals that a program may write for one stated number."""
    v = q.value
    forms = {v, *q.parts}
    match q.form:
        case Form.PERCENT:
            p = v * 100
            forms |= {p, 1 - v, 1 + v, 100 - p, 100 + p}
        case Form.FRACTION:
            forms |= {Fraction(v.numerator), Fraction(v.denominator), abs(1 - v), 1 + v, 100 * v}
            forms |= {Fraction(abs(v.denominator - v.numerator))}
        case Form.CARDINAL if v.denominator > 1:  # 2.5 may be written 5/2
            forms |= {Fraction(v.numerator), Fraction(v.denominator)}
    return {abs(f) for f in forms}


def _near(value: Fraction, stated: set[Fraction]) -> bool:
    """Whether `value` is a stated fraction rounded to at least two decimals (1/3 as 0.33)."""
    if value.denominator == 1 or (value.denominator % 100 and value.denominator not in (25, 50, 20, 4, 125, 250, 500)):
        return False
    return any(s.denominator % 3 == 0 and abs(s - value) <= Fraction(1, 150) for s in stated if s < 4)


def common_knowledge(text: str) -> set[Fraction]:
    """The common constants that the text's words justify."""
    words = text.lower() + " " + " ".join(name for sign, name in _SIGNS.items() if sign in text)
    return {
        Fraction(number)
        for numbers, pattern in COMMON
        if re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", words)
        for number in numbers.split()
    }


def _places(program: t.Program) -> set[Fraction]:
    """The sizes of finite sorts, and how many places or nodes functions range over: listed things are not stated."""
    sizes = {len(s.elements) for s in program.statements if isinstance(s, t.Sort) and isinstance(s.elements, tuple)}
    return {Fraction(n) for n in sizes}


def _listed(text: str) -> set[Fraction]:
    """How many names stand in each list of them: Ann, Bob and Cid are three."""
    lists = (match[0].replace(", and", " and").replace(", or", " or") for match in _NAMES.finditer(text))
    return {Fraction(names.count(",") + 2) for names in lists}


def _shown(value: Fraction, percent: bool) -> str:
    text = str(value * 100 if percent else value) if value.denominator in (1, 3) else f"{float(value):g}"
    return text + "%" * percent


# --- text → program ---------------------------------------------------------------------------------------------


def _unused(
    program: t.Program, text: str, quantities: tuple[Quantity, ...], literals: tuple[Literal, ...]
) -> Iterator[Diagnostic]:
    used = {literal.value for literal in literals} | set(_folded(program))
    scales = _SCALES & common_knowledge(text)
    used |= {v / k for v in used for k in scales if v.denominator == 1 and v >= 100}
    used |= {v * 100 for v in used if v.denominator > 1 and Fraction(100) in scales}
    counted = _counted(program)
    percentages = {q.value for q in quantities if q.form is Form.PERCENT}
    if len(percentages) > 1 or used & {Fraction(100), Fraction(1, 100)}:  # else 15% is no plain 15
        used |= {u / 100 for u in used}
    reported: set[Fraction] = set()
    for q in quantities:
        if q.value in reported or is_scenery(q, text, quantities, counted) or _uses(q, used):
            continue
        reported.add(q.value)
        yield Diagnostic(
            "unused-number",
            f"the program does not use {q.surface!r} of the problem: {sentence_at(text, q.start)!r}",
            hint="every number of the problem has its place in the program",
        )


def _uses(q: Quantity, used: set[Fraction]) -> bool:
    """Whether one of the ways to write `q` is among the numbers a program states."""
    v = q.value
    ways: set[Fraction] = {v}
    match q.form:
        case Form.PERCENT:
            ways |= {1 - v, 1 + v}
        case Form.FRACTION:
            ways |= {1 - v, 1 + v, 100 * v, 1 / v if v else v}
            if v < 1:
                ways |= {Fraction(v.denominator)}
            if any(_near(u, {v, abs(1 - v)}) for u in used):
                return True
        case Form.FACTOR if v == 2:
            ways |= {1 / v}
    if ways & used:
        return True
    if q.form is Form.CARDINAL and q.parts and q.parts[-1] >= 1000 and q.parts[0] in used:
        return True  # all in thousands or millions
    return len(q.parts) > 1 and all(p in used for p in q.parts if p != 1)


def _counted(program: t.Program) -> set[Fraction]:
    """Numbers that a text may state only to say how many things it tells of."""
    counts = {Fraction(n) for n in (0, 1)}
    for s in program.statements:
        match s:
            case t.Sort(elements=tuple(elements)):
                counts.add(Fraction(len(elements)))
            case t.Var(names=names) | t.Const(names=names):
                counts.add(Fraction(len(names)))
    counts.add(Fraction(sum(len(s.names) for s in program.statements if isinstance(s, t.Var))))
    counts.add(Fraction(sum(isinstance(s, t.Let) for s in program.statements)))
    return counts
