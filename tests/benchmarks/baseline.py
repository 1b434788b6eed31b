"""The embedded model without us: it thinks in words, or answers at once, and a vote decides, for the same tokens.

    python tests/benchmarks/baseline.py FILE... [--limit 50] [--tokens 800] [--direct]

FILE is as for `neurosym eval`, whose "tokens a problem, mean" is what to give as --tokens. Five worked examples come
first; the first sample is greedy, the others are drawn at temperature 0.8 until the tokens are spent; the commonest
answer counts.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

from neurosym.decoding.batch import Prompt, Sampler
from neurosym.decoding.mask import GrammarMask
from neurosym.decoding.openvino import OpenVINODecoder
from neurosym.evaluation.golds import Gold, read_golds, right
from neurosym.evaluation.scores import share
from neurosym.models.default import quiet, resolve
from neurosym.models.transformers import ROWS, encode
from neurosym.proposals import Candidate, LineVerdict
from neurosym.search.prompt import task

EXAMPLES = (
    (
        "Ann has 3 bags of 12 nuts and eats 6 nuts. How many nuts are left?",
        "3 bags hold 3*12 = 36 nuts. 36-6 = 30.",
        "30",
    ),
    ("A coat costs $80 and is sold at 25% off. What does it cost now?", "25% of 80 is 20. 80-20 = 60.", "60"),
    (
        "Bob is kind. Kind people are calm.\nIs the following statement true, false, or unknown? Bob is calm.\n"
        "A) True\nB) False\nC) Unknown",
        "Bob is kind, and kind people are calm, so Bob is calm.",
        "A",
    ),
    (
        "There are three cars: a van, a bus and a cab. The van is newer than the bus. The cab is the oldest.\n"
        "Which of the following is true?\nA) The van is the newest.\nB) The bus is the newest.\n"
        "C) The cab is the newest.",
        "The cab is oldest, then the bus, and the van is newest.",
        "A",
    ),
    ("Two numbers have the sum 20 and the difference 4. What is the larger?", "(20+4)/2 = 12.", "12"),
)
ANYTHING = "start: TEXT\nTEXT: /(?s:.*)/\n"
"""The grammar of any text."""

LONGEST = {True: 12, False: 160}
"""Tokens of one sample: of an answer alone, and of one after thoughts."""

SHORTEST = {True: 6, False: 40}
"""About as few as a sample has: so many samples are drawn that the tokens are spent."""


def conversation(gold: Gold, *, direct: bool) -> list[tuple[str, str]]:
    """Worked examples and the problem."""
    turns: list[tuple[str, str]] = []
    for asked, thought, answer in EXAMPLES:
        said = f"The answer is {answer}." if direct else f"{thought} The answer is {answer}."
        turns += [("user", asked), ("assistant", said)]
    problem = gold.problem
    return [*turns, ("user", task(problem.text, problem.question, problem.options))]


def said(text: str, gold: Gold) -> str | None:
    """The answer that a reply gives: the letter or number after "answer is", else the last one."""
    wanted = r"\b[A-G]\b" if gold.problem.options else r"-?\d[\d,]*(?:\.\d+)?"
    found = re.findall(wanted, text.rpartition("answer is")[2]) or re.findall(wanted, text)[-1:]
    return found[0].replace(",", "") if found else None


def voted(samples: tuple[Candidate, ...], gold: Gold, tokens: int) -> tuple[str | None, str | None]:
    """The greedy answer, and the commonest among the samples that so many tokens suffice for."""
    votes: Counter[str] = Counter()
    spent = 0
    for sample in samples:
        spent += sample.tokens
        answer = said(sample.text, gold)
        if answer is not None and spent <= tokens:
            votes[answer] += 1
    greedy = said(samples[0].text, gold)
    return greedy, votes.most_common(1)[0][0] if votes else greedy


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=800)
    parser.add_argument("--direct", action="store_true")
    given = parser.parse_args()
    folder = resolve("base")
    with quiet():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder)
    mask = GrammarMask(tokenizer, model.config.vocab_size, ANYTHING)
    sampler = Sampler(OpenVINODecoder(model, "int8"), mask, ROWS["openvino"], 0.8)
    for file in given.files:
        golds = read_golds(file.read_text(encoding="utf-8"), file.stem)
        golds = (
            [golds[i * len(golds) // given.limit] for i in range(given.limit)] if given.limit < len(golds) else golds
        )
        samples = given.tokens // SHORTEST[given.direct]
        prompts = [
            Prompt(
                gold.problem.text,
                encode(tokenizer, conversation(gold, direct=given.direct)),
                samples,
                LONGEST[given.direct],
            )
            for gold in golds
        ]
        found = []
        for i, drawn in sampler(prompts, lambda key, text: LineVerdict("sound"), seed=0):
            answers = voted(drawn, golds[i], given.tokens)
            found.append([right(answer, golds[i]) for answer in answers])
            sys.stderr.write(f"\r{len(found)}/{len(golds)}")
        greedy, vote = (share(column) for column in zip(*found, strict=True))
        sys.stdout.write(f"\r{file.stem}: greedy {greedy}; vote over {given.tokens} tokens {vote}\n")


if __name__ == "__main__":
    main()
