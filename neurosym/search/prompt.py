"""What the model is told: the language in a few lines, worked examples, and the problem last.

Everything before the problem is the same for all problems, so that its part of the model's cache can be shared.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from neurosym.grammars import language_id
from neurosym.proposals import NO, YES, Messages

LANGUAGE = language_id("ir")
"""The language that the prompt teaches, for keys of caches and records: another hash, another prompt."""

SYSTEM = """\
Translate the problem into a program, one statement a line. Use its numbers as they are; let the solver compute.
let x = 2 * 3 defines. var x: count declares an unknown. A bare formula is a fact. ask ends the program.
sort, const, fun, rel declare things; forall x: thing. p(x) -> q(x) is a rule."""

TRAINED = "Translate the problem into a program."
"""All that a model is told whose weights were trained to write the language."""


@cache
def examples() -> Messages:
    """The worked examples as turns of the conversation."""
    text = files(__package__).joinpath("examples.toml").read_text(encoding="utf-8")
    turns: list[tuple[str, str]] = []
    for example in tomllib.loads(text)["example"]:
        asked = task(example["problem"], example.get("question"), tuple(example.get("options", ())))
        turns += [("user", asked), ("assistant", example["program"])]
    return tuple(turns)


def task(problem: str, question: str | None = None, options: Sequence[str] = ()) -> str:
    """The text of one problem as the model sees it: the problem, its question, and an option a line."""
    return "\n".join(part.strip() for part in (problem, question or "", *options) if part.strip())


def messages(
    problem: str, question: str | None = None, options: Sequence[str] = (), *, trained: bool = False
) -> Messages:
    """The conversation that asks for a program; all but its last turn are the same for every problem.

    `trained`: whether the model knows the language; else the conversation teaches it.
    """
    taught: Messages = (("system", TRAINED),) if trained else (("system", SYSTEM), *examples())
    return (*taught, ("user", task(problem, question, options)))


def repair_messages(asked: Messages, *, program_text: str, complaint: str) -> Messages:
    """The conversation `asked` continued: the program that failed, and what was wrong with it and where."""
    return (
        *asked,
        ("assistant", program_text.rstrip("\n") + "\n"),
        ("user", f"That program is wrong: {complaint}\nWrite the whole program again, put right."),
    )


def verdict_messages(asked: Messages, *, program_text: str) -> Messages:
    """The conversation `asked` continued: a program, and whether it says what the problem does."""
    return (*asked, ("assistant", program_text.rstrip("\n") + "\n"), ("user", f"Is that program right, {YES} or {NO}?"))
