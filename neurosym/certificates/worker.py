"""What a recheck runs in workers: a renamed program under one solver, a model, a graph's duals, an answer in digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neurosym.certificates import claims, models
from neurosym.certificates.document import Model
from neurosym.language.canonical import canonical
from neurosym.language.check import checked
from neurosym.language.printer import show, show_expr
from neurosym.language.read import read, read_expression
from neurosym.language.values import Undefined
from neurosym.outcome import Status
from neurosym.solvers.base import Task
from neurosym.solving import worker


def ask(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome of `program` under `solver`, its names and the order of its premises changed."""
    program = read(show(canonical(read(payload["program"]))))
    return worker.answer(payload["solver"], Task(program, checked(program)))


def model(payload: Mapping[str, Any]) -> list[Any]:
    """Whether `model` satisfies `program` and the formulas `claims`: true, false or null, and why."""
    program = read(payload["program"])
    formulas = [read_expression(text) for text in payload["claims"]]
    return list(models.recheck(program, checked(program), _model(payload["model"]), formulas))


def differ(payload: Mapping[str, Any]) -> bool | None:
    """Whether two `models` give what `program` asks different values."""
    program = read(payload["program"])
    return models.differ(program, checked(program), [_model(m) for m in payload["models"]])


def _model(given: Mapping[str, Any]) -> Model:
    tables = {f: tuple(tuple(row) for row in rows) for f, rows in given["tables"].items()}
    return Model(given["values"], tables, {s: tuple(e) for s, e in given["universe"].items()})


def graph(payload: Mapping[str, Any]) -> list[Any]:
    """Whether the claim about a graph program is right by what its certificate shows: true, false or null, and why."""
    from neurosym.certificates import graphs

    program = read(payload["program"])
    claim = (Status(payload["status"]), payload["answers"], payload["option"], payload["core"])
    return list(graphs.recheck(program, checked(program), payload["graph"], *claim))


def digits(payload: Mapping[str, Any]) -> list[Any]:
    """Whether `answers` are what `program` asks, by evaluating both in 60 digits: without SymPy's algebra."""
    from neurosym.solvers.algebra_check import Checker, Differs, confirm_term
    from neurosym.solvers.algebra_guard import GaveUp
    from neurosym.solvers.base import Unsupported

    program = read(payload["program"])
    symbols = checked(program)
    premises = claims.premises(program)
    try:
        for target, answer in claims.answers(program, symbols, payload["answers"]):
            if free := sorted(claims.unknowns([target, answer], symbols)):
                confirm_term(target, show_expr(answer), symbols, free, premises)
            else:
                Checker(symbols, {}).confirm(target, show_expr(answer))
    except (claims.NoClaim, Differs) as why:
        return [False, str(why)]
    except (GaveUp, Unsupported, Undefined) as why:
        return [None, str(why)]
    return [True, "it has the same value in 60 digits"]
