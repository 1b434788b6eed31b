"""Right programs changed by one mechanical step into programs that say something else: what checks must catch.

Each mutant reads, checks, and comes to another outcome than the program it was made from; it is one of the kinds of
tests/data/mistranslations.jsonl. The same pairs give the same mutants.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

from neurosym.language import tree as t
from neurosym.language.check import check
from neurosym.language.grounding import numbers_in
from neurosym.language.lowering import elaborated
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.language.symbols import Defined, Symbols, Unknown
from neurosym.outcome import Outcome
from neurosym.solvers.base import Task
from neurosym.solving.combine import CONCLUSIVE
from neurosym.solving.route import route
from neurosym.solving.worker import answer

HERE = Path(__file__).parent
KINDS = ("number", "relation", "operator", "unit", "polarity", "dropped-premise", "invented-premise", "wrong-target")
EACH = 1
"""Mutants of one kind that one program gives, where not told."""
N = TypeVar("N", bound=t.Node)


@dataclass(frozen=True)
class Source:
    """A problem and a program that says what it says."""

    id: str
    problem: str
    question: str | None
    program: str


@dataclass(frozen=True)
class Mutant:
    """A wrong program for a source's problem, and what it comes to."""

    source: Source
    kind: str
    program: str
    outcome: Outcome


@cache
def sources() -> tuple[Source, ...]:
    """The right programs of the mistranslations and of the examples, each program once; Python blocks left out."""
    found: dict[str, Source] = {}
    for line in _lines(HERE / "data" / "mistranslations.jsonl"):
        found.setdefault(line["right"], Source(line["id"], line["problem"], line.get("question"), line["right"]))
    problems = {line["id"]: line for line in _lines(HERE.parent / "examples" / "problems.jsonl")}
    for line in _lines(HERE.parent / "examples" / "programs.jsonl"):
        told = problems[line["id"]]
        source = Source(line["id"], told["problem"], told.get("question"), line["program"])
        found.setdefault(source.program, source)
    return tuple(s for s in found.values() if "python\n" not in s.program)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@cache
def outcome_of(text: str) -> Outcome | None:
    """The first conclusive outcome of a program, solved in this process; None where there is none."""
    program, symbols, _ = elaborated(read(text))
    task = Task(program, symbols)
    for name in route(program, task.symbols):
        outcome = Outcome.from_dict(answer(name, task))
        if outcome.status in CONCLUSIVE:
            return outcome
    return None


@cache
def mutants(seed: int = 0, each: int = EACH) -> tuple[Mutant, ...]:
    """Every source's mutants, at most `each` of a kind."""
    return tuple(m for source in sources() for m in _mutants(source, Random(f"{seed} {source.program}"), each))


def _mutants(source: Source, rng: Random, each: int) -> Iterator[Mutant]:
    program = read(source.program)
    symbols = check(program)[0]
    right = outcome_of(source.program)
    assert right is not None, source
    for kind, make in MAKERS.items():
        made = list({show(p): None for p in make(program, symbols, source)})
        rng.shuffle(made)
        kept = 0
        for text in made:
            if kept == each:
                break
            if text == show(program) or check(read(text))[1]:
                continue
            outcome = outcome_of(text)
            if outcome is not None and (outcome.status, outcome.answer) != (right.status, right.answer):
                kept += 1
                yield Mutant(source, kind, text, outcome)


# --- places -----------------------------------------------------------------------------------------------------


def _rewritten(node: N, change: Callable[[t.Node], Iterator[t.Node]]) -> Iterator[N]:
    """`node` with one node in it replaced by each thing that `change` gives for it."""
    yield from cast(Iterator[N], change(node))
    for f in fields(node):
        value = getattr(node, f.name)
        if f.name in ("span", "note"):
            continue
        for part in _parts(value, change):
            yield cast(N, replace(cast(Any, node), **{f.name: part}))


def _parts(value: Any, change: Callable[[t.Node], Iterator[t.Node]]) -> Iterator[Any]:
    if isinstance(value, t.Node):
        yield from _rewritten(value, change)
    elif isinstance(value, tuple):
        for k, item in enumerate(value):
            yield from ((*value[:k], part, *value[k + 1 :]) for part in _parts(item, change))


def _anywhere(
    program: t.Program, change: Callable[[t.Node], Iterator[t.Node]], *kinds: type[t.Statement]
) -> Iterator[t.Program]:
    """The program with one node changed, in statements of the given kinds (in any, where none is given)."""
    for k, s in enumerate(program.statements):
        if not kinds or isinstance(s, kinds):
            for other in _rewritten(s, change):
                yield t.Program((*program.statements[:k], other, *program.statements[k + 1 :]))


# --- mutations --------------------------------------------------------------------------------------------------


def number(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """A digit changed, two digits swapped, or another number of the problem in a number's place."""
    stated = {
        abs(q.value) for q in numbers_in(f"{source.problem} {source.question or ''}") if 100 % q.value.denominator == 0
    }

    def change(node: t.Node) -> Iterator[t.Node]:
        if isinstance(node, t.Number):
            whole = node.value * 100 if node.percent else node.value
            for other in {*_digits(whole), *(stated - {whole})}:
                yield replace(node, value=other / 100 if node.percent else other)

    yield from _anywhere(program, change, t.Let, t.Assertion, t.Goal, t.Ask)


def _digits(value: Fraction) -> Iterator[Fraction]:
    if value.denominator == 1:
        text = str(value)
        for k, digit in enumerate(text):
            other = f"{text[:k]}{(int(digit) + 3) % 10}{text[k + 1 :]}"
            if other[0] != "0":
                yield Fraction(other)
        for k in range(len(text) - 1):
            swapped = f"{text[:k]}{text[k + 1]}{text[k]}{text[k + 2 :]}"
            if swapped[0] != "0":
                yield Fraction(swapped)


_FLIPPED = {
    t.CompareOp.LT: (t.CompareOp.GT, t.CompareOp.LE),
    t.CompareOp.LE: (t.CompareOp.GE, t.CompareOp.LT),
    t.CompareOp.GT: (t.CompareOp.LT, t.CompareOp.GE),
    t.CompareOp.GE: (t.CompareOp.LE, t.CompareOp.GT),
    t.CompareOp.EQ: (t.CompareOp.NE,),
    t.CompareOp.NE: (t.CompareOp.EQ,),
}


def relation(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """A comparison, an implication or an optimum the other way round, or the two things of a relation exchanged."""

    def change(node: t.Node) -> Iterator[t.Node]:
        match node:
            case t.Compare():
                for k, (op, right) in enumerate(node.rest):
                    for other in _FLIPPED[op]:
                        yield replace(node, rest=(*node.rest[:k], (other, right), *node.rest[k + 1 :]))
            case t.Binary(op=t.BinaryOp.IMPLIES):
                yield replace(node, left=node.right, right=node.left)
            case t.Call(args=(a, b)) if not isinstance(a, t.Binder):
                yield replace(node, args=(b, a))
            case t.Goal():
                yield replace(node, maximize=not node.maximize)

    yield from _anywhere(program, change, t.Assertion, t.Goal)


_OTHER: Mapping[t.BinaryOp, tuple[t.BinaryOp, ...]] = {
    t.BinaryOp.ADD: (t.BinaryOp.SUB, t.BinaryOp.MUL),
    t.BinaryOp.SUB: (t.BinaryOp.ADD,),
    t.BinaryOp.MUL: (t.BinaryOp.DIV, t.BinaryOp.ADD),
    t.BinaryOp.DIV: (t.BinaryOp.MUL, t.BinaryOp.SUB),
    t.BinaryOp.AND: (t.BinaryOp.OR,),
    t.BinaryOp.OR: (t.BinaryOp.AND,),
}


def operator(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """Another operation, or the operands of `-` and `/` exchanged."""

    def change(node: t.Node) -> Iterator[t.Node]:
        if isinstance(node, t.Binary):
            for op in _OTHER.get(node.op, ()):
                yield replace(node, op=op)
            if node.op in (t.BinaryOp.SUB, t.BinaryOp.DIV):
                yield replace(node, left=node.right, right=node.left)

    yield from _anywhere(program, change, t.Let, t.Assertion, t.Goal, t.Ask)


_FACTORS = {
    "minute": 60,
    "hour": 60,
    "second": 60,
    "day": 24,
    "week": 7,
    "dollar": 100,
    "cent": 100,
    "metre": 100,
    "cm": 100,
}


def unit(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """A conversion left out, or done where there is none to do."""

    def left_out(node: t.Node) -> Iterator[t.Node]:
        if isinstance(node, t.Binary) and node.op in (t.BinaryOp.MUL, t.BinaryOp.DIV):
            sides = (node.left, node.right) if node.op is t.BinaryOp.MUL else (node.right,)
            for side in sides:
                if isinstance(side, t.Number) and side.value in (7, 12, 24, 60, 100, 1000, 3600):
                    yield node.right if side is node.left else node.left

    yield from _anywhere(program, left_out, t.Let, t.Assertion, t.Ask)
    ask = program.ask
    if isinstance(ask, t.Ask) and len(ask.targets) == 1:
        nouns = {noun.rstrip("s") for node in t.walk(ask) if isinstance(node, t.Unit) for noun, _ in node.factors}
        for node in t.walk(ask):
            symbol = symbols.get(node.id) if isinstance(node, t.Name) else None
            if isinstance(symbol, Defined | Unknown):
                nouns |= {noun for noun, _ in symbol.kind.dimension or ()}
        for noun in sorted(nouns & _FACTORS.keys()):
            for op in (t.BinaryOp.MUL, t.BinaryOp.DIV):
                target = t.Binary(op, ask.targets[0], t.Number(Fraction(_FACTORS[noun])))
                yield t.Program((*program.statements[:-1], t.Ask((target,))))


def polarity(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """The question negated, the options asked for in another mode, or a premise negated."""
    ask = program.ask
    if isinstance(ask, t.AskOption):
        for mode in t.OptionMode:
            yield t.Program((*program.statements[:-1], t.AskOption(mode)))
    elif isinstance(ask, t.Ask) and len(ask.targets) == 1:
        yield t.Program((*program.statements[:-1], t.Ask((t.Unary(t.UnaryOp.NOT, ask.targets[0]),))))

    def change(node: t.Node) -> Iterator[t.Node]:
        match node:
            case t.Unary(op=t.UnaryOp.NOT):
                yield node.operand
            case t.Call() if not _is_number(node, symbols):
                yield t.Unary(t.UnaryOp.NOT, node)

    yield from _anywhere(program, change, t.Assertion)


def _is_number(call: t.Call, symbols: Symbols) -> bool:
    return getattr(symbols.get(call.function), "type", ...) is not None


def dropped_premise(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """A premise or a `distinct` left out, or one part of a conjunction."""
    for k, s in enumerate(program.statements):
        if isinstance(s, t.Assertion | t.Distinct):
            yield t.Program((*program.statements[:k], *program.statements[k + 1 :]))

    def change(node: t.Node) -> Iterator[t.Node]:
        if isinstance(node, t.Binary) and node.op in (t.BinaryOp.AND, t.BinaryOp.ADD, t.BinaryOp.SUB):
            yield node.left

    yield from _anywhere(program, change, t.Let, t.Assertion)


def invented_premise(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """A premise made from another by other things in its place, or a bound that nobody gave."""
    elements = [
        name
        for s in program.statements
        if isinstance(s, t.Sort) and isinstance(s.elements, tuple)
        for name in s.elements
    ]
    constants = [name for s in program.statements if isinstance(s, t.Const) for name in s.names]
    unknowns = [name for s in program.statements if isinstance(s, t.Var) for name in s.names]

    def elsewhere(node: t.Node) -> Iterator[t.Node]:
        if isinstance(node, t.Name):
            for group in (elements, constants, unknowns):
                if node.id in group:
                    yield from (t.Name(other) for other in group if other != node.id)

    premises = [s for s in program.statements if isinstance(s, t.Assertion)]
    invented = [other for s in premises for other in _rewritten(s, elsewhere)]
    for relation_name, symbol in symbols.table.items():
        if getattr(symbol, "type", ...) is None and len(getattr(symbol, "domains", ())) == 1:
            invented += [t.Assertion(t.Call(relation_name, (t.Name(c),))) for c in (*constants, *elements)]
    for name in unknowns:
        for value in sorted({abs(q.value) for q in numbers_in(source.problem)}):
            invented.append(t.Assertion(t.Compare(t.Name(name), ((t.CompareOp.EQ, t.Number(value)),))))
    for premise in invented:
        yield t.Program((*program.statements[:-1], premise, program.statements[-1]))


def wrong_target(program: t.Program, symbols: Symbols, source: Source) -> Iterator[t.Program]:
    """Another quantity, element, relation or part of the asked term is asked for."""
    ask = program.ask
    if not isinstance(ask, t.Ask):
        return
    for name, symbol in symbols.of(Defined, Unknown):
        if isinstance(symbol, Defined | Unknown) and t.Name(name) not in ask.targets:
            yield t.Program((*program.statements[:-1], t.Ask((t.Name(name),))))
    groups = [s.elements for s in program.statements if isinstance(s, t.Sort) and isinstance(s.elements, tuple)]
    groups += [s.names for s in program.statements if isinstance(s, t.Const)]
    relations = [name for name, s in symbols.table.items() if getattr(s, "type", ...) is None and hasattr(s, "domains")]

    def change(node: t.Node) -> Iterator[t.Node]:
        match node:
            case t.Name():
                yield from (
                    t.Name(other) for group in groups if node.id in group for other in group if other != node.id
                )
            case t.Call() if node.function in relations:
                yield from (replace(node, function=other) for other in relations if other != node.function)
            case t.Binary():
                yield from (node.left, node.right)

    yield from _anywhere(program, change, t.Ask)


MAKERS: Mapping[str, Callable[[t.Program, Symbols, Source], Iterator[t.Program]]] = {
    make.__name__.replace("_", "-"): make
    for make in (number, relation, operator, unit, polarity, dropped_premise, invented_premise, wrong_target)
}
