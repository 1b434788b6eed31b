"""The functions every program may call, with how many arguments they take and what solves them.

One table, so that the checker, the solvers and the documentation cannot come to differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Which part of the language a built-in belongs to; solvers declare the groups they take."""

    ARITHMETIC = "arithmetic"
    """Exact functions of numbers, known to the evaluator and to most solvers."""
    AGGREGATE = "aggregate"
    """sum, product, count over a bound variable: `sum(n: 1..10, n^2)`."""
    LOGIC = "logic"
    """distinct(...): the arguments are pairwise different."""
    DATE = "date"
    SET = "set"
    ANALYSIS = "analysis"
    """Transcendental functions and calculus: computer algebra only."""
    DERIVED = "derived"
    """Defined by other built-ins, which `lowering` puts in their place before any solver sees them."""
    GRAPH = "graph"
    """Questions to a declared graph, its name as first argument."""


class Result(StrEnum):
    """What a built-in gives."""

    NUMBER = "number"
    TRUTH = "truth"
    SET = "set"
    LIST = "list"
    DATE = "date"
    TERM = "term"
    """A symbolic expression: the result of computer algebra."""


@dataclass(frozen=True)
class Builtin:
    """A built-in: its group, its result and the least and greatest number of arguments (None: any)."""

    group: Group
    result: Result
    least: int
    greatest: int | None
    about: str


def _table() -> dict[str, Builtin]:
    arithmetic = {
        "abs": (1, 1, "absolute value"),
        "min": (1, None, "the least of its arguments, or of a list or set"),
        "max": (1, None, "the greatest of its arguments, or of a list or set"),
        "floor": (1, 1, "the greatest integer not above"),
        "ceil": (1, 1, "the least integer not below"),
        "round": (1, 2, "to the nearest integer, or to so many decimals; halves away from zero"),
        "gcd": (2, None, "greatest common divisor"),
        "lcm": (2, None, "least common multiple"),
        "sqrt": (1, 1, "the non-negative square root"),
        "factorial": (1, 1, "n!"),
        "binomial": (2, 2, "n choose k"),
        "permutations": (2, 2, "ordered choices of k out of n"),
    }
    analysis = {
        "sin": (1, 1, "sine of radians"),
        "cos": (1, 1, "cosine of radians"),
        "tan": (1, 1, "tangent of radians"),
        "asin": (1, 1, "inverse sine"),
        "acos": (1, 1, "inverse cosine"),
        "atan": (1, 1, "inverse tangent"),
        "exp": (1, 1, "e to the power"),
        "log": (1, 2, "natural logarithm, or to a base"),
        "ln": (1, 1, "natural logarithm"),
        "integrate": (2, 4, "integrate(f, x) or integrate(f, x, from, to)"),
        "diff": (2, 3, "diff(f, x) or diff(f, x, times)"),
        "limit": (3, 3, "limit(f, x, to)"),
        "series": (4, 4, "series(f, x, around, order)"),
        "simplify": (1, 1, "a simpler equal expression"),
        "factor": (1, 1, "the product of irreducible factors"),
        "expand": (1, 1, "multiplied out"),
    }
    graph = {
        "distance": (3, 3, Result.NUMBER, "distance(g, a, b): length of a shortest path"),
        "path": (3, 3, Result.LIST, "path(g, a, b): a shortest path, which must be the only one"),
        "connected": (1, 3, Result.TRUTH, "connected(g), or connected(g, a, b): is there a path"),
        "components": (1, 1, Result.NUMBER, "components(g): how many (weakly) connected parts"),
        "degree": (2, 2, Result.NUMBER, "degree(g, a): how many edges meet a"),
        "flow": (3, 3, Result.NUMBER, "flow(g, a, b): the greatest flow, weights being capacities"),
        "colors": (1, 1, Result.NUMBER, "colors(g): the least number of colours, neighbours differing"),
        "matching": (1, 1, Result.NUMBER, "matching(g): the greatest number of disjoint edges"),
        "spanning": (1, 1, Result.NUMBER, "spanning(g): least total weight that connects all"),
        "tour": (1, 1, Result.NUMBER, "tour(g): length of a shortest round trip through all"),
        "cyclic": (1, 1, Result.TRUTH, "cyclic(g): is there a cycle"),
        "order": (1, 1, Result.LIST, "order(g): every edge's tail before its head; must be the only one"),
        "longest": (1, 1, Result.NUMBER, "longest(g): weight of a longest path in a graph without cycles"),
    }
    table = {n: Builtin(Group.ARITHMETIC, Result.NUMBER, a, b, t) for n, (a, b, t) in arithmetic.items()}
    table |= {n: Builtin(Group.ANALYSIS, Result.TERM, a, b, t) for n, (a, b, t) in analysis.items()}
    table |= {n: Builtin(Group.GRAPH, r, a, b, t) for n, (a, b, r, t) in graph.items()}
    table |= {
        "sum": Builtin(Group.AGGREGATE, Result.NUMBER, 1, None, "sum(x: s, e), or of a list or set"),
        "product": Builtin(Group.AGGREGATE, Result.NUMBER, 1, None, "product(x: s, e), or of a list or set"),
        "count": Builtin(Group.AGGREGATE, Result.NUMBER, 2, None, "count(x: s, F): for how many x F holds"),
        "distinct": Builtin(Group.LOGIC, Result.TRUTH, 1, None, "the arguments are pairwise different"),
        "date": Builtin(Group.DATE, Result.DATE, 3, 3, "date(year, month, day)"),
        "weekday": Builtin(Group.DATE, Result.NUMBER, 1, 1, "1 for Monday to 7 for Sunday"),
        "year": Builtin(Group.DATE, Result.NUMBER, 1, 1, "the year of a date"),
        "month": Builtin(Group.DATE, Result.NUMBER, 1, 1, "the month of a date"),
        "day": Builtin(Group.DATE, Result.NUMBER, 1, 1, "the day of the month of a date"),
        "add_months": Builtin(
            Group.DATE, Result.DATE, 2, 2, "add_months(date, n): that day of a later month, or its last"
        ),
        "convert": Builtin(Group.DERIVED, Result.NUMBER, 2, 2, "convert(x, unit): convert(90 [minute], hour)"),
        "probability": Builtin(
            Group.DERIVED,
            Result.NUMBER,
            2,
            None,
            "probability(x: s, F), or probability(x: s, F, given): equally likely x",
        ),
        "average": Builtin(
            Group.DERIVED, Result.NUMBER, 1, None, "average(x: s, e), average(x: s, e, given), or of a list or set"
        ),
        "nth": Builtin(Group.SET, Result.NUMBER, 2, 2, "nth(list, n): its element n, counted from 1"),
        "solve": Builtin(Group.SET, Result.SET, 1, 2, "solve(F, x): the set of all x for which F; or solve(x)"),
        "size": Builtin(Group.SET, Result.NUMBER, 1, 1, "how many elements a list or set has"),
        "member": Builtin(Group.SET, Result.TRUTH, 2, 2, "member(x, S): is x an element"),
        "union": Builtin(Group.SET, Result.SET, 2, None, "elements of any"),
        "intersection": Builtin(Group.SET, Result.SET, 2, None, "elements of all"),
        "difference": Builtin(Group.SET, Result.SET, 2, 2, "elements of the first only"),
    }
    return table


BUILTINS = _table()


def is_derived(function: str) -> bool:
    """Whether a function is defined by other built-ins; a program may have its own of that name."""
    return function in BUILTINS and BUILTINS[function].group is Group.DERIVED


CONSTANTS = {"pi": "the circle's constant", "e": "Euler's number", "oo": "infinity"}
"""Names that need no declaration, unless the program declares them itself."""
NUMBER_TYPES = frozenset({"count", "int", "real"})
"""Types of plain numbers, which clash with no unit; count is 0, 1, 2 ..."""
