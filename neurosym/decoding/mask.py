"""Which tokens may come next: llguidance's view of one row, asked lazily because most draws are valid anyway."""

from __future__ import annotations

from typing import Any

import torch

from neurosym.errors import MissingExtra, ModelError

try:
    import llguidance
    import llguidance.hf
except ModuleNotFoundError as error:
    raise MissingExtra("llguidance", "model") from error

_BITS = (torch.arange(256)[:, None] >> torch.arange(8)) & 1 == 1
"""Byte -> its eight bits, lowest first. llguidance's own helper compiles a kernel for this, 5 s at the first call."""


class GrammarMask:
    """A grammar compiled for a tokenizer; `start` gives each row its own state, sharing what the lexer has learnt."""

    def __init__(self, tokenizer: Any, vocab_size: int, grammar: str) -> None:
        """Compile `grammar` (llguidance's dialect) for a fast tokenizer and logits of width `vocab_size`.

        Raises ModelError where the tokenizer is not a fast one or the grammar does not compile.
        """
        try:
            self.tokenizer = llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocab_size)
        except ValueError as error:
            raise ModelError(f"grammar masks cannot use this tokenizer: {error}") from error
        self.vocab_size = vocab_size
        self._prototype = llguidance.LLMatcher(self.tokenizer, grammar, log_level=0)
        if self._prototype.is_error():
            raise ModelError(f"the grammar does not compile: {self._prototype.get_error()}")

    def start(self) -> GrammarState:
        """The state before the first token (8 µs)."""
        return GrammarState(self._prototype.deep_copy(), self.vocab_size)

    def bytes(self, tokens: list[int]) -> bytes:
        """What the tokens spell."""
        return bytes(self.tokenizer.decode_bytes(tokens))


class GrammarState:
    """How far one row has come in the grammar."""

    def __init__(self, matcher: Any, vocab_size: int) -> None:
        self._matcher, self._vocab_size = matcher, vocab_size

    def allows(self, token: int) -> bool:
        """Whether `token` may come next (10 µs; a whole mask costs 0.2 to 0.7 ms)."""
        return bool(self._matcher.validate_tokens([token]) == 1)

    def allowed(self) -> torch.Tensor:
        """The mask: bool [vocab_size] on the CPU, True where the token may come next; all False in a dead end."""
        packed = torch.frombuffer(bytearray(self._matcher.compute_bitmask()), dtype=torch.uint8)
        return _BITS[packed.int()].flatten()[: self._vocab_size]

    def commit(self, token: int) -> bool:
        """Take `token`; False, and a dead end from then on, where the grammar refuses it or runs out of its limits."""
        return bool(self._matcher.consume_token(token))

    def rollback(self, tokens: int) -> None:
        """Take the last `tokens` back."""
        self._matcher.rollback(tokens)

    @property
    def accepting(self) -> bool:
        """Whether what was committed is a whole program."""
        return bool(self._matcher.is_accepting())

    @property
    def stopped(self) -> bool:
        """Whether nothing more can come: the program has ended, or the state is a dead end."""
        return bool(self._matcher.is_stopped())
