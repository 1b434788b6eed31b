"""Tokens a second of our decoder beside transformers' own `generate`, on one problem with the engine's prompt.

    python tests/benchmarks/decoding.py [--tokens 40] [--rows 1 4 16]

The same model in the same run, each candidate up to so many tokens, the reading of the prompt included. Ours masks
every token by the grammar; `generate` samples as many sequences by `num_return_sequences`, without a mask.
"""

from __future__ import annotations

import argparse
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from neurosym.decoding.batch import Decoder, Prompt
from neurosym.decoding.cache import Runner
from neurosym.decoding.grammar import to_llguidance
from neurosym.decoding.linear import pack
from neurosym.decoding.mask import GrammarMask
from neurosym.grammars import keywords, load
from neurosym.models.default import resolve
from neurosym.search.prompt import messages

PROBLEM = "A baker fills 3 trays with 12 rolls each. He sells 20 rolls in the morning. How many rolls are left?"


def main() -> None:
    """Print a row for every number of candidates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"], help="of our linear layers")
    given = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(resolve())
    # One each: our runner puts its own attention into the model, and its linear layers are packed.
    model, plain = (AutoModelForCausalLM.from_pretrained(resolve(), dtype=torch.float32).eval() for _ in range(2))
    pack(model, getattr(torch, given.dtype))
    mask = GrammarMask(tokenizer, model.config.vocab_size, to_llguidance(load("ir"), keywords("ir")))
    chat = [{"role": role, "content": content} for role, content in messages(PROBLEM)]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)

    def ours(rows: int) -> int:
        decoder = Decoder(Runner(model), mask, rows, 0.7)  # a new runner has read no prompt yet
        found = decoder([Prompt("problem", prompt, rows, given.tokens)], lambda key, text: True, 0)
        return sum(c.tokens for _, candidates in found for c in candidates)

    def theirs(rows: int) -> int:
        ids = torch.tensor([prompt])
        with torch.inference_mode():
            found: torch.Tensor = plain.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                temperature=0.7,
                num_return_sequences=rows,
                min_new_tokens=given.tokens,
                max_new_tokens=given.tokens,
                pad_token_id=tokenizer.eos_token_id,
            )
        return int(found[:, len(prompt) :].numel())

    ours(1)  # whatever is lazy
    print(f"a prompt of {len(prompt)} tokens, {torch.get_num_threads()} threads")
    print("| candidates | ours, tokens/s | generate, tokens/s | ratio |\n|---|---|---|---|")
    for rows in given.rows:
        speeds = []
        for decode in (ours, theirs):
            start = time.perf_counter()
            tokens = decode(rows)
            speeds.append(tokens / (time.perf_counter() - start))
        print(f"| {rows} | {speeds[0]:.1f} | {speeds[1]:.1f} | {speeds[0] / speeds[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
