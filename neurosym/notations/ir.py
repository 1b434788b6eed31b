"""Our own language among the notations: nothing to lower, and no slip is mended."""

from __future__ import annotations

from collections.abc import Sequence

from neurosym.language import read as language
from neurosym.notations import Reading


def read(text: str, question: str | None, options: Sequence[str]) -> Reading:
    """The program as it stands (see neurosym.notations.read). Raises ProgramError."""
    return Reading(language.read(text))
