"""A checked program on its way to a worker of ours, which then need not read and check it again.

Pickled, which is a tenth of reading: only what this process made itself is packed, and only workers that it started
unpack. Nothing that a worker sends back is ever unpacked.
"""

from __future__ import annotations

import base64
import copyreg
import io
import pickle
from fractions import Fraction

from neurosym.language.diagnostic import Span
from neurosym.solvers.base import Task


def pack(task: Task) -> str:
    """The parcel, as text that JSON carries. Raises RecursionError where the program nests too deeply."""
    parcel = io.BytesIO()
    pickler = pickle.Pickler(parcel, protocol=5)
    pickler.dispatch_table = copyreg.dispatch_table | {Fraction: _fraction, Span: _span}
    pickler.dump(task)
    return base64.b64encode(parcel.getbuffer()).decode("ascii")


def unpack(parcel: str) -> Task:
    """The task that `pack` packed, in a worker that this process's pool started: never for other text."""
    # Safe although it is pickle: the bytes are `pack`'s own, of a tree that holds a user's text as nothing but strings,
    # and came over a socket pair that only the caller and this worker hold.
    task: Task = pickle.loads(base64.b64decode(parcel))
    return task


def _fraction(number: Fraction) -> tuple[type[Fraction], tuple[int, int]]:
    """A fraction by its parts: by its text, as before Python 3.12, takes longer and bounds its digits."""
    return Fraction, (number.numerator, number.denominator)


def _span(span: Span) -> tuple[type[Span], tuple[int, ...]]:
    """A place by its numbers: there are hundreds, and what a named tuple does by itself takes three times as long."""
    return Span, tuple(span)
