"""Workers: every job gets exactly one reply, whatever the job, its child, the zygote or the caller does."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import children_of, is_running, wait_until

from neurosym.errors import UsageError, WorkerError
from neurosym.workers import Job, Limits, Pool, Reply, ReplyKind, flight, shared_pool

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)  # the zygote takes our sys.path over, and worker_entries is here

ENOUGH = Limits(seconds=60)
SHORT = Limits(seconds=0.3)
SANDBOX = Limits(seconds=60, sandbox=True)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers need fork")
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")


def job(entry: str, limits: Limits = ENOUGH, *, reuse: bool = False, **payload: Any) -> Job:
    return Job(f"worker_entries:{entry}", payload, limits, reuse)


def written_to(mark: Path) -> str:
    wait_until(lambda: mark.exists() and mark.read_text() != "")
    return mark.read_text()


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(preload=["worker_entries", "decimal"], children=4) as pool:
        yield pool


@pytest.fixture
def single() -> Iterator[Pool]:
    with Pool(preload=["worker_entries"], children=1) as pool:
        yield pool


# What a job may come to


def test_a_function_takes_and_gives_json(pool: Pool) -> None:
    payload: dict[str, Any] = {"text": "ünï \U0001f989", "numbers": [1, 2.5, 10**40], "nothing": None}
    reply = pool.run(job("echo", **payload))
    assert (reply.kind, reply.value, reply.message) == (ReplyKind.DONE, payload, "")
    assert reply.seconds > 0


def test_requests_and_replies_larger_than_any_socket_buffer(pool: Pool) -> None:
    text = "0123456789" * 300_000
    limits = Limits(seconds=60, output_bytes=4_000_000)
    assert pool.run(job("echo", limits, text=text)).value == {"text": text}


def test_an_exception_carries_type_text_and_traceback(pool: Pool) -> None:
    reply = pool.run(job("raise_value_error", text="seventeen"))
    assert reply.kind is ReplyKind.RAISED
    assert reply.message.startswith("ValueError: seventeen\n")
    assert "in raise_value_error" in reply.message


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("give_up", "SystemExit: leaving"),
        ("unprintable_error", "UnprintableError"),
        ("not_json", "TypeError"),
        ("not_a_number", "ValueError"),
        ("absent", "AttributeError"),
    ],
)
def test_whatever_a_function_raises_is_a_reply(pool: Pool, entry: str, said: str) -> None:
    reply = pool.run(job(entry))
    assert reply.kind is ReplyKind.RAISED
    assert reply.message.startswith(said)


def test_a_huge_exception_text_is_cut(pool: Pool) -> None:
    reply = pool.run(job("raise_value_error", text="\U0001f989" * 1_000_000))
    assert reply.kind is ReplyKind.RAISED
    assert 1000 < len(reply.message) < 5000


@pytest.mark.parametrize("entry", ["loop", "tower", "print_for_ever", "close_everything_and_loop"])
@pytest.mark.parametrize("sandbox", [False, True])
def test_what_does_not_end_is_killed(pool: Pool, entry: str, sandbox: bool) -> None:
    reply = pool.run(job(entry, Limits(seconds=0.3, sandbox=sandbox)))
    assert reply.kind is ReplyKind.TIMEOUT
    assert reply.seconds >= 0.3


def test_memory_is_limited(pool: Pool) -> None:
    assert pool.run(job("hog_memory", Limits(seconds=60, memory_mb=64))).kind is ReplyKind.MEMORY


@pytest.mark.parametrize(("size", "kind"), [(998, "done"), (999, "output"), (5_000_000, "output")])
def test_the_result_is_limited_to_the_byte(pool: Pool, size: int, kind: str) -> None:
    reply = pool.run(job("big_result", Limits(seconds=60, output_bytes=1000), size=size))
    assert reply.kind == kind  # two of the bytes are the string's quotes


def test_a_flood_on_the_reply_socket_is_cut_off(pool: Pool) -> None:
    assert pool.run(job("flood_the_socket")).kind is ReplyKind.OUTPUT


@pytest.mark.parametrize("name", ["SIGSYS", "SIGSEGV", "SIGABRT", "SIGTERM"])
def test_a_forged_reply_does_not_hide_a_death(pool: Pool, name: str) -> None:
    reply = pool.run(job("forge_a_reply", signal=name))
    assert (reply.kind, reply.value) == (ReplyKind.DIED, None)
    assert name in reply.message


def test_running_out_of_cpu_time_is_a_timeout(pool: Pool) -> None:
    assert pool.run(job("die_of", signal="SIGXCPU")).kind is ReplyKind.TIMEOUT


@pytest.mark.parametrize(
    "entry",
    ["scribble", "close_everything"],
)
def test_an_unreadable_reply_is_a_death(pool: Pool, entry: str) -> None:
    assert pool.run(job(entry)).kind is ReplyKind.DIED


@pytest.mark.parametrize("code", [0, 3])
def test_a_child_that_leaves_early_has_died(pool: Pool, code: int) -> None:
    reply = pool.run(job("exit_early", code=code))
    assert reply.kind is ReplyKind.DIED
    assert f"code {code}" in reply.message


@pytest.mark.parametrize(
    "said",
    [
        '{"kind": "timeout", "value": null, "message": ""}',
        '{"kind": "cancelled", "value": null, "message": ""}',
        '{"kind": "died", "value": null, "message": "killed by SIGSYS"}',
        '{"kind": "done", "value": NaN, "message": ""}',
        '{"kind": "done", "value": 1, "message": 2}',
        '{"kind": ["done"], "value": 1, "message": ""}',
        '{"kind": "done", "value": 1, "message": ""} {"kind": "done", "value": 1, "message": ""}',
        '{"kind": "done", "value": ' + "[" * 100_000 + "]" * 100_000 + ', "message": ""}',
        '{"kind": "done", "value": ' + "9" * 100_000 + ', "message": ""}',
        "[1]",
        "",
    ],
)
def test_a_child_cannot_say_what_only_the_zygote_may(pool: Pool, said: str) -> None:
    reply = pool.run(job("claim", reply=said))
    assert (reply.kind, reply.value) == (ReplyKind.DIED, None)


# Deadlines, order, callers


def test_the_deadline_counts_from_the_start_not_from_the_queue() -> None:
    with Pool(preload=["worker_entries"], children=1) as pool:
        jobs = [job("loop", SHORT), job("loop", SHORT), job("square", SHORT, id=1, n=3)]
        replies = pool.run_all(jobs)
    assert [reply.kind for reply in replies] == ["timeout", "timeout", "done"]


def test_replies_come_in_the_order_of_the_jobs(pool: Pool) -> None:
    jobs = [job("loop", SHORT), *(job("square", id=n, n=n) for n in range(20)), job("exit_early", code=1)]
    first, *middle, last = pool.run_all(jobs)
    assert (first.kind, last.kind) == (ReplyKind.TIMEOUT, ReplyKind.DIED)
    assert [reply.value for reply in middle] == [{"id": n, "square": n * n} for n in range(20)]
    assert pool.run_all([]) == []


def test_no_thread_waits_for_ever_while_others_ask(single: Pool) -> None:
    """Three threads that never pause, for one child: each has its turn."""
    turns = [0, 0, 0]

    def ask(thread: int) -> None:
        while max(turns) < 100:
            assert single.run(job("pid", reuse=True)).kind is ReplyKind.DONE
            turns[thread] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(turns) > 80


def test_jobs_from_several_threads(pool: Pool) -> None:
    replies: dict[int, Reply] = {}

    def ask(number: int) -> None:
        for offset in range(5):
            identity = 10 * number + offset
            replies[identity] = pool.run(job("square", id=identity, n=identity))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 40
    assert all(reply.value == {"id": n, "square": n * n} for n, reply in replies.items())


def test_jobs_from_asyncio(pool: Pool) -> None:
    async def ask() -> list[Reply]:
        return await asyncio.gather(*(pool.run_async(job("square", id=n, n=n)) for n in range(12)))

    replies = asyncio.run(ask())
    assert [reply.value for reply in replies] == [{"id": n, "square": n * n} for n in range(12)]


@needs_proc
def test_cancelling_a_task_kills_its_job(pool: Pool, tmp_path: Path) -> None:
    mark = tmp_path / "pid"

    async def ask() -> int:
        task = asyncio.create_task(pool.run_async(job("loop", mark=str(mark))))
        pid = int(await asyncio.to_thread(written_to, mark))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    pid = asyncio.run(ask())
    wait_until(lambda: not is_running(pid))
    assert pool.run(job("square", id=0, n=2)).kind is ReplyKind.DONE


def test_closing_cancels_what_runs_and_what_waits(tmp_path: Path) -> None:
    pool = Pool(preload=["worker_entries"], children=1)
    replies: list[Reply] = []
    jobs = [job("loop", mark=str(tmp_path / "pid")), *(job("square", id=n, n=n) for n in range(3))]
    thread = threading.Thread(target=lambda: replies.extend(pool.run_all(jobs)))
    thread.start()
    pid = int(written_to(tmp_path / "pid"))
    pool.close()
    thread.join()
    assert [reply.kind for reply in replies] == ["cancelled"] * 4
    wait_until(lambda: not is_running(pid))
    with pytest.raises(WorkerError, match="closed"):
        pool.run(job("square", id=0, n=0))
    pool.close()


def test_closing_does_not_wait_for_a_zygote_that_still_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "pid"
    (tmp_path / "imports_for_ever.py").write_text(
        f"import os, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\nwhile True: pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    pool = Pool(preload=["imports_for_ever"])
    pool.start()
    zygote = int(written_to(mark))
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(zygote, 0)


# Deaths that are not the job's


def test_a_killed_child_is_replaced(pool: Pool, tmp_path: Path) -> None:
    reply = pool.run(job("die_once", mark=str(tmp_path / "mark")))
    assert (reply.kind, reply.value) == (ReplyKind.DONE, "second attempt")


def test_a_killed_zygote_is_replaced(pool: Pool, tmp_path: Path) -> None:
    reply = pool.run(job("kill_zygote_once", mark=str(tmp_path / "mark")))
    assert (reply.kind, reply.value) == (ReplyKind.DONE, "second attempt")


def test_a_complete_reply_survives_a_kill(pool: Pool) -> None:
    assert pool.run(job("forge_a_reply", signal="SIGKILL")).value == 42


@needs_proc
def test_a_zygote_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with Pool(preload=["worker_entries"]) as pool:
        zygote = pool.run(job("whoami")).value["zygote"]
        os.kill(zygote, signal.SIGSTOP)
        monkeypatch.setattr(flight, "_LAUNCH_SECONDS", 2.0)
        assert pool.run(job("whoami")).value["zygote"] != zygote
        assert not is_running(zygote)


@needs_proc
def test_the_order_of_sets_repeats(pool: Pool) -> None:
    with Pool(preload=["worker_entries"]) as other:
        assert pool.run(job("whoami")).value["hash"] == other.run(job("whoami")).value["hash"]


@pytest.mark.parametrize(("entry", "said"), [("die_of", "SIGKILL"), ("kill_zygote", "zygote")])
def test_a_job_that_is_always_killed_is_given_up(pool: Pool, entry: str, said: str) -> None:
    reply = pool.run(job(entry, signal="SIGKILL"))
    assert reply.kind is ReplyKind.LOST
    assert said in reply.message


@needs_proc
@pytest.mark.parametrize("reuse", [False, True])
def test_random_kills_lose_nothing_and_repeat_nothing(reuse: bool) -> None:
    """200 jobs, while every tenth reply costs a child its life and every fiftieth the zygote.

    Not more often: a job that is killed three times in a row is given up, as another test shows.
    """
    rng = random.Random(5)
    replies: list[Reply] = []
    kills = {"child": 0, "zygote": 0}
    with Pool(preload=["worker_entries"], children=4) as pool:
        zygote = pool.run(job("whoami")).value["zygote"]
        before = set(children_of(os.getpid())) - {zygote}
        numbers = iter(range(200))
        lock = threading.Lock()

        def ask() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                reply = pool.run(job("slow_square", reuse=reuse, id=number, n=number))
                with lock:
                    replies.append(reply)
                    count = len(replies)
                if count % 10 == 0:
                    kill("zygote" if count % 50 == 0 else "child")

        def kill(what: str) -> None:
            zygotes = sorted(set(children_of(os.getpid())) - before)
            victims = zygotes if what == "zygote" else [pid for z in zygotes for pid in children_of(z)]
            if victims:
                kills[what] += 1
                try:
                    os.kill(rng.choice(victims), signal.SIGKILL)
                except ProcessLookupError:
                    kills[what] -= 1

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(reply.kind is ReplyKind.DONE for reply in replies)
    assert sorted((reply.value["id"], reply.value["square"]) for reply in replies) == [(n, n * n) for n in range(200)]
    assert kills["child"] >= 5
    assert kills["zygote"] >= 2


def test_a_zygote_that_cannot_start_is_our_failure() -> None:
    with Pool(preload=["no_such_module_of_ours"]) as pool:
        pool.start()
        with pytest.raises(WorkerError, match="no_such_module_of_ours"):
            pool.run(job("square", id=0, n=0))
        with pytest.raises(WorkerError, match="no_such_module_of_ours"):
            pool.run_all([job("square", id=0, n=0)] * 3)


def test_a_zygote_that_is_killed_at_every_start_is_our_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kills_at_import.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Pool(preload=["kills_at_import"]) as pool, pytest.raises(WorkerError, match="-9"):
        pool.run(job("square", id=0, n=0))


# Processes and descriptors


@needs_proc
@pytest.mark.parametrize("loop", [False, True])
def test_grandchildren_die_with_the_job(pool: Pool, tmp_path: Path, loop: bool) -> None:
    mark = tmp_path / "pids"
    reply = pool.run(job("leave_grandchildren", Limits(seconds=2), mark=str(mark), loop=loop))
    assert reply.kind is (ReplyKind.TIMEOUT if loop else ReplyKind.DONE)
    pids = [int(pid) for pid in mark.read_text().split()]
    assert len(pids) == 2
    wait_until(lambda: not any(map(is_running, pids)))


@needs_proc
def test_the_zygote_is_lean_and_its_children_hold_nothing_of_it(pool: Pool) -> None:
    me = pool.run(job("whoami")).value
    assert me["zygote_threads"] == 1
    assert me["modules"] == ["decimal"]  # as preloaded; no torch
    assert me["descriptors"] == [0, 1, 2, 3]
    assert me["stdio"] == [os.devnull] * 3
    assert me["core"] == 0
    assert me["leads_session"]


@needs_proc
def test_no_descriptor_and_no_zombie_is_left(pool: Pool) -> None:
    zygote = pool.run(job("whoami")).value["zygote"]
    gc.collect()

    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{zygote}/fd"))

    before = held()
    pool.run_all([job("square", id=n, n=n) for n in range(85)])
    pool.run_all([job("loop", SHORT)] * 4 + [job("exit_early", code=1)] * 4)
    for _ in range(3):
        assert pool.run(job("flood_the_socket")).kind is ReplyKind.OUTPUT
    wait_until(lambda: not children_of(zygote))
    wait_until(lambda: held() == before)


@needs_proc
def test_when_the_caller_is_killed_everything_dies(tmp_path: Path) -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from neurosym.workers import Job, Limits, Pool
Pool(preload=["worker_entries"]).run(Job("worker_entries:loop", {"mark": sys.argv[2]}, Limits(60)))
"""
    mark = tmp_path / "pid"
    caller = subprocess.Popen([sys.executable, "-c", script, HERE, str(mark)])
    pid = int(written_to(mark))
    (zygote,) = children_of(caller.pid)
    assert children_of(zygote) == [pid]
    caller.kill()
    caller.wait()
    wait_until(lambda: not is_running(zygote) and not is_running(pid))


def test_an_open_pool_is_closed_at_the_interpreters_exit() -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from neurosym.workers import Job, Limits, shared_pool
print(shared_pool(["worker_entries"]).run(Job("worker_entries:echo", {"a": 1}, Limits(60))).value)
"""
    command = [sys.executable, "-W", "error", "-c", script, HERE]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("{'a': 1}\n", "")


@needs_proc
def test_a_fork_of_the_caller_has_workers_of_its_own(tmp_path: Path) -> None:
    """As multiprocessing does it, with a job on its way in another thread of the parent."""
    script = """
import os, sys, threading
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from neurosym.workers import Job, Limits, shared_pool
pool = shared_pool(["worker_entries"])
def ask(entry, seconds=60, **payload):
    return pool.run(Job("worker_entries:" + entry, payload, Limits(seconds)))
ours = ask("whoami").value["zygote"]
mark = Path(sys.argv[2])
kinds = []
thread = threading.Thread(target=lambda: kinds.append(ask("loop", 0.5, mark=str(mark)).kind.value))
thread.start()
while not mark.exists():
    pass
pid = os.fork()
if pid == 0:
    assert shared_pool(["worker_entries"]) is pool
    theirs = ask("whoami").value["zygote"]
    links = [Path("/proc/self/fd", fd) for fd in os.listdir("/proc/self/fd")]
    sockets = [os.readlink(link) for link in links if link.is_symlink() and link.is_socket()]
    assert len(sockets) == 1, sockets  # to the new zygote: the caller's are closed
    pool.close()
    os._exit(0 if theirs != ours else 1)
_, status = os.waitpid(pid, 0)
thread.join()
assert ask("whoami").value["zygote"] == ours
print(status, kinds)
"""
    command = [sys.executable, "-c", script, HERE, str(tmp_path / "mark")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("0 ['timeout']\n", "")


def test_the_shared_pool_is_one_for_each_set_of_modules() -> None:
    pool = shared_pool(["worker_entries"])
    assert shared_pool(("worker_entries",)) is pool
    assert shared_pool() is not pool
    pool.close()
    fresh = shared_pool(["worker_entries"])
    assert fresh is not pool
    assert fresh.run(job("square", id=1, n=1)).kind is ReplyKind.DONE
    fresh.close()


# The sandbox


@needs_proc
def test_a_sandboxed_job_sees_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROSYM_TEST_SECRET", "hunter2")
    with Pool(preload=["worker_entries"]) as pool:
        sandboxed, plain = pool.run_all([job("look_around", SANDBOX), job("whoami")])
    assert "NEUROSYM_TEST_SECRET" not in plain.value["environment"]
    found = sandboxed.value
    assert found["environment"] == {}
    assert found["cwd"] == "/"
    assert found["descriptors"] == [0, 1, 2, 3]
    assert found["processes"] == 0
    assert found["files"] < 100
    assert found["leads_session"]
    assert HERE not in found["path"]


def test_a_sandboxed_job_cannot_write_a_file(pool: Pool, tmp_path: Path) -> None:
    for limits, written in ((SANDBOX, ""), (ENOUGH, "written")):
        path = tmp_path / f"file{len(written)}"
        reply = pool.run(job("write_file", limits, path=str(path)))
        assert reply.kind is (ReplyKind.DONE if written else ReplyKind.RAISED)
        assert (path.read_text() if path.exists() else "") == written


def test_without_a_limit_only_sandboxed_jobs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old_system.py").write_text(
        "from neurosym.workers import limits\n"
        "def no_such_layer(job_limits, occupied):\n"
        "    raise OSError('the kernel is too old')\n"
        "limits.EVERY_JOB += (no_such_layer,)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with Pool(preload=["old_system", "worker_entries"]) as pool:
        refused, done = pool.run_all([job("square", SANDBOX, id=1, n=2), job("square", id=1, n=2)])
    assert refused.kind is ReplyKind.REFUSED
    assert "no_such_layer: the kernel is too old" in refused.message
    assert done.kind is ReplyKind.DONE


# Misuse


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": float("inf")}, {"seconds": 1, "memory_mb": -1}])
def test_limits_must_limit(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="positive and finite"):
        Limits(**wrong)  # type: ignore[arg-type]


def test_a_pool_needs_a_child() -> None:
    with pytest.raises(UsageError, match="at least one"):
        Pool(children=0)


def test_a_payload_must_be_json(pool: Pool) -> None:
    for wrong in ({1, 2}, float("nan"), b"bytes"):
        with pytest.raises(UsageError, match="JSON"):
            pool.run(job("echo", value=wrong))
