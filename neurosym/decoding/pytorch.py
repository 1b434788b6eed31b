"""A causal model run by PyTorch, with attention that reads the keys of a shared prefix once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AttentionInterface, Cache

from neurosym.decoding.decoder import Decoder, Layers, Prefix, Slots
from neurosym.errors import ModelError


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


class _Step(Cache):  # type: ignore[misc]
    """Writes the keys and values of one token a row into the slots."""

    def __init__(self, slots: Slots, at: torch.Tensor, until: int, expand: bool) -> None:
        super().__init__(layers=[])
        self.prefix, self.expand = slots.prefix, expand
        self.slots, self.at, self.until = slots, at, until

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens before those being fed."""
        return len(self.prefix.tokens) + self.until - 1

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Take the keys and values of a layer; what its attention looks at, the shared prefix apart."""
        self.slots.write(layer_idx, key_states[:, :, 0], value_states[:, :, 0], self.at)
        keys, values = self.slots.layers[layer_idx]
        active = len(self.at)
        return _whole(self, keys[:active, :, : self.until], values[:active, :, : self.until], layer_idx)


def _whole(
    cache: _Fill | _Step, keys: torch.Tensor, values: torch.Tensor, layer: int
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


class TorchDecoder(Decoder):
    """Runs a causal model of transformers.

    Where its attention is the plain one, ours replaces it and shares the prefix; elsewhere (sliding windows, capped
    scores, ...) the model keeps its own and is given the prefix copied to every row. Raises ModelError for
    architectures that keep a running state, from which no token can be taken back.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        config = model.config.get_text_config()
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        if kinds - {"full_attention", "sliding_attention"}:
            raise ModelError(
                f"{config.model_type} has layers of kind {', '.join(sorted(kinds))}, which cannot take tokens back: "
                "serve it with vLLM or SGLang and use openai:MODEL@URL"
            )
        self.windowed = "sliding_attention" in kinds
        self.window = getattr(config, "sliding_window", None)
        capped = getattr(config, "attn_logit_softcapping", None) is not None
        self.expand = self.window is not None or capped or not model._supports_attention_backend
        if not self.expand:
            model.set_attn_implementation("neurosym_shared")

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        device: torch.device = self.model.device
        return device

    def _prefill(self, prefix: Prefix, tokens: Sequence[int]) -> Layers:
        cache = _Fill(prefix, self.expand)
        at = torch.arange(len(tokens), device=self.device)
        position = at[None] + len(prefix.tokens)
        self._forward(cache, torch.tensor([list(tokens)], device=self.device), position, at[None, :, None] >= at)
        return tuple(cache.seen)

    def _step(self, slots: Slots, tokens: torch.Tensor, at: torch.Tensor, until: int) -> torch.Tensor:
        position = at[:, None] + len(slots.prefix.tokens)
        visible = torch.arange(until, device=self.device) <= at[:, None, None]
        return self._forward(_Step(slots, at, until, self.expand), tokens[:, None], position, visible)

    def _forward(
        self, cache: _Fill | _Step, tokens: torch.Tensor, position: torch.Tensor, visible: torch.Tensor
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
        out = self.model(
            input_ids=tokens,
            position_ids=position,
            attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **extra,
        )
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
