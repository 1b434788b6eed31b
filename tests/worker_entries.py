"""What the workers are asked to do in the tests: JSON in, JSON out, or something nasty."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

Payload = dict[str, Any]


def square(payload: Payload) -> Payload:
    return {"id": payload["id"], "square": payload["n"] ** 2}


def slow_square(payload: Payload) -> Payload:
    """Long enough to be killed in the middle."""
    end = time.perf_counter() + 0.005
    while time.perf_counter() < end:
        pass
    return square(payload)


def echo(payload: Payload) -> Payload:
    return payload


def raise_value_error(payload: Payload) -> None:
    raise ValueError(payload["text"])


def unprintable_error(payload: Payload) -> None:
    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    raise UnprintableError


def give_up(payload: Payload) -> None:
    raise SystemExit("leaving")


def loop(payload: Payload) -> None:
    """Say that it runs, then never end."""
    if "mark" in payload:
        Path(payload["mark"]).write_text(str(os.getpid()))
    while True:
        pass


def tower(payload: Payload) -> int:
    return len(str(eval("9**9**9", {})))


def hog_memory(payload: Payload) -> int:
    hoard = []
    while True:
        hoard.append(bytearray(10_000_000))


def big_result(payload: Payload) -> str:
    return "x" * int(payload["size"])


def print_for_ever(payload: Payload) -> None:
    while True:
        print("flood", flush=True)
        print("flood", file=sys.stderr, flush=True)


def flood_the_socket(payload: Payload) -> None:
    while True:
        os.write(3, b"x" * 65_536)


def say_and_loop(payload: Payload) -> None:
    """Write what a child writes that has done its job, but never end."""
    os.write(3, b'{"kind": "done", "value": 42, "message": ""}\n')
    loop({})


def pid(payload: Payload) -> int:
    return os.getpid()


def swell(payload: Payload) -> int:
    """Keep more memory than a child may that stays."""
    swell.hoard = bytearray(300 << 20)  # type: ignore[attr-defined]
    return os.getpid()


def burn(payload: Payload) -> int:
    """Use up that many seconds of CPU time."""
    end = time.process_time() + payload["seconds"]
    while time.process_time() < end:
        pass
    return os.getpid()


def forge_a_reply(payload: Payload) -> None:
    """Write a perfect reply, then die of something that has to be told."""
    os.write(3, b'{"kind": "done", "value": 42, "message": ""}')
    os.kill(os.getpid(), signal.Signals[payload["signal"]])


def scribble(payload: Payload) -> int:
    os.write(3, b'{"kind": "do')
    return 1


def claim(payload: Payload) -> None:
    """Claim to have ended in a way, as a reply of our own."""
    os.write(3, payload["reply"].encode())
    os._exit(0)


def close_everything_and_loop(payload: Payload) -> None:
    os.closerange(0, 256)
    loop({})


def close_everything(payload: Payload) -> int:
    os.closerange(0, 256)
    return 1


def count(payload: Payload) -> Generator[int, None, Any]:
    """Give the numbers below one, then do what the payload names, as the last value."""
    yield from range(payload["below"])
    return globals()[payload["then"]](payload)


def repeat(payload: Payload) -> Iterator[str]:
    """Give a long value, then it again, and so on."""
    while True:
        yield big_result(payload)


def half_a_line(payload: Payload) -> int:
    """Begin a value, and end as if nothing were missing."""
    os.write(3, b"+{\n")
    return 1


def exit_early(payload: Payload) -> None:
    os._exit(payload["code"])


def die_of(payload: Payload) -> None:
    os.kill(os.getpid(), signal.Signals[payload["signal"]])


def die_once(payload: Payload) -> str:
    """Killed at the first attempt, as by the kernel short of memory; well at the second."""
    mark = Path(payload["mark"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "second attempt"


def kill_zygote_once(payload: Payload) -> str:
    mark = Path(payload["mark"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        loop({})
    return "second attempt"


def kill_zygote(payload: Payload) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    loop({})


def leave_grandchildren(payload: Payload) -> list[int]:
    """Fork one child in our group and one in a session of its own, and leave them running."""
    pids = []
    for escape in (False, True):
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            if escape:
                os.setsid()
            os.write(tell, b"!")
            loop({})
        os.read(ready, 1)
        pids.append(pid)
    Path(payload["mark"]).write_text(" ".join(map(str, pids)))
    if payload["loop"]:
        loop({})
    return pids


def not_json(payload: Payload) -> object:
    return {1, 2}


def not_a_number(payload: Payload) -> float:
    return float("nan")


def whoami(payload: Payload) -> Payload:
    """How this child is set up."""
    zygote = os.getppid()
    threads = next(line for line in Path(f"/proc/{zygote}/status").read_text().splitlines() if "Threads" in line)
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "zygote": zygote,
        "hash": hash("the order of a set"),
        "zygote_threads": int(threads.split()[1]),
        "descriptors": sorted(int(fd.name) for fd in Path("/proc/self/fd").iterdir() if fd.exists()),
        "stdio": [os.readlink(f"/proc/self/fd/{fd}") for fd in range(3)],
        "modules": [name for name in ("torch", "transformers", "decimal") if name in sys.modules],
        "environment": dict(os.environ),
        "cwd": os.getcwd(),
        "no_new_privs": int(status["NoNewPrivs"]),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
        "leads_session": os.getsid(0) == os.getpid(),
    }


def look_around(payload: Payload) -> Payload:
    """What a sandboxed child finds: it has no /proc to ask."""
    return {
        "environment": dict(os.environ),
        "cwd": os.getcwd(),
        "root": sorted(os.listdir("/")) if payload.get("root") else None,
        "path": sys.path,
        "modules": [name for name in ("torch", "transformers", "decimal") if name in sys.modules],
        "descriptors": [fd for fd in range(4096) if is_open(fd)],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
        "leads_session": os.getsid(0) == os.getpid(),
    }


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def write_file(payload: Payload) -> None:
    Path(payload["path"]).write_text("written")
