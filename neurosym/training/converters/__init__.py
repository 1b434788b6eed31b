"""Published training sets as examples in our language: `convert(record)` gives the program that the text says.

Only for training: nothing here is used when problems are solved. A record is kept only where its program's answer, by
our solvers, is the gold one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from neurosym.language import tree as t
from neurosym.language.printer import show
from neurosym.search.prompt import task
from neurosym.solving.options import choose
from neurosym.solving.solve import solve
from neurosym.training.converters import gsm8k, logicaldeduction, proofwriter
from neurosym.training.generator import Example

Record = Mapping[str, Any]

CONVERTERS: Mapping[str, Callable[[Record], t.Program | None]] = {
    "gsm8k": gsm8k.convert,
    "logicaldeduction": logicaldeduction.convert,
    "proofwriter": proofwriter.convert,
}
"""Name → record to program, None where the record is not of the form that the converter knows."""


def converted(name: str, records: Iterator[Record]) -> Iterator[tuple[Record, Example | None]]:
    """Each record of the set `name` with its example; None where it does not convert or our answer is another."""
    for record in records:
        program = CONVERTERS[name](record)
        if program is None or not _right(program, record):
            yield record, None
            continue
        asked = task(record["problem"], record.get("question"), tuple(record.get("options", ())))
        yield record, Example(record["id"], name, asked, show(program))


def _right(program: t.Program, record: Record) -> bool:
    options = record.get("options", ())
    outcome = solve(program, timeout=10)
    answer = choose(outcome, options).answer if options else outcome.answer
    return answer == str(record["answer"]).replace(",", "")
