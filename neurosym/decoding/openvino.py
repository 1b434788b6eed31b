"""A Llama model run by OpenVINO on a CPU, its matrices in 8 bits.

The graph is ours (`graph.py`): OpenVINO's own stateful models keep rows of one length only.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import openvino
import torch

from neurosym.decoding.decoder import TOKENS, Decoder, Layers, Prefix, Slots, up
from neurosym.decoding.graph import GROUP, build
from neurosym.errors import ModelError, UsageError

DTYPES = ("int8", "bfloat16", "float32")
"""What it computes with: 8-bit matrices, bfloat16 where the CPU has it, or exactly."""

_CPU = torch.device("cpu")


def refuse(config: Any, dtype: str) -> None:
    """Raise UsageError for a dtype that is not in DTYPES, ModelError for a model whose graph is not Llama's."""
    if dtype not in DTYPES:
        raise UsageError(f"OpenVINO computes in {', '.join(DTYPES)}, not in {dtype!r}")
    if config.model_type != "llama":
        raise ModelError(f"the OpenVINO decoder runs Llama models, not {config.model_type}: let PyTorch run it")
    for name, plain in (("attention_bias", False), ("mlp_bias", False), ("hidden_act", "silu")):
        if (found := getattr(config, name)) != plain:
            raise ModelError(f"the OpenVINO decoder runs no Llama model with {name} {found!r}: let PyTorch run it")


class OpenVINODecoder(Decoder):
    """Runs a causal model of transformers, one that `refuse` lets pass, on a CPU."""

    def __init__(self, model: Any, dtype: str = "int8") -> None:
        super().__init__()
        config = model.config
        self._layers = config.num_hidden_layers
        self._dummy = torch.zeros(1, config.num_key_value_heads, 1, config.head_dim)
        self._rotary = model.model.rotary_emb
        settings = {
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": "bf16" if dtype == "bfloat16" else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if dtype == "int8" else 0,
            "PERFORMANCE_HINT": "LATENCY",
        }
        compiled = openvino.Core().compile_model(build(model, eight_bits=dtype == "int8"), "CPU", settings)
        self._request = compiled.create_infer_request()
        self._running = threading.Lock()
        self._held: Prefix | None = None
        self._given: dict[str, Any] = {}  # the request itself keeps no array alive

    @property
    def device(self) -> torch.device:
        """The CPU."""
        return _CPU

    def _prefill(self, prefix: Prefix, tokens: Sequence[int]) -> Layers:
        # Of the shapes there are only so many; what is added comes after all others and is looked at by none of them.
        n = len(tokens)
        padded = up(n, TOKENS)
        ids = torch.zeros(1, padded, dtype=torch.long)
        ids[0, :n] = torch.tensor(list(tokens))
        at = torch.arange(padded)
        with self._running:
            own = [(self._dummy, self._dummy)] * self._layers
            self._infer(prefix, own, ids, at[None], torch.zeros(1, 1, dtype=torch.bool))
            return tuple((key[0, :, :n].clone(), value[0, :, :n].clone()) for key, value in self._new())

    def _step(self, slots: Slots, tokens: torch.Tensor, at: torch.Tensor, until: int) -> torch.Tensor:
        with self._running:
            own = [(keys[: len(tokens)], values[: len(tokens)]) for keys, values in slots.layers]
            own = own or [(self._dummy.expand(len(tokens), -1, -1, -1),) * 2] * self._layers
            visible = torch.arange(own[0][0].shape[2]) < at[:, None]
            self._infer(slots.prefix, own, tokens[:, None], at[:, None], visible)
            for index, (key, value) in enumerate(self._new()):
                slots.write(index, key[:, :, 0], value[:, :, 0], at)
            return torch.from_numpy(self._request.get_tensor("logits").data).clone()

    def _infer(
        self,
        prefix: Prefix,
        own: Sequence[tuple[torch.Tensor, torch.Tensor]],
        tokens: torch.Tensor,
        at: torch.Tensor,
        visible: torch.Tensor,
    ) -> None:
        """Run the graph over `tokens` [rows, n], the tokens number `at` of their rows.

        own:      keys and values by layer, each [rows, heads, m, width].
        visible:  bool [rows, m], which of them are looked at; of the new tokens, each looks at those up to itself.
        """
        cos, sin = self._rotary(self._dummy, at + len(prefix.tokens))
        self._give("tokens", tokens)
        self._give("cos", cos[:, None])
        self._give("sin", sin[:, None])
        self._give("own_mask", _additive(visible)[:, None, None])
        self._give("new_mask", _additive(torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool).tril()))
        for index, (key, value) in enumerate(own):
            self._give(f"own_key_{index}", key)
            self._give(f"own_value_{index}", value)
        if self._held is not prefix:
            size = max(len(prefix.tokens), 1)
            self._give("prefix_mask", _additive(torch.full((size,), bool(prefix.tokens))))
            for index, (key, value) in enumerate(prefix.layers or [(self._dummy[0], self._dummy[0])] * self._layers):
                self._give(f"prefix_key_{index}", key)
                self._give(f"prefix_value_{index}", value)
            self._held = prefix
        self._request.infer(share_outputs=True)
        for name in [name for name in self._given if not name.startswith("prefix")]:
            del self._given[name]  # the slots may go; the next run is given its own

    def _give(self, name: str, value: torch.Tensor) -> None:
        array = self._given[name] = np.ascontiguousarray(value.numpy())
        self._request.set_tensor(name, openvino.Tensor(array, shared_memory=True))

    def _new(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The keys and values of the tokens just fed, by layer, each [rows, heads, n, width], until the next run."""
        names = ((f"key_{index}", f"value_{index}") for index in range(self._layers))
        return [
            (torch.from_numpy(self._request.get_tensor(k).data), torch.from_numpy(self._request.get_tensor(v).data))
            for k, v in names
        ]


def _additive(visible: torch.Tensor) -> torch.Tensor:
    """0 where it is looked at, the lowest number elsewhere."""
    return torch.zeros(visible.shape).masked_fill(~visible, torch.finfo(torch.float32).min)
