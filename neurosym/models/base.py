"""Where candidate programs come from: the one protocol that every model implements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Candidate:
    """One proposed program.

    text:         the program's text, ending with a newline where the model finished it.
    logprob:      the sum of the natural-log probabilities of its tokens under the model's own distribution, at
                  temperature 1 and before the grammar's mask; None where the source does not tell.
    tokens:       how many tokens were decoded for it, those of resampled lines included.
    finish:       "end" where the program is complete, "length" where the budget cut it off.
    """

    text: str
    logprob: float | None
    tokens: int
    finish: str


@dataclass(frozen=True)
class Request:
    """One problem to translate.

    key:       identifies the problem (recorded models look it up; seeds derive from it).
    messages:  the conversation to answer with a program: (role, content) pairs, roles system/user/assistant.
    n:         how many candidates are wanted; the first is greedy, the others are sampled.
    """

    key: str
    messages: tuple[tuple[str, str], ...]
    n: int


LineCheck = Callable[[str], bool]
"""Given a program's text so far, ending at a newline: may it go on? A bad line is drawn again."""


class Model(Protocol):
    """A source of candidate programs."""

    @property
    def name(self) -> str:
        """Identifies the model and its version; results name it."""

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, max_tokens: int, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """Yield (index of the request, its candidates) for every request, each once, in any order, as they finish.

        The same seed gives the same candidates. Raises ModelError where the model cannot be loaded or reached.
        """
