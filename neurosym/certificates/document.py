"""The certificate as a JSON document: made from an outcome, and read again without trusting a byte of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from neurosym.errors import InputError, LanguageMismatch, UsageError
from neurosym.grammars import language_id
from neurosym.language import tree as t
from neurosym.language.printer import show
from neurosym.notations import read
from neurosym.outcome import Evidence, Outcome, Status
from neurosym.solving.combine import CONCLUSIVE

FORMAT = 1
"""Counts the incompatible changes of the document."""
MAX_ITEMS = 20_000
"""How many numbers and texts a certificate may hold, in all ..."""
MAX_CHARACTERS = 2_000_000
"""... and how many characters they may have together."""
MAX_NESTING = 12
_PACKAGES = ("neurosym", "sympy", "z3-solver", "networkx")


@dataclass(frozen=True)
class Model:
    """An assignment as text: unknowns and constants, the rows of tables (arguments, then the value), open sorts."""

    values: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    universe: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """What one step of a derivation says, by which statements (none where it is supposed) and from which steps."""

    says: str
    lines: tuple[int, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Certificate:
    """A certificate that was read: well formed, of our format and language; nothing in it is believed yet.

    program:     canonical text of our language, or Python where `notation` is "python".
    options:     the texts that the option was chosen from, where the program has none of its own.
    models:      assignments that satisfy the premises; two that differ for independent and underdetermined.
    core:        lines that contradict each other.      derivation:  lines that the answer follows from.
    steps:       how it follows, one step after the other, where that is known.
    optima:      the value of each goal in order.       computed:    what Python blocks assigned.
    graph:       question → what shows its value.
    """

    program: str
    notation: str
    options: tuple[str, ...]
    status: Status
    answers: tuple[str, ...]
    option: str | None
    solver: str
    models: tuple[Model, ...]
    core: tuple[int, ...]
    derivation: tuple[int, ...]
    steps: tuple[Step, ...]
    optima: tuple[str, ...]
    computed: tuple[Mapping[str, str], ...]
    graph: Mapping[str, Mapping[str, Any]]
    sealed: bool


# --- making -----------------------------------------------------------------------------------------------------


def certifiable(outcome: Outcome) -> bool:
    """Whether an outcome says anything of its program that a certificate could show."""
    return outcome.status in CONCLUSIVE and (outcome.status is not Status.VALUE or bool(outcome.answer))


def certificate(
    program: str,
    outcome: Outcome,
    notation: str = "ir",
    *,
    question: str | None = None,
    options: Sequence[str] = (),
) -> dict[str, Any]:
    """The self-contained JSON certificate of what `program`, a text in `notation`, came to.

    question, options:  as they were given to `neurosym.run`.

    Raises UsageError where the outcome says nothing of the program (a timeout, say), ProgramError where that does not
    read.
    """
    if not certifiable(outcome):
        raise UsageError(f"the outcome {outcome.status} claims nothing that a certificate could show")
    statements: dict[int, list[int]] = {}
    text = program
    lowered = notation == "python"
    if not lowered:
        tree = read(program, notation, question=question, options=options).program
        text = show(tree)
        for k, s in enumerate(
            tree.statements, start=1
        ):  # solvers name lines of the source, or statements that have none
            statements.setdefault(s.span.line if s.span else k, []).append(k)
        lowered = any(isinstance(s, t.Python) for s in tree.statements)
    document: dict[str, Any] = {
        "format": FORMAT,
        "language": language_id(),
        "notation": "python" if notation == "python" else "ir",
        "program": text,
        "options": list(options),
        "claim": {
            "status": outcome.status.value,
            "answers": list(outcome.answers),
            "option": outcome.option,
            "solver": outcome.solver,
        },
        "evidence": _evidence(outcome, {} if lowered else statements),
        "versions": {name: _version(name) for name in _PACKAGES},
    }
    return {**document, "seal": seal(document)}


def _evidence(outcome: Outcome, statements: Mapping[int, list[int]]) -> dict[str, Any]:
    """What the evidence holds that can be used again; `statements` gives those on each line of the source."""
    by_kind: dict[str, list[Evidence]] = {}
    for e in outcome.evidence:
        by_kind.setdefault(e.kind, []).append(e)

    def first(kind: str, key: str) -> list[Any]:
        return next((list(e.data[key]) for e in by_kind.get(kind, ()) if e.data.get(key)), [])

    models = first("witnesses", "models")
    for e in (*by_kind.get("model", ()), *by_kind.get("substitution", ())):
        models += e.data.get("models", ())
    models = [{"values": {}, "tables": {}, "universe": {}, **model} for model in models]
    models = [m for k, m in enumerate(models) if any(m.values()) and m not in models[:k]]
    graph: dict[str, dict[str, Any]] = {}
    for e in outcome.evidence:
        if e.by == "graph" and "question" in e.data:
            said = graph.setdefault(e.data["question"], {})
            said.update({key: value for key, value in e.data.items() if key not in ("question", "method")})
    found = {
        "models": models,
        "core": sorted({k for line in outcome.core for k in statements.get(line, ())}),
        "derivation": sorted({k for line in first("derivation", "lines") for k in statements.get(line, ())}),
        "steps": [_told(step, statements) for step in first("derivation", "steps")],
        "optima": [e.data["optimum"] for e in by_kind.get("bound", ()) if "optimum" in e.data],
        "computed": [e.data["values"] for e in by_kind.get("execution", ()) if "values" in e.data],
        "graph": graph,
    }
    return {key: value for key, value in found.items() if value}


def _told(step: Mapping[str, Any], statements: Mapping[int, list[int]]) -> dict[str, Any]:
    """A step of a derivation, by statements instead of lines of the source."""
    lines = sorted(statements.get(step["line"], ())) if "line" in step else []
    return {"says": step["says"], "lines": lines, "from": list(step.get("from", ()))}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def seal(document: Mapping[str, Any]) -> str:
    """A hash of everything else: it shows accidents, not malice, which the recheck itself must find."""
    plain = json.dumps(
        {key: value for key, value in document.items() if key != "seal"},
        sort_keys=True,
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(plain.encode()).hexdigest()


# --- reading ----------------------------------------------------------------------------------------------------


def parse(document: object) -> Certificate:
    """The certificate in a JSON value. Raises InputError where it is none, LanguageMismatch for another language."""
    _bound(document)
    given = _fields(document, "a certificate", "format language notation program options claim evidence versions seal")
    if given["format"] != FORMAT:
        raise InputError(f"certificates of format {FORMAT} are read here, not of format {given['format']!r}")
    language = _string(given["language"], "language")
    if language != language_id():
        raise LanguageMismatch(
            f"the certificate is about a program in {language}, but the language here is {language_id()}: "
            "recheck it with the version that made it"
        )
    claim = _fields(given["claim"], "claim", "status answers option solver")
    if claim["status"] not in {s.value for s in CONCLUSIVE}:
        raise InputError(f"claim.status is one of {', '.join(sorted(CONCLUSIVE))}, not {claim['status']!r}")
    if given["notation"] not in ("ir", "python"):
        raise InputError(f"notation is ir or python, not {given['notation']!r}")
    evidence = given["evidence"]
    known = ("models", "core", "derivation", "steps", "optima", "computed", "graph")
    if not isinstance(evidence, Mapping) or not evidence.keys() <= set(known):
        raise InputError(f"evidence is an object with any of {', '.join(known)}")
    graph = evidence.get("graph", {})
    if not isinstance(graph, Mapping) or not all(isinstance(v, Mapping) for v in graph.values()):
        raise InputError("evidence.graph is an object of objects")
    return Certificate(
        program=_string(given["program"], "program"),
        notation=given["notation"],
        options=_strings(given["options"], "options"),
        status=Status(claim["status"]),
        answers=_strings(claim["answers"], "claim.answers"),
        option=None if claim["option"] is None else _string(claim["option"], "claim.option"),
        solver=_string(claim["solver"], "claim.solver"),
        models=tuple(_model(m) for m in _list(evidence.get("models", []), "evidence.models")),
        core=_lines(evidence.get("core", []), "evidence.core"),
        derivation=_lines(evidence.get("derivation", []), "evidence.derivation"),
        steps=tuple(_step(s) for s in _list(evidence.get("steps", []), "evidence.steps")),
        optima=_strings(evidence.get("optima", []), "evidence.optima"),
        computed=tuple(
            _texts(v, "evidence.computed") for v in _list(evidence.get("computed", []), "evidence.computed")
        ),
        graph=graph,
        sealed=given["seal"] == seal(given),
    )


def _bound(document: object) -> None:
    """Raise InputError where a document is no JSON value or is too large, before anything else looks at it."""
    items = characters = 0
    level = [document]
    for _ in range(MAX_NESTING):
        below: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                if not all(isinstance(key, str) for key in value):
                    raise InputError("the keys of a JSON object are strings")
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                characters += len(value)
            elif value is not None and not isinstance(value, bool | int | float):
                raise InputError(f"a certificate is JSON, which has no {type(value).__name__}")
        items += len(below)
        if items > MAX_ITEMS or characters > MAX_CHARACTERS:
            raise InputError(f"the certificate has more than {MAX_ITEMS} items or {MAX_CHARACTERS} characters")
        level = below
    if level:
        raise InputError(f"the certificate nests deeper than {MAX_NESTING} levels")


def _fields(value: object, what: str, names: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{what} is an object, not {type(value).__name__}")
    if set(value) != set(names.split()):
        odd = sorted(map(str, set(value) ^ set(names.split())))
        raise InputError(f"{what} has exactly the fields {', '.join(names.split())}; look at {', '.join(odd)}")
    return value


def _string(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise InputError(f"{what} is a string, not {type(value).__name__}")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{what} is a list, not {type(value).__name__}")
    return value


def _strings(value: object, what: str) -> tuple[str, ...]:
    return tuple(_string(v, f"an item of {what}") for v in _list(value, what))


def _lines(value: object, what: str) -> tuple[int, ...]:
    lines = _list(value, what)
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in lines):
        raise InputError(f"{what} is a list of line numbers")
    return tuple(lines)


def _step(value: object) -> Step:
    step = _fields(value, "a step", "says lines from")
    return Step(_string(step["says"], "says"), _lines(step["lines"], "lines"), _lines(step["from"], "from"))


def _texts(value: object, what: str) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise InputError(f"{what} is an object of strings")
    return value


def _model(value: object) -> Model:
    if not isinstance(value, Mapping) or not value.keys() <= {"values", "tables", "universe"}:
        raise InputError("a model is an object with any of values, tables, universe")
    tables, universe = value.get("tables", {}), value.get("universe", {})
    if not isinstance(tables, Mapping) or not isinstance(universe, Mapping):
        raise InputError("a model's tables and its universe are objects")
    return Model(
        values=_texts(value.get("values", {}), "a model's values"),
        tables={
            f: tuple(_strings(row, "a row") for row in _list(rows, "a model's table")) for f, rows in tables.items()
        },
        universe={sort: _strings(elements, "a model's universe") for sort, elements in universe.items()},
    )
