"""What a program comes to, decided without any of our solvers: logic by grounding and DPLL, finite domains by search.

`entailed` takes formulas of one open sort without functions in which no `exists` stands below a `forall` once negations
are moved inward (Bernays and Schönfinkel 1928): such a set has a model if it has one of its constants alone, that is,
if all its instances, as clauses, are satisfiable together. `chosen` takes programs with options over finite domains,
and looks for a model of the premises with each option and with its negation, by backtracking; the language's own
evaluator says what holds. Both give None where a program is not of their kind, or too large.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.symbols import Constant, Function, Symbols, Unknown
from neurosym.language.values import Undefined, Value
from neurosym.outcome import Status

MAX_INSTANCES = 60_000
MAX_TRIED = 60_000


class TooHard(Exception):
    """Not of the kind that is decided here, or too large for it."""


# --- first-order logic ------------------------------------------------------------------------------------------


def entailed(program: t.Program) -> Status | None:
    """true, false, independent or contradictory."""
    ask = program.ask
    if not isinstance(ask, t.Ask) or len(ask.targets) != 1 or any(isinstance(s, t.Fun) for s in program.statements):
        return None
    premises = [s.formula for s in program.statements if isinstance(s, t.Assertion)]
    constants = [name for s in program.statements if isinstance(s, t.Const) for name in s.names]
    asked = ask.targets[0]
    denied = t.Unary(t.UnaryOp.NOT, asked)
    try:
        if not _has_model(premises, constants):
            return Status.CONTRADICTORY
        can_be, can_fail = (_has_model([*premises, formula], constants) for formula in (asked, denied))
    except TooHard:
        return None
    if can_be and can_fail:
        return Status.INDEPENDENT
    return Status.TRUE if can_be else Status.FALSE


def _has_model(formulas: Sequence[t.Expr], constants: Sequence[str]) -> bool:
    skolem: list[str] = []
    plain = [_skolemised(_inward(f, True), {}, skolem, below_all=False) for f in formulas]
    domain = [*constants, *skolem] or ["any"]
    clauses = _Clauses(domain)
    for formula in plain:
        clauses.add([clauses.literal(formula, {})])
    if clauses.equal:
        clauses.equality()
    return satisfiable(clauses.made, clauses.count)


def _inward(e: t.Expr, positive: bool) -> t.Expr:
    """`e`, or its negation, with negations at its atoms and no other operators than `and` and `or`."""
    match e:
        case t.Truth():
            return t.Truth(e.value is positive)
        case t.Unary():
            return _inward(e.operand, not positive)
        case t.Binary(op=t.BinaryOp.IMPLIES):
            return _joined(t.BinaryOp.OR, _inward(e.left, not positive), _inward(e.right, positive), positive)
        case t.Binary(op=t.BinaryOp.AND | t.BinaryOp.OR):
            return _joined(e.op, _inward(e.left, positive), _inward(e.right, positive), positive)
        case t.Binary(op=t.BinaryOp.IFF | t.BinaryOp.XOR):
            same = positive is (e.op is t.BinaryOp.IFF)
            one = t.Binary(t.BinaryOp.OR, _inward(e.left, False), _inward(e.right, same))
            other = t.Binary(t.BinaryOp.OR, _inward(e.left, True), _inward(e.right, not same))
            return t.Binary(t.BinaryOp.AND, one, other)
        case t.Quantified():
            forall = (e.quantifier is t.Quantifier.FORALL) is positive
            chosen = t.Quantifier.FORALL if forall else t.Quantifier.EXISTS
            return replace(e, quantifier=chosen, body=_inward(e.body, positive))
        case t.Compare(rest=((op, _),)) if op in (t.CompareOp.EQ, t.CompareOp.NE):
            return _signed(replace(e, rest=((t.CompareOp.EQ, e.rest[0][1]),)), positive is (op is t.CompareOp.EQ))
        case t.Call() | t.Name():
            return _signed(e, positive)
    raise TooHard


def _joined(op: t.BinaryOp, left: t.Expr, right: t.Expr, positive: bool) -> t.Expr:
    other = t.BinaryOp.AND if op is t.BinaryOp.OR else t.BinaryOp.OR
    return t.Binary(op if positive else other, left, right)


def _signed(atom: t.Expr, positive: bool) -> t.Expr:
    return atom if positive else t.Unary(t.UnaryOp.NOT, atom)


def _skolemised(e: t.Expr, values: Mapping[str, t.Expr], made: list[str], *, below_all: bool) -> t.Expr:
    """`e`, its existential variables replaced by new constants."""
    match e:
        case t.Quantified(quantifier=t.Quantifier.EXISTS):
            if below_all:
                raise TooHard
            new = {n: t.Name(f"some {len(made) + k}") for k, n in enumerate(n for b in e.binders for n in b.names)}
            made += [n.id for n in new.values()]
            return _skolemised(e.body, {**values, **new}, made, below_all=False)
        case t.Quantified():
            hidden = {n for b in e.binders for n in b.names}
            kept = {n: v for n, v in values.items() if n not in hidden}
            return replace(e, body=_skolemised(e.body, kept, made, below_all=True))
        case t.Binary():
            left, right = (_skolemised(x, values, made, below_all=below_all) for x in (e.left, e.right))
            return replace(e, left=left, right=right)
    return t.substitute(e, values)


class _Clauses:
    """Ground formulas as clauses over numbered atoms (Tseitin 1968)."""

    def __init__(self, domain: Sequence[str]) -> None:
        self.domain, self.made, self.count = domain, list[tuple[int, ...]](), 0
        self.atoms: dict[tuple[str, ...], int] = {}
        self.equal = False

    def add(self, clause: Iterable[int]) -> None:
        self.made.append(tuple(clause))
        if len(self.made) > MAX_INSTANCES:
            raise TooHard

    def new(self) -> int:
        self.count += 1
        return self.count

    def literal(self, e: t.Expr, bound: Mapping[str, str]) -> int:
        """A literal that, where it is true, makes `e` true."""
        match e:
            case t.Unary():
                return -self.literal(e.operand, bound)
            case t.Truth():
                name = self.new()
                self.add([name])
                return name if e.value else -name
            case t.Compare():
                self.equal = True
                return self.same(_ground(e.first, bound), _ground(e.rest[0][1], bound))
            case t.Name():
                return self.atom((e.id,))
            case t.Call():
                return self.atom((e.function, *(_ground(a, bound) for a in e.args)))
        if isinstance(e, t.Quantified):
            names = [n for b in e.binders for n in b.names]
            assignments = product(self.domain, repeat=len(names))
            parts = (self.literal(e.body, {**bound, **dict(zip(names, v, strict=True))}) for v in assignments)
            return self.both(parts)
        assert isinstance(e, t.Binary)
        left, right = self.literal(e.left, bound), self.literal(e.right, bound)
        if e.op is t.BinaryOp.AND:
            return self.both((left, right))
        name = self.new()
        self.add([-name, left, right])
        return name

    def both(self, parts: Iterable[int]) -> int:
        name = self.new()
        for part in parts:
            self.add([-name, part])
        return name

    def atom(self, atom: tuple[str, ...]) -> int:
        if atom not in self.atoms:
            self.atoms[atom] = self.new()
        return self.atoms[atom]

    def same(self, a: str, b: str) -> int:
        return self.atom(("=", *sorted((a, b))))

    def equality(self) -> None:
        """That `=` is an equivalence, and that equals have the same properties."""
        for a in self.domain:
            self.add([self.same(a, a)])
        for a, b, c in product(self.domain, repeat=3):
            self.add([-self.same(a, b), -self.same(b, c), self.same(a, c)])
        arities = {(atom[0], len(atom) - 1) for atom in self.atoms if atom[0] != "="}
        for relation, arity in arities:
            for args in product(self.domain, repeat=arity):
                for k, other in product(range(arity), self.domain):
                    changed = (*args[:k], other, *args[k + 1 :])
                    held, holds = self.atom((relation, *args)), self.atom((relation, *changed))
                    self.add([-self.same(args[k], other), -held, holds])


def _ground(e: t.Node, bound: Mapping[str, str]) -> str:
    if not isinstance(e, t.Name):
        raise TooHard
    return bound.get(e.id, e.id)


def satisfiable(clauses: Sequence[tuple[int, ...]], count: int) -> bool:
    """Whether all clauses (literals are atoms from 1 to `count`, negative where denied) can be true together.

    Davis, Putnam, Logemann and Loveland 1962, without recursion.
    """
    watching: dict[int, list[int]] = {}
    for at, clause in enumerate(clauses):
        for literal in clause:
            watching.setdefault(-literal, []).append(at)
    value: dict[int, bool] = {}
    trail: list[int] = []
    choices: list[tuple[int, int]] = []  # (how long the trail was, the literal chosen)
    todo = [clause[0] for clause in clauses if len(clause) == 1]
    if any(not clause for clause in clauses):
        return False
    free = 1
    while True:
        conflict = False
        while todo and not conflict:
            literal = todo.pop()
            if abs(literal) in value:
                conflict = value[abs(literal)] is not (literal > 0)
                continue
            value[abs(literal)] = literal > 0
            trail.append(literal)
            for at in watching.get(literal, ()):
                rest = [x for x in clauses[at] if value.get(abs(x)) is not (x < 0)]
                if not rest:
                    conflict = True
                    break
                if len(rest) == 1 and abs(rest[0]) not in value:
                    todo.append(rest[0])
        if conflict:
            todo.clear()
            while choices and choices[-1][1] < 0:  # both ways tried
                _undo(trail, value, choices.pop()[0])
            if not choices:
                return False
            length, chosen = choices.pop()
            _undo(trail, value, length)
            choices.append((length, -chosen))
            todo.append(-chosen)
            free = 1
            continue
        while free <= count and free in value:
            free += 1
        if free > count:
            return True
        choices.append((len(trail), free))
        todo.append(free)


def _undo(trail: list[int], value: dict[int, bool], length: int) -> None:
    while len(trail) > length:
        del value[abs(trail.pop())]


# --- finite domains ---------------------------------------------------------------------------------------------

_Cell = tuple[str, tuple[Value, ...]]
"""An unknown, or a function's value for these arguments."""


def chosen(program: t.Program, symbols: Symbols) -> str | Status | None:
    """The letter of the one option that fits, underdetermined where none or several do, or contradictory."""
    ask = program.ask
    if not isinstance(ask, t.AskOption):
        return None
    try:
        search = _Search(program, symbols)
        if search.model([]) is None:
            return Status.CONTRADICTORY
        fitting = []
        for s in program.statements:
            if isinstance(s, t.Option):
                holds = search.model([s.formula]) is not None
                fails = search.model([t.Unary(t.UnaryOp.NOT, s.formula)]) is not None
                fits = {
                    t.OptionMode.CONSISTENT: holds,
                    t.OptionMode.MAY: holds,
                    t.OptionMode.MUST: not fails,
                    t.OptionMode.CANNOT: not holds,
                    t.OptionMode.EXCEPT: fails,
                }
                fitting += [s.label] if fits[ask.mode] else []
    except TooHard:
        return None
    return fitting[0] if len(fitting) == 1 else Status.UNDERDETERMINED


class _Search:
    """Values for a program's unknowns and functions, one after the other, each premise tested when it can be."""

    def __init__(self, program: t.Program, symbols: Symbols) -> None:
        self.symbols = symbols
        self.ranges: dict[_Cell, Sequence[Value]] = {}
        for name, symbol in symbols.of(Unknown, Constant):
            assert isinstance(symbol, Unknown | Constant)
            self.ranges[name, ()] = self.members(symbol.type if isinstance(symbol, Unknown) else symbol.kind.sort)
        for name, function in symbols.of(Function):
            assert isinstance(function, Function)
            for args in product(*(self.members(d) for d in function.domains)):
                self.ranges[name, args] = self.members(function.type)
        self.premises: list[t.Expr] = []
        for s in program.statements:
            if isinstance(s, t.Assertion):
                self.premises += self.instances(s.formula)
            elif isinstance(s, t.Distinct):
                self.premises += self.distinct(s.names)

    def members(self, type_: t.Type | str | None) -> tuple[Value, ...]:
        if isinstance(type_, t.Unit):
            type_ = type_.word
        if type_ in (None, "bool"):
            return (False, True)
        members = None if type_ in ("int", "count", "real") else self.symbols.members(type_)
        if members is None:
            raise TooHard
        return tuple(Fraction(m) if isinstance(m, int) else m for m in members)

    def distinct(self, names: Sequence[str]) -> list[t.Expr]:
        cells = [_called(cell) for cell in self.ranges if len(names) == 1 and cell[0] == names[0]]
        parts = cells or [t.Name(n) for n in names]
        pairs = [(a, b) for k, a in enumerate(parts) for b in parts[k + 1 :]]
        return [t.Compare(a, ((t.CompareOp.NE, b),)) for a, b in pairs]

    def instances(self, e: t.Expr) -> list[t.Expr]:
        """The conjuncts of a premise, one for each value of its outer `forall`s."""
        todo, found = [e], list[t.Expr]()
        while todo:
            e = todo.pop()
            if isinstance(e, t.Binary) and e.op is t.BinaryOp.AND:
                todo += [e.right, e.left]
            elif isinstance(e, t.Quantified) and e.quantifier is t.Quantifier.FORALL:
                names = [(n, b.domain) for b in e.binders for n in b.names]
                for values in product(*(self.members(d) for _, d in names)):
                    terms = {n: _term(v) for (n, _), v in zip(names, values, strict=True)}
                    todo.append(t.substitute(e.body, terms))
            else:
                found.append(e)
            if len(found) + len(todo) > MAX_INSTANCES:
                raise TooHard
        return found

    def needs(self, e: t.Expr) -> frozenset[_Cell]:
        """The cells that decide a formula."""
        needed: set[_Cell] = set()
        for node in t.walk(e):
            if isinstance(node, t.Name):
                needed.add((node.id, ()))
            elif isinstance(node, t.Call):
                args = tuple(_value(a) for a in node.args)
                exact = (node.function, tuple(a for a in args if a is not None))
                same = [c for c in self.ranges if c[0] == node.function]
                needed.update([exact] if None not in args and exact in self.ranges else same)
        return frozenset(needed & self.ranges.keys())

    def model(self, also: Sequence[t.Expr]) -> Interpretation | None:
        """A model of the premises and of `also`. Raises TooHard where it is not found soon."""
        formulas = [*self.premises, *(i for e in also for i in self.instances(e))]
        needs = [self.needs(f) for f in formulas]
        order: dict[_Cell, None] = {}
        for _, cells in sorted(enumerate(needs), key=lambda entry: len(entry[1])):
            order |= dict.fromkeys(sorted(cells, key=str))
        ordered = list(order)
        place = {cell: k for k, cell in enumerate(ordered)}
        due: list[list[t.Expr]] = [[] for _ in range(len(ordered) + 1)]
        for formula, needed in zip(formulas, needs, strict=True):
            due[max((place[c] + 1 for c in needed), default=0)].append(formula)
        values: dict[str, Value] = {}
        tables: dict[str, dict[tuple[Value, ...], Value]] = {name: {} for name, _ in self.symbols.of(Function)}
        model = Interpretation(values, tables)
        if not all(self.holds(f, model) for f in due[0]):
            return None
        iterators: list[Iterator[Value]] = [iter(self.ranges[ordered[0]])] if ordered else []
        tried = 0
        while iterators:
            name, args = ordered[len(iterators) - 1]
            value = next(iterators[-1], None)
            if value is None:
                iterators.pop()
                continue
            tried += 1
            if tried > MAX_TRIED:
                raise TooHard
            if args or name in tables:
                tables[name][args] = value
            else:
                values[name] = value
            if all(self.holds(f, model) for f in due[len(iterators)]):
                if len(iterators) == len(ordered):
                    return model
                iterators.append(iter(self.ranges[ordered[len(iterators)]]))
        return model if not ordered else None

    def holds(self, formula: t.Expr, model: Interpretation) -> bool:
        try:
            return evaluate(formula, self.symbols, model) is True
        except Undefined:
            return False


def _called(cell: _Cell) -> t.Expr:
    name, args = cell
    return t.Call(name, tuple(map(_term, args))) if args else t.Name(name)


def _term(value: Value) -> t.Expr:
    if isinstance(value, Fraction):
        number = t.Number(abs(value))
        return t.Unary(t.UnaryOp.NEG, number) if value < 0 else number
    return t.Name(str(value))


def _value(e: t.Node) -> Value | None:
    """The value of a ground argument."""
    if isinstance(e, t.Number):
        return e.value
    if isinstance(e, t.Unary) and isinstance(e.operand, t.Number):
        return -e.operand.value
    return e.id if isinstance(e, t.Name) else None
