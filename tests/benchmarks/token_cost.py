"""What a program costs in tokens of the embedded model, and what other ways to write it would cost.

Run by hand: python tests/benchmarks/token_cost.py ../shared/data/train/gsm8k.jsonl
GSM8K's solutions are converted as for training, and kept only where they give the gold answer.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from neurosym.grammars import keywords, language_id
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.printer import show
from neurosym.language.read import read
from neurosym.models.default import resolve
from neurosym.training.converters import converted


def numbered(program: t.Program) -> t.Program:
    """With names a, b, c ...: what the words in names cost."""
    names = [s.name for s in program.statements if isinstance(s, t.Let)]
    new = {name: chr(97 + i) if i < 26 else f"x{i}" for i, name in enumerate(names)}
    new = {name: f"{n}_" if n in keywords() or n in CONSTANTS else n for name, n in new.items()}
    renamed = [replace(s, name=new[s.name]) if isinstance(s, t.Let) else s for s in program.statements]
    return t.Program(tuple(t.substitute(s, {k: t.Name(n) for k, n in new.items()}) for s in renamed))


def loose(text: str) -> str:
    """Every operator between spaces."""
    return re.sub(r"(?<=[\w)%])([*/^])(?=[\w(-])", r" \1 ", text)


def tight(text: str) -> str:
    """No operator between spaces."""
    return text.replace(" + ", "+").replace(" - ", "-")


def joined(text: str) -> str:
    """Nor the `=` of a definition."""
    return text.replace(" = ", "=")


def lines(text: str) -> str:
    return re.sub(r"(?m)^let ", "", text)


WAYS: Mapping[str, tuple[bool, Callable[[t.Program], str]]] = {
    "canonical: let x = a + b*c": (True, show),
    "every operator spaced: a + b * c": (True, lambda p: loose(show(p))),
    "every operator tight: a+b*c": (True, lambda p: tight(show(p))),
    "and the =: let x=a+b*c": (True, lambda p: joined(tight(show(p)))),
    "= tight, + - spaced: let x=a + b*c": (True, lambda p: joined(show(p))),
    "names a, b, c": (True, lambda p: show(numbered(p))),
    "names a, b, c, operators tight": (True, lambda p: tight(show(numbered(p)))),
    "without `let`: x = a + b*c": (False, lambda p: lines(show(p))),
    "without `let`, operators tight": (False, lambda p: tight(lines(show(p)))),
    "`? x` for `ask x`": (False, lambda p: show(p).replace("ask ", "? ")),
    "`answer = x` for `ask x`": (False, lambda p: show(p).replace("ask ", "answer = ")),
}
"""Name → (whether it reads as the language is, how it is written)."""


def main(path: Path) -> None:
    """Print the share converted and a table of tokens a program for every way to write it."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(resolve())
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    programs = [read(example.program) for _, example in converted("gsm8k", iter(rows)) if example]
    print(f"{language_id()}: {len(programs)} of {len(rows)} converted ({len(programs) / len(rows):.1%})")
    print(f"\n{show(programs[0])}")
    print("| way to write it | mean | median | p95 | against canonical |\n|---|---|---|---|---|")
    first = 0.0
    for name, (reads, write) in WAYS.items():
        texts = [write(p) for p in programs]
        if reads:
            assert all(read(text).statements[-1] for text in texts[:200]), name
        counts = sorted(len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"])
        mean = statistics.mean(counts)
        first = first or mean
        p95 = counts[len(counts) * 95 // 100]
        print(f"| {name} | {mean:.1f} | {statistics.median(counts):.0f} | {p95} | {mean / first - 1:+.1%} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
