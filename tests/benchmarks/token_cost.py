"""What a program costs in tokens of the embedded model, and what other ways to write it would cost.

Run by hand: python tests/benchmarks/token_cost.py ../shared/data/train/gsm8k.jsonl
GSM8K's solutions carry their arithmetic as `<<48/2=24>>24 clips in May`; each becomes a `let` named by the words after
it, and a program is kept only if it evaluates to the gold answer.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from neurosym.errors import ProgramError
from neurosym.grammars import keywords, language_id
from neurosym.language import tree as t
from neurosym.language.builtins import CONSTANTS
from neurosym.language.check import check
from neurosym.language.evaluate import Interpretation, Undefined, evaluate
from neurosym.language.printer import show
from neurosym.language.read import read, read_expression
from neurosym.models.default import resolve

ANNOTATION = re.compile(r"<<([^<>=]+)=(?:[^<>]*=)?([^<>=]+)>>[\d.,$%]*([^<.,;\n]*)")
NUMBER = re.compile(r"\d*\.?\d+")
FILLER = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at to for from by with per each every and or is are was were be has have had he she it they"
        " his her their its this that these those there then than as so more less total all if",
    )
)


@dataclass(frozen=True)
class Step:
    """One annotation: its expression and value as written, and the words that follow it."""

    expression: str
    value: Fraction
    words: tuple[str, ...]


def steps(solution: str) -> list[Step]:
    """The annotations of a solution. Raises ValueError where one is no arithmetic."""
    found = []
    for expression, value, after in ANNOTATION.findall(solution):
        plain = expression.replace(",", "").replace("$", "")
        if not re.fullmatch(r"[\d.+\-*/()% ]+", plain):
            raise ValueError(f"no arithmetic: {expression}")
        words = tuple(w.lower() for w in re.findall(r"[A-Za-z]+", after) if w.lower() not in FILLER)
        found.append(Step(plain, Fraction(value.replace(",", "").strip(" $%")), words))
    return found


def convert(problem: str, solution: str, gold: Fraction) -> t.Program | None:
    """The chain of `let`s that a solution's annotations say, or None where it does not give `gold`."""
    given = {Fraction(n) for n in NUMBER.findall(problem.replace(",", ""))}
    names: dict[Fraction, str] = {}
    lets: list[t.Let] = []
    try:
        for step in steps(solution):
            value = read_expression(NUMBER.sub(lambda m: literal(m[0], given, names), step.expression))
            name = unique("_".join(step.words[:2]) or "result", {s.name for s in lets})
            lets.append(t.Let(name, unit(step.words), value))
            names[step.value] = name
        target = t.Name(names[gold])
        program = t.Program((*lets, t.Ask((target,))))
        symbols, found = check(bare(program))
        return program if not found and evaluate(target, symbols, Interpretation()) == gold else None
    except (KeyError, ValueError, ZeroDivisionError, ProgramError, Undefined):
        return None


def literal(digits: str, given: Iterable[Fraction], names: Mapping[Fraction, str]) -> str:
    """A number as the language writes it, or the name of the step that gave it, unless the problem states it."""
    value = Fraction(digits)
    if value in names and value not in given:
        return names[value]
    whole, _, part = digits.partition(".")
    return f"{int(whole or 0)}.{part}" if part else str(int(whole))


def unique(name: str, taken: Iterable[str]) -> str:
    """`name`, or with a number at its end, such that it is no keyword, no constant and not taken."""
    name = f"{name}_" if name in keywords() or name in CONSTANTS else name
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, 999))) if n not in set(taken))


def unit(words: tuple[str, ...]) -> t.Unit | None:
    """The noun that follows a number, as its unit."""
    return t.Unit(((words[0], 1),)) if words and words[0] not in keywords() else None


# --- ways to write it -------------------------------------------------------------------------------------------


def bare(program: t.Program) -> t.Program:
    """Without units."""
    return t.Program(tuple(replace(s, type=None) if isinstance(s, t.Let) else s for s in program.statements))


def numbered(program: t.Program) -> t.Program:
    """With names a, b, c ...: what the words in names cost."""
    names = [s.name for s in program.statements if isinstance(s, t.Let)]
    new = {name: chr(97 + i) if i < 26 else f"x{i}" for i, name in enumerate(names)}
    new = {name: unique(n, ()) for name, n in new.items()}
    renamed = [replace(s, name=new[s.name]) if isinstance(s, t.Let) else s for s in bare(program).statements]
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
    "canonical: let x = a + b*c": (True, lambda p: show(bare(p))),
    "every operator spaced: a + b * c": (True, lambda p: loose(show(bare(p)))),
    "every operator tight: a+b*c": (True, lambda p: tight(show(bare(p)))),
    "and the =: let x=a+b*c": (True, lambda p: joined(tight(show(bare(p))))),
    "= tight, + - spaced: let x=a + b*c": (True, lambda p: joined(show(bare(p)))),
    "with units: let x: clips = a + b*c": (True, show),
    "with units, operators tight": (True, lambda p: tight(show(p))),
    "names a, b, c": (True, lambda p: show(numbered(p))),
    "names a, b, c, operators tight": (True, lambda p: tight(show(numbered(p)))),
    "without `let`: x = a + b*c": (False, lambda p: lines(show(bare(p)))),
    "without `let`, operators tight": (False, lambda p: tight(lines(show(bare(p))))),
    "`? x` for `ask x`": (False, lambda p: show(bare(p)).replace("ask ", "? ")),
    "`answer = x` for `ask x`": (False, lambda p: show(bare(p)).replace("ask ", "answer = ")),
}
"""Name → (whether it reads as the language is, how it is written)."""


def main(path: Path) -> None:
    """Print the share converted and a table of tokens a program for every way to write it."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(resolve())
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    converted = [convert(r["problem"], r["solution"], Fraction(r["answer"].replace(",", ""))) for r in rows]
    programs = [p for p in converted if p is not None]
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
