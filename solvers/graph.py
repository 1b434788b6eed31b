"""Questions to stated graphs: shortest paths, flows, colourings, orders, by NetworkX, each with its certificate.

A program's edges are its ground facts (`road(a, b) = 5`); what is not stated is absent. Everything else in the
program is evaluated over that graph by the reference evaluator, to which each graph question is one more table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.builtins import BUILTINS, Group
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.printer import show_expr
from neurosym.language.symbols import Constant, GraphSymbol, SortSymbol, Symbols
from neurosym.language.values import TooLarge, Undefined, Value
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solvers import graph_routes, graph_structure
from neurosym.solvers.base import Task, Unsupported
from neurosym.solvers.graph_network import INFINITE, Arc, Finding, Network, Node, NoSingleValue, text

MAX_NODES = 1_000
MAX_SHOWN = 20
"""Questions whose evidence is kept in full; of the others, only whether all of it holds."""

_QUESTIONS: Mapping[str, Callable[..., Finding]] = {
    name: getattr(graph_routes, name, None) or getattr(graph_structure, name)
    for name, builtin in BUILTINS.items()
    if builtin.group is Group.GRAPH
}
_OUTSIDE: Mapping[type[t.Statement], str] = {
    t.Var: "an unknown (`var`)",
    t.Fun: "a function (`fun`)",
    t.Rel: "a relation (`rel`)",
    t.Goal: "a goal (`maximize`, `minimize`)",
    t.Python: "a Python block",
}


class Graph:
    """Solves programs over `graph` and `digraph` whose edges are stated one by one."""

    def solve(self, task: Task) -> Outcome:
        """What the asked graph questions come to; see `Solver.solve`."""
        try:
            return _Reading(task).outcome()
        except Unsupported as outside:
            return outside.outcome("graph")
        except NoSingleValue as none:
            return none.outcome


@dataclass
class _Stated:
    """A graph as its facts are read.

    weights:  an edge is there once, in the direction first stated.
    table:    the graph as a function of two nodes.
    """

    symbol: GraphSymbol
    nodes: tuple[Node, ...]
    weights: dict[Arc, Fraction] = field(default_factory=dict)
    lines: dict[Arc, int] = field(default_factory=dict)
    table: dict[tuple[Value, ...], Value] = field(default_factory=dict)

    def add(self, arc: Arc, weight: Fraction, line: int) -> None:
        self.weights[arc] = weight
        self.lines[arc] = line
        value: Value = True if self.symbol.type is None else weight
        self.table[arc] = value
        if not self.symbol.directed:
            self.table[arc[1], arc[0]] = value

    def key(self, arc: Arc) -> Arc:
        """The edge as it was first stated: an undirected one may have been stated from its other end."""
        reverse = (arc[1], arc[0])
        return reverse if not self.symbol.directed and reverse in self.weights else arc

    def network(self, name: str) -> Network:
        scale = math.lcm(*(w.denominator for w in self.weights.values()))
        edges = {arc: int(w * scale) for arc, w in self.weights.items()}
        return Network(name, self.nodes, edges, self.symbol.directed, scale, self.lines)


@dataclass(frozen=True)
class _Fact:
    """`road(a, b) = road(b, c) = 5`, or `road(a, b)` with value None."""

    edges: tuple[t.Call, ...]
    value: t.Expr | None
    formula: t.Expr
    line: int


class _Answers(Mapping[tuple[Value, ...], Value]):
    """One graph built-in as a table that is computed where it is looked up."""

    def __init__(self, function: str, networks: Mapping[str, Network], asked: dict[str, Finding]) -> None:
        self.function, self.networks, self.asked = function, networks, asked

    def __getitem__(self, args: tuple[Value, ...]) -> Value:
        network = self.networks[str(args[0])]
        question = f"{self.function}({', '.join([network.name, *map(text, args[1:])])})"
        if question not in self.asked:
            for node in args[1:]:
                if node not in network.neighbours:
                    raise Undefined(f"{text(node)} is no node of {network.name}")
            self.asked[question] = _QUESTIONS[self.function](network, *args[1:])
        return self.asked[question].value

    def __contains__(self, args: object) -> bool:
        return True

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Reading:
    """One program's graphs and premises, and then its answer."""

    def __init__(self, task: Task) -> None:
        self.symbols = task.symbols
        self.statements = task.program.statements
        self.asked: dict[str, Finding] = {}
        for statement in self.statements:
            if type(statement) in _OUTSIDE:
                raise Unsupported(f"{_OUTSIDE[type(statement)]} on line {_line(statement)}")
        self.constants = _constants(self.symbols)
        self.graphs = {
            name: _Stated(symbol, _nodes(name, symbol, self.symbols, self.constants))
            for name, symbol in self.symbols.of(GraphSymbol)
            if isinstance(symbol, GraphSymbol)
        }
        if not self.graphs:
            raise Unsupported("no graph is declared")
        self.nodes = {name: frozenset(graph.nodes) for name, graph in self.graphs.items()}

    def outcome(self) -> Outcome:
        facts, premises = self.sorted()
        self.state(facts)
        networks = {name: graph.network(name) for name, graph in self.graphs.items()}
        self.model = self.interpretation(
            {
                **{name: graph.table for name, graph in self.graphs.items()},
                **{function: _Answers(function, networks, self.asked) for function in _QUESTIONS},
            }
        )
        for formula, line in premises:
            self.premise(formula, line)
        found = self.answer()
        return replace(found, evidence=found.evidence + self.evidence(), solver="graph")

    def interpretation(self, tables: Mapping[str, Mapping[tuple[Value, ...], Value]]) -> Interpretation:
        values: dict[str, Value] = {name: name for name in (*self.graphs, *self.constants)}
        if self.symbols.get(INFINITE) is None:
            values[INFINITE] = INFINITE
        universe: dict[str, tuple[str, ...]] = {}
        for name, sort in self.constants.items():
            universe[sort] = (*universe.get(sort, ()), name)
        return Interpretation(values, tables, universe)

    # --- the statements ---------------------------------------------------------------------------------------

    def sorted(self) -> tuple[list[_Fact], list[tuple[t.Expr, int]]]:
        """The facts that state edges, and the premises about the graph that they make."""
        facts: list[_Fact] = []
        premises: list[tuple[t.Expr, int]] = []
        for statement in self.statements:
            line = _line(statement)
            if isinstance(statement, t.Distinct):
                premises.append((t.Call("distinct", tuple(t.Name(n) for n in statement.names)), line))
            elif isinstance(statement, t.Assertion):
                for formula in t.conjuncts(statement.formula):
                    fact = self.fact(formula, line)
                    if fact is None:
                        premises.append((formula, line))
                    else:
                        facts.append(fact)
        return facts, premises

    def fact(self, formula: t.Expr, line: int) -> _Fact | None:
        if isinstance(formula, t.Call) and formula.function in self.graphs:
            return _Fact((formula,), None, formula, line)
        if not isinstance(formula, t.Compare) or any(op is not t.CompareOp.EQ for op, _ in formula.rest):
            return None
        sides = [formula.first, *(right for _, right in formula.rest)]
        edges = tuple(s for s in sides if isinstance(s, t.Call) and s.function in self.graphs)
        values = [s for s in sides if s not in edges]
        return _Fact(edges, values[0], formula, line) if edges and len(values) == 1 else None

    def state(self, facts: list[_Fact]) -> None:
        """Add the edges; a weight may be computed from weights that other facts state."""
        model = self.interpretation({n: g.table for n, g in self.graphs.items() if g.symbol.type is not None})
        while facts:
            later: list[_Fact] = []
            reason = ""
            for fact in facts:
                try:
                    self.add(fact, model)
                except Undefined as missing:
                    later.append(fact)
                    reason = reason or f"line {fact.line}: {missing}"
            if len(later) == len(facts):
                raise Unsupported(f"an edge that is not stated outright; {reason}")
            facts = later

    def add(self, fact: _Fact, model: Interpretation) -> None:
        value = True if fact.value is None else evaluate(fact.value, self.symbols, model)
        for edge in fact.edges:
            graph = self.graphs[edge.function]
            tail, head = (evaluate(a, self.symbols, model) for a in edge.args if not isinstance(a, t.Binder))
            for node in (tail, head):
                if node not in self.nodes[edge.function]:
                    raise Unsupported(f"{text(node)} on line {fact.line}, which is no node of {edge.function}")
            if value is False:
                raise Unsupported(f"an edge that is denied on line {fact.line}; what is not stated is absent")
            arc = graph.key((tail, head))
            weight = value if isinstance(value, Fraction) else Fraction(1)
            if not _fits(weight, graph.symbol.type, self.symbols):
                message = f"line {fact.line}: {text(weight)} is no weight of {edge.function}, by its declaration"
                raise NoSingleValue(_contradiction(message, fact.line))
            if arc not in graph.weights:
                graph.add(arc, weight, fact.line)
            if graph.weights[arc] != weight:
                message = f"lines {graph.lines[arc]} and {fact.line} give {show_expr(edge)} different weights"
                raise NoSingleValue(_contradiction(message, graph.lines[arc], fact.line))

    def premise(self, formula: t.Expr, line: int) -> None:
        """Check a premise over the finished graph. Raises NoSingleValue where it is false."""
        before = set(self.asked)
        if self.truth(formula, line):
            return
        if any(isinstance(n, t.Name) and n.id in self.constants for c in _compares(formula) for n in t.children(c)):
            raise Unsupported(f"line {line}: constants that are the same node")
        if any(c.function in self.graphs and not self.is_weighted(c) for c in _positive_calls(formula)):
            raise Unsupported(f"line {line}: edges that are stated by a rule; state each by itself")
        seen = [f"{q} is {text(f.value)}" for q, f in self.asked.items() if q not in before]
        message = f"line {line} is false: {show_expr(formula)}" + (f", but {', '.join(seen[:3])}" if seen else "")
        mentioned = [self.stated_on(c) for c in t.walk(formula) if isinstance(c, t.Call) and c.function in self.graphs]
        raise NoSingleValue(
            replace(_contradiction(message, line, *(n for n in mentioned if n)), evidence=self.evidence())
        )

    def is_weighted(self, edge: t.Call) -> bool:
        return self.graphs[edge.function].symbol.type is not None

    def stated_on(self, edge: t.Call) -> int | None:
        """The line that states an edge; None where it is absent, or its ends are bound variables."""
        graph = self.graphs[edge.function]
        ends = [a.id for a in edge.args if isinstance(a, t.Name)]
        return graph.lines.get(graph.key((ends[0], ends[1]))) if len(ends) == 2 else None

    # --- the question -----------------------------------------------------------------------------------------

    def answer(self) -> Outcome:
        ask = self.statements[-1]
        if isinstance(ask, t.AskOption):
            return self.option(ask.mode)
        assert isinstance(ask, t.Ask)
        values = [self.value(target, _line(ask)) for target in ask.targets]
        if len(values) == 1 and isinstance(values[0], bool):
            return Outcome(Status.TRUE if values[0] else Status.FALSE)
        return Outcome(Status.VALUE, tuple(map(text, values)))

    def option(self, mode: t.OptionMode) -> Outcome:
        """The one option that holds, or that does not; everything is ground, so what may be must be."""
        wanted = mode not in (t.OptionMode.CANNOT, t.OptionMode.EXCEPT)
        options = [s for s in self.statements if isinstance(s, t.Option)]
        fit = [s.label for s in options if self.truth(s.formula, _line(s)) is wanted]
        if len(fit) == 1:
            return Outcome(Status.VALUE, option=fit[0])
        found = " and ".join(f"option {label}" for label in fit) or "no option"
        message = f"{found} {'may' if wanted else 'cannot'} be true"
        return Outcome(Status.UNDERDETERMINED, message=message, witnesses=tuple({"option": label} for label in fit[:2]))

    def truth(self, formula: t.Expr, line: int) -> bool:
        value = self.value(formula, line)
        if not isinstance(value, bool):
            raise Unsupported(f"line {line}: a formula that is no truth value")
        return value

    def value(self, e: t.Expr, line: int) -> Value:
        try:
            return evaluate(e, self.symbols, self.model)
        except TooLarge as error:
            raise Unsupported(f"line {line}: {error}") from None
        except Undefined as error:
            hint = ""
            if any(f.value == INFINITE for f in self.asked.values()):
                hint = (
                    f" (a value is {INFINITE}, as nothing attains it: ask `connected(...)`, or compare with {INFINITE})"
                )
            raise Unsupported(f"line {line}: {error}{hint}") from None

    def evidence(self) -> tuple[Evidence, ...]:
        """What shows the answers to all graph questions so far."""
        kept: list[Evidence] = []
        for question, finding in list(self.asked.items())[:MAX_SHOWN]:
            value = text(finding.value)
            kept += (replace(e, data={"question": question, "value": value, **e.data}) for e in finding.evidence)
        rest = [e for f in list(self.asked.values())[MAX_SHOWN:] for e in f.evidence]
        if rest:
            more = len(self.asked) - MAX_SHOWN
            kept.append(Evidence("evaluation", "graph", all(e.holds for e in rest), {"further_questions": more}))
        return tuple(kept)


def _line(statement: t.Statement) -> int:
    return statement.span.line if statement.span else 0


def _contradiction(message: str, *lines: int) -> Outcome:
    return Outcome(Status.CONTRADICTORY, message=message, core=tuple(sorted({n for n in lines if n})), solver="graph")


def _constants(symbols: Symbols) -> dict[str, str]:
    """The constants of open sorts, which serve as nodes, and their sorts."""
    found = {}
    for name, symbol in symbols.of(Constant):
        sort = symbols.get(symbol.kind.sort)  # type: ignore[union-attr]
        if not isinstance(sort, SortSymbol) or sort.elements is not None:
            raise Unsupported(f"the constant {name!r}, which may be any element of its sort")
        found[name] = symbol.kind.sort  # type: ignore[union-attr]
    return found


def _nodes(name: str, symbol: GraphSymbol, symbols: Symbols, constants: Mapping[str, str]) -> tuple[Node, ...]:
    domain = symbol.domains[0]
    members = symbols.members(domain)
    if members is None:
        members = tuple(c for c, sort in constants.items() if sort == domain)
    if not 0 < len(members) <= MAX_NODES:
        what = f"{len(members)} nodes" if members else "no nodes"
        raise Unsupported(
            f"the graph {name!r} with {what}; it takes 1 to {MAX_NODES}, of a finite sort or of constants"
        )
    return tuple(Fraction(m) if isinstance(m, int) else m for m in members)


def _fits(weight: Fraction, type_: t.Type | None, symbols: Symbols) -> bool:
    """Whether a graph's declared type has the weight."""
    if isinstance(type_, t.Range):
        low, high = symbols.number(type_.low), symbols.number(type_.high)
        return weight.denominator == 1 and low is not None and high is not None and low <= weight <= high
    if type_ is None or type_.word not in ("count", "int"):
        return True
    return weight.denominator == 1 and (type_.word == "int" or weight >= 0)


def _compares(formula: t.Expr) -> Iterator[t.Node]:
    return (
        n for n in t.walk(formula) if isinstance(n, t.Compare) or (isinstance(n, t.Call) and n.function == "distinct")
    )


def _positive_calls(formula: t.Node) -> Iterator[t.Call]:
    """The calls in a formula that are not directly negated."""
    if isinstance(formula, t.Call):
        yield formula
    if isinstance(formula, t.Unary) and formula.op is t.UnaryOp.NOT and isinstance(formula.operand, t.Call):
        return
    for child in t.children(formula):
        yield from _positive_calls(child)
