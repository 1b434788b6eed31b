"""Problems of reasoning-gym (Apache-2.0) by the data set's name: those of gym.toml, which our language can say."""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from neurosym.errors import MissingExtra, UsageError
from neurosym.evaluation.golds import Gold
from neurosym.result import Problem

PREFIX = "reasoning-gym"
"""What names a source of problems that is no file: `reasoning-gym:NAME`, or this alone for all that are listed."""
SEED, SIZE = 20_251, 500
"""Of each data set: its problems are the same for everyone, however many of them are asked for."""
NUMBER = 50
"""Problems of a data set, where nobody says how many."""

Entry = Mapping[str, Any]


def families() -> Mapping[str, Mapping[str, Any]]:
    """The data sets that are measured, by name, with what gym.toml says of them."""
    listed: dict[str, Mapping[str, Any]] = _listed()["measured"]
    return listed


def left_out() -> Mapping[str, str]:
    """The data sets that are not measured, by name, with the reason."""
    return {name: reason for reason, names in _listed()["left_out"].items() for name in names}


def gym_golds(name: str, number: int) -> list[Gold]:
    """The first `number` problems (at most SIZE) of the data set `name`, or of each listed one where `name` is empty.

    Raises UsageError for a data set that is not measured, MissingExtra where reasoning-gym is not installed.
    """
    if name and name not in families():
        reason = left_out().get(name, "it has no such data set")
        raise UsageError(f"{PREFIX}:{name} is not measured: {reason}; there are {', '.join(families())}")
    create = _factory()
    golds = []
    for family in [name] if name else families():
        entries = create(family, seed=SEED, size=SIZE)  # some make all their problems at once: never fewer
        golds += [_gold(family, index, entries[index]) for index in range(min(number, SIZE))]
    return golds


def _gold(name: str, index: int, entry: Entry) -> Gold:
    family, given = families()[name], entry["answer"]
    answers = (
        _READINGS[family["reading"]](entry) if "reading" in family else family.get("answers", {}).get(given, [given])
    )
    return Gold(Problem(entry["question"].strip(), id=f"{name}-{index}"), tuple(answers), name)


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("gym.toml").read_text(encoding="utf-8"))


def _factory() -> Callable[..., Any]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of its dependencies' syntax
            import reasoning_gym
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "reasoning_gym", "gym") from error
    create: Callable[..., Any] = reasoning_gym.create_dataset
    return create


def _grid(entry: Entry) -> tuple[str, ...]:
    """Numbers in rows: a list of lists, or one list of them all. What stands between them is drawing."""
    rows = [re.findall(r"-?\d+(?:\.\d+)?", line) for line in entry["answer"].split("\n")]
    lists = [f"[{', '.join(row)}]" for row in rows if row]
    return f"[{', '.join(lists)}]", f"[{', '.join(n for row in rows for n in row)}]"


def _roles(entry: Entry) -> tuple[str, ...]:
    """`Ann is a saint, and Bob is a sinner`: for each in turn the role, or whether it is that of the truthful."""
    found = re.findall(r"\w+ is an? (\w+)", entry["answer"])
    truthful = entry["metadata"]["knight_knave_terms"]["knight"]
    return f"[{', '.join(found)}]", f"[{', '.join(str(role == truthful).lower() for role in found)}]"


_READINGS: Mapping[str, Callable[[Entry], tuple[str, ...]]] = {"grid": _grid, "roles": _roles}
