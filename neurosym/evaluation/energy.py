"""Joules, where the machine counts them: Linux for processor packages, the NVIDIA driver for its cards."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the processor's energy counters (RAPL); mostly readable for root only."""


@dataclass(frozen=True)
class Counter:
    """A count of joules that only grows, but for beginning again at 0 after `span` joules, where it has one."""

    read: Callable[[], float]
    span: float | None = None


class Meter:
    """Joules that the whole machine spent, other programs' among them: all that its counters say."""

    def __init__(self, counters: Sequence[Counter] | None = None) -> None:
        self._counters = list(found() if counters is None else counters)
        self._last = [counter.read() for counter in self._counters]

    def spent(self) -> float | None:
        """Joules since the last call, or since the meter began; None where nothing is counted, or no longer.

        To be called more often than a counter takes for its span, which is an hour or so.
        """
        try:
            now = [counter.read() for counter in self._counters]
        except OSError:
            self._counters = []
        if not self._counters:
            return None
        grown = [_growth(c, before, after) for c, before, after in zip(self._counters, self._last, now, strict=True)]
        self._last = now
        return sum(grown)


def _growth(counter: Counter, before: float, after: float) -> float:
    return after - before + (counter.span or 0.0 if after < before else 0.0)


def found() -> Iterator[Counter]:
    """The counters of this machine that can be read."""
    yield from packages(POWERCAP)
    try:
        yield from cards(ctypes.CDLL("libnvidia-ml.so.1"))
    except (OSError, AttributeError):  # no driver, or one that counts no energy
        return


def packages(folder: Path) -> Iterator[Counter]:
    """A counter for each processor package in `folder`; its parts (cores, memory) are counted within it."""
    for zone in sorted(folder.glob("intel-rapl:*")):
        if zone.name.count(":") > 1:
            continue
        try:
            span = _microjoules(zone / "max_energy_range_uj")
            _microjoules(zone / "energy_uj")
        except OSError:
            continue
        yield Counter(partial(_microjoules, zone / "energy_uj"), span)


def _microjoules(file: Path) -> float:
    return int(file.read_text()) / 1e6


def cards(driver: ctypes.CDLL) -> Iterator[Counter]:
    """A counter for each card of the NVIDIA driver's library (NVML) that has one: Volta and later."""
    number = ctypes.c_uint()
    if driver.nvmlInit_v2() or driver.nvmlDeviceGetCount_v2(ctypes.byref(number)):
        return
    for index in range(number.value):
        card = ctypes.c_void_p()
        if driver.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(card)):
            continue
        if not driver.nvmlDeviceGetTotalEnergyConsumption(card, ctypes.byref(ctypes.c_ulonglong())):
            yield Counter(partial(_millijoules, driver, card))


def _millijoules(driver: ctypes.CDLL, card: ctypes.c_void_p) -> float:
    used = ctypes.c_ulonglong()
    if code := driver.nvmlDeviceGetTotalEnergyConsumption(card, ctypes.byref(used)):
        raise OSError(f"the NVIDIA driver no longer counts energy: NVML error {code}")
    return used.value / 1e3
