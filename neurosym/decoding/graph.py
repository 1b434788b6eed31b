"""A Llama model as a graph for OpenVINO: one pass over rows that share a prefix and have keys and values of their own.

What goes in (sizes: r rows, n new tokens a row, p of the prefix, m in a row's slot, d the width of a head):
    tokens [r, n], cos and sin [r, 1, n, d]; and, to be added to scores, prefix_mask [p], own_mask [r, 1, 1, m],
    new_mask [n, n]; by layer prefix_key_i and prefix_value_i [heads, p, d], own_key_i and own_value_i [r, heads, m, d].
What comes out: logits [r, vocab] of the last tokens; by layer key_i and value_i [r, heads, n, d] of the new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

GROUP = 32
"""Weights of a row that share a scale, as in GGUF's Q8_0."""

_Node = Any
_KINDS = ("key", "value")


def build(model: Any, eight_bits: bool) -> openvino.Model:
    """The graph of a Llama model of transformers; its matrices in 8 bits, or as they are."""
    return _Graph(model, eight_bits).model


class _Graph:
    def __init__(self, model: Any, eight_bits: bool) -> None:
        config = model.config
        self._weights = model.state_dict()
        self._eight_bits = eight_bits
        self._heads, self._kv, self._width = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        self._eps = config.rms_norm_eps
        self._inputs: list[_Node] = []
        self._outputs: list[_Node] = []
        tokens = self._input("tokens", [-1, -1], openvino.Type.i64)
        self._cos, self._sin = (self._input(name, [-1, 1, -1, self._width]) for name in ("cos", "sin"))
        self._prefix_mask = self._input("prefix_mask", [-1])
        self._own_mask = self._input("own_mask", [-1, 1, 1, -1])
        self._new_mask = self._input("new_mask", [-1, -1])
        self._rows, self._new = _sizes(tokens, 0, 1)
        self._prefix, self._own = _sizes(self._prefix_mask, 0)[0], _sizes(self._own_mask, 3)[0]
        embedding = self._weight("model.embed_tokens")
        x = ops.gather(_constant(embedding), tokens, _constant(0))
        for index in range(config.num_hidden_layers):
            layer = f"model.layers.{index}"
            x = ops.add(x, self._attention(index, layer, self._norm(x, f"{layer}.input_layernorm")))
            x = ops.add(x, self._feed_forward(f"{layer}.mlp", self._norm(x, f"{layer}.post_attention_layernorm")))
        last = ops.gather(self._norm(x, "model.norm"), _constant(-1), _constant(1))
        self._output("logits", self._linear("lm_head", last))
        self.model = openvino.Model(self._outputs, self._inputs, "llama")

    def _attention(self, index: int, layer: str, x: _Node) -> _Node:
        """Each row's new tokens over the prefix, the row's own tokens, and the new ones: one softmax for the three.

        Scores are [r, kv, g * n, ...]: each key head serves a group of g query heads.
        """
        query, key, value = (self._linear(f"{layer}.self_attn.{c}_proj", x) for c in "qkv")
        query = self._rotated(self._split(query, self._heads))
        key, value = self._rotated(self._split(key, self._kv)), self._split(value, self._kv)
        self._output(f"key_{index}", key)
        self._output(f"value_{index}", value)
        prefix_key, prefix_value = (self._input(f"prefix_{c}_{index}", [self._kv, -1, self._width]) for c in _KINDS)
        own_key, own_value = (self._input(f"own_{c}_{index}", [-1, self._kv, -1, self._width]) for c in _KINDS)
        scaled = ops.multiply(query, _constant(np.float32(self._width**-0.5)))
        grouped = ops.reshape(scaled, _constant([0, self._kv, -1, self._width]), True)
        common = ops.add(ops.matmul(self._together(grouped, [self._width]), prefix_key, False, True), self._prefix_mask)
        own = ops.add(ops.matmul(grouped, own_key, False, True), self._own_mask)
        new = ops.matmul(grouped, key, False, True)
        by_head = _reshape(new, self._rows, [self._heads], self._new, self._new)
        new = _reshape(ops.add(by_head, self._new_mask), self._rows, [self._kv, -1], self._new)
        scores = ops.concat([self._apart(common, self._prefix), own, new], -1)
        sizes = ops.concat([self._prefix, self._own, self._new], 0)
        parts = ops.variadic_split(ops.softmax(scores, -1), _constant(-1), sizes)
        first = ops.matmul(self._together(parts.output(0), self._prefix), prefix_value, False, False)
        out = ops.add(
            self._apart(first, [self._width]),
            ops.add(
                ops.matmul(parts.output(1), own_value, False, False), ops.matmul(parts.output(2), value, False, False)
            ),
        )
        heads = _reshape(out, self._rows, [self._heads], self._new, [self._width])
        side_by_side = ops.reshape(_swap(heads, 0, 2, 1, 3), _constant([0, 0, self._heads * self._width]), True)
        return self._linear(f"{layer}.self_attn.o_proj", side_by_side)

    def _together(self, x: _Node, width: _Node) -> _Node:
        """[r, kv, g * n, width] as [kv, r * g * n, width]: the rows of all see the prefix as one."""
        return _reshape(_swap(x, 1, 0, 2, 3), [self._kv, -1], width)

    def _apart(self, x: _Node, width: _Node) -> _Node:
        """The way back from `_together`."""
        return _swap(_reshape(x, [self._kv], self._rows, [-1], width), 1, 0, 2, 3)

    def _feed_forward(self, layer: str, x: _Node) -> _Node:
        gate, up = self._linear(f"{layer}.gate_proj", x), self._linear(f"{layer}.up_proj", x)
        return self._linear(f"{layer}.down_proj", ops.multiply(ops.swish(gate), up))

    def _norm(self, x: _Node, name: str) -> _Node:
        """Divided by the root of its mean square (RMSNorm)."""
        mean = ops.reduce_mean(ops.multiply(x, x), _constant([-1]), True)
        root = ops.sqrt(ops.add(mean, _constant(np.float32(self._eps))))
        return ops.multiply(ops.multiply(x, ops.divide(_constant(np.float32(1)), root)), _constant(self._weight(name)))

    def _rotated(self, x: _Node) -> _Node:
        """Turned by its position (RoPE)."""
        halves = ops.split(x, _constant(-1), 2)
        turned = ops.concat([ops.negative(halves.output(1)), halves.output(0)], -1)
        return ops.add(ops.multiply(x, self._cos), ops.multiply(turned, self._sin))

    def _split(self, x: _Node, heads: int) -> _Node:
        """[r, n, heads * d] as [r, heads, n, d]."""
        return _swap(ops.reshape(x, _constant([0, 0, heads, self._width]), True), 0, 2, 1, 3)

    def _linear(self, name: str, x: _Node) -> _Node:
        weight = self._weight(name)
        return ops.matmul(x, _in_eight_bits(weight) if self._eight_bits else _constant(weight), False, True)

    def _weight(self, name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        found: np.ndarray[Any, np.dtype[np.float32]] = self._weights[f"{name}.weight"].detach().float().numpy()
        return found

    def _input(self, name: str, shape: Sequence[int], kind: Any = openvino.Type.f32) -> _Node:
        node = ops.parameter(shape, kind)
        node.output(0).set_names({name})
        self._inputs.append(node)
        return node

    def _output(self, name: str, node: _Node) -> None:
        node.output(0).set_names({name})
        self._outputs.append(ops.result(node))


def _constant(value: Any) -> _Node:
    return ops.constant(np.asarray(value, order="C"))


def _sizes(node: _Node, *axes: int) -> list[_Node]:
    shape = ops.shape_of(node)
    return [ops.gather(shape, _constant([axis]), _constant(0)) for axis in axes]


def _reshape(x: _Node, *sizes: Any) -> _Node:
    """`x` in another shape; a size is a list of numbers, or a node that gives one."""
    nodes = [_constant(np.array(size)) if isinstance(size, list) else size for size in sizes]
    return ops.reshape(x, ops.concat(nodes, 0), False)


def _swap(x: _Node, *order: int) -> _Node:
    return ops.transpose(x, _constant(list(order)))


def _in_eight_bits(weight: np.ndarray[Any, np.dtype[np.float32]]) -> _Node:
    """The matrix [out, in] as whole numbers and a scale for each GROUP of a row, which OpenVINO multiplies as such."""
    rows, columns = weight.shape
    group = GROUP if columns % GROUP == 0 else columns
    groups = weight.reshape(rows, columns // group, group)
    scales = np.abs(groups).max(-1, keepdims=True) / 127
    scales[scales == 0] = 1
    numbers = _constant(np.rint(groups / scales).astype(np.int8))
    scaled = ops.multiply(ops.convert(numbers, "f32"), ops.convert(_constant(scales.astype(np.float16)), "f32"))
    return ops.reshape(scaled, _constant([rows, columns]), False)
