"""Z3 terms made by its C interface: Z3's Python inspects and casts each part again, which takes several times as long.

The parts are Z3 expressions of the right sorts and of one context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import z3

Z: TypeAlias = Any
"""A Z3 expression."""


def both(parts: Sequence[Z]) -> Z:
    """The conjunction of one formula or more."""
    return z3.BoolRef(z3.Z3_mk_and(parts[0].ctx.ref(), len(parts), _array(parts)), parts[0].ctx)


def either(parts: Sequence[Z]) -> Z:
    """The disjunction of one formula or more."""
    return z3.BoolRef(z3.Z3_mk_or(parts[0].ctx.ref(), len(parts), _array(parts)), parts[0].ctx)


def denied(formula: Z) -> Z:
    """The negation of a formula."""
    return z3.BoolRef(z3.Z3_mk_not(formula.ctx.ref(), formula.ast), formula.ctx)


def quantified(every: bool, variables: Sequence[Z], body: Z) -> Z:
    """`body` for every value, or for some, of constants, at least one."""
    ctx, none = body.ctx, (z3.Pattern * 0)()
    unnamed = z3.Z3_mk_string_symbol(ctx.ref(), "")
    bound = _array(variables)
    handle = z3.Z3_mk_quantifier_const_ex(
        ctx.ref(), every, 1, unnamed, unnamed, len(variables), bound, 0, none, 0, _array(()), body.ast
    )
    return z3.QuantifierRef(handle, ctx)


def application(function: Z, arguments: Sequence[Z]) -> Z:
    """C's own handle of a function at arguments."""
    return z3.Z3_mk_app(function.ctx.ref(), function.ast, len(arguments), _array(arguments))


def relation_at(relation: Z, arguments: Sequence[Z]) -> Z:
    """That a relation holds of arguments."""
    return z3.BoolRef(application(relation, arguments), relation.ctx)


def function_at(function: Z, arguments: Sequence[Z]) -> Z:
    """The value of a function at arguments."""
    return z3.z3._to_expr_ref(application(function, arguments), function.ctx)


def _array(parts: Sequence[Z]) -> Z:
    return (z3.Ast * len(parts))(*[part.ast for part in parts])
