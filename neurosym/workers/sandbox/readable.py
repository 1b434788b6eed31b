"""What a sandboxed interpreter must be able to read: its libraries, and no folder of the caller's."""

from __future__ import annotations

import os
import sys
import sysconfig
import zoneinfo
from collections.abc import Iterable, Iterator

_LINKER_CACHE = "/etc/ld.so.cache"


def readable(*more: str) -> tuple[str, ...]:
    """The files and folders, none within another, under the names that programs use and under their real ones.

    They are `more` and the standard library, the folders of installed packages, the packages that are imported already
    from anywhere else (not the folders that these are in: a caller's data may lie beside them), the folders of shared
    libraries, and the time zones.
    """
    named = [
        *_of_the_interpreter(),
        *_imported_packages(),
        *_shared_libraries(),
        *zoneinfo.TZPATH,
        _LINKER_CACHE,
        *more,
    ]
    return _outermost(path for name in named for path in (name, os.path.realpath(name)))


def importable() -> list[str]:
    """The part of `sys.path` that lies within the interpreter, but for the folder of programs, which scripts add."""
    prefixes = tuple(f"{os.path.realpath(prefix)}/" for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix))
    programs = {os.path.realpath(place) for place in (sysconfig.get_path("scripts"), os.path.dirname(sys.executable))}
    real = {place: os.path.realpath(place) for place in sys.path}
    return [place for place in sys.path if real[place].startswith(prefixes) and real[place] not in programs]


def _of_the_interpreter() -> Iterator[str]:
    yield from (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from importable()


def _imported_packages() -> Iterator[str]:
    for name, module in list(sys.modules.items()):
        places = getattr(module, "__path__", None)  # some modules answer to any name with an object of theirs
        if getattr(module, "__file__", None) and isinstance(places, list) and name != "__main__":
            yield from places  # but a namespace package, which has no file, may be anybody's folder


def _shared_libraries() -> set[str]:
    """The folders of the libraries that this process has loaded, other than Python's modules."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            files = {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if line.count("/") > 1}
    except (FileNotFoundError, IndexError):
        return set()
    modules = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return {os.path.dirname(file) for file in files - modules if ".so" in os.path.basename(file)}


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    there = {os.path.normpath(path) for path in paths if os.path.isabs(path) and os.path.exists(path)}
    for path in sorted(there, key=lambda path: path.split("/")):
        if not kept or not path.startswith(f"{kept[-1]}/"):
            kept.append(path)
    return tuple(kept)
