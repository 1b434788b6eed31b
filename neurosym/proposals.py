"""What a model is asked and what it proposes: the data that models and decoding share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Messages = tuple[tuple[str, str], ...]
"""A conversation: (role, content) pairs, roles system, user and assistant."""


Decoded = tuple[tuple[int, float], ...]
"""What was decoded, token by token, each with the probability at which it is drawn after the others."""

YES, NO = "yes", "no"
"""The replies of a model that is asked whether a program is right; each is one token of the embedded model."""


@dataclass(frozen=True)
class Candidate:
    """One proposed program.

    text:         the program's text, ending with a newline where the model finished it.
    logprob:      the sum of the natural-log probabilities of its tokens under the model's own distribution, at
                  temperature 1 and before the grammar's mask; None where the source does not tell.
    tokens:       how many tokens were decoded for it, those of lines taken back included.
    finish:       "end" where the program is complete, "length" where the budget cut it off, "stuck" where its last line
                  is wrong and the budget for taking lines back is spent, or there is nothing else to write.
    decoded:      how it was decoded here, so that it can be left out of what is drawn; empty where it was not.
    """

    text: str
    logprob: float | None
    tokens: int
    finish: str
    decoded: Decoded = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Request:
    """One problem to translate.

    key:       identifies the problem (recorded models look it up; seeds derive from it).
    messages:  the conversation to answer with a program.
    n:         how many candidates are wanted; number 0 is greedy, the others are sampled.
    budget:    tokens of a candidate; as many again may be decoded for lines of it that are taken back.
    first:     the number of the first that is wanted: with the same key and messages, it goes on where another request
               ended.
    refused:   what a model that decodes here shall not write again, as other requests' candidates for the same messages
               were decoded.
    """

    key: str
    messages: Messages
    n: int
    budget: int
    first: int = 0
    refused: tuple[Decoded, ...] = ()


@dataclass(frozen=True)
class Training:
    """What a model's weights were trained for.

    language:  the id of the language that they write.
    folder:    where the adapter lies, and the scorer of its candidates where there is one.
    judge:     gives for each conversation that ends by asking whether a program is right (`search.prompt`) the natural
               logarithm of the odds that it is; None where the weights were not trained to judge.
    repairs:   whether the weights were trained to put a program right that they are told is wrong.
    """

    language: str
    folder: Path
    judge: Callable[[Sequence[Messages]], list[float]] | None = None
    repairs: bool = False


@dataclass(frozen=True)
class LineVerdict:
    """What a check says of a program's text up to the end of a line.

    finding:  "sound" where it may go on, or end; "unlikely" where its last line is probably not what the problem says;
              "wrong" where no program that begins like this can be right.
    extent:   how many characters of a wrong text are wrong already, whatever else had followed them; None: all of it.
    """

    finding: Literal["sound", "unlikely", "wrong"]
    extent: int | None = None


LineCheck = Callable[[str, str], LineVerdict]
"""Given a request's key and its program's text so far, ending at a newline. A wrong or unlikely line is drawn again."""
