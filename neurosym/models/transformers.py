"""Candidates from a causal language model run here: the embedded default, a local folder or a hub name."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.errors import MissingExtra, ModelError, NeuroSymError, UsageError
from neurosym.grammars import keywords, load
from neurosym.models.adapter import SHIPPED, Adapter, merge, read_adapter
from neurosym.models.base import Candidate, LineCheck, Request, Training
from neurosym.models.default import chosen, resolve
from neurosym.proposals import NO, YES, Messages

if TYPE_CHECKING:
    from neurosym.decoding.decoder import Decoder
    from neurosym.decoding.mask import GrammarMask

ROWS = {"cpu": 16, "openvino": 32, "cuda": 128}
"""Candidates decoded at once, by device or what runs the model there. On two cores PyTorch's 16 rows decode 8 times as
fast as one."""


@dataclass
class TransformersModel:
    """Any causal model that transformers loads, masked by the language's grammar. Nothing is loaded before `propose`.

    path:         a folder (a model, or an adapter, which names its base) or a name on the hub; None is the embedded
                  model, fetched where it is not here yet, with the adapter that the package carries; "base" is it
                  without.
    device:       "cpu", "cuda", ...; None takes a GPU where there is one.
    dtype:        a name such as "bfloat16"; None takes float32 on a CPU, bfloat16 elsewhere. Where a CPU multiplies in
                  bfloat16, the linear layers do so and all else stays float32.
    temperature:  of sampled candidates; the first is greedy.
    rows:         how many candidates are decoded at once; None takes ROWS.
    openvino:     run by OpenVINO on the CPU instead of PyTorch: Llama models only, in 8 bits where `dtype` is None, in
                  float32 or bfloat16.

    In float32 a candidate depends on its request and the seed only, not on what shares the batch with it. Threads may
    share a model.
    """

    path: str | None = None
    device: str | None = None
    dtype: str | None = None
    temperature: float = 0.7
    rows: int | None = None
    openvino: bool = False

    def __post_init__(self) -> None:
        self._loading = threading.Lock()

    @classmethod
    def by_openvino(cls, path: str) -> TransformersModel:
        """What `openvino:PATH` names; without a PATH, the default model."""
        return cls(path or None, openvino=True)

    @cached_property
    def name(self) -> str:
        """Its folder or name on the hub, an adapter's digest, what runs it if not PyTorch, and a chosen dtype."""
        folder = str(self._adapter.folder) if self._adapter and self._adapter.folder != SHIPPED else self._folder
        plain = ":base" if chosen(self.path) == "base" else ""
        how = (":openvino" if self.openvino else "") + (f":{self.dtype}" if self.dtype else "")
        digest = f"@{self._adapter.digest}" if self._adapter else ""
        return f"{folder.rstrip('/').rsplit('/', 1)[-1]}{digest}{plain}{how}"

    @property
    def training(self) -> Training | None:
        """See `Model`."""
        if self._adapter is None:
            return None
        judge = self._judge if self._adapter.judges else None
        return Training(self._adapter.language, self._adapter.folder, judge, self._adapter.repairs)

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """See `Model`. A request too long for the model gets no candidates.

        Log-probabilities are the model's own: at temperature 1, before the mask (see `decoding.sampler.draw`).
        """
        with self._loading:
            tokenizer, decoder, mask, longest = self._loaded
        from neurosym.decoding.batch import Prompt, Sampler

        sampler = Sampler(decoder, mask, self._rows(decoder), self.temperature)
        prompts = [Prompt(r.key, encode(tokenizer, r.messages), r.n, r.budget, r.first, r.refused) for r in requests]
        fits = [i for i, prompt in enumerate(prompts) if len(prompt.tokens) + prompt.budget <= longest]
        yield from ((i, ()) for i in range(len(prompts)) if i not in fits)
        for i, candidates in sampler([prompts[i] for i in fits], check, seed):
            yield fits[i], candidates

    def _judge(self, conversations: Sequence[Messages]) -> list[float]:
        """See `Training.judge`. A conversation too long for the model gets even odds."""
        with self._loading:
            tokenizer, decoder, _, longest = self._loaded
        from neurosym.decoding.odds import log_odds

        yes, no = (tokenizer(reply, add_special_tokens=False)["input_ids"][0] for reply in (YES, NO))
        prompts = {i: encode(tokenizer, conversation) for i, conversation in enumerate(conversations)}
        fits = [i for i, prompt in prompts.items() if len(prompt) <= longest]
        odds = dict(zip(fits, log_odds(decoder, [prompts[i] for i in fits], yes, no, self._rows(decoder)), strict=True))
        return [odds.get(i, 0.0) for i in prompts]

    def _rows(self, decoder: Decoder) -> int:
        return self.rows or ROWS.get("openvino" if self.openvino else decoder.device.type, ROWS["cpu"])

    @cached_property
    def _adapter(self) -> Adapter | None:
        spec = chosen(self.path)
        return None if spec == "base" else read_adapter(SHIPPED if spec == "default" else Path(spec).expanduser())

    @cached_property
    def _folder(self) -> str:
        return resolve(self._adapter.base if self._adapter else self.path)

    @cached_property
    def _loaded(self) -> tuple[Any, Decoder, GrammarMask, int]:
        """Tokenizer, model, grammar mask, and the longest sequence the model takes."""
        # Before OpenMP loads: its threads spin while they wait, which makes a step three times as slow where another
        # process, one of our solvers say, wants a core; passive waiting costs nothing where none does (measured).
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import torch
            from transformers import AutoTokenizer
        except ModuleNotFoundError as error:
            raise MissingExtra(error.name or "torch", "model") from error
        from neurosym.decoding.grammar import to_llguidance
        from neurosym.decoding.mask import GrammarMask

        if self.openvino and self.device not in (None, "cpu"):
            raise UsageError(f"OpenVINO runs the model on the CPU, not on {self.device!r}")
        device = self.device or ("cuda" if torch.cuda.is_available() and not self.openvino else "cpu")
        try:
            with _quiet():
                tokenizer = AutoTokenizer.from_pretrained(self._folder)
            decoder, config = self._by_openvino() if self.openvino else self._by_torch(device)
        except NeuroSymError:
            raise
        except Exception as error:  # anything at all comes out of other people's files
            raise ModelError(f"the model {self._folder} cannot be loaded: {error}") from error
        mask = GrammarMask(tokenizer, config.vocab_size, to_llguidance(load("ir"), keywords()))
        longest = getattr(config, "max_position_embeddings", None) or tokenizer.model_max_length
        return tokenizer, decoder, mask, longest

    def _by_torch(self, device: str) -> tuple[Decoder, Any]:
        import torch

        from neurosym.decoding.linear import pack, packs
        from neurosym.decoding.pytorch import TorchDecoder

        dtype = getattr(torch, self.dtype or ("float32" if device == "cpu" else "bfloat16"), None)
        if not isinstance(dtype, torch.dtype):
            raise UsageError(f"there is no dtype {self.dtype!r}: float32, bfloat16 and float16 are common ones")
        packed = device == "cpu" and packs(dtype)
        model = self._merged(torch.float32 if packed else dtype, device)
        if packed:
            pack(model, dtype)
        return TorchDecoder(model), model.config.get_text_config()

    def _by_openvino(self) -> tuple[Decoder, Any]:
        import torch
        from transformers import AutoConfig

        try:
            from neurosym.decoding.openvino import OpenVINODecoder, refuse
        except ModuleNotFoundError as error:
            raise MissingExtra(error.name or "openvino", "openvino") from error
        dtype = self.dtype or "int8"
        refuse(AutoConfig.from_pretrained(self._folder), dtype)  # before gigabytes are read
        model = self._merged(torch.float32, "cpu")
        return OpenVINODecoder(model, dtype), model.config

    def _merged(self, dtype: Any, device: str) -> Any:
        """The model with its adapter, both loaded."""
        from transformers import AutoModelForCausalLM

        with _quiet():
            model = AutoModelForCausalLM.from_pretrained(self._folder, dtype=dtype).to(device)
        if self._adapter:
            merge(model, self._adapter)
        return model


def encode(tokenizer: Any, messages: Sequence[tuple[str, str]]) -> list[int]:
    """The tokens of a conversation, up to where the answer begins; in a text, a special token is just characters."""
    special = re.compile("|".join(map(re.escape, tokenizer.all_special_tokens)) or "(?!)")
    plain = [(role, special.sub(lambda m: m[0][0] + " " + m[0][1:], content)) for role, content in messages]
    if tokenizer.chat_template:
        chat = [{"role": role, "content": content} for role, content in plain]
        tokens = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    else:
        tokens = tokenizer("".join(f"{content}\n\n" for _, content in plain))["input_ids"]
    return list(tokens)


@contextmanager
def _quiet() -> Iterator[None]:
    """Loading without transformers' progress bars and advice, whose settings are the whole process's."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
