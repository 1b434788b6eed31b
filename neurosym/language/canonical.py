"""One form for all programs that say the same in the same way, so that a vote counts different translations only.

Notes, declared names, units of definitions, the order of premises and of operands do not tell two programs apart;
numbers, relations and structure do. Names are told apart by where they occur: by colour refinement, then one of
several look-alikes is singled out and the rest refined again (Weisfeiler and Leman 1968; McKay 1981).
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from neurosym.language import tree as t
from neurosym.language.builtins import NUMBER_TYPES
from neurosym.language.lowering import lowered
from neurosym.language.printer import show, show_expr, show_statement

MAX_STATEMENTS = 300
MAX_SINGLED_OUT = 16
MAX_MARKED = 40
"""Bounds on hostile programs: past them look-alikes, or all names, keep the order they are written in."""


def canonical(program: t.Program) -> t.Program:
    """The canonical form: equal for programs that say the same in the same way; solves as `program` does."""
    program = lowered(program)
    sorts = frozenset(s.name for s in program.statements if isinstance(s, t.Sort))
    plain = [_plain(s, sorts) for s in program.statements]
    if any(isinstance(s, t.Python) for s in plain):  # its names are Python's, and its place in the order matters
        return t.Program(tuple(_normal(s, _Names({}, sorts)) for s in plain))
    statements = [one for s in plain for one in _split(s)]
    names = list(dict.fromkeys(name for s in statements for name in t.declared(s)))
    small = len(statements) <= MAX_STATEMENTS
    colours = _colours(statements, names, sorts) if small else {n: f"c{i:06}" for i, n in enumerate(names)}
    first: dict[str, str] = {}
    for s in _ordered(statements, colours, sorts):
        for name in sorted(
            (n for n in _mentioned(s, sorts) if n in colours and n not in first), key=colours.__getitem__
        ):
            first[name] = f"v{len(first)}"
    renamed = [_normal(s, _Names(first, sorts)) for s in statements]
    return t.Program(tuple(_ordered(renamed, {}, frozenset(first[n] for n in sorts))))


def key(program: t.Program) -> str:
    """A short hash of the canonical form; two programs with one key are no independent evidence."""
    return hashlib.sha256(show(canonical(program)).encode()).hexdigest()[:16]


# --- names ------------------------------------------------------------------------------------------------------


def _colours(statements: list[t.Statement], names: list[str], sorts: frozenset[str]) -> dict[str, str]:
    """A colour for each declared name that depends on its uses alone; equal colours only for look-alikes."""
    colours = _refined(statements, dict.fromkeys(names, "c"), sorts)
    for _ in range(MAX_SINGLED_OUT):
        classes: dict[str, list[str]] = defaultdict(list)
        for name in names:
            classes[colours[name]].append(name)
        alike = min((c for c, members in classes.items() if len(members) > 1), default=None)
        if alike is None:
            break
        colours = _refined(statements, colours | {classes[alike][0]: alike + "!"}, sorts)
    return colours


def _refined(statements: list[t.Statement], colours: dict[str, str], sorts: frozenset[str]) -> dict[str, str]:
    """Tell names apart by the statements they occur in, until nothing more can be told apart."""
    while True:
        seen: dict[str, list[str]] = defaultdict(list)
        for s in statements:
            mentioned = [n for n in _mentioned(s, sorts) if n in colours]
            for name in mentioned:
                marked = colours | {name: "this"} if len(mentioned) <= MAX_MARKED else colours
                seen[name].append(show_statement(_normal(s, _Names(marked, sorts))))
        finer = {n: _digest(c, *sorted(seen[n])) for n, c in colours.items()}
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _digest(*parts: str) -> str:
    return "c" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _mentioned(s: t.Statement, sorts: frozenset[str]) -> frozenset[str]:
    """Every name in a statement: declared, used, and those that stand in types; bound variables are none."""
    found = set(t.declared(s))
    for node in t.walk(_rename(s, _Names({}, sorts))):
        match node:
            case t.Name():
                found.add(node.id)
            case t.Call():
                found.add(node.function)
            case t.Range():
                found.update(bound for bound in (node.low, node.high) if isinstance(bound, str))
            case t.Distinct():
                found.update(node.names)
            case t.Unit(word=str(word)) | t.Const(sort=word) | t.Binder(domain=str(word)):
                found.update({word} & sorts)
            case t.Signature():
                found.update(sorts.intersection(d for d in node.domains if isinstance(d, str)))
    return frozenset(found)


# --- the order of statements ------------------------------------------------------------------------------------

_RANK: Mapping[type[t.Statement], int] = {
    kind: rank
    for rank, kind in enumerate(
        (t.Sort, t.Const, t.Fun, t.Rel, t.Graph, t.Var, t.Let, t.Distinct, t.Assertion, t.Goal, t.Option, t.Ask)
    )
}


def _ordered(statements: list[t.Statement], colours: Mapping[str, str], sorts: frozenset[str]) -> list[t.Statement]:
    """By kind and text, each after the declarations it needs."""
    declarer = {name: i for i, s in enumerate(statements) for name in t.declared(s)}
    needs = [{declarer[n] for n in _mentioned(s, sorts) if n in declarer} - {i} for i, s in enumerate(statements)]
    text = [show_statement(_normal(s, _Names(colours, sorts))) for s in statements]
    waiting = sorted(range(len(statements)), key=lambda i: (_RANK.get(type(statements[i]), len(_RANK)), text[i]))
    done: set[int] = set()
    ordered: list[t.Statement] = []
    while waiting:
        ready = next((i for i in waiting if needs[i] <= done), waiting[0])
        waiting.remove(ready)
        done.add(ready)
        ordered.append(statements[ready])
    return ordered


def _split(s: t.Statement) -> Iterable[t.Statement]:
    """One name a declaration, one premise a line: `var x, y` is two, `a and b` is two."""
    match s:
        case t.Var():
            return [replace(s, names=(n,)) for n in s.names]
        case t.Const():
            return [replace(s, names=(n,)) for n in s.names]
        case t.Fun() | t.Rel():
            return [replace(s, signatures=(one,)) for one in s.signatures]
        case t.Assertion(formula=t.Binary(op=t.BinaryOp.AND) as both):
            return [one for side in (both.left, both.right) for one in _split(t.Assertion(side))]
    return [s]


def _plain(s: t.Statement, sorts: frozenset[str]) -> t.Statement:
    """Without its note, and with any unit for every unit; a Python block without comments, where it reads."""
    match s:
        case t.Python():
            with warnings.catch_warnings(), suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                warnings.simplefilter("ignore")
                s = replace(s, code=ast.unparse(ast.parse(s.code)))
        case t.Let():
            known = s.type is None or _without_unit(s.type, sorts) == s.type
            s = s if known else replace(s, type=None)  # units are converted: this one changes no value
        case t.Var() | t.Fun():
            s = replace(s, type=_without_unit(s.type, sorts))
        case t.Graph(type=t.Unit() as unit):
            s = replace(s, type=_without_unit(unit, sorts))
    return replace(s, note=None)


def _without_unit(type_: t.Type, sorts: frozenset[str]) -> t.Type:
    """`a unit` for every unit; ranges, sorts, bool, date and the types of plain numbers stay."""
    if isinstance(type_, t.Range) or type_.word in NUMBER_TYPES | sorts | {"bool", "date"}:
        return type_
    return t.Unit((("a unit", 1),))


# --- the normal form of one statement ---------------------------------------------------------------------------

_SYMMETRIC = frozenset({"distinct", "gcd", "lcm", "min", "max", "union", "intersection"})
_COMMUTATIVE = frozenset(
    {t.BinaryOp.ADD, t.BinaryOp.MUL, t.BinaryOp.AND, t.BinaryOp.OR, t.BinaryOp.XOR, t.BinaryOp.IFF}
)
_TURNED: Mapping[t.CompareOp, t.CompareOp] = {
    t.CompareOp.GT: t.CompareOp.LT,
    t.CompareOp.GE: t.CompareOp.LE,
}


def _normal(s: t.Statement, names: _Names) -> t.Statement:
    """`s` with its names replaced, and operands sorted where their order says nothing."""
    s = _rename(s, names)
    match s:
        case t.Let():
            return replace(s, value=_expr(s.value))
        case t.Sort(elements=tuple(elements)):
            return replace(s, elements=tuple(sorted(elements)))
        case t.Distinct():
            return replace(s, names=tuple(sorted(s.names)))
        case t.Option() | t.Assertion():
            return replace(s, formula=_expr(s.formula))
        case t.Goal():
            return replace(s, objective=_expr(s.objective))
        case t.Ask():
            return replace(s, targets=tuple(_expr(e) for e in s.targets))
    return s


def _expr(e: t.Expr) -> t.Expr:
    """The normal form of an expression, its operands first."""
    match e:
        case t.Number():
            return t.Number(e.value)
        case t.Unary(op=t.UnaryOp.NOT, operand=t.Unary(op=t.UnaryOp.NOT, operand=inner)):
            return _expr(inner)
        case t.Unary():
            return replace(e, operand=_expr(e.operand))
        case t.Binary() if e.op in _COMMUTATIVE:
            return _joined(e.op, sorted((_expr(x) for x in _operands(e, e.op)), key=show_expr))
        case t.Binary():
            return replace(e, left=_expr(e.left), right=_expr(e.right))
        case t.Compare():
            return _compare(e)
        case t.Quantified():
            return replace(e, body=_expr(e.body))
        case t.Conditional():
            return replace(e, condition=_expr(e.condition), yes=_expr(e.yes), no=_expr(e.no))
        case t.Call():
            args = [a if isinstance(a, t.Binder) else _expr(a) for a in e.args]
            if e.function in _SYMMETRIC and not any(isinstance(a, t.Binder) for a in args):
                args.sort(key=lambda a: "" if isinstance(a, t.Binder) else show_expr(a))
            return replace(e, args=tuple(args))
        case t.SetOf():
            return replace(e, elements=tuple(sorted((_expr(x) for x in e.elements), key=show_expr)))
        case t.ListOf():
            return replace(e, elements=tuple(_expr(x) for x in e.elements))
    return e


def _operands(e: t.Expr, op: t.BinaryOp) -> list[t.Expr]:
    """The operands of a nest of one operator; <=> does not print as a chain, so its nests stay."""
    if isinstance(e, t.Binary) and e.op is op:
        if op is t.BinaryOp.IFF:
            return [e.left, e.right]
        return _operands(e.left, op) + _operands(e.right, op)
    return [e]


def _joined(op: t.BinaryOp, operands: list[t.Expr]) -> t.Expr:
    first, *rest = operands
    for operand in rest:
        first = t.Binary(op, first, operand)
    return first


def _compare(e: t.Compare) -> t.Expr:
    """`a > b` is `b < a`, a chain of > is turned round, and the sides of = and != are sorted."""
    parts = [_expr(e.first), *(_expr(right) for _, right in e.rest)]
    ops = [op for op, _ in e.rest]
    if all(op in _TURNED for op in ops):
        parts, ops = parts[::-1], [_TURNED[op] for op in reversed(ops)]
    elif len(ops) == 1 and ops[0] in (t.CompareOp.EQ, t.CompareOp.NE):
        parts.sort(key=show_expr)
    return t.Compare(parts[0], tuple(zip(ops, parts[1:], strict=True)))


# --- renaming ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """New names for declared ones. In a type only sorts are renamed: a unit may be spelt like a quantity."""

    table: Mapping[str, str]
    sorts: frozenset[str]

    def __call__(self, name: str) -> str:
        return self.table.get(name, name)

    def type(self, word: str) -> str:
        return self(word) if word in self.sorts else word


def _rename(s: t.Statement, to: _Names) -> t.Statement:
    """`s` with every declared name that `to` knows replaced; bound variables are named by their depth."""
    expr = partial(_rename_expr, to=to, bound={})
    match s:
        case t.Let():
            return replace(s, name=to(s.name), type=s.type and _rename_type(s.type, to), value=expr(s.value))
        case t.Var():
            return replace(s, names=tuple(map(to, s.names)), type=_rename_type(s.type, to))
        case t.Sort():
            elements = tuple(map(to, s.elements)) if isinstance(s.elements, tuple) else s.elements
            return replace(s, name=to(s.name), elements=_rename_range(elements, to))
        case t.Const():
            return replace(s, names=tuple(map(to, s.names)), sort=to.type(s.sort))
        case t.Fun():
            signatures = tuple(_rename_signature(x, to) for x in s.signatures)
            return replace(s, signatures=signatures, type=_rename_type(s.type, to))
        case t.Rel():
            return replace(s, signatures=tuple(_rename_signature(x, to) for x in s.signatures))
        case t.Graph():
            type_ = s.type and _rename_type(s.type, to)
            return replace(s, signature=_rename_signature(s.signature, to), type=type_)
        case t.Distinct():
            return replace(s, names=tuple(map(to, s.names)))
        case t.Option() | t.Assertion():
            return replace(s, formula=expr(s.formula))
        case t.Goal():
            return replace(s, objective=expr(s.objective))
        case t.Ask():
            return replace(s, targets=tuple(expr(e) for e in s.targets))
    return s


def _rename_range(elements: tuple[str, ...] | t.Range | None, to: _Names) -> tuple[str, ...] | t.Range | None:
    if not isinstance(elements, t.Range):
        return elements
    low, high = (b if isinstance(b, int) else to(b) for b in (elements.low, elements.high))
    return t.Range(low, high)


def _rename_type(type_: t.Type, to: _Names) -> t.Type:
    if isinstance(type_, t.Range):
        range_ = _rename_range(type_, to)
        assert isinstance(range_, t.Range)
        return range_
    return t.Unit(tuple((to.type(n), e) for n, e in type_.factors))


def _rename_domain(domain: t.Domain, to: _Names) -> t.Domain:
    if isinstance(domain, str):
        return to.type(domain)
    range_ = _rename_range(domain, to)
    assert isinstance(range_, t.Range)
    return range_


def _rename_signature(signature: t.Signature, to: _Names) -> t.Signature:
    return t.Signature(to(signature.name), tuple(_rename_domain(d, to) for d in signature.domains))


def _rename_expr(e: t.Expr, to: _Names, bound: Mapping[str, str]) -> t.Expr:
    match e:
        case t.Name():
            return t.Name(bound.get(e.id) or to(e.id))
        case t.Quantified():
            binders, inner = _bind(e.binders, to, bound)
            return t.Quantified(e.quantifier, binders, _rename_expr(e.body, to, inner))
        case t.Call():
            binders, inner = _bind(tuple(a for a in e.args if isinstance(a, t.Binder)), to, bound)
            rest = tuple(_rename_expr(a, to, inner) for a in e.args if not isinstance(a, t.Binder))
            return t.Call(to(e.function), (*binders, *rest))
        case t.Unary():
            return t.Unary(e.op, _rename_expr(e.operand, to, bound))
        case t.Binary():
            return t.Binary(e.op, _rename_expr(e.left, to, bound), _rename_expr(e.right, to, bound))
        case t.Compare():
            rest_ = tuple((op, _rename_expr(right, to, bound)) for op, right in e.rest)
            return t.Compare(_rename_expr(e.first, to, bound), rest_)
        case t.Conditional():
            return t.Conditional(*(_rename_expr(x, to, bound) for x in (e.condition, e.yes, e.no)))
        case t.SetOf():
            return t.SetOf(tuple(_rename_expr(x, to, bound) for x in e.elements))
        case t.ListOf():
            return t.ListOf(tuple(_rename_expr(x, to, bound) for x in e.elements))
    return e


def _bind(
    binders: tuple[t.Binder, ...], to: _Names, bound: Mapping[str, str]
) -> tuple[tuple[t.Binder, ...], dict[str, str]]:
    inner = dict(bound)
    renamed = []
    for binder in binders:
        names = []
        for name in binder.names:
            names.append(f"b{len(set(inner.values()))}")
            inner[name] = names[-1]
        renamed.append(t.Binder(tuple(names), _rename_domain(binder.domain, to)))
    return tuple(renamed), inner
