"""Tokens a second of our decoders beside transformers' own `generate`, on one problem with the engine's prompt.

    python tests/benchmarks/decoding.py [--tokens 40] [--rows 1 4 16 32]

The same model in the same run, each candidate up to so many tokens, the reading of the prompt included. Ours mask
every token by the grammar; `generate` samples as many sequences by `num_return_sequences`, without a mask. Then, how
far the decoders' next tokens are from those of float32, over the programs of 20 problems (see `tests/faithful.py`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from neurosym.decoding.batch import Prompt, Sampler
from neurosym.decoding.decoder import Decoder
from neurosym.decoding.grammar import to_llguidance
from neurosym.decoding.linear import pack
from neurosym.decoding.mask import GrammarMask
from neurosym.decoding.openvino import DTYPES, OpenVINODecoder
from neurosym.decoding.pytorch import TorchDecoder
from neurosym.grammars import keywords, load
from neurosym.models.adapter import SHIPPED, merge, read_adapter
from neurosym.models.default import resolve
from neurosym.proposals import LineVerdict
from neurosym.search.prompt import messages

sys.path.insert(0, str(Path(__file__).parents[1]))
from faithful import divergences, programs

PROBLEM = "A baker fills 3 trays with 12 rolls each. He sells 20 rolls in the morning. How many rolls are left?"


def main() -> None:
    """Print a row for every number of candidates, then the divergences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4, 16, 32])
    given = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(resolve())
    plain, exact = model(), model()
    makers: dict[str, Callable[[], Decoder]] = {"torch float32": lambda: TorchDecoder(exact)}
    pack(exact, torch.float32)  # and it is given our own attention: it is not the plain one any more
    for dtype in DTYPES:
        makers[f"OpenVINO {dtype}"] = partial(forgetful, OpenVINODecoder(plain, dtype))
    mask = GrammarMask(tokenizer, plain.config.vocab_size, to_llguidance(load("ir"), keywords("ir")))
    chat = [{"role": role, "content": content} for role, content in messages(PROBLEM)]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)

    def ours(make: Callable[[], Decoder], rows: int) -> int:
        sampler = Sampler(make(), mask, rows, 0.7)
        found = sampler([Prompt("problem", prompt, rows, given.tokens)], lambda key, text: LineVerdict("sound"), 0)
        return sum(c.tokens for _, candidates in found for c in candidates)

    def theirs(rows: int) -> int:
        ids = torch.tensor([prompt])
        with torch.inference_mode():
            tokens: torch.Tensor = plain.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                temperature=0.7,
                num_return_sequences=rows,
                min_new_tokens=given.tokens,
                max_new_tokens=given.tokens,
                pad_token_id=tokenizer.eos_token_id,
            )
        return int(tokens[:, len(prompt) :].numel())

    print(f"a prompt of {len(prompt)} tokens, {torch.get_num_threads()} threads; tokens a second")
    print(f"| candidates | {' | '.join(makers)} | generate |\n|---|{'---|' * (len(makers) + 1)}")
    for rows in given.rows:
        speeds = []
        for make in makers.values():
            ours(make, rows)  # whatever is lazy
            speeds.append(speed(partial(ours, make, rows)))
        theirs(rows)
        speeds.append(speed(partial(theirs, rows)))
        print(f"| {rows} | {' | '.join(f'{s:.1f} ({s / speeds[-1]:.1f})' for s in speeds)} |", flush=True)
    print("| decoder | KL to torch float32, mean | most | tokens |\n|---|---|---|---|")
    cases = programs(tokenizer, 20)
    for name in [*makers][1:]:
        nats = divergences(makers["torch float32"](), makers[name](), cases)
        print(f"| {name} | {nats.mean():.5f} | {nats.max():.4f} | {len(nats)} |", flush=True)


def model() -> Any:
    """The embedded model with its adapter."""
    found = AutoModelForCausalLM.from_pretrained(resolve(), dtype=torch.float32).eval()
    adapter = read_adapter(SHIPPED)
    assert adapter
    merge(found, adapter)
    return found


def forgetful(decoder: Decoder) -> Decoder:
    """The decoder as if it had read no prompt yet."""
    decoder.share([[0]])
    return decoder


def speed(decode: Callable[[], int]) -> float:
    """Tokens a second."""
    start = time.perf_counter()
    tokens = decode()
    return tokens / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
