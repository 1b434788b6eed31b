"""What continues prompts: a causal model, keys and values of a shared prefix, and rows that grow at their own pace.

Attention over a prompt that all rows share reads its keys once for the whole batch ("Hydragen", Juravsky et al. 2024).
A row's slot holds the rest: it is written in place, a row that takes tokens back just becomes shorter, and a slot
whose row has finished is given to the next one; slots are copied only to be wider, or much narrower.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch.nn.functional import pad

from neurosym.errors import ModelError

CHUNK = 512
"""Prompt tokens a forward pass takes at most, so that the scores of a long prompt fit."""

ROWS, TOKENS = 8, 32
"""A step's rows, and the tokens of theirs that are looked at, are rounded up to these: other shapes take other kernels,
whose sums differ in the last bits, and a row's draws would come to depend on how many others share its batch."""

_GROWS = 2 * TOKENS  # so seldom are the slots copied to wider ones that it costs nothing

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


class Slots:
    """Room for `rows` rows that continue a prefix: keys and values by layer, each [rows, heads, width, ...]."""

    def __init__(self, prefix: Prefix, rows: int) -> None:
        self.prefix, self.rows = prefix, rows
        self.layers: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._width = 0

    def fit(self, tokens: int) -> None:
        """Have room for so many tokens in every row, and not for many times as many: what is there is looked at."""
        wanted = up(tokens, _GROWS)
        if self._width < wanted or self._width > 2 * wanted:
            self._widen(wanted - self._width)

    def _widen(self, more: int) -> None:
        for index, (key, value) in enumerate(self.layers):  # one by one, since there may be no room for two of each
            self.layers[index] = (pad(key, (0, 0, 0, more)), pad(value, (0, 0, 0, more)))
        self._width += more

    @torch.inference_mode()
    def put(self, slot: int, layers: Layers) -> None:
        """Begin the row in `slot` with these keys and values."""
        longest = max((key.shape[1] for key, _ in layers), default=0)
        if longest > self._width:
            self._widen(up(longest, _GROWS) - self._width)
        for index, (key, value) in enumerate(layers):
            keys, values = self._layer(index, key, value)
            keys[slot, :, : key.shape[1]], values[slot, :, : key.shape[1]] = key, value

    @torch.inference_mode()
    def move(self, source: int, target: int, length: int) -> None:
        """Copy the row in slot `source`, `length` tokens long, to slot `target`."""
        for keys, values in self.layers:
            keys[target, :, :length], values[target, :, :length] = keys[source, :, :length], values[source, :, :length]

    def write(self, index: int, key: torch.Tensor, value: torch.Tensor, at: torch.Tensor) -> None:
        """Set what layer `index` has for the tokens number `at` [rows] of the first rows, each [rows, heads, width]."""
        rows = torch.arange(len(at), device=at.device)
        keys, values = self._layer(index, key[0, :, None], value[0, :, None])
        keys[rows, :, at], values[rows, :, at] = key, value

    def _layer(self, index: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The keys and values of a layer; the first time, room for such as `key` and `value`, [heads, ..., width]."""
        if index == len(self.layers):
            room = [x.new_zeros(self.rows, x.shape[0], self._width, x.shape[-1]) for x in (key, value)]
            self.layers.append((room[0], room[1]))
        return self.layers[index]


class Decoder(ABC):
    """A causal model over prefixes and slots. Threads may share one."""

    def __init__(self) -> None:
        self._kept = Prefix()

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where its logits, keys and values lie."""

    @abstractmethod
    def _prefill(self, prefix: Prefix, tokens: Sequence[int]) -> Layers:
        """The keys and values of `tokens`, at most CHUNK, that follow `prefix`."""

    @abstractmethod
    def _step(self, slots: Slots, tokens: torch.Tensor, at: torch.Tensor, until: int) -> torch.Tensor:
        """Feed `tokens` [rows] as the tokens number `at` [rows], all below `until`, of the first rows of `slots`.

        Returns logits, float32 [rows, vocab]; their keys and values are in the slots then.
        """

    def share(self, prompts: Sequence[Sequence[int]]) -> Prefix:
        """The keys and values of what all prompts begin with, short of the last token of any.

        The last prefix is kept, so that the next call computes only what differs from it.
        """
        shared = [*common(prompts)][: min(map(len, prompts)) - 1]
        kept = self._kept
        prefix = self.prefill(kept.until(len(common([kept.tokens, shared]))), shared)
        self._kept = prefix
        return prefix

    @torch.inference_mode()
    def prefill(self, prefix: Prefix, tokens: Sequence[int]) -> Prefix:
        """The prefix for all of `tokens`, of which `prefix` is the beginning."""
        for start in range(len(prefix.tokens), len(tokens), CHUNK):
            new = tokens[start : start + CHUNK]
            with _as_model_error():
                layers = self._prefill(prefix, new)
                if prefix.layers:
                    pairs = zip(prefix.layers, layers, strict=True)
                    layers = tuple((torch.cat([a, c], 1), torch.cat([b, d], 1)) for (a, b), (c, d) in pairs)
            prefix = Prefix((*prefix.tokens, *new), layers)
        return prefix

    def slots(self, prefix: Prefix, rows: int) -> Slots:
        """Room for `rows` rows that continue `prefix`."""
        return Slots(prefix, up(rows, ROWS))

    @torch.inference_mode()
    def step(self, slots: Slots, tokens: list[int], lengths: list[int]) -> torch.Tensor:
        """Feed one token to each of the first rows, which hold `lengths` tokens; logits, float32 [rows, vocab]."""
        rows = len(tokens)
        idle = [0] * (up(rows, ROWS) - rows)
        fed, at = (torch.tensor(numbers + idle, device=self.device) for numbers in (tokens, lengths))
        until = up(max(lengths) + 1, TOKENS)
        with _as_model_error():
            slots.fit(until)
            return self._step(slots, fed, at, until)[:rows]


@contextmanager
def _as_model_error() -> Iterator[None]:
    """No memory, or an odd architecture: what runs the model cannot run it."""
    try:
        yield
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"the model cannot run here: {error}") from error


def up(count: int, multiple: int) -> int:
    """`count` rounded up to a multiple."""
    return -(-count // multiple) * multiple


def common(sequences: Sequence[Sequence[int]]) -> Sequence[int]:
    """The longest common beginning."""
    first, last = min(map(tuple, sequences)), max(map(tuple, sequences))  # in order, the outermost differ soonest
    different = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(different, min(len(first), len(last)))]
