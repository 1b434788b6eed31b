"""What a model is asked and what it proposes: the data that models and decoding share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Messages = tuple[tuple[str, str], ...]
"""A conversation: (role, content) pairs, roles system, user and assistant."""


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
    """

    text: str
    logprob: float | None
    tokens: int
    finish: str


@dataclass(frozen=True)
class Request:
    """One problem to translate.

    key:       identifies the problem (recorded models look it up; seeds derive from it).
    messages:  the conversation to answer with a program.
    n:         how many candidates are wanted; the first is greedy, the others are sampled.
    budget:    tokens of a candidate; as many again may be decoded for lines of it that are taken back.
    """

    key: str
    messages: Messages
    n: int
    budget: int


@dataclass(frozen=True)
class Training:
    """What a model's weights were trained for.

    language:  the id of the language that they write.
    folder:    where the adapter lies, and the scorer of its candidates where there is one.
    judge:     gives for each conversation that ends by asking whether a program is right (`search.prompt`) the natural
               logarithm of the odds that it is; None where the weights were not trained to judge.
    """

    language: str
    folder: Path
    judge: Callable[[Sequence[Messages]], list[float]] | None = None


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
