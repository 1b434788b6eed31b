"""Changes to a program that leave its outcome what it was, or change it in a known way.

A change takes a random source, a program and its expected outcome, and gives both anew, or None where it does not
apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any, TypeAlias, TypeVar, cast

from brute_force import Expected
from meaning import parsed

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, NUMBER_TYPES
from neurosym.language.check import check
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.language.symbols import SortSymbol
from neurosym.language.units import dimension, measured, singular
from neurosym.language.values import Value
from neurosym.outcome import Status

N = TypeVar("N", bound=t.Node)
Changed: TypeAlias = tuple[t.Program, Expected] | None
Change: TypeAlias = Callable[[Random, t.Program, Expected], Changed]

NAME_FIELDS = frozenset(
    {(t.Name, "id"), (t.Call, "function"), (t.Binder, "names"), (t.Binder, "domain"), (t.Signature, "name")}
    | {(t.Signature, "domains"), (t.Let, "name"), (t.Var, "names"), (t.Sort, "name"), (t.Sort, "elements")}
    | {(t.Const, "names"), (t.Const, "sort"), (t.Distinct, "names"), (t.Range, "low"), (t.Range, "high")}
)
PLAIN = "x y I E S N Q O zoo nan Or Symbol lambda _ __ a1 A pi e k pred other"
QUOTED = (
    "ask",
    "not",
    "if",
    "true",
    "false",
    "let",
    "Dr. Smith",
    "7 up",
    "José",
    "a b",
    "x!1",
    "|x|",
    "1",
    "-1",
    "{a}",
)
AWKWARD = (*PLAIN.split(), *QUOTED)
"""Names that a solver, its printer or our reader might take for something else."""


# --- names ------------------------------------------------------------------------------------------------------


def mapped(node: N, table: Mapping[str, str], nouns: Mapping[str, str]) -> N:
    """`node` with every name in `table` replaced, declared, used or bound; `nouns` does so for types and units."""

    def part(owner: t.Node, field: str, value: Any) -> Any:
        if isinstance(value, t.Node):
            return mapped(value, table, nouns)
        if isinstance(value, tuple):
            return tuple(part(owner, field, item) for item in value)
        if isinstance(value, str) and isinstance(owner, t.Unit):
            return nouns.get(value, value)
        return table.get(value, value) if isinstance(value, str) and (type(owner), field) in NAME_FIELDS else value

    changed = {
        f.name: part(node, f.name, getattr(node, f.name)) for f in fields(node) if f.name not in ("span", "note")
    }
    return cast(N, replace(cast(Any, node), **changed))


def own_names(program: t.Program) -> list[str]:
    """The names that the program declares or binds, in order."""
    found: dict[str, None] = dict.fromkeys(check(program)[0].table)
    for s in program.statements:
        for node in t.walk(s):
            if isinstance(node, t.Binder):
                found |= dict.fromkeys(node.names)
    return list(found)


def _answered(value: Value, table: Mapping[str, str]) -> Value:
    if isinstance(value, str):
        return table.get(value, value)
    if isinstance(value, tuple):
        return tuple(_answered(v, table) for v in value)
    return frozenset(_answered(v, table) for v in value) if isinstance(value, frozenset) else value


def by_names(program: t.Program, expected: Expected, table: Mapping[str, str]) -> tuple[t.Program, Expected]:
    sorts = {name: table[name] for name, _ in check(program)[0].of(SortSymbol) if name in table}
    statements = tuple(mapped(s, table, sorts) for s in program.statements)
    return t.Program(statements), replace(expected, answers=tuple(_answered(v, table) for v in expected.answers))


def rename(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """All declared and bound names become others."""
    names = own_names(program)
    fresh = [*AWKWARD, *(f"v{k}" for k in range(len(names)))]
    rng.shuffle(fresh)
    return by_names(program, expected, dict(zip(names, fresh, strict=False)))


def rename_units(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """All units become others, whatever they measure, where nothing may be converted."""
    kept = {*own_names(program), *NUMBER_TYPES, "bool", "date"}
    nodes = (node for s in program.statements for node in t.walk(s) if isinstance(node, t.Unit))
    nouns = sorted({noun for node in nodes for noun, _ in node.factors if noun not in kept and "_" not in noun})
    if len(_measures(program)) > 1:
        return None
    fresh = {n: f"{rng.choice(('gra', 'blo', 'zor'))}{k}q" for k, n in enumerate(sorted(set(map(singular, nouns))))}
    statements = tuple(mapped(s, {}, {noun: fresh[singular(noun)] for noun in nouns}) for s in program.statements)
    return (t.Program(_with_sorted_factors(statements)), expected) if nouns else None


def _measures(program: t.Program) -> set[str]:
    """The words of a program that measure, and convert into each other."""
    units = (node for s in program.statements for node in t.walk(s) if isinstance(node, t.Unit))
    return {noun for unit in units for noun, _ in measured(dimension(unit))}


def _with_sorted_factors(statements: tuple[t.Statement, ...]) -> tuple[t.Statement, ...]:
    """The same statements as the printer and reader give them: a unit's factors in order."""

    def ordered(node: N) -> N:
        def part(value: Any) -> Any:
            if isinstance(value, t.Unit):
                return replace(value, factors=tuple(sorted(value.factors, key=lambda f: (f[1] < 0, f[0]))))
            if isinstance(value, t.Node):
                return ordered(value)
            return tuple(map(part, value)) if isinstance(value, tuple) else value

        return cast(
            N,
            replace(cast(Any, node), **{f.name: part(getattr(node, f.name)) for f in fields(node) if f.name != "span"}),
        )

    return tuple(ordered(s) for s in statements)


# --- statements -------------------------------------------------------------------------------------------------


def _declared(s: t.Statement) -> set[str]:
    return set(check(t.Program((s,)))[0].table)


def _words(s: t.Statement) -> set[str]:
    """Every word of a statement that may be a name."""
    found: set[str] = set()
    for node in t.walk(s):
        for f in fields(node):
            value = getattr(node, f.name)
            if (type(node), f.name) in NAME_FIELDS:
                found |= {value} if isinstance(value, str) else set(value) if isinstance(value, tuple) else set()
        if isinstance(node, t.Unit):
            found |= {noun for noun, _ in node.factors}
    return {w for w in found if isinstance(w, str)}


def reorder(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """Statements in another order that still declares names before their use; goals keep theirs, the ask is last."""
    *left, ask = program.statements
    owner = {name: k for k, s in enumerate(left) for name in _declared(s)}
    needs = {k: {owner[w] for w in _words(s) if w in owner} - {k} for k, s in enumerate(left)}
    order = [k for k, s in enumerate(left) if isinstance(s, t.Goal)]
    for before, after in pairwise(order):
        needs[after].add(before)
    done: list[int] = []
    while len(done) < len(left):
        done.append(rng.choice([k for k in needs if k not in done and needs[k] <= set(done)]))
    return t.Program((*(left[k] for k in done), ask)), expected


def irrelevant(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """Declarations and facts about other things, a premise said twice, a truth."""
    graph = any(isinstance(s, t.Graph) for s in program.statements)
    analysis = check(t.Program(program.statements))[0]
    extras = ["let zz1 = 3*4 - 1\n", "1 + 1 = 2\n", "let zz5 = 7/2\nzz5 > 3\n"]
    if not graph:
        extras += ["var zz2: 0..3\nzz2 > 1\n", "var zz3, zz4: real\nzz3 + zz4 = 5\nzz3 > 2\n", "var zz6: count\n"]
        if any(True for _ in analysis.table) and not _numeric(program):
            extras += [
                "sort zzs = {zza, zzb}\nfun zzf(zzs): 0..2\nzzf(zza) > zzf(zzb)\n",
                "sort zzt\nconst zzc: zzt\nrel zzr(zzt)\nforall zzx: zzt. zzr(zzx)\n",
                "sort zzu = {zzd, zze}\nrel zzq(zzu) closed\nzzq(zzd)\n",
            ]
    added = read(rng.choice(extras) + "ask 1\n").statements[:-1]
    at = rng.choice((0, len(program.statements) - 1))
    statements = [*program.statements[:at], *added, *program.statements[at:]]
    premises = [s for s in program.statements if isinstance(s, t.Assertion)]
    if premises and rng.random() < 0.4:
        statements.insert(-1, rng.choice(premises))
    return t.Program(tuple(statements)), expected


def _numeric(program: t.Program) -> bool:
    """Whether the program is about numbers alone, so that algebra takes it."""
    logical = (t.Sort, t.Const, t.Fun, t.Rel, t.Goal, t.Option, t.Graph)
    return not any(isinstance(s, logical) for s in program.statements)


def through_definition(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """The first target of the ask gets a name of its own."""
    ask = program.ask
    if not isinstance(ask, t.Ask) or any(isinstance(s, t.Graph) for s in program.statements):
        return None
    named = t.Let("zz7", None, ask.targets[0])
    return t.Program((*program.statements[:-1], named, t.Ask((t.Name("zz7"), *ask.targets[1:])))), expected


# --- formulas ---------------------------------------------------------------------------------------------------


def _rules_matter(program: t.Program) -> bool:
    """Whether the form of a premise counts: facts of a graph, rules of a closed relation."""
    return any(isinstance(s, t.Graph) or (isinstance(s, t.Rel) and s.closed) for s in program.statements)


def _at_premise(
    rng: Random, program: t.Program, expected: Expected, change: Callable[[t.Expr], t.Expr | None]
) -> Changed:
    """One random premise changed, where `change` applies to it."""
    if _rules_matter(program):
        return None
    places = [k for k, s in enumerate(program.statements) if isinstance(s, t.Assertion)]
    rng.shuffle(places)
    for k in places:
        s = program.statements[k]
        assert isinstance(s, t.Assertion)
        formula = change(s.formula)
        if formula is not None:
            statements = (*program.statements[:k], t.Assertion(formula), *program.statements[k + 1 :])
            return t.Program(statements), expected
    return None


_TOTAL = frozenset({"abs", "min", "max", "floor", "ceil"})


def total(e: t.Node) -> bool:
    """Whether a formula surely has a value: then the order in which its parts are looked at does not matter."""
    for node in t.walk(e):
        match node:
            case t.Binary(op=t.BinaryOp.DIV | t.BinaryOp.MOD | t.BinaryOp.POW, right=right):
                if not isinstance(right, t.Number) or right.value.denominator > 1 or right.value == 0:
                    return False
            case t.Call(function=name) if name in BUILTINS:
                if name not in _TOTAL:
                    return False
            case t.Call(args=args):  # an argument that is computed may be beyond the function's domain
                if not all(isinstance(a, t.Name | t.Call) for a in args):
                    return False
    return True


def _not(e: t.Expr) -> t.Expr:
    return t.Unary(t.UnaryOp.NOT, e)


def double_negation(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """A premise, or the asked formula, becomes `not not` of itself."""
    ask = program.ask
    if (
        isinstance(ask, t.Ask)
        and expected.status in (Status.TRUE, Status.FALSE, Status.INDEPENDENT)
        and rng.random() < 0.5
    ):
        return t.Program((*program.statements[:-1], t.Ask((_not(_not(ask.targets[0])),)))), expected
    return _at_premise(rng, program, expected, lambda e: _not(_not(e)))


def contraposition(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """`A -> B` becomes `not B -> not A`, also below a quantifier."""

    def turned(e: t.Expr) -> t.Expr | None:
        if isinstance(e, t.Quantified) and e.quantifier is t.Quantifier.FORALL:
            body = turned(e.body)
            return None if body is None else replace(e, body=body)
        if isinstance(e, t.Binary) and e.op is t.BinaryOp.IMPLIES and total(e):
            return replace(e, left=_not(e.right), right=_not(e.left))
        return None

    return _at_premise(rng, program, expected, turned)


_MIRRORED = {
    t.CompareOp.EQ: t.CompareOp.EQ,
    t.CompareOp.NE: t.CompareOp.NE,
    t.CompareOp.LT: t.CompareOp.GT,
    t.CompareOp.LE: t.CompareOp.GE,
    t.CompareOp.GT: t.CompareOp.LT,
    t.CompareOp.GE: t.CompareOp.LE,
}
_COMMUTE = (t.BinaryOp.ADD, t.BinaryOp.MUL, t.BinaryOp.XOR, t.BinaryOp.IFF)


def swap_operands(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """What may stand on either side stands on the other, at random places of a premise or of the ask."""

    def swapped(node: N) -> N:
        def part(value: Any) -> Any:
            if isinstance(value, t.Node):
                return swapped(value)
            return tuple(map(part, value)) if isinstance(value, tuple) else value

        whole: Any = replace(
            cast(Any, node),
            **{f.name: part(getattr(node, f.name)) for f in fields(node) if f.name not in ("span", "note")},
        )
        if rng.random() < 0.3:
            return cast(N, whole)
        if isinstance(whole, t.Binary) and (
            whole.op in _COMMUTE or (whole.op in (t.BinaryOp.AND, t.BinaryOp.OR) and total(whole))
        ):
            whole = replace(whole, left=whole.right, right=whole.left)
        elif isinstance(whole, t.Compare) and len(whole.rest) == 1:
            ((op, right),) = whole.rest
            whole = t.Compare(right, ((_MIRRORED[op], whole.first),))
        elif isinstance(whole, t.Call) and whole.function in ("min", "max", "distinct", "gcd", "lcm"):
            whole = replace(whole, args=whole.args[::-1]) if not isinstance(whole.args[0], t.Binder) else whole
        return cast(N, whole)

    ask = program.ask
    if isinstance(ask, t.Ask) and rng.random() < 0.3:
        return t.Program((*program.statements[:-1], swapped(ask))), expected
    if any(isinstance(s, t.Rel) and s.closed for s in program.statements):
        return None
    statements = (swapped(s) if isinstance(s, t.Assertion | t.Option) else s for s in program.statements)
    return t.Program(tuple(statements)), expected


def scale(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """Both sides of an equation or inequality multiplied by a number, or something added to both."""
    k = t.Number(Fraction(rng.choice(("2", "3", "7", "0.5", "1.25", "12"))))
    op = rng.choice((t.BinaryOp.MUL, t.BinaryOp.MUL, t.BinaryOp.ADD, t.BinaryOp.SUB))
    minus = rng.random() < 0.3 and op is t.BinaryOp.MUL
    if len(_measures(program)) > 1 and op is not t.BinaryOp.MUL:
        return None  # a bare number takes the unit of its side: what is added would not be the same

    def scaled(e: t.Expr) -> t.Expr | None:
        if not isinstance(e, t.Compare):
            return None
        sides = [
            t.Binary(op, side, t.Unary(t.UnaryOp.NEG, k) if minus else k) for side in (e.first, *(r for _, r in e.rest))
        ]
        ops = [_MIRRORED[o] if minus else o for o, _ in e.rest]
        return t.Compare(sides[0], tuple(zip(ops, sides[1:], strict=True)))

    return _at_premise(rng, program, expected, scaled)


# --- questions --------------------------------------------------------------------------------------------------


def negate_question(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """`ask F` becomes `ask not F`: true and false change places."""
    ask = program.ask
    turned = {Status.TRUE: Status.FALSE, Status.FALSE: Status.TRUE, Status.INDEPENDENT: Status.INDEPENDENT}
    if not isinstance(ask, t.Ask) or expected.status not in turned:
        return None
    statements = (*program.statements[:-1], t.Ask((_not(ask.targets[0]),)))
    return t.Program(statements), replace(expected, status=turned[expected.status])


def relabel_options(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """Other letters, in another order; the answer follows its option."""
    places = [k for k, s in enumerate(program.statements) if isinstance(s, t.Option)]
    if not places:
        return None
    labels = dict(
        zip(
            (cast(t.Option, program.statements[k]).label for k in places),
            rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", len(places)),
            strict=True,
        )
    )
    moved = rng.sample(places, len(places))
    statements = list(program.statements)
    for k, source in zip(places, moved, strict=True):
        option = cast(t.Option, program.statements[source])
        statements[k] = t.Option(labels[option.label], option.formula)
    option_letter = None if expected.option is None else labels[expected.option]
    return t.Program(tuple(statements)), replace(expected, option=option_letter)


_DUAL = {
    t.OptionMode.MUST: t.OptionMode.CANNOT,
    t.OptionMode.CANNOT: t.OptionMode.MUST,
    t.OptionMode.MAY: t.OptionMode.EXCEPT,
    t.OptionMode.CONSISTENT: t.OptionMode.EXCEPT,
    t.OptionMode.EXCEPT: t.OptionMode.MAY,
}


def dual_options(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """What must be true is what cannot be false; what may be true is what does not have to be false."""
    ask = program.ask
    options = [s for s in program.statements if isinstance(s, t.Option)]
    if not isinstance(ask, t.AskOption) or not all(total(s.formula) for s in options):
        return None
    statements = [
        replace(s, formula=_not(s.formula)) if isinstance(s, t.Option) else s for s in program.statements[:-1]
    ]
    return t.Program((*statements, t.AskOption(_DUAL[ask.mode]))), expected


def mirror_goals(rng: Random, program: t.Program, expected: Expected) -> Changed:
    """To maximise e is to minimise -e."""
    if not any(isinstance(s, t.Goal) for s in program.statements):
        return None
    statements = (
        t.Goal(not s.maximize, t.Unary(t.UnaryOp.NEG, s.objective)) if isinstance(s, t.Goal) else s
        for s in program.statements
    )
    return t.Program(tuple(statements)), expected


CHANGES: tuple[Change, ...] = (
    rename,
    rename_units,
    reorder,
    irrelevant,
    through_definition,
    double_negation,
    contraposition,
    swap_operands,
    scale,
    negate_question,
    relabel_options,
    dual_options,
    mirror_goals,
)


def changed(change: Change, rng: Random, program: t.Program, expected: Expected) -> Changed:
    """The change, where it applies and gives a program that checks; as read from its own text."""
    found = change(rng, program, expected)
    if found is None:
        return None
    again = parsed(show(found[0]))
    return None if check(again)[1] else (again, found[1])
