"""Where candidate programs come from: the one protocol that every model implements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from neurosym.proposals import Candidate, LineCheck, LineVerdict, Request, Training

__all__ = ["Candidate", "LineCheck", "LineVerdict", "Model", "Request", "Training"]


class Model(Protocol):
    """A source of candidate programs."""

    @property
    def name(self) -> str:
        """Identifies the model and its version; results name it."""

    @property
    def training(self) -> Training | None:
        """What its weights were trained for; None where the prompt has to teach the language."""

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """Yield (index of the request, its candidates) for every request, each once, in any order, as they finish.

        The same seed gives the same candidates. Raises ModelError where the model cannot be loaded or reached.
        """
