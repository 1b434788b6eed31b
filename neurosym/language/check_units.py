"""Units where terms meet: what is to be multiplied by how much, so that hours and minutes add up.

Where two units of one dimension meet, the checker notes by which factor a term is to be multiplied; `lowering` does it.
A bare number takes the unit of its context: `60*t` may be hours, sixty times as many, or the minutes in t hours. It is
read as converted by hand where it is about the factor between the two units, and otherwise as a plain number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.symbols import ANY, NUMBER, Base, Kind
from neurosym.language.units import (
    MAX_NUMBERS,
    Dimension,
    by_hand,
    conversion,
    measured,
    reduced,
    show_dimension,
    times,
    to_the,
    unit_of,
)

Rewrite = Callable[[t.Expr], t.Expr]


class UnitChecker:
    """What is wrong, and what is to be rewritten: node identity → what makes of it what it stands for.

    derives:  whether a built-in was met that others define.
    """

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.rewrites: dict[int, list[Rewrite]] = {}
        self.derives = False

    def report(self, code: str, message: str, at: t.Node, hint: str = "") -> Kind:
        """Note what is wrong at a node."""
        self.found.append(Diagnostic(code, message, at.span, hint))
        return ANY

    def rewrite(self, node: t.Node, change: Rewrite) -> None:
        """Note what is to be done with a node."""
        self.rewrites.setdefault(id(node), []).append(change)

    # --- operands that meet -----------------------------------------------------------------------------------

    def join(self, parts: Sequence[tuple[Kind, t.Node]], what: str, at: t.Node | None = None) -> Kind:
        """The common kind of operands, converted to the unit of the first that has one; reports where there is none."""
        common = parts[0][0] if parts else ANY
        if all(kind is common for kind, _ in parts) and common.dimension is None and common.scaled is None:
            return common
        for kind, node in parts:
            if common.base is Base.ANY:
                common = kind
            elif kind.base is not Base.ANY and (kind.base is not common.base or kind.sort != common.sort):
                return self.report("kind", f"`{what}` joins {common} with {kind}", at or node)
        if common.base not in (Base.NUMBER, Base.SET, Base.LIST):
            return common
        parts = [(kind, node) for kind, node in parts if kind.base is not Base.ANY]
        known = [kind.dimension for kind, _ in parts if kind.dimension is not None]
        if not known:
            return self.join_scaled(parts)
        bare = any(kind.dimension is None and kind.scaled is None for kind, _ in parts)
        target = reduced(known[0]) if bare else known[0]
        for kind, node in parts:
            if self.give(kind, target, node, at) is ANY:
                return ANY
        return Kind(common.base, target)

    def join_scaled(self, parts: Sequence[tuple[Kind, t.Node]]) -> Kind:
        """The kind of operands of which none has a unit for certain."""
        found = [kind.scaled for kind, _ in parts if kind.scaled is not None]
        target = next((dim for dim, _ in found if all(_already(other, dim) for other in found)), None)
        target = target if target is not None or not found else found[0][0]
        if target is None or any(conversion(dim, target) is None for dim, _ in found):
            return Kind(parts[0][0].base) if parts else ANY
        for kind, node in parts:
            self.give(kind, target, node)
        numbers = tuple(dict.fromkeys(n for _, numbers in found for n in numbers))[:MAX_NUMBERS]
        return Kind(parts[0][0].base, scaled=(target, numbers))

    def give(self, kind: Kind, target: Dimension, node: t.Node, at: t.Node | None = None) -> Kind:
        """A number in the unit `target`, converted where it has another; reports where it cannot be."""
        if kind.dimension is not None:
            factor = conversion(kind.dimension, target)
            if factor is None or (factor != 1 and kind.base is not Base.NUMBER):
                return self.clash(kind.dimension, target, at or node)
            self.scale(node, factor, target)
        elif kind.scaled is not None and not _already(kind.scaled, target):
            factor = conversion(kind.scaled[0], target)
            if factor is not None and kind.base is Base.NUMBER:  # else the numbers bring what is missing
                self.scale(node, factor, target)
        return Kind(kind.base, target)

    def settle(self, kind: Kind, node: t.Node) -> Kind:
        """A number where nothing asks for a unit: hours over minutes become a plain ratio."""
        if kind.base is not Base.NUMBER:
            return kind
        if kind.dimension is not None and measured(reduced(kind.dimension)) != measured(kind.dimension):
            return self.give(kind, reduced(kind.dimension), node)
        if kind.scaled is not None and measured(reduced(kind.scaled[0])) != measured(kind.scaled[0]):
            dim, numbers = kind.scaled
            self.give(kind, reduced(dim), node)
            return Kind(kind.base, scaled=(reduced(dim), numbers))
        return kind

    def scale(self, node: t.Node, factor: Fraction, target: Dimension) -> None:
        """Note that a term is to be multiplied to be in `target`."""
        if factor != 1:
            self.rewrite(node, partial(scaled, factor=factor, unit=unit_of(target)))

    def clash(self, left: Dimension, right: Dimension, at: t.Node) -> Kind:
        """Report two units that have no conversion."""
        a, b = show_dimension(left), show_dimension(right)
        return self.report("unit-clash", f"units differ: {a} and {b}", at, "convert one of them first")

    # --- products ---------------------------------------------------------------------------------------------

    def multiply(self, left: Kind, right: Kind, numbers: tuple[Fraction | None, Fraction | None], sign: int) -> Kind:
        """The kind of a product or, `sign` -1, a quotient; `numbers` are the values of constant operands."""
        if left.dimension is not None and right.dimension is not None:
            return Kind(Base.NUMBER, times(left.dimension, to_the(right.dimension, sign)))
        if not any(k.dimension is not None or k.scaled is not None for k in (left, right)):
            return NUMBER  # bare numbers take whatever unit the context asks for
        dims, brought = [], list[Fraction]()
        for kind, number, exponent in ((left, numbers[0], 1), (right, numbers[1], sign)):
            dim, carried = kind.scaled or (kind.dimension or (), () if number is None or kind.dimension else (number,))
            dims.append(to_the(dim, exponent))
            brought += [n**exponent for n in carried if n]
        return Kind(Base.NUMBER, scaled=(times(*dims), tuple(brought[:MAX_NUMBERS])))

    def raised(self, base: Kind, exponent: Fraction) -> Kind:
        """The kind of a power; a root of a unit is one where it comes out even."""
        dim, numbers = base.scaled or (base.dimension, ())
        if dim is None or any((e * exponent).denominator > 1 for _, e in dim) or abs(exponent) > 99:
            return NUMBER
        power = tuple((n, int(e * exponent)) for n, e in dim) if exponent else ()
        if base.dimension is not None and exponent.denominator == 1:
            return Kind(Base.NUMBER, power)
        few = numbers if exponent.denominator == 1 and abs(exponent) <= 3 else ()
        return Kind(Base.NUMBER, scaled=(power, tuple(n ** int(exponent) for n in few if n)))


def _already(given: tuple[Dimension, tuple[Fraction, ...]], target: Dimension) -> bool:
    """Whether a product with bare numbers is in the unit `target` as it stands."""
    factor = conversion(given[0], target)
    return factor == 1 or (factor is not None and by_hand(given[1], factor))


def scaled(e: t.Expr, factor: Fraction, unit: t.Unit | None) -> t.Expr:
    """`e` times an exact factor; a literal is multiplied out, and in that unit, where that can be written."""
    if isinstance(e, t.Number) and 10**30 % (e.value * factor).denominator == 0:
        return t.Number(e.value * factor, unit=unit, span=e.span)
    if factor.numerator != 1:
        e = t.Binary(t.BinaryOp.MUL, e, t.Number(Fraction(factor.numerator)), span=e.span)
    if factor.denominator != 1:
        e = t.Binary(t.BinaryOp.DIV, e, t.Number(Fraction(factor.denominator)), span=e.span)
    return e
