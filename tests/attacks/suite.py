"""Runs attacks and says for each what it came to and what harm it did: none, if the sandbox holds.

    python -m attacks.suite [--user UID] [--without-namespaces] [--plain] [NAME ...]     # in tests/

`--user` gives up being root first. `--plain` runs those that do no lasting harm where nothing protects. Prints a line
of JSON for each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import neurosym
from attacks import ATTACKS
from attacks.attack import Attack
from attacks.circumstances import become, forbid_namespaces
from attacks.scene import Scene
from neurosym.outcome import Status
from neurosym.workers import Level

_GRACE_SECONDS = 20.0  # past an attack's deadline: many times what a busy machine takes to kill one
_BENIGN = """\
import decimal, fractions, json, math, random, statistics
answer = sum([1, 2, 3]) + len('ab') + math.sqrt(16) + statistics.mean([1, 3]) + int(decimal.Decimal('1.25') * 4)
print(random.random())
"""
_RIGHT = "19"
_WARM = "import sympy\nanswer += sympy.Integer(2) - 2\n"  # has it run where attacks run that name a large library


@dataclass(frozen=True)
class Report:
    """What an attack came to: the outcome's status, the sandbox's level, the message, and the harm it did."""

    name: str
    status: str
    level: str
    message: str
    seconds: float
    harms: tuple[str, ...]


def sandboxed(attacks: Sequence[Attack]) -> Iterator[Report]:
    """The reports of attacks on the sandbox, one after another in one scene."""
    with Scene() as scene:
        assert _next_is_right(_WARM), "the sandbox does not run a harmless program"
        for attack in attacks:
            start = time.monotonic()
            try:
                outcome = neurosym.run(
                    _program(attack, scene),
                    notation="ir" if attack.verdict else "python",
                    timeout=attack.seconds,
                )
            except Exception as error:  # a promise of `run`: never for what a program does
                yield Report(attack.name, "", "", repr(error), 0.0, ("it raised in the caller",))
                continue
            seconds = time.monotonic() - start
            harms = scene.harms(json.dumps(outcome.to_dict()))
            if attack.metadata and outcome.sandbox != str(Level.FULL):
                harms = []
            if attack.may_be is not None and outcome.status not in attack.may_be:
                harms.append(f"it came to {outcome.status.value}")
            if attack.verdict and outcome.status is Status.TRUE:
                harms.append("it forged the verdict")
            if seconds > attack.seconds + _GRACE_SECONDS:
                harms.append(f"it took {seconds:.1f} s")
            if not _next_is_right(_WARM if "sympy" in attack.code or "numpy" in attack.code else ""):
                harms.append("the next program came out wrong")
            yield Report(
                attack.name, outcome.status.value, outcome.sandbox, outcome.message[:200], seconds, tuple(harms)
            )


def plain(attacks: Sequence[Attack]) -> Iterator[Report]:
    """The reports of harmless attacks in a plain interpreter of their own, each in a scene of its own."""
    for attack in attacks:
        with Scene() as scene:
            request = json.dumps({"code": scene.header() + attack.code, "number": scene.number})
            start = time.monotonic()
            ended = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("plain.py"))],
                input=request,
                capture_output=True,
                text=True,
                timeout=60,
                errors="replace",
                check=False,
                close_fds=False,
            )
            harms = scene.harms(ended.stdout) + (["it forged the verdict"] if ended.stdout[:1] == "1" else [])
            yield Report(attack.name, "plain", "", ended.stderr[-200:], time.monotonic() - start, tuple(harms))


def _program(attack: Attack, scene: Scene) -> str:
    code = scene.header() + attack.code.strip("\n") + "\n"
    if not attack.verdict:
        return code
    return f"python\n{textwrap.indent(code, '    ')}end\nlet expected = {scene.number}\nask total = expected\n"


def _next_is_right(more: str) -> bool:
    return neurosym.run(_BENIGN + more, notation="python", timeout=60).answer == _RIGHT


def main() -> None:
    """Read the command line, run, report; exit with 1 where the sandbox did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--user", type=int)
    parser.add_argument("--without-namespaces", action="store_true")
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    if given.user is not None:
        become(given.user)
    if given.without_namespaces:
        forbid_namespaces()
    chosen = [a for a in ATTACKS if not given.names or a.name in given.names]
    if given.plain:
        chosen = [a for a in chosen if a.control]
    broken = False
    for report in (plain if given.plain else sandboxed)(chosen):
        broken |= bool(report.harms)
        print(json.dumps(asdict(report)), flush=True)
    sys.exit(broken and not given.plain)


if __name__ == "__main__":
    main()
