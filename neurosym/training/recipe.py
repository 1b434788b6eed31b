"""Recipes: what to learn from and how, as a TOML file that `neurosym train` follows."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

from neurosym.errors import InputError
from neurosym.language.check import check
from neurosym.language.grounding import ungrounded
from neurosym.language.read import read
from neurosym.training.converters import CONVERTERS, converted
from neurosym.training.fit import Settings, fit
from neurosym.training.generator import Example
from neurosym.training.lessons import Lesson, load, save, translation
from neurosym.training.problems import problem_families


@dataclass(frozen=True)
class Converted:
    """A published set to convert: its converter's name, its file, and how many of its examples to take at most."""

    set: str
    file: Path
    at_most: int | None = None


@dataclass(frozen=True)
class Recipe:
    """What to learn from and how.

    settings:   of the training itself.
    samples:    problems of each family that is not held out.
    converted:  published sets.
    """

    settings: Settings
    samples: int = 0
    converted: tuple[Converted, ...] = ()


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; its own paths are relative to it. Raises InputError that says what is wrong."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {error}") from None
    _known(path, "the recipe", given, {"settings", "samples", "converted"})
    settings = given.get("settings", {})
    _known(path, "settings", settings, {field.name for field in fields(Settings)})
    sets = []
    for entry in given.get("converted", []):
        _known(path, "converted", entry, {"set", "file", "at_most"})
        if entry.get("set") not in CONVERTERS or "file" not in entry:
            raise InputError(f"{path}: [[converted]] needs a `file` and a `set`, one of {', '.join(CONVERTERS)}")
        sets.append(Converted(entry["set"], path.parent / entry["file"], entry.get("at_most")))
    return Recipe(Settings(**settings), given.get("samples", 0), tuple(sets))


def follow(recipe: Recipe, out: Path, *, start: str | None = None) -> bool:
    """Train as the recipe says and write the adapter to the folder `out`; whether all was done.

    A run that was interrupted goes on where its last checkpoint lies, with the lessons it began with. `start` names
    an adapter to begin with. Raises what `fit` and reading the recipe's files raise.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "lessons.jsonl"
    if not path.exists():
        save(lessons(recipe), path)
    return fit(load(path), recipe.settings, out, start=start)


def _known(path: Path, where: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(given) - known:
        raise InputError(
            f"{path}: {where}: {', '.join(sorted(unknown))} is not known; there are {', '.join(sorted(known))}"
        )


def lessons(recipe: Recipe) -> Iterator[Lesson]:
    """All lessons of a recipe, in an order that its seed gives."""
    seeds = range(recipe.samples)
    families = [family for family in problem_families() if not family.held_out]
    found = [translation(family.generate(seed), family.topic) for family in families for seed in seeds]
    for entry in recipe.converted:
        found += _of_set(entry)
    Random(recipe.settings.seed).shuffle(found)
    yield from found


def _of_set(entry: Converted) -> Iterator[Lesson]:
    try:
        lines = entry.file.read_text(encoding="utf-8").split("\n")
        records = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"{entry.file}: {error}") from None
    taken = 0
    for record, example in converted(entry.set, iter(records)):
        if taken == entry.at_most:
            return
        if example and _teaches(example, record):
            taken += 1
            yield translation(example, entry.set)


def _teaches(example: Example, record: Mapping[str, Any]) -> bool:
    """Whether the engine would let a model write this program: it checks, and its numbers are the problem's."""
    program = read(example.program)
    _, wrong = check(program)
    return not wrong and not ungrounded(program, example.problem)
