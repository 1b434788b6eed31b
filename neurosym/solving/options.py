"""Which of the given options an outcome means: exactly one that says the same, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from neurosym.outcome import Outcome, Status
from neurosym.solving.combine import same_value

_LABEL = re.compile(r"\s*\(?([A-Z])[).:]\s*")
_WORDS: dict[Status, frozenset[str]] = {
    Status.TRUE: frozenset({"true", "yes", "correct"}),
    Status.FALSE: frozenset({"false", "no", "incorrect"}),
    Status.INDEPENDENT: frozenset(
        {"independent", "unknown", "uncertain", "undetermined", "cannot be determined", "cannot be known", "neither"}
    ),
}


def split_option(text: str, position: int) -> tuple[str, str]:
    """The letter and the text of an option: `B) 12` is ("B", "12"); without a label, letters count from A."""
    label = _LABEL.match(text)
    if label:
        return label[1], text[label.end() :].strip()
    return chr(ord("A") + position), text.strip()


def choose(outcome: Outcome, options: Sequence[str]) -> Outcome:
    """`outcome` with the letter of the one option that says the same; with a message where none or several do.

    A program that asks for an option has chosen its letter already.
    """
    if not outcome.decided or not options:
        return outcome
    split = [split_option(text, k) for k, text in enumerate(options)]
    if outcome.option is not None:
        if outcome.option in {letter for letter, _ in split}:
            return outcome
        return replace(outcome, option=None, answers=(), message=f"there is no option {outcome.option}")
    fitting = [letter for letter, text in split if _says(outcome, text)]
    if len(fitting) == 1:
        return replace(outcome, option=fitting[0])
    found = f"options {', '.join(fitting)} all say" if fitting else "no option says"
    return replace(outcome, message=f"{found} {outcome.answer}")


def _says(outcome: Outcome, text: str) -> bool:
    plain = text.strip(" .").casefold()
    if outcome.status in _WORDS:
        return plain in _WORDS[outcome.status]
    answer = (outcome.answer or "").strip('"').casefold()
    number = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain).lstrip("$€£ ")
    return plain == answer or any(same_value(answer, said) is True for said in (number, number.split(" ")[0]) if said)
