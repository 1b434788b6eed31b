"""Keys and values of a batch: the shared prefix is kept once, and each row owns a slot that it fills at its own pace.

Attention over a prompt that all rows share reads its keys once for the whole batch ("Hydragen", Juravsky et al. 2024).
A row's slot holds the rest: it is written in place, a row that takes tokens back just becomes shorter, and a slot
whose row has finished is given to the next one, so that no cache is ever copied, cropped or padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AttentionInterface, Cache

from neurosym.errors import ModelError

CHUNK = 512
"""Prompt tokens a forward pass takes at most, so that the scores of a long prompt fit."""

ROWS, TOKENS = 8, 32
"""A step's rows and the width of their slots are rounded up to these: other shapes take other kernels, whose sums
differ in the last bits, and a row's draws would come to depend on how many others share its batch."""

Layers = tuple[tuple[torch.Tensor, torch.Tensor], ...]


@dataclass(frozen=True)
class Prefix:
    """Tokens from position 0 on and, for each layer, their keys and values, each [heads, tokens, width]."""

    tokens: tuple[int, ...] = ()
    layers: Layers = ()

    def until(self, end: int) -> Prefix:
        """The first `end` tokens."""
        return Prefix(self.tokens[:end], tuple((k[:, :end], v[:, :end]) for k, v in self.layers)) if end else Prefix()

    def since(self, start: int) -> Layers:
        """The keys and values from token `start` on."""
        return tuple((k[:, start:], v[:, start:]) for k, v in self.layers)


class _Fill(Cache):  # type: ignore[misc]
    """Collects the keys and values of one row as they are computed."""

    def __init__(self, prefix: Prefix, expand: bool) -> None:
        super().__init__(layers=[])
        self.prefix, self.expand = prefix, expand
        self.seen: list[tuple[torch.Tensor, torch.Tensor]] = []

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens before those being fed."""
        return len(self.prefix.tokens)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Take the keys and values of a layer; what its attention looks at, the shared prefix apart."""
        self.seen.append((key_states[0], value_states[0]))
        return _whole(self, key_states, value_states, layer_idx)


class Slots(Cache):  # type: ignore[misc]
    """Room for `rows` rows of at most `width` tokens after the prefix; the first `active` of them take part."""

    def __init__(self, prefix: Prefix, rows: int, width: int, expand: bool) -> None:
        super().__init__(layers=[])
        self.prefix, self.rows, self.width, self.expand = prefix, rows, width, expand
        self.buffers: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.at = torch.zeros(0, dtype=torch.long)
        self.order = torch.zeros(0, dtype=torch.long)
        self.until = 0

    @torch.inference_mode()
    def put(self, slot: int, layers: Layers) -> None:
        """Begin the row in `slot` with these keys and values."""
        for index, (key, value) in enumerate(layers):
            keys, values = self._buffer(index, key, value)
            keys[slot, :, : key.shape[1]], values[slot, :, : key.shape[1]] = key, value

    @torch.inference_mode()
    def move(self, source: int, target: int, length: int) -> None:
        """Copy the row in slot `source`, `length` tokens long, to slot `target`."""
        for keys, values in self.buffers:
            keys[target, :, :length], values[target, :, :length] = keys[source, :, :length], values[source, :, :length]

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens before those being fed."""
        return len(self.prefix.tokens) + self.until - 1

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Take the keys and values of a layer; what its attention looks at, the shared prefix apart."""
        keys, values = self._buffer(layer_idx, key_states[0], value_states[0])
        row, active = self.order, len(self.at)
        keys[row, :, self.at], values[row, :, self.at] = key_states[:, :, 0], value_states[:, :, 0]
        return _whole(self, keys[:active, :, : self.until], values[:active, :, : self.until], layer_idx)

    def _buffer(self, layer: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if layer == len(self.buffers):
            self.buffers.append(
                (
                    key.new_zeros(self.rows, key.shape[0], self.width, key.shape[-1]),
                    value.new_zeros(self.rows, value.shape[0], self.width, value.shape[-1]),
                )
            )
        return self.buffers[layer]


def _whole(
    cache: _Fill | Slots, keys: torch.Tensor, values: torch.Tensor, layer: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the layer's attention is given: with the prefix copied to every row where it is not ours to share it."""
    if not cache.expand or not cache.prefix.layers:
        return keys, values
    head, tail = cache.prefix.layers[layer], (keys, values)
    key, value = (torch.cat([h.expand(len(t), *h.shape), t], 2) for h, t in zip(head, tail, strict=True))
    return key, value


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    *,
    shared: Layers,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of each row over the shared prefix (all of it) and its own tokens (where the mask says so).

    query [rows, heads, n, width], key and value [rows, kv_heads, m, width], mask [rows, 1, n, m]: 0, or -inf for tokens
    that are not looked at.
    Returns [rows, n, heads, width]. Each key head serves a group of query heads without being copied to them.
    """
    rows, heads, n, width = query.shape
    kv = key.shape[1]
    grouped = (query * (width**-0.5 if scaling is None else scaling)).reshape(rows, kv, -1, width)
    own = (grouped @ key.transpose(-1, -2)).view(rows, kv, heads // kv, n, -1)
    own = (own + attention_mask[:, :, None]).view(rows, kv, heads // kv * n, -1)
    if not shared:
        out = own.softmax(-1, dtype=torch.float32).to(value.dtype) @ value
    else:
        keys, values = shared[module.layer_idx]
        size = keys.shape[1]
        together = grouped.transpose(0, 1).reshape(kv, -1, width)
        common = (together @ keys.transpose(-1, -2)).view(kv, rows, -1, size).transpose(0, 1)
        weights = torch.cat([common, own], -1).softmax(-1, dtype=torch.float32).to(value.dtype)
        first = weights[..., :size].transpose(0, 1).reshape(kv, -1, size) @ values
        out = weights[..., size:] @ value + first.view(kv, rows, -1, value.shape[-1]).transpose(0, 1)
    return out.reshape(rows, heads, n, -1).transpose(1, 2), None


AttentionInterface.register("neurosym_shared", attend)


@dataclass
class Runner:
    """Runs a causal model over prefixes and slots.

    Where its attention is the plain one, ours replaces it and shares the prefix; elsewhere (sliding windows, capped
    scores, ...) the model keeps its own and is given the prefix copied to every row. Raises ModelError for
    architectures that keep a running state, from which no token can be taken back.
    """

    model: Any
    kept: Prefix = field(default_factory=Prefix)

    def __post_init__(self) -> None:
        config = self.model.config.get_text_config()
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        if kinds - {"full_attention", "sliding_attention"}:
            raise ModelError(
                f"{config.model_type} has layers of kind {', '.join(sorted(kinds))}, which cannot take tokens back: "
                "serve it with vLLM or SGLang and use openai:MODEL@URL"
            )
        self.windowed = "sliding_attention" in kinds
        self.window = getattr(config, "sliding_window", None)
        capped = getattr(config, "attn_logit_softcapping", None) is not None
        self.expand = self.window is not None or capped or not self.model._supports_attention_backend
        if not self.expand:
            self.model.set_attn_implementation("neurosym_shared")

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        device: torch.device = self.model.device
        return device

    def share(self, prompts: Sequence[Sequence[int]]) -> Prefix:
        """The keys and values of what all prompts begin with, short of the last token of any.

        The last prefix is kept, so that the next call computes only what differs from it.
        """
        common = [*_common(prompts)][: min(map(len, prompts)) - 1]
        kept = self.kept
        prefix = self.fill(kept.until(len(_common([kept.tokens, common]))), common)
        self.kept = prefix
        return prefix

    def fill(self, prefix: Prefix, tokens: Sequence[int]) -> Prefix:
        """The prefix for all of `tokens`, of which `prefix` is the beginning."""
        for start in range(len(prefix.tokens), len(tokens), CHUNK):
            new = list(tokens[start : start + CHUNK])
            cache = _Fill(prefix, self.expand)
            position = torch.arange(start, start + len(new), device=self.device)[None]
            at = torch.arange(len(new), device=self.device)
            self._forward(cache, torch.tensor([new], device=self.device), position, at[None, :, None] >= at)
            old = prefix.layers or tuple((k[:, :0], v[:, :0]) for k, v in cache.seen)
            pairs = zip(old, cache.seen, strict=True)
            layers = tuple((torch.cat([a, c], 1), torch.cat([b, d], 1)) for (a, b), (c, d) in pairs)
            prefix = Prefix((*prefix.tokens, *new), layers)
        return prefix

    def slots(self, prefix: Prefix, rows: int, width: int) -> Slots:
        """Room for `rows` rows that continue `prefix` by at most `width` tokens each."""
        return Slots(prefix, _up(rows, ROWS), _up(width, TOKENS), self.expand)

    def step(self, slots: Slots, tokens: list[int], lengths: list[int]) -> torch.Tensor:
        """Feed one token to each of the first rows, which hold `lengths` tokens; logits, float32 [rows, vocab]."""
        rows = len(tokens)
        idle = [0] * (_up(rows, ROWS) - rows)
        slots.at = torch.tensor(lengths + idle, device=self.device)
        slots.order = torch.arange(len(slots.at), device=self.device)
        slots.until = _up(max(lengths) + 1, TOKENS)
        position = slots.at[:, None] + len(slots.prefix.tokens)
        visible = torch.arange(slots.until, device=self.device) <= slots.at[:, None, None]
        return self._forward(slots, torch.tensor(tokens + idle, device=self.device)[:, None], position, visible)[:rows]

    def _forward(
        self, cache: _Fill | Slots, tokens: torch.Tensor, position: torch.Tensor, visible: torch.Tensor
    ) -> torch.Tensor:
        """One pass; `visible` is bool [rows, n, m] over the rows' own tokens. Logits of the last, [rows, vocab]."""
        size = len(cache.prefix.tokens)
        extra: dict[str, Any] = {}
        mask: Any = visible[:, None]
        if self.expand:
            mask = self._additive(torch.cat([mask.new_ones(*mask.shape[:-1], size), mask], -1), position, size)
        else:
            extra["shared"] = cache.prefix.layers
            mask = torch.zeros(mask.shape, dtype=self.model.dtype, device=mask.device).masked_fill(~mask, -torch.inf)
        try:
            with torch.inference_mode():
                out = self.model(
                    input_ids=tokens,
                    position_ids=position,
                    attention_mask=mask,
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                    **extra,
                )
        except (RuntimeError, TypeError, ValueError, AttributeError) as error:  # no memory; an odd architecture
            raise ModelError(f"{self.model.config.model_type} cannot run here: {error}") from error
        logits: torch.Tensor = out.logits[:, -1].float()
        return logits

    def _additive(self, visible: torch.Tensor, position: torch.Tensor, size: int) -> Any:
        """The mask as the model's own attention takes it: 0 or the lowest number, one for each kind of layer."""
        lowest = torch.finfo(self.model.dtype).min
        full = torch.zeros(visible.shape, dtype=self.model.dtype, device=visible.device).masked_fill(~visible, lowest)
        if self.window is None:
            return full
        # A slot's tokens lie at positions size, size + 1, ..., as the prefix's lie at 0, 1, ...
        near = torch.arange(visible.shape[-1], device=visible.device) > position[:, None, :, None] - self.window
        narrow = full.masked_fill(~near, lowest)
        return {"full_attention": full, "sliding_attention": narrow} if self.windowed else narrow


def _up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _common(sequences: Sequence[Sequence[int]]) -> Sequence[int]:
    """The longest common beginning."""
    first, last = min(map(tuple, sequences)), max(map(tuple, sequences))  # in order, the outermost differ soonest
    different = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(different, min(len(first), len(last)))]
