"""What the model learns from: conversations as the engine holds them, each with its right reply, mostly a program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from neurosym.proposals import NO, YES, Messages
from neurosym.search.prompt import messages, repair_messages, verdict_messages
from neurosym.training.generator import Example

REPAIR, VERDICT = "repair", "verdict"
"""The origin of a lesson in judging a program."""


@dataclass(frozen=True)
class Lesson:
    """A conversation, the right reply to it, and where the two come from."""

    messages: Messages
    reply: str
    origin: str

    @property
    def asked(self) -> str:
        """The problem, as its conversation begins."""
        return next(content for role, content in self.messages if role == "user")


def translation(example: Example, origin: str) -> Lesson:
    """A problem to translate."""
    return Lesson(messages(example.problem, trained=True), example.program, origin)


def repair(example: Example, failed: str, complaint: str) -> Lesson:
    """A failed program to put right."""
    asked = messages(example.problem, trained=True)
    return Lesson(repair_messages(asked, program_text=failed, complaint=complaint), example.program, REPAIR)


def verdict(asked: str, program: str, *, right: bool) -> Lesson:
    """Whether a program for the problem `asked` is right."""
    conversation = verdict_messages(messages(asked, trained=True), program_text=program)
    return Lesson(conversation, YES if right else NO, VERDICT)


def save(lessons: Iterable[Lesson], path: Path) -> None:
    """Write lessons as JSONL; the file appears when it is complete."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(lesson), ensure_ascii=False) + "\n" for lesson in lessons)
    os.replace(partial, path)


def load(path: Path) -> list[Lesson]:
    """The lessons that `save` wrote."""
    lines = path.read_text(encoding="utf-8").split("\n")
    given = [json.loads(line) for line in lines if line]
    return [Lesson(tuple((r, c) for r, c in g["messages"]), g["reply"], g["origin"]) for g in given]
