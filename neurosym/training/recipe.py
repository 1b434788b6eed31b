"""Recipes: what to learn from and how, as a TOML file that `neurosym train` follows."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from neurosym.engine import Engine
from neurosym.errors import InputError, MissingExtra, UsageError
from neurosym.evaluation.golds import Gold, read_golds
from neurosym.language.check import check
from neurosym.language.grounding import ungrounded
from neurosym.language.read import read
from neurosym.models.adapter import folder_of
from neurosym.progress import Progress
from neurosym.training.calibrate import calibrate, unseen
from neurosym.training.converters import CONVERTERS, converted
from neurosym.training.fit import Settings, fit
from neurosym.training.generator import Example
from neurosym.training.iterate import confirmed, reviewed
from neurosym.training.lessons import Lesson, load, save, translation
from neurosym.training.problems import problem_families
from neurosym.training.variation import varied

T = TypeVar("T")


@dataclass(frozen=True)
class Converted:
    """A published set to convert.

    set:      its converter's name.
    file:     its records.
    at_most:  how many of its examples to take; None: all.
    varied:   how many times each of them comes with other numbers, too; each seed of the recipe brings new ones.
    """

    set: str
    file: Path
    at_most: int | None = None
    varied: int = 0

    def __post_init__(self) -> None:
        if self.set not in CONVERTERS:
            raise UsageError(f"there is no converter {self.set!r}; there are {', '.join(CONVERTERS)}")


@dataclass(frozen=True)
class Own:
    """Problems with answers and without programs, which expert iteration finds: a file, and how it is sampled.

    rounds:      of sampling with the model as it is by then, and training on all that was found.
    candidates:  programs sampled for a problem in a round.
    """

    file: Path
    rounds: int = 1
    candidates: int = 8


@dataclass(frozen=True)
class Review:
    """How the model learns to repair and to judge: from its own programs for problems that were lessons, afterwards.

    problems:       how many of the lessons' problems it tries.
    candidates:     programs sampled for each.
    verdicts:       right programs of each, and as many wrong ones, that it learns to tell apart, at most.
    replay:         lessons of the first training for each of the new ones, so that nothing is forgotten.
    learning_rate:  of the second training.
    """

    problems: int = 300
    candidates: int = 4
    verdicts: int = 2
    replay: int = 2
    learning_rate: float = 3e-4


@dataclass(frozen=True)
class Scoring:
    """How the scorer is trained: on so many candidates for each of so many problems of each origin.

    Problems come from our families, half of them from those that are kept for it, and from each published set, after
    those that were lessons.
    """

    problems: int = 100
    candidates: int = 8


@dataclass(frozen=True)
class Recipe:
    """What to learn from and how.

    settings:   of the training itself.
    samples:    problems of each family that is for training.
    converted:  published sets.
    own:        problems to iterate on, after a first training on all the rest.
    review:     how the model learns to repair and to judge, after that.
    scorer:     how the scorer is trained, after all the rest.
    decoder:    what runs the model when it samples: "torch", or "openvino", which is faster on a CPU.
    """

    settings: Settings = field(default_factory=Settings)
    samples: int = 0
    converted: tuple[Converted, ...] = ()
    own: Own | None = None
    review: Review | None = None
    scorer: Scoring | None = None
    decoder: str = "torch"

    def __post_init__(self) -> None:
        if self.decoder not in _DECODERS:
            raise UsageError(f"there is no decoder {self.decoder!r}; there are {', '.join(_DECODERS)}")

    def engine(self, model: str | Path, candidates: int, seed: int, *, repairs: int = 0) -> Engine:
        """What samples so many programs for each problem."""
        return Engine(f"{_DECODERS[self.decoder]}{model}", candidates=candidates, repairs=repairs, seed=seed)


_DECODERS = {"torch": "", "openvino": "openvino:"}
"""How a model is named that is run so."""


def read_recipe(path: Path, data: Path | None = None) -> Recipe:
    """The recipe in a file; the files that it names are in `data`, or beside it.

    Raises InputError that says what is wrong.
    """
    data = path.parent if data is None else data
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: {error}") from None
    try:
        return _made(Recipe, given, f"{path}: the recipe", data)
    except InputError:  # names the file already
        raise
    except UsageError as error:
        raise InputError(f"{path}: {error}") from None


def _made(kind: type[T], given: object, where: str, data: Path) -> T:
    """The dataclass `kind` made of a TOML table, each value of its field's type; files are looked for in `data`."""
    if not isinstance(given, dict):
        raise InputError(f"{where} is a table, not {given!r}")
    types, known = get_type_hints(kind), {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(given) - set(known):
        raise InputError(f"{where}: {', '.join(sorted(unknown))} is not known; there are {', '.join(sorted(known))}")
    if missing := [n for n, f in known.items() if n not in given and f.default is f.default_factory is MISSING]:
        raise InputError(f"{where} lacks {', '.join(missing)}")
    return kind(**{name: _value(types[name], value, f"{where}: {name}", data) for name, value in given.items()})


def _value(wanted: Any, value: object, where: str, data: Path) -> Any:
    kinds = [kind for kind in get_args(wanted) if kind is not type(None)] or [wanted]
    kind = kinds[0]
    if get_origin(wanted) is tuple:
        if not isinstance(value, list):
            raise InputError(f"{where} is a list of tables ([[{where.rpartition(' ')[2]}]]), not {value!r}")
        return tuple(_made(kind, entry, where, data) for entry in value)
    written = str if kind is Path else kind
    if written not in _KINDS:
        return _made(kind, value, where, data)
    if isinstance(value, bool) or not isinstance(value, (int, float) if written is float else written):
        raise InputError(f"{where} is {_KINDS[written]}, not {value!r}")
    return data / str(value) if kind is Path else value


_KINDS = {str: "a text", int: "a whole number", float: "a number"}


def follow(recipe: Recipe, out: Path) -> bool:
    """Train as the recipe says and write the adapter to the folder `out`; whether all was done.

    A run that was interrupted goes on where its last checkpoint lies, with the lessons it began with. Raises what
    `fit` and reading the recipe's files raise.
    """
    samples = recipe.own or recipe.review or recipe.scorer
    if samples and recipe.decoder == "openvino" and find_spec("openvino") is None:  # now, not after hours of training
        raise MissingExtra("openvino", "openvino")
    out.mkdir(parents=True, exist_ok=True)
    done = _taught_to_review(recipe, recipe.review, out) if recipe.review else _taught(recipe, out)
    if not done:
        return False
    if recipe.scorer:
        golds = list(_unseen(recipe, recipe.scorer.problems))
        engine = recipe.engine(out, recipe.scorer.candidates, recipe.settings.seed, repairs=1)  # as it will be used
        calibrate(out, golds, engine)
    return True


def _unseen(recipe: Recipe, number: int) -> Iterator[Gold]:
    """Problems that are no lessons, so many of each origin."""
    if recipe.samples:
        yield from unseen(number, recipe.settings.seed)
    for entry in recipe.converted:
        yield from read_golds("\n".join(_lines(entry.file)[-number:]), entry.set)


def _taught_to_review(recipe: Recipe, review: Review, out: Path) -> bool:
    """The first training, in a folder of its own, then the second, which starts with its adapter."""
    first = out / "taught"
    first.mkdir(exist_ok=True)
    if not _taught(recipe, first):
        return False
    again = _kept(out / "lessons.jsonl", partial(_reviewed, recipe, review, first))
    return fit(again, replace(recipe.settings, start=str(first), learning_rate=review.learning_rate), out)


def _reviewed(recipe: Recipe, review: Review, model: Path) -> Iterator[Lesson]:
    """Lessons from what the model writes for some of the problems it was taught, among others of that training."""
    random = Random(recipe.settings.seed)
    taught = load(model / "lessons.jsonl")
    tried = random.sample(taught, min(review.problems, len(taught)))
    examples = [Example(str(i), lesson.origin, lesson.asked, lesson.reply) for i, lesson in enumerate(tried)]
    engine = recipe.engine(model, review.candidates, recipe.settings.seed)
    found = []
    with Progress(len(examples), sys.stderr, "problems tried") as progress:
        for _, more in reviewed(engine, examples, review.verdicts):
            found += more
            progress.step(f"{len(found)} lessons")
    found += random.sample(taught, min(review.replay * max(len(found), 1), len(taught)))
    random.shuffle(found)
    yield from found


def _taught(recipe: Recipe, out: Path) -> bool:
    taught = _kept(out / "lessons.jsonl", partial(lessons, recipe))
    own = recipe.own
    if own is None:
        return fit(taught, recipe.settings, out)
    settings = recipe.settings
    model = str(folder_of(settings.start)) if settings.start else settings.base
    for round_ in range(own.rounds + 1):
        if round_:
            sampled = partial(_sampled, recipe, own, model, recipe.settings.seed + round_)
            taught += _kept(out / f"round-{round_}.jsonl", sampled)
        elif not taught:
            continue  # nothing but problems: the model as it is finds the first programs
        last = round_ == own.rounds
        to = out if last else out / f"round-{round_}"
        if not fit(taught, recipe.settings, to):
            return False
        model = str(to)
    return True


def _sampled(recipe: Recipe, own: Own, model: str, seed: int) -> Iterator[Lesson]:
    golds = read_golds("\n".join(_lines(own.file)), own.file.stem)
    engine = recipe.engine(model, own.candidates, seed)
    with Progress(len(golds), sys.stderr, "problems sampled") as progress:
        for gold, found in confirmed(engine, golds):
            progress.step(f"{gold.problem.id}: {len(found)} lessons")
            yield from found


def _kept(path: Path, make: Callable[[], Iterable[Lesson]]) -> list[Lesson]:
    """The lessons in the file, which are made first where it is not there yet."""
    if not path.exists():
        save(make(), path)
    return load(path)


def lessons(recipe: Recipe) -> Iterator[Lesson]:
    """All lessons of a recipe, in an order that its seed gives."""
    seeds = range(recipe.settings.seed * recipe.samples, (recipe.settings.seed + 1) * recipe.samples)
    families = [family for family in problem_families() if family.use == "training"]
    found = [translation(family.generate(seed), family.topic) for family in families for seed in seeds]
    reserved = recipe.scorer.problems if recipe.scorer else 0
    for entry in recipe.converted:
        found += _of_set(entry, reserved, recipe.settings.seed)
    Random(recipe.settings.seed).shuffle(found)
    yield from found


def _of_set(entry: Converted, reserved: int, seed: int) -> Iterator[Lesson]:
    """Lessons from the set's first records; the last ones, so many as are reserved, are the scorer's."""
    lines = _lines(entry.file)
    try:
        records = [json.loads(line) for line in lines[: len(lines) - reserved]]
    except ValueError as error:
        raise InputError(f"{entry.file}: {error}") from None
    taught = (example for _, example in converted(entry.set, iter(records)) if example and _teaches(example))
    for example in islice(taught, entry.at_most):
        yield translation(example, entry.set)
        for number in range(seed * entry.varied, (seed + 1) * entry.varied):
            other = varied(example, number)
            if other and _teaches(other):
                yield translation(other, entry.set)


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: {error}") from None


def _teaches(example: Example) -> bool:
    """Whether the engine would let a model write this program: it checks, and its numbers are the problem's."""
    program = read(example.program)
    _, wrong = check(program)
    return not wrong and not ungrounded(program, example.problem)
