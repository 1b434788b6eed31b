"""The layers that a zygote takes on once for all its sandboxed children: each is tried in a fork before it counts."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial

from neurosym.workers import limits
from neurosym.workers.sandbox import guards, kernel, landlock, namespaces, seccomp
from neurosym.workers.sandbox.level import CALLS, FILES, LIMITS, NAMESPACES, PRIVILEGES, Layer, Level, level_of
from neurosym.workers.sandbox.readable import importable, readable

_MESSAGE_BYTES = 500


@dataclass(frozen=True)
class Jail:
    """What a sandboxed child has to know of the process it was forked from.

    layers:    what holds here, and why the rest does not.
    level:     what they add up to.
    steps:     what a child does to take on what the jail itself could not live with.
    occupied:  bytes of address space of the process (the child cannot look into /proc).
    """

    layers: tuple[Layer, ...]
    level: Level
    steps: tuple[Callable[[], None], ...]
    occupied: int

    def has(self, name: str) -> bool:
        """Whether that layer holds."""
        return any(layer.on for layer in self.layers if layer.name == name)


def build() -> Jail:
    """Confine this process, which has one thread, and its future children as far as the system can.

    Where that includes namespaces, the caller goes on in a fork, their first process. Raises `OSError` where a layer
    fails that did not when it was tried.
    """
    occupied, nothing = limits.occupied_bytes(), os.open(os.devnull, os.O_RDWR)
    paths = readable()
    layers = (
        _tried(LIMITS, *(partial(resource.setrlimit, *limit) for limit in limits.for_untrusted_code())),
        _tried(PRIVILEGES, no_privileges),
        _tried(FILES, no_privileges, partial(landlock.restrict, paths)),
        _tried(CALLS, no_privileges, seccomp.install),
        _tried(NAMESPACES, partial(namespaces.enter, paths)),
    )
    on = {layer.name for layer in layers if layer.on}
    sys.path[:] = importable()
    os.environ.clear()
    os.chdir("/")
    if NAMESPACES in on:
        enter_namespaces(paths)
    if PRIVILEGES in on:
        no_privileges()
    if FILES in on:
        landlock.restrict(paths)
    if CALLS in on:
        seccomp.assembled(False)  # here, once, for all children
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    return Jail(layers, level_of(layers), _steps(on, level_of(layers), paths), occupied)


def _steps(on: Set[str], level: Level, paths: Sequence[str]) -> tuple[Callable[[], None], ...]:
    """Prepared as far as can be: every object that a child touches is a page to copy."""
    steps: list[Callable[[], None]] = [os.setsid]
    if NAMESPACES not in on:  # whose first process takes all others along
        steps.append(partial(kernel.die_with, os.getpid()))
    if LIMITS in on:
        steps += [partial(resource.setrlimit, which, most) for which, most in limits.for_untrusted_code()]
    if CALLS in on:
        steps.append(seccomp.install)
    if level < Level.STRONG:
        steps.append(partial(guards.install, None if FILES in on else paths, calls=CALLS not in on))
    return tuple(steps)


def no_privileges() -> None:
    """Give up what this process is allowed, for good."""
    kernel.drop_capabilities()
    kernel.prctl(kernel.SET_NO_NEW_PRIVS, 1)  # nor can a set-uid program give any (and the other layers ask for it)


def enter_namespaces(paths: Sequence[str]) -> None:
    """Go on as the first process of new namespaces; the process that was waits for its end."""
    namespaces.enter(paths)
    pid = os.fork()
    if pid == 0:
        kernel.prctl(kernel.SET_PDEATHSIG, 9)
        return
    os.closerange(0, limits.MAX_DESCRIPTORS)  # or the other ends would not see the jail's end
    os.waitpid(pid, 0)
    os._exit(0)


def _tried(name: str, *steps: Callable[[], None]) -> Layer:
    """Whether a fork of ours can take the layer on, in these steps. Raises `OSError` where others kill the fork."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for step in steps:
                step()
            os._exit(0)
        except BaseException as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            os.write(writer, why.encode(errors="replace")[:_MESSAGE_BYTES])
        finally:
            os._exit(1)
    os.close(writer)
    said = os.read(reader, _MESSAGE_BYTES).decode(errors="replace")
    os.close(reader)
    _, how = os.waitpid(pid, 0)
    if os.WIFSIGNALED(how):
        said = f"trying it was ended by signal {os.WTERMSIG(how)}"
        if os.WTERMSIG(how) == signal.SIGKILL:  # which says nothing about the layer: the pool starts another jail
            raise OSError(f"{name}: {said}")
        # else by a filter around us that kills where others refuse
    return Layer(name, how == 0, said)
