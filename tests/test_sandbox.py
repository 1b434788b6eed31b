"""The sandbox: which layers hold is found by attacking, and what does not hold is never claimed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.errors import SandboxError
from neurosym.workers import Job, Layer, Level, Limits, Pool, ReplyKind, Report, examine
from neurosym.workers.sandbox import seccomp, syscalls
from neurosym.workers.sandbox.canaries import CANARIES, MEMORY_MB
from neurosym.workers.sandbox.level import NEEDED, level_of, missing
from neurosym.workers.sandbox.readable import _outermost, readable
from neurosym.workers.sandbox.report import attack

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # the zygote takes our sys.path over, and worker_entries is here

NAMES = NEEDED[Level.FULL]
ANY_LEVEL = Limits(seconds=60, memory_mb=MEMORY_MB, sandbox=True, least=Level.NONE)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are Linux's")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(preload=["worker_entries"], children=2) as pool:
        yield pool


@pytest.fixture(scope="module")
def report(pool: Pool) -> Report:
    return examine(pool)


def at_least(report: Report, least: Level) -> None:
    if report.level < least:
        pytest.skip(f"this system's sandbox is {report.level}: {missing(report.layers, least)}")


# Levels


@given(st.sets(st.sampled_from(NAMES)), st.sampled_from(list(Level)))
def test_a_level_is_reached_where_nothing_is_missing(on: set[str], least: Level) -> None:
    layers = [Layer(name, name in on, "" if name in on else "broken") for name in NAMES]
    assert (level_of(layers) >= least) == (missing(layers, least) == "")
    assert (Report(tuple(layers)).lacks(least) == "") == (level_of(layers) >= least)


def test_what_is_missing_is_named_with_its_reason() -> None:
    report = Report((Layer("limits", True), Layer("privileges", True), Layer("landlock", False, "the kernel is old")))
    assert report.level is Level.INTERPRETER
    with pytest.raises(SandboxError, match=r"interpreter, not strong: .* landlock \(the kernel is old\), seccomp"):
        report.require(Level.STRONG)
    report.require(Level.INTERPRETER)


@linux
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("lambda: None", "True ''"),
        ("lambda: os.kill(os.getpid(), signal.SIGSYS)", f"False 'trying it was ended by signal {signal.SIGSYS:d}'"),
        ("lambda: os.listdir('/no such folder')", "False 'No such file"),
        ("lambda: os.kill(os.getpid(), signal.SIGKILL)", "OSError"),  # an operator, or a kernel short of memory
    ],
)
def test_a_layer_is_absent_where_it_fails_and_not_where_its_trial_was_killed(step: str, said: str) -> None:
    code = f"""
import os, signal
from neurosym.workers.sandbox.jail import _tried
try:
    layer = _tried("name", {step})
    print(layer.on, repr(layer.why))
except OSError as error:
    print("OSError", error)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith(said)


# System calls


def verdict(code: Sequence[seccomp.Instruction], data: dict[int, int]) -> int:
    """What a filter returns for a call: a classic BPF machine with the five instructions that we use."""
    position, accumulator = 0, 0
    while True:
        kind, yes, no, operand = code[position]
        position += 1
        match kind:
            case 0x20:
                accumulator = data.get(operand, 0)
            case 0x15:
                position += yes if accumulator == operand else no
            case 0x35:
                position += yes if accumulator >= operand else no
            case 0x45:
                position += yes if accumulator & operand else no
            case 0x06:
                return operand


ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_the_filter_says_of_every_call_what_the_tables_say(machine: str) -> None:
    column, architecture = syscalls.ARCHITECTURES[machine]
    code = seccomp._filter(column, architecture, program=False)
    expected = {}
    for table, action in ((syscalls.ALLOWED, ALLOW), (syscalls.DENIED, EPERM), (syscalls.DEADLY, KILL)):
        for name, number in syscalls.numbers(table, column):
            assert number not in expected, name
            expected[number] = action
    checked = {number for _, number in syscalls.numbers(syscalls.CHECKED, column)}
    for number in set(range(1000)) - checked:
        assert verdict(code, {0: number, 4: architecture}) == expected.get(number, ENOSYS), number
    for number in expected:
        assert verdict(code, {0: number, 4: architecture ^ 0x80000000}) == KILL
        assert verdict(code, {0: number | 0x40000000, 4: architecture}) == KILL


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (17,), KILL),  # SIGCHLD: a process
        ("clone", (0x3D0F00,), 0x0005000B),  # a thread: try again
        ("clone3", (), ENOSYS),
        ("socket", (2, 1), KILL),
        ("socket", (1, 1), EPERM),
        ("prlimit64", (0, 9), ALLOW),
        ("prlimit64", (1, 9), KILL),
        ("fcntl", (3, 8), EPERM),  # F_SETOWN: whom to signal
        ("fcntl", (3, 3), ALLOW),
        ("ioctl", (3, 0x5401), ALLOW),
        ("ioctl", (3, 0x5412), EPERM),  # TIOCSTI: type into a terminal
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),  # outlive the zygote
    ],
)
@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_some_calls_are_judged_by_an_argument(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    column, architecture = syscalls.ARCHITECTURES[machine]
    number = dict(syscalls.numbers(syscalls.CHECKED, column))[call]
    data = {0: number, 4: architecture} | {16 + 8 * k: value for k, value in enumerate(arguments)}
    assert verdict(seccomp._filter(column, architecture, program=False), data) == expected


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_a_program_may_besides_be_become_and_have_threads(machine: str) -> None:
    column, architecture = syscalls.ARCHITECTURES[machine]
    python, program = (seccomp._filter(column, architecture, program=program) for program in (False, True))
    number = dict(syscalls.numbers(f"{syscalls.DEADLY},{syscalls.CHECKED}", column))
    others = set(range(1000)) - {number["clone"], number["execve"]}
    for calls in ({0: n, 4: architecture, 16: 17} for n in others):
        assert verdict(program, calls) == verdict(python, calls)
    for call, argument, expected in (("execve", 0, ALLOW), ("clone", 0x3D0F00, ALLOW), ("clone", 17, KILL)):
        assert verdict(program, {0: number[call], 4: architecture, 16: argument}) == expected


# Files


def test_only_the_interpreters_files_are_readable(tmp_path: Path) -> None:
    paths = [Path(path) for path in readable()]
    assert Path(os.__file__).parent in {path for file in paths for path in (file, *Path(os.__file__).parents)}
    for private in (Path.home(), tmp_path, Path(HERE), Path("/"), Path("/etc"), Path("/proc/self")):
        assert not any(private.is_relative_to(path) for path in paths), private


def test_the_folder_that_a_console_script_begins_with_is_not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    monkeypatch.setattr(sys, "path", [*folders, *sys.path])
    for folder in map(Path, folders):
        assert not any(folder.is_relative_to(path) for path in readable())


def test_the_installed_command_has_the_level_of_the_package(report: Report) -> None:
    command = Path(sysconfig.get_path("scripts"), "neurosym")
    if not command.exists():
        pytest.skip("the package is not installed")
    ended = subprocess.run([command, "sandbox", "--require", str(report.level)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@given(st.lists(st.lists(st.sampled_from(["a", "b", "a-b"]), min_size=1, max_size=4)))
def test_no_readable_place_lies_within_another(parts: list[list[str]]) -> None:
    kept = _kept(["/" + "/".join(part) for part in parts])
    assert not [(a, b) for a in kept for b in kept if a != b and Path(a).is_relative_to(b)]
    assert all(any(Path("/", *part).is_relative_to(place) for place in kept) for part in parts)


def _kept(paths: list[str]) -> tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os.path, "exists", lambda path: True)
        return _outermost(paths)


# This system


@linux
@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_is_stopped_in_the_sandbox_and_only_there(pool: Pool, report: Report, name: str) -> None:
    at_least(report, Level.FULL if CANARIES[name].layer == "namespaces" else Level.STRONG)
    what = {"name": name, "path": sys.executable}
    entry = "neurosym.workers.sandbox.canaries:fly"
    stopped = pool.run(Job(entry, what, ANY_LEVEL))
    assert stopped.level == report.level
    if CANARIES[name].deadly:
        assert stopped.kind is ReplyKind.TAMPERING
    else:
        assert stopped.value is not True
    unharmed = pool.run(Job(entry, what, Limits(seconds=60)))
    assert unharmed.value is (os.geteuid() == 0 if name == "become another user" else True)


@linux
def test_the_level_is_what_the_layers_add_up_to_and_travels_with_replies(pool: Pool, report: Report) -> None:
    reply = pool.run(Job("worker_entries:echo", {"a": 1}, ANY_LEVEL))
    assert (reply.kind, reply.level) == (ReplyKind.DONE, level_of(pool.layers()))
    assert pool.run(Job("worker_entries:echo", {}, Limits(60))).level is None


@linux
def test_in_an_empty_root_there_is_nothing_to_see(pool: Pool, report: Report) -> None:
    at_least(report, Level.FULL)
    files = ["/proc", "/etc/passwd", "/home", "/dev/null", sys.executable, HERE]
    code = f"import os\nanswer = [os.path.exists(p) for p in {files}]"
    limits = Limits(60, sandbox=True)
    with Pool(preload=["neurosym.solvers.python"]) as other:
        reply = other.run(Job("neurosym.solvers.python:run_program", {"code": code}, limits))
    assert reply.value["answer"] == f"[{', '.join(['false'] * len(files))}]"


# Other systems: what a kernel or a container lacks, we take away

WITHOUT = """
import ctypes, os, struct, sys
denied = [tuple(map(int, pair.split(":"))) for pair in sys.argv[1].split(",")]  # number:option, -1 for any
code = [(0x20, 0, 0, 0)]
for number, option in denied:
    test = [(0x20, 0, 0, 16), (0x15, 0, 1, option)] if option >= 0 else []
    code += [(0x15, 0, len(test) + 1, number), *test, (0x06, 0, 0, 0x50001), (0x20, 0, 0, 0)]
code += [(0x06, 0, 0, 0x7fff0000)]
raw = b"".join(struct.pack("=HBBI", *step) for step in code)
libc, text = ctypes.CDLL(None), ctypes.create_string_buffer(raw)
program = struct.pack("@HP", len(code), ctypes.addressof(text))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
from neurosym.cli import main
sys.exit(main(sys.argv[2:]))
"""
NO_NAMESPACES, NO_LANDLOCK, NO_SECCOMP = "unshare", "landlock", "seccomp"


def on_a_system_without(features: Sequence[str], *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """The command line under a filter that refuses what the named layers need."""
    column, _ = syscalls.ARCHITECTURES[os.uname().machine]
    prctl = dict(syscalls.numbers(syscalls.CHECKED, column))["prctl"]
    unshare = dict(syscalls.numbers(syscalls.DEADLY, column))["unshare"]
    needs = {NO_NAMESPACES: f"{unshare}:-1", NO_LANDLOCK: "444:-1", NO_SECCOMP: f"{prctl}:22"}
    denied = ",".join(needs[feature] for feature in features)
    command = [sys.executable, "-c", WITHOUT, denied, *arguments]
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


@linux
@pytest.mark.parametrize(
    ("features", "level", "named"),
    [
        ([NO_NAMESPACES], "strong", "namespaces  off: unshare: Operation not permitted"),
        ([NO_LANDLOCK], "interpreter", "landlock    off: syscall: Operation not permitted"),
        ([NO_SECCOMP], "interpreter", "seccomp     off: prctl: Operation not permitted"),
        ([NO_NAMESPACES, NO_LANDLOCK, NO_SECCOMP], "interpreter", "landlock    off"),
    ],
)
def test_a_system_that_lacks_a_layer_says_so(report: Report, features: list[str], level: str, named: str) -> None:
    at_least(report, Level.FULL)
    code, said, complaint = on_a_system_without(features, "sandbox", "--require", "full")
    assert named in said
    assert said.splitlines()[-1].split() == ["level", level]
    assert code == 3
    assert f"{level}, not full" in complaint


def python(programs: dict[str, str]) -> str:
    """JSON lines of programs whose answer is an expression."""
    records = [
        {"id": k, "program": f"import os\nanswer = {code}", "notation": "python"} for k, code in programs.items()
    ]
    return "\n".join(map(json.dumps, records))


@linux
def test_below_strong_python_runs_only_where_allowed_and_behind_guards(report: Report) -> None:
    at_least(report, Level.STRONG)
    stdin = python(
        {
            "honest": "6 * 7",
            "fork": "os.fork()",
            "file": "len(open('/etc/passwd').read())",
            "listing": "len(os.listdir('/etc'))",
            "write": "open('/tmp/neurosym-guard', 'w').write('1')",
        }
    )
    nothing = [NO_NAMESPACES, NO_LANDLOCK, NO_SECCOMP]
    _, said, _ = on_a_system_without(nothing, "run", "-", stdin=stdin)
    refused: list[Any] = [json.loads(line) for line in said.splitlines()]
    assert {result["status"] for result in refused} == {"unsupported"}
    assert all("landlock (syscall: Operation not permitted)" in result["message"] for result in refused)
    _, said, _ = on_a_system_without(nothing, "run", "-", "--allow-python", stdin=stdin)
    found = {result["id"]: result for result in map(json.loads, said.splitlines())}
    assert {result["sandbox"] for result in found.values()} == {"interpreter"}
    assert found["honest"]["answer"] == "42"
    assert found["fork"]["status"] == "tampering"
    assert {found[name]["status"] for name in ("file", "listing", "write")} == {"malformed"}


@linux
def test_without_namespaces_python_needs_no_permission(report: Report) -> None:
    at_least(report, Level.STRONG)
    _, said, _ = on_a_system_without([NO_NAMESPACES], "run", "-", stdin=python({"honest": "6 * 7"}))
    result = json.loads(said)
    assert (result["answer"], result["sandbox"]) == ("42", "strong")


@linux
def test_a_layer_that_only_pretends_is_found_out(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_least(report, Level.STRONG)
    (tmp_path / "pretence.py").write_text(
        "from neurosym.workers.sandbox import landlock, namespaces\n"
        "def nothing(paths): pass\n"
        "def refuse(paths): raise OSError('not here')\n"
        "landlock.restrict, namespaces.enter = nothing, refuse\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Pool(preload=["pretence"]) as pool:
        assert level_of(pool.layers()) is Level.STRONG
        found = attack(pool)
    assert found.level is Level.INTERPRETER
    (why,) = [layer.why for layer in found.layers if layer.name == "landlock"]
    assert "a canary could" in why


@linux
def test_a_pool_below_the_level_asked_for_refuses_the_job(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_least(report, Level.STRONG)
    (tmp_path / "old_kernel.py").write_text(
        "from neurosym.workers.sandbox import seccomp\n"
        "def install(): raise OSError('the kernel is too old')\n"
        "seccomp.install = install\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Pool(preload=["old_kernel", "worker_entries"]) as pool:
        strong, weak = pool.run_all(
            [
                Job("worker_entries:echo", {}, Limits(60, sandbox=True, least=least))
                for least in (Level.STRONG, Level.INTERPRETER)
            ]
        )
    assert (strong.kind, weak.kind) == (ReplyKind.REFUSED, ReplyKind.DONE)
    assert "interpreter, below strong; it lacks seccomp (the kernel is too old)" in strong.message
    assert weak.level is Level.INTERPRETER
