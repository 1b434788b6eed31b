"""Forward chaining over literals, with the reason for each, and assignments that complete what was derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from neurosym.language import tree as t
from neurosym.language.clauses import Argument, Atom, Clause, Literal
from neurosym.language.symbols import Function, Symbols, Unknown
from neurosym.solvers.base import Unsupported

MAX_JOINS = 300_000
MAX_ATOMS = 20_000
Bound = Mapping[str, Argument]


@dataclass(frozen=True)
class Reason:
    """How a literal came about: the clause (None where it is supposed), what it rests on, and what is not derived."""

    clause: Clause | None
    sources: tuple[Literal, ...] = ()
    absent: tuple[Literal, ...] = ()


class Conflict(Exception):
    """A literal and its negation (`sides`) follow in `chain`."""

    def __init__(self, chain: Chain, atom: Atom) -> None:
        super().__init__("a literal and its negation")
        self.chain, self.sides = chain, ((atom, True), (atom, False))


class Members:
    """What the variables of a program range over; `open` gives the elements of the open sorts."""

    def __init__(self, symbols: Symbols, open_: Mapping[str, tuple[str, ...]]) -> None:
        self.symbols, self.open = symbols, open_

    def of(self, domain: t.Domain) -> Sequence[Argument]:
        """The members of a domain. Raises Unsupported for an infinite one."""
        found = self.open.get(domain) if isinstance(domain, str) else None
        members = self.symbols.members(domain) if found is None else found
        if members is None:
            raise Unsupported(f"rules over {domain}, which is not finite")
        return members

    def atoms(self, symbols: Symbols) -> Iterator[Atom]:
        """Every atom of a program. Raises Unsupported where there are too many."""
        count = 0
        for name, _ in symbols.of(Unknown):
            yield name, ()
        for name, relation in symbols.of(Function):
            assert isinstance(relation, Function)
            for args in product(*map(self.of, relation.domains)):
                count += 1
                if count > MAX_ATOMS:
                    raise Unsupported(f"rules over more than {MAX_ATOMS} atoms")
                yield name, args


class Chain:
    """What follows from clauses step by step, in the order found.

    Raises Conflict where a literal and its negation follow, Unsupported where there is too much to try.
    """

    def __init__(self, members: Members, clauses: Iterable[Clause], supposed: Iterable[Literal] = ()) -> None:
        self.members = members
        self.reasons: dict[Literal, Reason] = {}
        self.tables: dict[tuple[str, bool], dict[tuple[Argument, ...], None]] = defaultdict(dict)
        self.joins = 0
        self.using: dict[tuple[str, bool], list[tuple[Clause, int]]] = defaultdict(list)
        self.todo: list[Literal] = []
        for literal in supposed:
            self.learn(literal, Reason(None))
        for clause in clauses:
            for at, ((relation, _), holds) in enumerate(clause.body):
                self.using[relation, holds].append((clause, at))
            if not clause.body:
                for bound in self.free(clause, {}):
                    self.learn(_instance(clause.head, bound), Reason(clause))
        self.run()

    def run(self) -> None:
        """Apply the clauses to what is new until nothing is."""
        while self.todo:
            news, self.todo = self.todo, []
            for literal in news:
                (relation, _), holds = literal
                for clause, at in self.using[relation, holds]:
                    for bound in list(self.matches(clause, at, literal)):
                        sources = tuple(dict.fromkeys(_instance(part, bound) for part in clause.body))
                        self.learn(_instance(clause.head, bound), Reason(clause, sources))

    def learn(self, literal: Literal, reason: Reason) -> None:
        """Note a literal, with the first reason for it."""
        if literal in self.reasons:
            return
        atom, holds = literal
        self.reasons[literal] = reason
        self.tables[atom[0], holds][atom[1]] = None
        self.todo.append(literal)
        if (atom, not holds) in self.reasons:
            raise Conflict(self, atom)

    def matches(self, clause: Clause, at: int, literal: Literal) -> Iterator[Bound]:
        """The bindings under which the body holds, its part `at` being `literal`."""
        first = self.match(clause, clause.body[at][0], literal[0][1], {})
        if first is not None:
            rest = [part for k, part in enumerate(clause.body) if k != at]
            for bound in self.join(clause, rest, first):
                yield from self.free(clause, bound)

    def join(self, clause: Clause, parts: Sequence[Literal], bound: Bound) -> Iterator[Bound]:
        """The bindings that make all of `parts` known."""
        if not parts:
            yield bound
            return
        (relation, pattern), holds = parts[0]
        table = self.tables[relation, holds]
        ground = tuple(bound.get(a, a) if isinstance(a, str) else a for a in pattern)
        if all(a not in clause.variables for a in ground):
            self.count()
            if ground in table:
                yield from self.join(clause, parts[1:], bound)
            return
        for args in list(table):
            more = self.match(clause, (relation, pattern), args, bound)
            if more is not None:
                yield from self.join(clause, parts[1:], more)

    def match(self, clause: Clause, pattern: Atom, args: tuple[Argument, ...], bound: Bound) -> Bound | None:
        """`bound` with what makes `pattern` these arguments, None where nothing does."""
        self.count()
        found = dict(bound)
        for wanted, given in zip(pattern[1], args, strict=True):
            if isinstance(wanted, str) and wanted in clause.variables:
                if found.setdefault(wanted, given) != given:
                    return None
            elif wanted != given:
                return None
        return found

    def free(self, clause: Clause, bound: Bound) -> Iterator[Bound]:
        """`bound` with every value of the variables that it leaves open."""
        names = [name for name in clause.variables if name not in bound]
        for values in product(*(self.members.of(clause.variables[name]) for name in names)):
            self.count()
            yield {**bound, **dict(zip(names, values, strict=True))}

    def count(self) -> None:
        """Count one trial. Raises Unsupported above the bound."""
        self.joins += 1
        if self.joins > MAX_JOINS:
            raise Unsupported("rules over so many elements")

    def steps(self, wanted: Iterable[Literal]) -> list[Literal]:
        """`wanted` and all that they rest on, each after what it rests on."""
        ordered: dict[Literal, None] = {}
        todo = [(literal, False) for literal in reversed(list(wanted))]
        while todo:
            literal, ready = todo.pop()
            if ready:
                ordered[literal] = None
            elif literal not in ordered:
                todo.append((literal, True))
                todo += [(s, False) for s in reversed(self.reasons[literal].sources) if s not in ordered]
        return list(ordered)

    @cached_property
    def true(self) -> frozenset[Atom]:
        """The atoms that were derived."""
        return frozenset(atom for atom, holds in self.reasons if holds)


def _instance(literal: Literal, bound: Bound) -> Literal:
    (relation, args), holds = literal
    return (relation, tuple(bound.get(a, a) if isinstance(a, str) else a for a in args)), holds


def contrapositives(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """What clauses say the other way round: `p -> q` is `not q -> not p`."""
    for clause in clauses:
        denied = (clause.head[0], not clause.head[1])
        for k, (atom, holds) in enumerate(clause.body):
            rest = tuple(part for j, part in enumerate(clause.body) if j != k)
            yield replace(clause, body=(*rest, denied), head=(atom, not holds))


# --- what is not derived is false -------------------------------------------------------------------------------


class _Closing(Chain):
    """Chaining in which a negation in a body holds where its atom is not derived so far."""

    def matches(self, clause: Clause, at: int, literal: Literal) -> Iterator[Bound]:
        """As in any chain; negated parts are looked at last, with nothing left to bind."""
        first = self.match(clause, clause.body[at][0], literal[0][1], {})
        if first is not None:
            rest = [part for k, part in enumerate(clause.body) if k != at and part[1]]
            for bound in self.join(clause, rest, first):
                yield from self.consistent(clause, bound)

    def consistent(self, clause: Clause, bound: Bound) -> Iterator[Bound]:
        """The full bindings under which no negated part of the body is derived."""
        for full in self.free(clause, bound):
            if not any((_instance(part, full)[0], True) in self.reasons for part in clause.body if not part[1]):
                yield full

    def close(self, clauses: Sequence[Clause]) -> None:
        """Apply clauses until nothing follows; those with negations too, as far as what is derived lets them."""
        grown = True
        while grown:
            self.run()
            before = len(self.reasons)
            for clause in clauses:
                if any(not holds for _, holds in clause.body):
                    positive = [part for part in clause.body if part[1]]
                    for bound in list(self.join(clause, positive, {})):
                        for full in self.consistent(clause, bound):
                            parts = [_instance(part, full) for part in clause.body]
                            reason = Reason(
                                clause, tuple(p for p in parts if p[1]), tuple(p for p in parts if not p[1])
                            )
                            self.learn(_instance(clause.head, full), reason)
            grown = len(self.reasons) > before


def closed_chain(members: Members, clauses: Sequence[Clause]) -> Chain:
    """The least model of a closed world, negations stratified. Raises Unsupported where they are not."""
    chain = _Closing(members, ())
    for stratum in _strata(clauses):
        for clause in stratum:
            if not any(not holds for _, holds in clause.body):
                for bound in list(chain.join(clause, clause.body, {})):
                    for full in chain.free(clause, bound):
                        sources = tuple(dict.fromkeys(_instance(part, full) for part in clause.body))
                        chain.learn(_instance(clause.head, full), Reason(clause, sources))
                for at, ((relation, _), holds) in enumerate(clause.body):
                    chain.using[relation, holds].append((clause, at))
        chain.todo = list(chain.reasons)
        chain.close(stratum)
    return chain


def _strata(clauses: Sequence[Clause]) -> list[list[Clause]]:
    """Clauses in an order in which what is denied is complete before it is used."""
    level: dict[str, int] = defaultdict(int)
    changed = True
    while changed:
        changed = False
        for clause in clauses:
            head = clause.head[0][0]
            for (relation, _), holds in clause.body:
                least = level[relation] + (not holds)
                if level[head] < least:
                    level[head], changed = least, True
                    if least > len(clauses):
                        raise Unsupported(f"the closed relation {head} depends on its own negation")
    return [[c for c in clauses if level[c.head[0][0]] == n] for n in sorted(set(level.values()) | {0})]


# --- assignments ------------------------------------------------------------------------------------------------


def completed(
    members: Members, clauses: Sequence[Clause], known: Chain, atoms: Callable[[], Iterable[Atom]]
) -> frozenset[Atom] | None:
    """The true atoms of an assignment that contains what is known and satisfies every clause; None where none is found.

    Tried are: nothing more than the rules ask for, and everything that is not known to be false.
    """
    false = frozenset(atom for atom, holds in known.reasons if not holds)
    least = _least(members, clauses, known)
    for true in (least, frozenset(atoms()) - false):
        if true is not None and not true & false and not _violated(members, clauses, true):
            return true
    return None


def _least(members: Members, clauses: Sequence[Clause], known: Chain) -> frozenset[Atom] | None:
    """What is known, and what the rules add to it where negations are taken to hold."""
    positive = [c for c in clauses if c.head[1]]
    start = [Clause(c.index, c.variables, c.body, c.head) for c in positive if all(h for _, h in c.body)]
    try:
        chain = _Closing(members, start, [(atom, True) for atom in known.true])
        chain.close(positive)
    except Conflict:
        return None
    return chain.true


def _violated(members: Members, clauses: Sequence[Clause], true: AbstractSet[Atom]) -> bool:
    """Whether some instance of a clause is false where exactly these atoms are true."""
    chain = _Closing(members, (), [(atom, True) for atom in true])
    for clause in clauses:
        positive = [part for part in clause.body if part[1]]
        for bound in chain.join(clause, positive, {}):
            for full in chain.consistent(clause, bound):
                atom, holds = _instance(clause.head, full)
                if (atom in true) is not holds:
                    return True
    return False
