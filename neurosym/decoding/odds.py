"""What a model thinks of one reply against another: the odds of two tokens after each of many prompts."""

from __future__ import annotations

from collections.abc import Sequence

from neurosym.decoding.decoder import Decoder, common


def log_odds(decoder: Decoder, prompts: Sequence[Sequence[int]], one: int, other: int, rows: int) -> list[float]:
    """The natural logarithm of p(`one`) / p(`other`) as the token that follows each prompt, at most `rows` at once.

    Prompts in order share their beginnings with their neighbours, which are computed once.
    """
    found = [0.0] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: tuple(prompts[i]))
    for start in range(0, len(order), rows):
        batch = order[start : start + rows]
        prefix = decoder.share([prompts[i] for i in batch])
        slots = decoder.slots(prefix, len(batch))
        read = prefix
        for slot, i in enumerate(batch):
            fed = prompts[i][:-1]
            read = decoder.prefill(read.until(len(common([read.tokens, fed]))), fed)
            slots.put(slot, read.since(len(prefix.tokens)))
        lengths = [len(prompts[i]) - 1 - len(prefix.tokens) for i in batch]
        logits = decoder.step(slots, [prompts[i][-1] for i in batch], lengths)
        for i, value in zip(batch, (logits[:, one] - logits[:, other]).tolist(), strict=True):
            found[i] = value
    return found
