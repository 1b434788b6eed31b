"""Hostile programs get nothing: every attack is stopped as the present user, as an ordinary one, without namespaces.

The attacks are in `attacks/`. Each also runs where nothing protects, if it may: there, it must be seen to get through.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attacks import ATTACKS
from attacks.attack import Attack

from neurosym.solving.sandbox import sandbox
from neurosym.workers import Level

HERE = Path(__file__).parent
ORDINARY = "12345"
WITHOUT, PLAIN = "without namespaces", "where nothing protects"
CIRCUMSTANCES: Mapping[str, tuple[str, ...]] = {
    "as the present user": (),
    "as an ordinary user": ("--user", ORDINARY),
    WITHOUT: ("--without-namespaces",),
    PLAIN: ("--plain",),
}

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox's layers are Linux's"),
    pytest.mark.timeout(900),  # the first test waits for all attacks: half a minute, or many on a busy machine
]


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """The suite under all circumstances, side by side."""
    if lacking := sandbox().lacks(Level.STRONG):
        pytest.skip(lacking)
    found = {}
    for name, options in CIRCUMSTANCES.items():
        if "--user" in options and os.geteuid() != 0:
            continue
        command = [sys.executable, "-m", "attacks.suite", *options]
        found[name] = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield found
    for process in found.values():
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def reports(running: dict[str, subprocess.Popen[str]]) -> dict[str, dict[str, Any]]:
    """By circumstances and attack, what it came to."""
    found: dict[str, dict[str, Any]] = {}
    for name, process in running.items():
        said, complaints = process.communicate()
        assert process.returncode in (0, 1), complaints
        found[name] = {report["name"]: report for report in map(json.loads, said.splitlines())}
    return found


def test_there_are_attacks_of_every_kind() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_attack_is_stopped(attack: Attack, reports: dict[str, dict[str, Any]]) -> None:
    for circumstances in reports.keys() - {PLAIN}:
        report = reports[circumstances][attack.name]
        assert report["harms"] == [], f"{circumstances}: {report}"


def test_without_namespaces_it_is_the_next_level_that_holds(reports: dict[str, dict[str, Any]]) -> None:
    assert {report["level"] for report in reports[WITHOUT].values()} <= {str(Level.STRONG), ""}
    assert reports[WITHOUT]["list a folder"]["level"] == str(Level.STRONG)


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.control], ids=lambda attack: attack.name)
def test_where_nothing_protects_it_gets_through(attack: Attack, reports: dict[str, dict[str, Any]]) -> None:
    assert reports[PLAIN][attack.name]["harms"]
