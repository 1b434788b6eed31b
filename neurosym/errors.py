"""Every exception that NeuroSym raises on purpose, so that one `except` clause is enough.

A problem or program that cannot be solved is not an exception: it is an `Outcome` or a `Result`. Exceptions say
that the caller asked for something that cannot be, or that we failed:

    NeuroSymError
    ├── UsageError            what the caller passed cannot be used (exit code 2)
    │   ├── InputError        a file or a line of it
    │   ├── ProgramError      a program that does not read or check; carries the diagnostics
    │   └── MissingExtra      a package of an optional extra is not installed
    ├── ModelError            the model cannot be fetched, loaded or reached (exit code 3)
    │   └── LanguageMismatch  an artefact was made for another version of the language
    └── WorkerError           our worker processes cannot be started (exit code 3)
        └── SandboxError      the sandbox of this system is below the level asked for
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neurosym.language.diagnostic import Diagnostic


class NeuroSymError(Exception):
    """The root of all exceptions raised on purpose."""


class UsageError(NeuroSymError):
    """What the caller passed cannot be used; the message says what would be right."""


class InputError(UsageError):
    """A file, or one line of it, cannot be used as input."""


class ProgramError(UsageError):
    """A program does not read, or fails its checks; `diagnostics` says where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class MissingExtra(UsageError):
    """A package is needed that only an optional extra installs."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"this needs the package {package!r}: pip install 'neurosym[{extra}]'")


class ModelError(NeuroSymError):
    """A model cannot be fetched, loaded or reached."""


class LanguageMismatch(ModelError):
    """An artefact names another version of the language than the one installed."""


class WorkerError(NeuroSymError):
    """Worker processes cannot be started or keep dying for a reason of ours."""


class SandboxError(WorkerError):
    """This system cannot confine untrusted Python as well as was asked; the message names the missing layers."""
