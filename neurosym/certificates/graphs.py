"""Programs over stated graphs, evaluated again from their text and the answers that their certificate shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from neurosym.certificates.claims import NoClaim, answers
from neurosym.certificates.graph_checks import CHECKERS
from neurosym.certificates.graph_network import INFINITE, Data, Graph, Unknown, Wrong
from neurosym.errors import ProgramError
from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Constant, GraphSymbol, Symbols
from neurosym.language.values import Undefined, Value, same
from neurosym.outcome import Status


@dataclass
class Stated:
    """What a program states of its graphs.

    conflict:  lines that give one edge two weights, or an edge a weight that its type has not.
    """

    graphs: dict[str, Graph]
    names: Interpretation
    premises: list[tuple[int, t.Expr]] = field(default_factory=list)
    conflict: tuple[int, ...] = ()


def stated(program: t.Program, symbols: Symbols) -> Stated:
    """The graphs and the premises about them. Raises Unknown where an edge is not stated outright."""
    constants = {name: name for name, _ in symbols.of(Constant)}
    graphs = {
        name: Graph(_nodes(symbols, s), s.directed, s.type is not None)
        for name, s in symbols.of(GraphSymbol)
        if isinstance(s, GraphSymbol)
    }
    universe: dict[str, tuple[str, ...]] = {}
    for name, constant in symbols.of(Constant):
        assert isinstance(constant, Constant)
        universe[constant.kind.sort] = (*universe.get(constant.kind.sort, ()), name)
    values: dict[str, Value] = {INFINITE: INFINITE, **{g: g for g in graphs}, **constants}
    found = Stated(graphs, Interpretation(values, {}, universe))
    facts: list[tuple[int, t.Expr]] = []
    for line, s in enumerate(program.statements, start=1):
        if isinstance(s, t.Distinct):
            found.premises.append((line, t.Call("distinct", tuple(t.Name(n) for n in s.names))))
        for formula in t.conjuncts(s.formula) if isinstance(s, t.Assertion) else ():
            (facts if _edges(formula, graphs) else found.premises).append((line, formula))
    lines: dict[tuple[str, Value, Value], int] = {}
    while facts:
        later = [(n, f) for n, f in facts if not _state(n, f, found, symbols, lines)]
        if len(later) == len(facts):
            raise Unknown(f"line {later[0][0]} states an edge in a way that is not followed here")
        facts = later
    return found


def _nodes(symbols: Symbols, graph: GraphSymbol) -> tuple[Value, ...]:
    members = symbols.members(graph.domains[0])
    if members is None:
        sort = graph.domains[0]
        members = tuple(n for n, s in symbols.of(Constant) if isinstance(s, Constant) and s.kind.sort == sort)
    return tuple(Fraction(m) if isinstance(m, int) else m for m in members)


def _edges(formula: t.Expr, graphs: Mapping[str, Graph]) -> tuple[list[t.Call], t.Expr | None] | None:
    """The edges that a formula states and their weight: `road(a, b)`, `road(a, b) = road(b, c) = 5`."""
    if isinstance(formula, t.Call) and formula.function in graphs:
        return [formula], None
    if not isinstance(formula, t.Compare) or any(op is not t.CompareOp.EQ for op, _ in formula.rest):
        return None
    sides = [formula.first, *(right for _, right in formula.rest)]
    edges = [s for s in sides if isinstance(s, t.Call) and s.function in graphs]
    weights = [s for s in sides if s not in edges]
    return (edges, weights[0]) if edges and len(weights) == 1 else None


def _state(
    line: int, formula: t.Expr, found: Stated, symbols: Symbols, lines: dict[tuple[str, Value, Value], int]
) -> bool:
    """Add the edges that a formula states; False where its weight is not known yet."""
    edges = _edges(formula, found.graphs)
    assert edges is not None
    tables = {name: g.table() for name, g in found.graphs.items() if g.weighted}
    model = Interpretation(found.names.values, tables, found.names.universe)
    try:
        weight = True if edges[1] is None else evaluate(edges[1], symbols, model)
        for edge in edges[0]:
            u, v = (evaluate(a, symbols, model) for a in edge.args if not isinstance(a, t.Binder))
            graph = found.graphs[edge.function]
            if u not in graph.nodes or v not in graph.nodes or weight is False:
                raise Unknown(f"line {line} states an edge in a way that is not followed here")
            if not graph.directed and (v, u) in graph.edges:
                u, v = v, u
            amount = weight if isinstance(weight, Fraction) else Fraction(1)
            first = lines.setdefault((edge.function, u, v), line)
            if graph.edges.setdefault((u, v), amount) != amount or not _fits(amount, edge.function, symbols):
                found.conflict = (first, line)
    except Undefined:
        return False
    return True


def _fits(weight: Fraction, name: str, symbols: Symbols) -> bool:
    """Whether a graph's declared type has the weight."""
    type_ = getattr(symbols.get(name), "type", None)
    if isinstance(type_, t.Range):
        low, high = symbols.number(type_.low), symbols.number(type_.high)
        return weight.denominator == 1 and low is not None and high is not None and low <= weight <= high
    if type_ is None or type_.word not in ("count", "int"):
        return True
    return weight.denominator == 1 and (type_.word == "int" or weight >= 0)


# --- answers ----------------------------------------------------------------------------------------------------


def questions(
    found: Stated, said: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, tuple[Value, ...], Value]]:
    """Each question that the certificate answers: its text, function, arguments and value, once it is shown.

    Raises Wrong, Unknown.
    """
    for text, entry in said.items():
        try:
            call = read_expression(text)
        except ProgramError:
            raise Wrong(f"{text!r} is no question") from None
        if not isinstance(call, t.Call) or call.function not in CHECKERS:
            raise Wrong(f"{text!r} is no question to a graph")
        args = [evaluate(a, Symbols(), _literals(found, a)) for a in call.args if not isinstance(a, t.Binder)]
        graph = found.graphs.get(str(args[0])) if args else None
        if graph is None or any(a not in graph.nodes for a in args[1:]):
            raise Wrong(f"{text!r} is about no graph of the program, or no node of it")
        data = Data(
            entry, Interpretation({str(n): n for g in found.graphs.values() for n in g.nodes if isinstance(n, str)})
        )
        value = data.one("value")
        try:
            CHECKERS[call.function](graph, args[1:], value, data)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise Wrong(f"what is said of {text} cannot be used: {error!r}") from None
        except Wrong as why:
            raise Wrong(f"{text}: {why}") from None
        yield text, call.function, tuple(args), value


def _literals(found: Stated, e: t.Expr) -> Interpretation:
    """An interpretation in which names stand for themselves."""
    return Interpretation({n.id: n.id for n in t.walk(e) if isinstance(n, t.Name)})


def recheck(
    program: t.Program,
    symbols: Symbols,
    said: Mapping[str, Mapping[str, Any]],
    status: Status,
    claimed: Sequence[str],
    option: str | None,
    core: Sequence[int],
) -> tuple[bool | None, str]:
    """Whether a claim about a program over graphs is right, None where its certificate does not tell; and why."""
    try:
        found = stated(program, symbols)
        tables: dict[str, dict[tuple[Value, ...], Value]] = {name: dict(g.table()) for name, g in found.graphs.items()}
        shown = 0
        for _, function, args, value in questions(found, said) if not found.conflict else ():
            tables.setdefault(function, {})[args] = value
            shown += 1
        model = Interpretation(found.names.values, tables, found.names.universe)
        false = [line for line, f in found.premises if not found.conflict and _truth(f, symbols, model) is False]
        if found.conflict or false:
            lines = found.conflict or tuple(false[:1])
            right = status is Status.CONTRADICTORY and (set(lines) <= set(core) or bool(set(false) & set(core)))
            return right, f"line {lines[-1]} cannot be true"
        if status is Status.CONTRADICTORY:
            return None, "no premise was found to be false"
        right, why = _answered(program, symbols, model, status, claimed, option)
        return right, f"{why}; {shown} graph answers were checked by their duals or by a search"
    except (Wrong, NoClaim) as wrong:
        return False, str(wrong)
    except (Unknown, Undefined) as unknown:
        return None, str(unknown)


def _truth(e: t.Expr, symbols: Symbols, model: Interpretation) -> bool:
    value = evaluate(e, symbols, model)
    if not isinstance(value, bool):
        raise Undefined("a formula is expected")
    return value


def _answered(
    program: t.Program,
    symbols: Symbols,
    model: Interpretation,
    status: Status,
    claimed: Sequence[str],
    option: str | None,
) -> tuple[bool, str]:
    """Whether the program's question has the claimed answer in the only model."""
    ask = program.ask
    if isinstance(ask, t.AskOption):
        wanted = ask.mode not in (t.OptionMode.CANNOT, t.OptionMode.EXCEPT)
        options = [s for s in program.statements if isinstance(s, t.Option)]
        fit = [s.label for s in options if _truth(s.formula, symbols, model) is wanted]
        right = fit == [option] and status is Status.VALUE if len(fit) == 1 else status is Status.UNDERDETERMINED
        return right, f"options {', '.join(fit) or '(none)'} fit"
    assert isinstance(ask, t.Ask)
    if status in (Status.TRUE, Status.FALSE):
        return len(ask.targets) == 1 and _truth(ask.targets[0], symbols, model) is (status is Status.TRUE), "evaluated"
    if status is not Status.VALUE:
        raise Unknown("a question to a stated graph has one answer; that there are several is not shown here")
    for target, answer in answers(program, symbols, claimed):
        found = evaluate(target, symbols, model)
        if not same(found, evaluate(answer, symbols, model)):
            return False, "what is asked has another value"
    return True, "evaluated"
