"""Answer comparison: pairs per second on answers as GSM8K has them, beside Math-Verify in the same run.

Math-Verify lives in an environment of its own, whose interpreter the variable MATH_VERIFY_PYTHON names:
    python3 -m venv mv && mv/bin/pip install 'math-verify[antlr4_13_2]'
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurosym.equality import Verdict, equal

OTHER = """
import json, sys, time
from math_verify import parse, verify
def judge(gold, given):
    return bool(verify(parse(gold), parse(given)))
pairs = json.load(sys.stdin)
judge("1", "2")
begin = time.perf_counter()
verdicts = [judge(gold, given) for gold, given in pairs]
json.dump({"seconds": time.perf_counter() - begin, "verdicts": verdicts}, sys.stdout)
"""


def gsm8k_like(n: int, plain: float = 0.5) -> tuple[list[tuple[str, str]], list[bool]]:
    """Gold numbers with what models answer: half of them plain numbers, two thirds right; and which are right."""
    rng = random.Random(7)
    pairs, right = [], []
    for _ in range(n):
        gold = int(10 ** rng.uniform(0, 4.5))
        given = gold if rng.random() < 2 / 3 else gold + rng.choice([-10, -1, 1, 2, 10])
        forms = [f"${given}", f"{given:,}", f"{given}.00", rf"\\boxed{{{given}}}", f"{given} dollars", f"${given:,}.00"]
        pairs.append((str(gold), str(given) if rng.random() < plain else rng.choice(forms).replace("\\\\", "\\")))
        right.append(given == gold)
    return pairs, right


@pytest.mark.parametrize("plain", [0.5, 0.0], ids=["half-plain", "none-plain"])
def test_pairs_per_second(benchmark: BenchmarkFixture, plain: float) -> None:
    pairs, right = gsm8k_like(1000, plain)
    equal("1", "$2")  # the grammar is built once

    def ours() -> list[bool]:
        return [equal(gold, given).verdict is Verdict.EQUAL for gold, given in pairs]

    assert benchmark.pedantic(ours, rounds=3) == right
    begin = time.perf_counter()
    ours()
    seconds = time.perf_counter() - begin
    benchmark.extra_info["pairs_per_second"] = round(len(pairs) / seconds)
    python = os.environ.get("MATH_VERIFY_PYTHON")
    if python is None:
        return
    ran = subprocess.run([python, "-c", OTHER], input=json.dumps(pairs), text=True, capture_output=True, check=True)
    theirs = json.loads(ran.stdout)
    agree = sum(a == b for a, b in zip(theirs["verdicts"], right, strict=True))
    benchmark.extra_info["math_verify"] = {
        "pairs_per_second": round(len(pairs) / theirs["seconds"]),
        "right": f"{agree}/{len(pairs)}",
        "ratio": round(theirs["seconds"] / seconds, 1),
    }
