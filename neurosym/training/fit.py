"""Supervised fine-tuning of low-rank factors: the model learns the program, never the problem it is given.

The loop is Hugging Face's `Trainer`, the factors are PEFT's (Hu et al. 2021, "LoRA"); both resume from a checkpoint at
the step where it was written, with the same order of lessons.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil, inf
from pathlib import Path
from typing import Any

from neurosym.errors import MissingExtra, UsageError
from neurosym.grammars import language_id
from neurosym.models.adapter import MANIFEST, Adapter, factors, folder_of, read_adapter
from neurosym.models.default import quiet, resolve
from neurosym.models.transformers import encode
from neurosym.progress import Progress
from neurosym.training.lessons import REPAIR, VERDICT, Lesson

IGNORED = -100
"""The label of a token that is not learned."""


SHARD = 15 * 2**20
"""Bytes of one file of weights at most: what code hosts take without special means."""


@dataclass(frozen=True)
class Settings:
    """How to train.

    base:           the model, as `resolve` takes it; "base" is the embedded one.
    start:          the adapter to begin with, of no higher rank: a folder, or "shipped"; None: with no change.
    rank:           of the factors of every linear layer.
    layers:         how many layers, from the top, get factors; None: all.
    learning_rate:  at its highest; it rises over the first 3% of the steps and falls as a half cosine to a tenth.
    batch:          lessons a step.
    epochs:         passes over the lessons.
    minutes:        stop after so many, with a checkpoint to go on from.
    longest:        lessons of more tokens are left out, and counted.
    seed:           of the order of the lessons and of the factors' first values.
    """

    base: str = "base"
    start: str | None = None
    rank: int = 16
    layers: int | None = None
    learning_rate: float = 1e-3
    batch: int = 16
    epochs: float = 1.0
    minutes: float | None = None
    longest: int = 1024
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises UsageError for a number that makes no sense."""
        for name in ("rank", "batch", "longest", *(["layers"] if self.layers is not None else [])):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is at least 1, not {getattr(self, name)}")
        if self.seed < 0 or self.learning_rate < 0 or not self.epochs > 0:
            raise UsageError("seed and learning_rate are at least 0, epochs are more")


def fit(lessons: Sequence[Lesson], settings: Settings, out: Path) -> bool:
    """Train on `lessons` and write the adapter to the folder `out`; whether all epochs were done.

    Checkpoints lie in `out`/checkpoints; where there is one, training goes on from the last. `out`/training.json holds
    settings, counts of lessons by origin, and the curve. Raises MissingExtra, UsageError, what loading the base raises
    and, for `settings.start`, what `read_adapter` raises.
    """
    try:
        import peft
        import peft.helpers
        import torch
        import transformers

        from neurosym.training.kernels import BLOCKWISE
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "peft", "train") from error
    transformers.set_seed(settings.seed)
    folder = resolve(settings.base)
    with quiet():  # also of what the libraries tell each other: deprecations, look-ups of model cards
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        rows = [row for lesson in lessons if len((row := _row(tokenizer, lesson))["input_ids"]) <= settings.longest]
        if not rows:
            raise UsageError(
                f"there is nothing to learn: {len(lessons)} lessons, none of at most {settings.longest} tokens"
            )
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
        # A GPU's own kernels are as fast; other architectures may need what ours leaves out (windows, capped scores).
        if isinstance(model, transformers.LlamaForCausalLM) and not torch.cuda.is_available():
            model.set_attn_implementation(BLOCKWISE)
        model = peft.get_peft_model(model, _factors(peft, torch, model, settings))
        if settings.start:
            _begin(model, settings)
        arguments = transformers.TrainingArguments(
            output_dir=str(out / "checkpoints"),
            use_cpu=not torch.cuda.is_available(),
            num_train_epochs=settings.epochs,
            per_device_train_batch_size=settings.batch,
            train_sampling_strategy="group_by_length",
            learning_rate=settings.learning_rate,
            lr_scheduler_type="cosine_with_min_lr",
            lr_scheduler_kwargs={"min_lr_rate": 0.1},
            warmup_steps=0.03,
            weight_decay=0.0,
            logging_steps=10,
            save_steps=100,
            save_total_limit=2,
            seed=settings.seed,
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        pad = tokenizer.pad_token_id or 0
        steps = ceil(ceil(len(rows) / settings.batch) * settings.epochs)
        with Progress(steps, sys.stderr, "steps") as progress:
            trainer = _trainer(transformers, torch)(
                model=model,
                args=arguments,
                train_dataset=rows,
                data_collator=lambda batch: _batch(torch, batch, pad),
                callbacks=[_watch(transformers, progress, settings.minutes)],
            )
            trainer.remove_callback(transformers.PrinterCallback)
            checkpoint = transformers.trainer_utils.get_last_checkpoint(out / "checkpoints") if _begun(out) else None
            with peft.helpers.disable_input_dtype_casting(model):  # autocast does it: activations stay in bfloat16
                trainer.train(resume_from_checkpoint=checkpoint)
        _write(model, out, settings, lessons, len(rows), trainer.state)
    return bool(trainer.state.global_step >= trainer.state.max_steps)


def _begun(out: Path) -> bool:
    return (out / "checkpoints").is_dir()


def _factors(peft: Any, torch: Any, model: Any, settings: Settings) -> Any:
    depth = model.config.num_hidden_layers
    linear = {name.rpartition(".")[2] for name, m in model.model.named_modules() if isinstance(m, torch.nn.Linear)}
    return peft.LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank,
        target_modules=sorted(linear),
        layers_to_transform=list(range(depth - (settings.layers or depth), depth)),
        task_type="CAUSAL_LM",
    )


def _begin(model: Any, settings: Settings) -> None:
    """Copy the factors of the adapter `settings.start` into the first rows of the model's own, which may have more.

    The other columns of B are zero and stay so: the product is the adapter's.
    """
    adapter = _started(settings)
    for name, (first, second) in factors(adapter).items():
        try:
            layer = model.get_base_model().get_submodule(name)
            a, b = (part["default"].weight.data for part in (layer.lora_A, layer.lora_B))
            a[: len(first)] = first
            b[:, : len(first)] = second * (adapter.scale / layer.scaling["default"])
        except (AttributeError, RuntimeError):
            raise UsageError(
                f"training cannot start with {adapter.folder}: its {name} has rank {len(first)}, here the rank is "
                f"{settings.rank}, of {'all' if settings.layers is None else f'the top {settings.layers}'} layers"
            ) from None


def _started(settings: Settings) -> Adapter:
    """The adapter that the training begins with."""
    folder = folder_of(str(settings.start))
    adapter = read_adapter(folder)
    if adapter is None:
        raise UsageError(f"there is no adapter in {folder} to start with; `neurosym train` writes them")
    return adapter


def _row(tokenizer: Any, lesson: Lesson) -> dict[str, Any]:
    """Tokens and labels of one lesson; `length` is what batches are grouped by."""
    prompt = encode(tokenizer, lesson.messages)
    reply = tokenizer(lesson.reply, add_special_tokens=False)["input_ids"]
    tokens = [*prompt, *reply]
    return {"input_ids": tokens, "labels": [*[IGNORED] * len(prompt), *reply], "length": len(tokens)}


def _batch(torch: Any, rows: Sequence[Mapping[str, Any]], pad: int) -> dict[str, Any]:
    """Rows padded on the right to the longest: input_ids and labels, each int64 [rows, tokens]."""
    width = max(len(row["input_ids"]) for row in rows)

    def padded(values: Sequence[Sequence[int]], filler: int) -> Any:
        return torch.tensor([[*v, *[filler] * (width - len(v))] for v in values])

    return {
        "input_ids": padded([row["input_ids"] for row in rows], pad),
        "labels": padded([row["labels"] for row in rows], IGNORED),
    }


def _trainer(transformers: Any, torch: Any) -> Any:
    from neurosym.training.kernels import linear_cross_entropy

    class ProgramTrainer(transformers.Trainer):  # type: ignore[misc]
        """Computes the vocabulary's logits at the reply's tokens only: they are a third of all.

        A reply counts as the square root of its length: by tokens, a verdict's one would be lost among a program's
        hundred; by lessons, it would count as much as all of them.
        """

        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
            causal = self.accelerator.unwrap_model(model).get_base_model()
            labels = inputs["labels"][:, 1:]
            learned = labels != IGNORED
            with torch.autocast(labels.device.type, torch.bfloat16):  # the factors themselves are float32
                hidden = causal.model(input_ids=inputs["input_ids"])[0]  # padding comes last: no token looks at it
            counts = learned.sum(1, keepdim=True).sqrt()
            shares = (learned / counts / counts.sum())[learned]
            loss = linear_cross_entropy(hidden[:, :-1][learned], causal.lm_head.weight, labels[learned], shares)
            return (loss, {}) if return_outputs else loss

    return ProgramTrainer


def _watch(transformers: Any, progress: Progress, minutes: float | None) -> Any:
    class Watch(transformers.TrainerCallback):  # type: ignore[misc]
        """Shows each step and its loss; stops with a checkpoint when the time is up."""

        end = inf if minutes is None else time.monotonic() + 60 * minutes
        loss = ""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress.taken_up(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            self.loss = f"loss {logs['loss']:.3f}" if "loss" in (logs or {}) else self.loss

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress.step(self.loss)
            if time.monotonic() > self.end:
                control.should_save = control.should_training_stop = True

    return Watch()


def _write(model: Any, out: Path, settings: Settings, lessons: Sequence[Lesson], used: int, state: Any) -> None:
    """The adapter as half-precision safetensors, what it is for, and how it came about."""
    import huggingface_hub
    import peft
    import torch

    model.peft_config["default"].base_model_name_or_path = settings.base  # not where it lies on this machine
    for old in out.glob("*.safetensors"):
        old.unlink()
    model.peft_config["default"].save_pretrained(out)
    huggingface_hub.save_torch_state_dict(
        peft.get_peft_model_state_dict(model.to(torch.float16)),
        out,
        filename_pattern="adapter_model{suffix}.safetensors",
        max_shard_size=SHARD,
    )
    for extra in out.glob("*.index.json"):  # which factors are in which file, each file says itself
        extra.unlink()
    origins = {lesson.origin for lesson in lessons}
    started = _started(settings) if settings.start else None
    manifest = {
        "base": settings.base,
        "language": language_id(),
        "judges": VERDICT in origins or bool(started and started.judges),
        "repairs": REPAIR in origins or bool(started and started.repairs),
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    record = {
        "settings": asdict(settings),
        "lessons": dict(sorted(Counter(lesson.origin for lesson in lessons).items())),
        "too_long": len(lessons) - used,
        "steps": [state.global_step, state.max_steps],
        "curve": [[entry["step"], entry["loss"]] for entry in state.log_history if "loss" in entry],
    }
    (out / "training.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
