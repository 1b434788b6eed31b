"""Models and tokenizers small enough to make, train and throw away in a test."""

from __future__ import annotations

from typing import Any

import torch
import transformers

SMALL = {"vocab_size": 257, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}


def llama(**more: Any) -> Any:
    """A decoder with random weights, always the same."""
    torch.manual_seed(1)
    config = transformers.LlamaConfig(**{**SMALL, **HEADS, "initializer_range": 0.5, **more})
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def byte_tokenizer(*merges: tuple[str, str]) -> Any:
    """The bytes, then the merges (in the byte-level alphabet: Ċ is the newline), then the end of text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {token: i for i, token in enumerate([*alphabet, *("".join(m) for m in merges)])}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>")
