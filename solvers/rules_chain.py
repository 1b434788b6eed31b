"""Forward chaining over literals, with the reason for each, and assignments that complete what was derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from neurosym.language import tree as t
from neurosym.language.clauses import Argument, Atom, Clause, Literal
from neurosym.language.symbols import Function, Symbols, Unknown
from neurosym.solvers.base import Unsupported

MAX_JOINS = 300_000
MAX_ATOMS = 20_000
Bound = Mapping[Argument, Argument]
"""The value of each variable that has one."""
Table = Mapping[tuple[Argument, ...], None]
"""The arguments of which a relation is known to hold, or not to."""


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

    def __init__(self, members: Members, clauses: Iterable[Clause], given: Iterable[Literal] = ()) -> None:
        self.members = members
        self.reasons: dict[Literal, Reason] = {}
        self.tables: dict[tuple[str, bool], dict[tuple[Argument, ...], None]] = defaultdict(dict)
        self.joins = 0
        self.using: dict[tuple[str, bool], list[tuple[Clause, int]]] = defaultdict(list)
        self.todo: list[Literal] = []
        for literal in given:
            self.learn(literal, Reason(None))
        for clause in clauses:
            self.use(clause)
            if not clause.body:
                for bound in self.free(clause, {}):
                    self.learn(_instance(clause.head, bound), Reason(clause))
        self.run()

    def supposing(self, literal: Literal) -> Chain:
        """What follows from the same clauses where a literal is supposed. Raises as the class does."""
        more = Chain(self.members, ())
        more.reasons, more.using = dict(self.reasons), self.using
        more.tables.update((relation, dict(table)) for relation, table in self.tables.items())
        more.learn(literal, Reason(None))
        more.run()
        return more

    def use(self, clause: Clause) -> None:
        """Apply a clause to what is learnt from now on."""
        for at, ((relation, _), holds) in enumerate(clause.body):
            self.using[relation, holds].append((clause, at))

    def run(self) -> None:
        """Apply the clauses to what is new until nothing is."""
        while self.todo:
            news, self.todo = self.todo, []
            for literal in news:
                (relation, _), holds = literal
                for clause, at in self.using.get((relation, holds), ()):
                    for bound in self.matches(clause, at, literal):
                        self.conclude(clause, bound)

    def conclude(self, clause: Clause, bound: Bound) -> None:
        """Learn the head of a clause whose body holds; of what is known already, no other reason is noted."""
        head = _instance(clause.head, bound)
        if head not in self.reasons:
            parts = dict.fromkeys(_instance(part, bound) for part in clause.body)
            self.learn(head, Reason(clause, tuple(parts)))

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

    def matches(self, clause: Clause, at: int, literal: Literal) -> list[Bound]:
        """The bindings under which the body holds, its part `at` being `literal`."""
        first = self.match(clause, clause.body[at][0], literal[0][1], {})
        if first is None:
            return []
        rest = [part for k, part in enumerate(clause.body) if k != at]
        return [full for bound in self.join(clause, rest, first) for full in self.free(clause, bound)]

    def join(self, clause: Clause, parts: Iterable[Literal], first: Bound) -> list[Bound]:
        """The bindings, extending `first`, that make all of `parts` known."""
        found = [first]
        for atom, holds in parts:
            table = self.tables[atom[0], holds]
            found = [more for bound in found for more in self.extensions(clause, atom, table, bound)]
        return found

    def extensions(self, clause: Clause, atom: Atom, table: Table, bound: Bound) -> list[Bound]:
        """The bindings, extending `bound`, that make `atom` one of the table."""
        ground = _ground(atom, bound)
        if any(a in clause.variables for a in ground):
            return [more for args in table if (more := self.match(clause, atom, args, bound)) is not None]
        self.count()
        return [bound] if ground in table else []

    def match(self, clause: Clause, pattern: Atom, args: tuple[Argument, ...], bound: Bound) -> Bound | None:
        """`bound` with what makes `pattern` these arguments, None where nothing does."""
        self.count()
        found = dict(bound)
        for wanted, given in zip(pattern[1], args, strict=True):
            if wanted in clause.variables:
                if found.setdefault(wanted, given) != given:
                    return None
            elif wanted != given:
                return None
        return found

    def free(self, clause: Clause, bound: Bound) -> Iterable[Bound]:
        """`bound` with every value of the variables that it leaves open."""
        self.count()
        if len(bound) == len(clause.variables):
            return (bound,)
        return self.choices(clause, [name for name in clause.variables if name not in bound], bound)

    def choices(self, clause: Clause, names: Sequence[str], bound: Bound) -> Iterator[Bound]:
        """`bound` with every value of these variables."""
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


def _ground(atom: Atom, bound: Bound) -> tuple[Argument, ...]:
    """An atom's arguments under a binding of its variables."""
    return tuple([bound.get(a, a) for a in atom[1]])


def _instance(literal: Literal, bound: Bound) -> Literal:
    atom, holds = literal
    return (atom[0], _ground(atom, bound)), holds


def _is_positive(clause: Clause) -> bool:
    """Whether no part of the body is negated."""
    return all(holds for _, holds in clause.body)


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

    def consistent(self, clause: Clause) -> Iterator[Bound]:
        """The full bindings under which the body's positive parts are derived so far, and its negated ones are not."""
        positive = [part for part in clause.body if part[1]]
        denied = [atom for atom, holds in clause.body if not holds]
        for bound in self.join(clause, positive, {}):
            for full in self.free(clause, bound):
                if not any(_ground(atom, full) in self.tables[atom[0], True] for atom in denied):
                    yield full

    def close(self, clauses: Sequence[Clause]) -> None:
        """Apply clauses until nothing follows; those with negations too, as far as what is derived lets them."""
        grown = True
        while grown:
            self.run()
            before = len(self.reasons)
            for clause in clauses:
                if not _is_positive(clause):
                    for bound in self.consistent(clause):
                        parts = [_instance(part, bound) for part in clause.body]
                        reason = Reason(clause, tuple(p for p in parts if p[1]), tuple(p for p in parts if not p[1]))
                        self.learn(_instance(clause.head, bound), reason)
            grown = len(self.reasons) > before


def closed_chain(members: Members, clauses: Sequence[Clause]) -> Chain:
    """The least model of a closed world, negations stratified. Raises Unsupported where they are not."""
    chain = _Closing(members, ())
    for stratum in _strata(clauses):
        for clause in stratum:
            if _is_positive(clause):
                for bound in chain.consistent(clause):
                    chain.conclude(clause, bound)
                chain.use(clause)
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
    least = _Closing(members, (), [literal for literal in known.reasons if literal[1]])
    positive = [clause for clause in clauses if clause.head[1]]
    for clause in filter(_is_positive, positive):
        least.use(clause)  # from here on: what is known is complete under these
    least.close(positive)
    if _is_model(least, clauses, known):
        return least.true
    most = _Closing(members, (), [(atom, True) for atom in atoms() if (atom, False) not in known.reasons])
    return most.true if _is_model(most, clauses, known) else None


def _is_model(chain: _Closing, clauses: Sequence[Clause], known: Chain) -> bool:
    """Whether no instance of a clause, and nothing known, is false where exactly what the chain derived is true."""
    if any((atom, False) in known.reasons for atom in chain.true):
        return False
    return all(
        (_instance(clause.head, bound)[0] in chain.true) is clause.head[1]
        for clause in clauses
        for bound in chain.consistent(clause)
    )
