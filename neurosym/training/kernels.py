"""Two steps of training that PyTorch does slowly on a CPU: attention in bfloat16, and the loss over a vocabulary."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface

QUERIES = 64
"""Queries of a block of attention: what fits a core's cache with all of their scores."""

ROWS = 512
"""Tokens whose logits are held at a time."""

BLOCKWISE = "neurosym_blockwise"
"""The name of blockwise attention, as transformers models take it; it heeds no mask but the causal one."""


def causal_attention(query: Any, key: Any, value: Any, scale: float) -> Any:
    """Attention of each token to itself and those before it, a block of queries at a time.

    Scores of later tokens are not computed, and the query heads that share a key head are one matrix (Ainslie et al.
    2023, "GQA"). query: [rows, heads, tokens, width]; key and value: [rows, key heads, tokens, width]; the result has
    the query's shape and type.
    """
    return _CausalAttention.apply(query, key, value, scale)  # type: ignore[no-untyped-call]


def linear_cross_entropy(hidden: Any, weight: Any, labels: Any, shares: Any) -> Any:
    """The weighted mean cross-entropy of labels under logits = hidden @ weight.T, of which few rows exist at a time.

    (Hsu et al. 2024, "Liger Kernel".) hidden: [tokens, width]; weight: [vocabulary, width], taken as frozen: it gets no
    gradient; labels: int64 [tokens]; shares: what each token counts, float32 [tokens], together 1; the result is a
    float32 scalar.
    """
    return _LinearCrossEntropy.apply(hidden, weight, labels, shares)  # type: ignore[no-untyped-call]


class _CausalAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Any, key: Any, value: Any, scale: float) -> Any:
        shape = _Shape(query, key)
        keys, values = key.flatten(0, 1), value.flatten(0, 1)
        result, kept = torch.empty_like(query), []
        for start, end in shape.blocks:
            scores = torch.bmm(shape.block(query, start, end) * scale, keys[:, :end].transpose(1, 2))
            later = torch.full((end - start, end - start), float("-inf"), dtype=scores.dtype, device=scores.device)
            scores.view(len(scores), shape.group, end - start, end)[..., start:] += later.triu(1)
            kept.append(scores.softmax(-1))
            result[:, :, start:end] = shape.rows(torch.bmm(kept[-1], values[:, :end]))
        ctx.save_for_backward(query, key, value, *kept)
        ctx.scale = scale
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        query, key, value, *kept = ctx.saved_tensors
        shape = _Shape(query, key)
        keys, values = key.flatten(0, 1), value.flatten(0, 1)
        by_query, by_keys, by_values = torch.empty_like(query), torch.zeros_like(keys), torch.zeros_like(values)
        for (start, end), weights in zip(shape.blocks, kept, strict=True):
            by_result = shape.block(gradients[0], start, end)
            by_values[:, :end] += torch.bmm(weights.transpose(1, 2), by_result)
            by_weights = torch.bmm(by_result, values[:, :end].transpose(1, 2))
            by_scores = torch._softmax_backward_data(by_weights, weights, -1, weights.dtype) * ctx.scale
            by_query[:, :, start:end] = shape.rows(torch.bmm(by_scores, keys[:, :end]))
            by_keys[:, :end] += torch.bmm(by_scores.transpose(1, 2), shape.block(query, start, end))
        return by_query, by_keys.view_as(key), by_values.view_as(value), None


class _Shape:
    """Between [rows, heads, tokens, width] and a block of [rows * key heads, heads that share one * queries, width]."""

    def __init__(self, query: Any, key: Any) -> None:
        self.size, self.heads = query.shape[0], key.shape[1]
        self.group = query.shape[1] // self.heads
        tokens = query.shape[2]
        self.blocks = [(start, min(start + QUERIES, tokens)) for start in range(0, tokens, QUERIES)]

    def block(self, x: Any, start: int, end: int) -> Any:
        return x[:, :, start:end].reshape(self.size * self.heads, self.group * (end - start), -1)

    def rows(self, block: Any) -> Any:
        return block.view(self.size, self.heads * self.group, -1, block.shape[-1])


def _attend(
    module: Any, query: Any, key: Any, value: Any, attention_mask: None, scaling: float, **_: Any
) -> tuple[Any, None]:
    return causal_attention(query, key, value, scaling).transpose(1, 2), None


AttentionInterface.register(BLOCKWISE, _attend)


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, labels: Any, shares: Any) -> Any:
        gradient, loss = torch.empty_like(hidden), torch.zeros((), device=hidden.device)
        for start in range(0, len(labels), ROWS):
            part = slice(start, start + ROWS)
            wanted, share = labels[part, None], shares[part, None]
            logs = (hidden[part] @ weight.t()).float().log_softmax(-1)
            loss -= (share * logs.gather(1, wanted)).sum()
            errors = logs.exp_().scatter_add_(1, wanted, -torch.ones_like(wanted, dtype=logs.dtype))
            gradient[part] = (share * errors).to(weight.dtype) @ weight
        ctx.save_for_backward(gradient)
        return loss

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return ctx.saved_tensors[0] * gradients[0], None, None, None
