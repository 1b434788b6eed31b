"""Words in a row as a unit: `square feet`, `miles per hour`, `cm^2`, `clips`."""

from __future__ import annotations

from neurosym.equality import units
from neurosym.equality.answers import Unit
from neurosym.equality.parts import FUNCTIONS, GREEK, NAMES, Node, is_a, is_symbol, written


def is_unit(node: Node, at: int, letters: bool) -> bool:
    """Whether the factor at place `at` is the beginning of a unit."""
    return _power(node) is not None or (at > 0 and unit_of([node], letters) is not None)


def unit_of(nodes: list[Node], letters: bool) -> Unit | None:
    """The unit that all of `nodes` name, or None; `letters` says that one letter may be a unit."""
    total: Unit | None = None
    power, sign = 1, 1
    for node in nodes:
        exponent = 1
        if is_a(node, "pow"):
            node, raised = node.children
            digits = written(raised).strip("{}")
            if digits not in ("2", "3"):
                return None
            exponent = int(digits)
        if not is_a(node, "word"):
            return None
        if (square := _power(node)) is not None and power == 1 == exponent:
            power = square
            continue
        if written(node) == "per" and total is not None:
            sign = -1
            continue
        unit = _unit(written(node), letters, counted=len(nodes) == 1 and exponent == 1)
        if unit is None:
            return None
        if power * exponent > 1 or sign < 0:
            unit = units.to_the(unit, power * exponent * sign)
        if total is None or (total.dimension, total.scale) != (unit.dimension, unit.scale):  # `$5 USD` says it twice
            total = unit if total is None else units.product(total, unit)
        power = sign = 1
    return total if power == 1 == sign else None


def _unit(word: str, letters: bool, counted: bool) -> Unit | None:
    if word.startswith("\\") or (len(word) == 1 and not letters):
        return None
    if (unit := units.known(word)) is not None:
        return unit
    other = word in FUNCTIONS or word in NAMES or word in GREEK or is_symbol(word)
    return units.noun(word) if counted and not other else None


def _power(node: Node) -> int | None:
    word = written(node) if is_a(node, "word") else ""
    return 2 if word in ("square", "sq") else 3 if word in ("cubic", "cu") else None
