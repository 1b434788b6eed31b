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
from typing import Any

from neurosym.evaluation.golds import Gold, read_golds, right
from neurosym.evaluation.scores import share
from neurosym.models.default import quiet, resolve
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
LONGEST = {True: 12, False: 160}
"""Tokens of one sample: of an answer alone, and of one after thoughts."""


def conversation(gold: Gold, *, direct: bool) -> list[dict[str, str]]:
    """Worked examples and the problem."""
    turns = []
    for asked, thought, answer in EXAMPLES:
        said = f"The answer is {answer}." if direct else f"{thought} The answer is {answer}."
        turns += [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    problem = gold.problem
    return [*turns, {"role": "user", "content": task(problem.text, problem.question, problem.options)}]


def said(text: str, gold: Gold) -> str | None:
    """The answer that a reply gives: the letter or number after "answer is", else the last one."""
    wanted = r"\b[A-G]\b" if gold.problem.options else r"-?\d[\d,]*(?:\.\d+)?"
    found = re.findall(wanted, text.rpartition("answer is")[2]) or re.findall(wanted, text)[-1:]
    return found[0].replace(",", "") if found else None


def voted(model: Any, tokenizer: Any, gold: Gold, tokens: int, *, direct: bool) -> tuple[str | None, str | None]:
    """The greedy answer, and the commonest among samples of so many tokens in all."""
    import torch

    prompt = tokenizer.apply_chat_template(
        conversation(gold, direct=direct), add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    start = prompt["input_ids"].shape[1]
    votes: Counter[str] = Counter()
    greedy, spent = None, 0
    while spent < tokens:
        drawn = {"do_sample": True, "temperature": 0.8, "top_k": 0, "num_return_sequences": 8} if spent else {}
        with torch.no_grad():
            replies = model.generate(
                **prompt, max_new_tokens=LONGEST[direct], pad_token_id=tokenizer.pad_token_id, **drawn
            )
        for reply in replies[:, start:]:
            new = [t for t in reply.tolist() if t != tokenizer.pad_token_id]
            answer = said(tokenizer.decode(new, skip_special_tokens=True), gold)
            greedy = greedy if spent else answer
            spent += len(new)
            if answer is not None and spent <= tokens:
                votes[answer] += 1
    return greedy, votes.most_common(1)[0][0] if votes else greedy


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=800)
    parser.add_argument("--direct", action="store_true")
    given = parser.parse_args()
    import torch
    import transformers

    torch.manual_seed(0)
    folder = resolve("base")
    with quiet():
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    for file in given.files:
        golds = read_golds(file.read_text(encoding="utf-8"), file.stem)
        golds = golds[:: max(1, len(golds) // given.limit)][: given.limit]
        found = []
        for gold in golds:
            answers = voted(model, tokenizer, gold, given.tokens, direct=given.direct)
            found.append([right(answer, gold) for answer in answers])
            sys.stderr.write(f"\r{len(found)}/{len(golds)}")
        greedy, vote = (share(column) for column in zip(*found, strict=True))
        sys.stdout.write(f"\r{file.stem}: greedy {greedy}; vote over {given.tokens} tokens {vote}\n")


if __name__ == "__main__":
    main()
