"""Least models of closed relations: what does not follow from the facts and rules about them is false.

Forward chaining with stratified negation (Apt, Blair, Walker 1988) over finite sorts; an open sort that a closed
relation speaks of consists of its constants, all distinct. The rules are the Horn statements; everything else that
mentions a closed relation is a condition on the least model, checked by the SMT solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.symbols import Constant, Defined, Function, SortSymbol, Symbol, Symbols, Unknown
from neurosym.language.values import TooLarge, Undefined, Value
from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.smt_domains import Domains

MAX_JOINS = 500_000

Fact = tuple[str, tuple[Value, ...]]


@dataclass(frozen=True)
class Rule:
    """variables ∧ body → head, from the statement at `index`."""

    index: int
    variables: Mapping[str, t.Domain]
    body: tuple[t.Expr, ...]
    head: t.Call


@dataclass(frozen=True)
class ClosedWorld:
    """The least model: `tables` of the true tuples, `sorts` closed over their constants.

    `rules` are the statements that say nothing but rules; `reasons` gives each fact the statement and the facts that
    it was first derived from.
    """

    tables: Mapping[str, Mapping[tuple[Value, ...], Value]] = field(default_factory=dict)
    sorts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: frozenset[int] = frozenset()
    reasons: Mapping[Fact, tuple[int, tuple[Fact, ...]]] = field(default_factory=dict)

    def support(self, facts: Iterable[Fact]) -> set[int]:
        """The statements that `facts` were derived by."""
        todo, seen, found = list(facts), set[Fact](), set[int]()
        while todo:
            fact = todo.pop()
            if fact not in seen and fact in self.reasons:
                seen.add(fact)
                index, earlier = self.reasons[fact]
                found.add(index)
                todo.extend(earlier)
        return found


def close_world(task: Task, dropped: frozenset[int] = frozenset()) -> ClosedWorld:
    """The least model of the task's closed relations, without the statements in `dropped`. Raises Unsupported."""
    symbols = task.symbols
    closed = {n: s for n, s in symbols.table.items() if isinstance(s, Function) and s.closed}
    if not closed:
        return ClosedWorld()
    domains = Domains(symbols, _close_sorts(symbols, closed))
    for name, symbol in closed.items():
        if any(domains.members(d) is None for d in symbol.domains):
            raise Unsupported(f"the closed relation {name} over a domain that is not finite")
    rules: list[Rule] = []
    pure: set[int] = set()
    for index, statement in enumerate(task.program.statements):
        if isinstance(statement, t.Assertion):
            found = _Reader(symbols, index)
            found.read(statement.formula, {}, ())
            if found.rules and not found.conditions:
                pure.add(index)
            if index not in dropped:
                rules.extend(found.rules)
    engine = _Engine(domains, closed)
    for stratum in _strata(rules, closed, symbols):
        engine.saturate([r for r in rules if r.head.function in stratum])
    return ClosedWorld(engine.tables, domains.closed, frozenset(pure - engine.beyond), engine.reasons)


def _close_sorts(symbols: Symbols, closed: Mapping[str, Function]) -> dict[str, tuple[str, ...]]:
    """Every open sort that a closed relation speaks of, with its constants."""
    sorts: dict[str, tuple[str, ...]] = {}
    for name in (d for s in closed.values() for d in s.domains if isinstance(d, str)):
        symbol = symbols.get(name)
        if isinstance(symbol, SortSymbol) and symbol.elements is None:
            constants = (n for n, c in symbols.of(Constant) if isinstance(c, Constant) and c.kind.sort == name)
            sorts[name] = tuple(constants)
            if not sorts[name]:
                raise Unsupported(f"a closed relation over the sort {name}, which has no constants")
    return sorts


# --- reading rules ----------------------------------------------------------------------------------------------


class _Reader:
    """Splits one assertion into Horn rules about closed relations and conditions."""

    def __init__(self, symbols: Symbols, index: int) -> None:
        self.symbols, self.index = symbols, index
        self.rules: list[Rule] = []
        self.conditions = False

    def read(self, e: t.Expr, variables: Mapping[str, t.Domain], body: tuple[t.Expr, ...]) -> None:
        if isinstance(e, t.Quantified) and e.quantifier is t.Quantifier.FORALL:
            added = {n: b.domain for b in e.binders for n in b.names}
            if added.keys() & variables.keys():
                raise Unsupported("a rule about a closed relation that binds a variable twice")
            self.read(e.body, {**variables, **added}, body)
        elif isinstance(e, t.Binary) and e.op is t.BinaryOp.AND:
            self.read(e.left, variables, body)
            self.read(e.right, variables, body)
        elif isinstance(e, t.Binary) and e.op is t.BinaryOp.IMPLIES:
            self.read(e.right, variables, (*body, *t.conjuncts(e.left)))
        elif isinstance(e, t.Binary) and e.op is t.BinaryOp.IFF and self.is_atom(e.left, e.right):
            for left, right in ((e.left, e.right), (e.right, e.left)):
                if self.is_atom(right):
                    self.read(right, variables, (*body, *t.conjuncts(left)))
                else:
                    self.conditions = True
        elif isinstance(e, t.Call) and self.is_atom(e):
            self.rule(e, variables, body)
        else:
            self.conditions = True
            for relation, positive in _occurrences(e, self.symbols):
                if positive:
                    raise Unsupported(f"a conclusion about the closed relation {relation} that is no plain fact")

    def is_atom(self, *either: t.Expr) -> bool:
        return any(isinstance(e, t.Call) and _is_closed(e.function, self.symbols) for e in either)

    def rule(self, head: t.Call, variables: Mapping[str, t.Domain], body: tuple[t.Expr, ...]) -> None:
        if not body and any(list(_unknowns(a, self.symbols, frozenset(variables))) for a in head.args):
            self.conditions = True  # it says something about an unknown, not about the relation
            return
        variables = dict(variables)
        parts: list[t.Expr] = []
        todo = list(body)
        while todo:
            part = todo.pop(0)
            if isinstance(part, t.Quantified) and part.quantifier is t.Quantifier.EXISTS:
                added = {n: b.domain for b in part.binders for n in b.names}
                if not added.keys() & variables.keys():
                    variables |= added
                    todo = [*t.conjuncts(part.body), *todo]
                    continue
            parts.append(part)
        for part in (*parts, *(a for a in head.args if not isinstance(a, t.Binder))):
            for name in _unknowns(part, self.symbols, frozenset(variables)):
                raise Unsupported(f"a rule about the closed relation {head.function} that depends on {name}")
        self.rules.append(Rule(self.index, variables, tuple(parts), head))


def _is_closed(name: str, symbols: Symbols) -> bool:
    symbol = symbols.get(name)
    return isinstance(symbol, Function) and symbol.closed


def _unknowns(e: t.Node, symbols: Symbols, bound: frozenset[str]) -> Iterator[str]:
    """The free names in `e`, through its definitions, that closing the world does not settle."""
    if isinstance(e, t.Quantified | t.Call):
        binders = e.binders if isinstance(e, t.Quantified) else e.args
        bound |= {n for b in binders if isinstance(b, t.Binder) for n in b.names}
    name = e.id if isinstance(e, t.Name) else e.function if isinstance(e, t.Call) else None
    if name is not None and name not in bound:
        symbol = symbols.get(name)
        if isinstance(symbol, Defined) and symbol.value is not None:
            yield from _unknowns(symbol.value, symbols, frozenset())
        elif _is_unknown(symbol, symbols):
            yield name
    for child in t.children(e):
        yield from _unknowns(child, symbols, bound)


def _is_unknown(symbol: Symbol | None, symbols: Symbols) -> bool:
    if isinstance(symbol, Constant):  # of an open sort it is closed over, of a finite sort it is some element
        sort = symbols.get(symbol.kind.sort)
        return not isinstance(sort, SortSymbol) or sort.elements is not None
    return isinstance(symbol, Unknown) or (isinstance(symbol, Function) and not symbol.closed)


def _occurrences(e: t.Node, symbols: Symbols, positive: bool | None = True) -> Iterator[tuple[str, bool]]:
    """Closed relations in `e` with their polarity; one of both polarities comes twice (`positive` None)."""
    match e:
        case t.Name():
            symbol = symbols.get(e.id)
            if isinstance(symbol, Defined) and symbol.value is not None:
                yield from _occurrences(symbol.value, symbols, positive)
            return
        case t.Call() if _is_closed(e.function, symbols):
            yield from ((e.function, p) for p in (True, False) if positive in (p, None))
        case t.Unary(op=t.UnaryOp.NOT):
            yield from _occurrences(e.operand, symbols, _flip(positive))
            return
        case t.Binary(op=t.BinaryOp.IMPLIES):
            yield from _occurrences(e.left, symbols, _flip(positive))
            yield from _occurrences(e.right, symbols, positive)
            return
        case t.Binary(op=t.BinaryOp.AND | t.BinaryOp.OR) | t.Quantified():
            pass
        case _:
            positive = None
    for child in t.children(e):
        yield from _occurrences(child, symbols, positive)


def _flip(positive: bool | None) -> bool | None:
    return None if positive is None else not positive


def _strata(rules: list[Rule], closed: Mapping[str, Function], symbols: Symbols) -> list[set[str]]:
    """The closed relations in an order in which each negated one is complete before it is used."""
    level = dict.fromkeys(closed, 0)
    changed = True
    while changed:
        changed = False
        for rule in rules:
            head = rule.head.function
            for relation, positive in (o for part in rule.body for o in _occurrences(part, symbols)):
                least = level[relation] + (not positive)
                if level[head] < least:
                    level[head], changed = least, True
                    if least > len(closed):
                        raise Unsupported(f"the closed relation {head} depends on its own negation")
    return [{r for r, at in level.items() if at == n} for n in sorted(set(level.values()))]


# --- forward chaining -------------------------------------------------------------------------------------------


class _Engine:
    """The facts so far."""

    def __init__(self, domains: Domains, closed: Mapping[str, Function]) -> None:
        self.domains, self.closed = domains, closed
        self.tables: dict[str, dict[tuple[Value, ...], Value]] = {name: {} for name in closed}
        self.reasons: dict[Fact, tuple[int, tuple[Fact, ...]]] = {}
        constants: dict[str, Value] = {c: c for members in domains.closed.values() for c in members}
        self.model = Interpretation(constants, self.tables, domains.closed)
        self.beyond: set[int] = set()  # rules that conclude something beyond a relation's domain, where it is false
        self.joins = 0

    def saturate(self, rules: list[Rule]) -> None:
        """Apply `rules` until nothing new follows."""
        before = -1
        while before < (before := len(self.reasons)):
            for rule in rules:
                for bound, used in list(self.matches(rule)):
                    args = tuple(self.value(a, bound) for a in rule.head.args)
                    inside = zip(args, self.closed[rule.head.function].domains, strict=True)
                    fact = (rule.head.function, args)
                    if not all(a in (self.domains.members(d) or ()) for a, d in inside):
                        self.beyond.add(rule.index)
                    elif fact not in self.reasons:
                        self.reasons[fact] = (rule.index, used)
                        self.tables[rule.head.function][args] = True

    def value(self, e: t.Node, bound: Mapping[str, Value]) -> Value:
        assert not isinstance(e, t.Binder)
        try:
            return evaluate(e, self.domains.symbols, self.model, bound)  # type: ignore[arg-type]
        except TooLarge as error:
            raise Unsupported(str(error)) from None
        except Undefined as error:
            raise Unsupported(f"a rule about a closed relation where {error}") from None

    def matches(self, rule: Rule) -> Iterator[tuple[Mapping[str, Value], tuple[Fact, ...]]]:
        """The assignments under which the rule's body holds, with the facts that were matched."""
        atoms = [p for p in rule.body if isinstance(p, t.Call) and p.function in self.tables and _is_flat(p)]
        tests = [p for p in rule.body if p not in atoms]
        found: list[tuple[dict[str, Value], tuple[Fact, ...]]] = [({}, ())]
        for atom in atoms:
            found = [
                ({**bound, **new}, (*used, (atom.function, args)))
                for bound, used in found
                for args in self.tables[atom.function]
                if (new := self.match(atom, args, bound, rule.variables)) is not None
            ]
        for bound, used in found:
            free = [n for n in rule.variables if n not in bound]
            for values in product(*(self.domains.members(rule.variables[n]) or () for n in free)):
                self.count()
                full = {**bound, **dict(zip(free, values, strict=True))}
                if all(self.value(test, full) is True for test in tests):
                    yield full, used

    def match(
        self,
        atom: t.Call,
        args: tuple[Value, ...],
        bound: Mapping[str, Value],
        variables: Mapping[str, t.Domain],
    ) -> dict[str, Value] | None:
        self.count()
        new: dict[str, Value] = {}
        for pattern, value in zip(atom.args, args, strict=True):
            assert isinstance(pattern, t.Name)
            if pattern.id not in variables:
                wanted = self.value(pattern, {})
            elif pattern.id in bound or pattern.id in new:
                wanted = bound.get(pattern.id, new.get(pattern.id, value))
            elif value in (self.domains.members(variables[pattern.id]) or ()):
                wanted = new[pattern.id] = value
            else:
                return None
            if wanted != value:
                return None
        return new

    def count(self) -> None:
        self.joins += 1
        if self.joins > MAX_JOINS:
            raise Unsupported("rules about closed relations over so many elements")


def _is_flat(atom: t.Call) -> bool:
    return all(isinstance(a, t.Name) for a in atom.args)
