"""Words that fix what is computed with a number: `at least 5`, `3 times as many`, `4 fewer than`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.quantities import Form, numbers_in
from neurosym.language.sentences import mentions, split
from neurosym.language.symbols import GraphSymbol, Symbols


def computed_otherwise(program: t.Program, symbols: Symbols, text: str) -> tuple[Diagnostic, ...]:
    """`relation-cue` where a bound, an operator or the direction of a difference is not what the words say."""
    return (*_bounds(program, symbols, text), *_operators(program, text), *_differences(program, text))


_LE, _LT, _GE, _GT = t.CompareOp.LE, t.CompareOp.LT, t.CompareOp.GE, t.CompareOp.GT
_FLIP: Mapping[t.CompareOp, t.CompareOp] = {_LE: _GE, _LT: _GT, _GE: _LE, _GT: _LT}
_BEFORE: tuple[tuple[t.CompareOp, str], ...] = (
    (_GE, r"(?:at least|no less than|no fewer than|not less than|not fewer than|a minimum of|minimum of)"),
    (_LE, r"(?:at most|no more than|not more than|a maximum of|maximum of|not exceed|cannot exceed|never exceeds?)"),
    (_LE, r"(?<!add )(?<!adds )(?<!adding )(?<!added )(?<!sum )up to"),
    (_GT, r"(?<!no )(?<!not )(?:more than|greater than|exceeds|exceed)"),
    (_LT, r"(?<!no )(?<!not )(?:less than|fewer than|smaller than)"),
)
_AFTER: tuple[tuple[t.CompareOp, str], ...] = (
    (_GE, r"(?:\w+ )?or (?:more|greater|older|over|above)\b"),
    (_LE, r"(?:\w+ )?or (?:less|fewer|younger|under|below)\b"),
)
_DENIED: Mapping[t.CompareOp, t.CompareOp] = {_GT: _LE, _LT: _GE}
_DENIAL = re.compile(r"(?:\bnot|\bcannot|n['’]t|\bnever) (?:[^\W\d]+ ){0,3}\Z", re.I)
"""`cannot make more than 5` is at most 5."""
_FILLER = r"(?:\s+(?:a|the|total|of|about))*\s*[$€£]?\s*\Z"


def _bounds(program: t.Program, symbols: Symbols, text: str) -> Iterator[Diagnostic]:
    """`at least 5` must not become `<= 5`, nor `= 5`: where the text states 5 once, and always as a bound."""
    wanted: dict[Fraction, set[t.CompareOp | None]] = defaultdict(set)
    for q in numbers_in(text):
        wanted[q.value].add(_stated_bound(text, q.start, q.end))
    for statement in program.statements:
        if not isinstance(statement, t.Assertion):
            continue
        for node in t.walk(statement):
            for op, value in _comparisons(node, symbols):
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
        cue = re.search(rf"(?<!\w){pattern}{_FILLER}", before, re.I)
        if cue:
            return _DENIED.get(op, op) if _DENIAL.search(before[: cue.start()]) else op
    return None


def _comparisons(node: t.Node, symbols: Symbols) -> Iterator[tuple[t.CompareOp, Fraction]]:
    """(op, N) for each `something op N` with a literal N, whichever side it stands on."""
    if not isinstance(node, t.Compare):
        return
    for left, op, right in node.pairs():
        if isinstance(left, t.Call) and isinstance(symbols.get(left.function), GraphSymbol):
            continue  # a pipe that carries at most 5 is an edge of weight 5
        if isinstance(right, t.Number):
            yield op, right.value
        elif isinstance(left, t.Number):
            yield _FLIP.get(op, op), left.value


def _plain(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):g}"


_TIMES = re.compile(r"\s*(?:times (?:as|the|more|that|what|his|her|their|older|its))", re.I)
_THAN = re.compile(
    r"(?! times)(?: [^\W\d]+){0,2} (?:more|less|fewer|(?!per\b)[a-z]+er) (?:[^\W\d]+ ){0,2}?than\b", re.I
)
_NAMED = re.compile(r"(?:\b(?:multiple|power|factor|divisor)s? of|\bdivisible by) \Z", re.I)
"""`the first multiple of 75 greater than 6795` adds nothing to 75."""
_PRODUCT = frozenset({t.BinaryOp.MUL, t.BinaryOp.DIV, t.BinaryOp.POW, t.BinaryOp.MOD})
_SCALES = frozenset({1, 7, 12, 24, 60, 100, 1000})
"""What a percentage is completed by, and what converts one unit into another."""
_SUM = frozenset({t.BinaryOp.ADD, t.BinaryOp.SUB})


def _operators(program: t.Program, text: str) -> Iterator[Diagnostic]:
    """`3 times as many`, `20%` and `twice` multiply, `3 more than` adds; where the text states the number once."""
    quantities = numbers_in(text)
    stated = Counter(q.value for q in quantities)
    operators = _operators_of_literals(program)
    for q in quantities:
        used = operators.get(q.value, [])
        if stated[q.value] != 1 or not used:
            continue
        after = text[q.end : q.end + 40]
        counts = "dozen" in q.surface.lower()  # half a dozen more is 6 more
        factor = (q.form in (Form.PERCENT, Form.FACTOR) and not counts) or bool(_TIMES.match(after))
        named = _NAMED.search(text[max(0, q.start - 20) : q.start])
        term = q.form is Form.CARDINAL and not named and _THAN.match(after) is not None
        wrong = _SUM if factor else _PRODUCT if term else frozenset()
        if all(op in wrong for op, _ in used):
            verb = "multiplies or divides" if factor else "is added or subtracted"
            yield Diagnostic("relation-cue", f"{text[q.start : q.end + 15]!r}: this number {verb}", used[0][1])


def _operators_of_literals(program: t.Program) -> Mapping[Fraction, list[tuple[t.BinaryOp | None, Span | None]]]:
    """For each literal the operators that it is an operand of, beside something that is no literal; None elsewhere."""
    found: dict[Fraction, list[tuple[t.BinaryOp | None, Span | None]]] = defaultdict(list)
    for statement in program.statements:
        for node in t.walk(statement):
            for child in t.children(node):
                if isinstance(child, t.Number):
                    sides = [_unsigned(c) for c in t.children(node)] if isinstance(node, t.Binary) else []
                    values = [c.value for c in sides if isinstance(c, t.Number)]
                    scaled = len(values) == len(sides) and _SCALES.intersection(values)
                    op = node.op if isinstance(node, t.Binary) and not scaled else None
                    found[child.value].append((op, statement.span))
    return found


def _unsigned(e: t.Node) -> t.Node:
    return e.operand if isinstance(e, t.Unary) and e.op is t.UnaryOp.NEG else e


# --- differences and ratios -------------------------------------------------------------------------------------

_LESS = r"less|fewer|younger|shorter|smaller|cheaper|lighter|lower|slower|thinner|narrower"
_MORE = r"more|older|taller|longer|larger|greater|heavier|higher|bigger|faster|wider|deeper|richer"
_DIFFERENCE = re.compile(rf"[\s-]*(?:[^\W\d]+ ){{0,2}}?(?P<word>{_LESS}|{_MORE})\b(?: [^\W\d]+){{0,3}}? than\b", re.I)
_RATIO = re.compile(
    r"\s*(?:times )?as (?:many|much|old|long|tall|fast|heavy|big|large|far|high|wide)\b(?: [^\W\d]+){0,3}? as\b", re.I
)


def _differences(program: t.Program, text: str) -> Iterator[Diagnostic]:
    """`Mark has 8 fewer than Lea` is mark = lea - 8, not lea + 8 nor mark = 8*lea, where the names tell who is who."""
    said = [claim for sentence in split(text) for claim in _claims(sentence.text)]
    for s in program.statements:
        link = _link(s)
        if link is None:
            continue
        subject, op, other, value = link
        denied = ""
        for before, after, word, stated in said:
            if stated not in (value, 1 / value):
                continue
            straight = _who(subject, other, before, after)
            if straight is None:
                continue
            if word == "ratio":
                times = op is t.BinaryOp.MUL
                right = op in _PRODUCT and (times == straight) == (stated == value)
            else:
                right = op in _SUM and (op is t.BinaryOp.ADD) == (straight == (word == "more"))
            if right:  # the others with this number tell of somebody else
                break
            denied = denied or after.strip()[:60]
        else:
            if denied:
                yield Diagnostic("relation-cue", f"the problem says otherwise: {denied!r}", s.span)


def _claims(sentence: str) -> Iterator[tuple[str, str, str, Fraction]]:
    """(text before, text after, `more`, `less` or `ratio`, number) for each comparison by a number."""
    for q in numbers_in(sentence):
        before = sentence[: q.start]
        difference, ratio = _DIFFERENCE.match(sentence, q.end), _RATIO.match(sentence, q.end)
        if difference and q.form is Form.CARDINAL:
            word = "less" if re.fullmatch(_LESS, difference["word"], re.I) else "more"
            yield before, sentence[difference.end() :], word, q.value
        elif ratio and q.form is not Form.PERCENT and q.value:
            yield before, sentence[ratio.end() :], "ratio", q.value


def _link(s: t.Statement) -> tuple[str, t.BinaryOp, str, Fraction] | None:
    """(x, op, y, n) of `let x = y op n` or `x = y op n`."""
    match s:
        case t.Let(name=subject, value=t.Binary() as term):
            pass
        case t.Assertion(formula=t.Compare(first=t.Name(id=subject), rest=((t.CompareOp.EQ, t.Binary() as term),))):
            pass
        case _:
            return None
    sides = (term.left, term.right) if term.op not in (t.BinaryOp.ADD, t.BinaryOp.MUL) else _number_last(term)
    if isinstance(sides[0], t.Name) and isinstance(sides[1], t.Number) and sides[1].value:
        return subject, term.op, sides[0].id, sides[1].value
    return None


def _number_last(term: t.Binary) -> tuple[t.Expr, t.Expr]:
    return (term.right, term.left) if isinstance(term.left, t.Number) else (term.left, term.right)


def _who(subject: str, other: str, before: str, after: str) -> bool | None:
    """Whether `subject` is what is compared (True), or what it is compared with (False); None where it is not clear."""
    left, right = (split(text)[:1] for text in (before, after))
    first = [bool(left) and mentions(left[0], name) for name in (subject, other)]
    second = [bool(right) and mentions(right[0], name) for name in (subject, other)]
    if not all(a or b for a, b in zip(first, second, strict=True)):
        return None  # a name that the sentence does not have stands for anything
    straight = second == [False, True] or (first == [True, False] and second != [True, False])
    turned = second == [True, False] or (first == [False, True] and second != [False, True])
    return None if straight == turned else straight
