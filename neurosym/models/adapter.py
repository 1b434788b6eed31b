"""Adapters: what training changed of a base model, as low-rank factors in PEFT's format, merged when it is loaded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.errors import LanguageMismatch, ModelError
from neurosym.grammars import language_id

CONFIG, MANIFEST = "adapter_config.json", "neurosym.json"
SHIPPED = Path(__file__).parent / "weights"
"""Where the package carries the embedded model's own adapter."""


def folder_of(name: str) -> Path:
    """The folder of the adapter that is called so: a path, or "shipped"."""
    return SHIPPED if name == "shipped" else Path(name).expanduser()


@dataclass(frozen=True)
class Adapter:
    """A folder with low-rank factors.

    base:      the model that they belong to, as `resolve` takes it.
    language:  the id of the language that the weights were trained to write.
    scale:     what the product of the factors is multiplied with.
    judges:    whether the weights were trained to judge programs, too.
    repairs:   whether they were trained to put programs right.
    """

    folder: Path
    base: str
    language: str
    scale: float
    judges: bool = False
    repairs: bool = False

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits of its weights and of what judges its answers: another training, other digits."""
        said = hashlib.sha256()
        for file in sorted([*self.folder.glob("*.safetensors"), *self.folder.glob("scorer.json")]):
            said.update(file.read_bytes())
        return said.hexdigest()[:8]


def read_adapter(folder: Path) -> Adapter | None:
    """The adapter in `folder`, None where it holds none.

    Raises ModelError where its files cannot be read, LanguageMismatch where it was trained for another language.
    """
    if not (folder / CONFIG).is_file():
        return None
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        scale = config["lora_alpha"] / config["r"]
        base, language = str(manifest["base"]), str(manifest["language"])
        learned = {what: bool(manifest.get(what)) for what in ("judges", "repairs")}
        adapter = Adapter(folder, base, language, float(scale), **learned)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the adapter {folder} cannot be read: {error!r}; `neurosym train` writes them") from None
    if adapter.language != language_id():
        raise LanguageMismatch(
            f"the adapter {folder} writes {adapter.language}, this is {language_id()}: train it again, or use "
            "`--model base`, the embedded model without an adapter"
        )
    return adapter


def factors(adapter: Adapter) -> dict[str, tuple[Any, Any]]:
    """Name of a linear layer → its two factors A [rank, in] and B [out, rank], read from all the folder's shards.

    Raises ModelError where one of the two is missing.
    """
    from safetensors.torch import load_file

    read: dict[str, Any] = {}
    for shard in sorted(adapter.folder.glob("*.safetensors")):
        read |= load_file(shard)
    firsts = [name for name in read if ".lora_A." in name]
    try:
        return {
            name.removeprefix("base_model.model.").partition(".lora_A.")[0]: (
                read[name],
                read[name.replace(".lora_A.", ".lora_B.")],
            )
            for name in firsts
        }
    except KeyError as error:
        raise ModelError(f"the adapter {adapter.folder} is incomplete: {error} is missing") from None


def merge(model: Any, adapter: Adapter) -> None:
    """Add the adapter to the weights of `model`, in place: W + scale * B @ A (Hu et al. 2021, "LoRA").

    Raises ModelError where the factors are not of this model.
    """
    weights = dict(model.named_parameters())
    try:
        for name, (first, second) in factors(adapter).items():
            weight = weights[f"{name}.weight"]
            change = second.float() @ first.float() * adapter.scale
            weight.data += change.to(weight.device, weight.dtype)
    except (KeyError, RuntimeError) as error:
        raise ModelError(f"the adapter {adapter.folder} does not belong to {adapter.base}: {error}") from None
