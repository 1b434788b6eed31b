"""How faithful a decoder is: the divergence of its next tokens from another's, over programs that are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from neurosym.decoding.decoder import Decoder
from neurosym.models.transformers import encode
from neurosym.search.prompt import messages
from neurosym.training.problems import problem_families


def programs(tokenizer: Any, families: int) -> list[tuple[list[int], list[int]]]:
    """The tokens of a prompt and of its right program, one problem of each of the first families held out."""
    held_out = [family for family in problem_families() if family.use == "held out"][:families]
    cases = []
    for family in held_out:
        example = family.generate(0)
        program = tokenizer(example.program, add_special_tokens=False)["input_ids"]
        cases.append((encode(tokenizer, messages(example.problem)), list(program)))
    return cases


def divergences(exact: Decoder, other: Decoder, cases: Sequence[tuple[list[int], list[int]]]) -> torch.Tensor:
    """KL(exact, other) in nats at each token of the programs."""
    found = []
    shared = [decoder.share([prompt for prompt, _ in cases]) for decoder in (exact, other)]
    size = len(shared[0].tokens)
    for prompt, program in cases:
        logs = []
        for decoder, prefix in zip((exact, other), shared, strict=True):
            slots = decoder.slots(prefix, 1)
            slots.put(0, decoder.prefill(prefix, prompt[:-1]).since(size))
            held = len(prompt) - 1 - size
            fed = [prompt[-1], *program[:-1]]
            logs.append([decoder.step(slots, [token], [held + i])[0].log_softmax(-1) for i, token in enumerate(fed)])
        found += [float((p.exp() * (p - q)).sum()) for p, q in zip(*logs, strict=True)]
    return torch.tensor(found)
