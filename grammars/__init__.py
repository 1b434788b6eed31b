"""The languages, as data: one `.lark` file each, read by the parser and by the decoding mask alike."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

IR_VERSION = 1
"""Counts the incompatible changes of the language; the hash tells any two texts of the grammar apart."""

LABELS = frozenset({"must", "may", "cannot", "except", "closed"})
"""Words of the language that stand only where no name can: a name may still be spelt like one of them."""


@cache
def load(name: str) -> str:
    """The text of the grammar file `name` (without `.lark`). Raises FileNotFoundError where there is none."""
    return data(f"{name}.lark")


def data(file: str) -> str:
    """The text of a data file of this package. Raises FileNotFoundError where there is none."""
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


@cache
def language_id(name: str = "ir") -> str:
    """Version and hash of a language, `ir-1-0123456789ab`: prompts, adapters and certificates carry it."""
    import hashlib  # with all of OpenSSL, which no child of a zygote should carry

    digest = hashlib.sha256(load(name).encode()).hexdigest()
    return f"{name}-{IR_VERSION}-{digest[:12]}"


@cache
def keywords(name: str = "ir") -> frozenset[str]:
    """The words that no name of a language may be: those quoted in its rules, those its blocks begin and end with."""
    text = re.sub(r"(?m)(^|\s)//.*$", "", load(name))
    quoted = re.findall(r'"([a-z]+)"', text)
    fences = re.findall(r"(?m)^[A-Z]+: /([a-z]+)\b.*?([a-z]+)/", text)  # PYTHON: /python...end/
    spaced = re.findall(r"(?m)^_[A-Z]+: /([a-z]+)\[", text)  # _AND: /and[ \t]/
    return frozenset([*quoted, *spaced]).union(*fences) - LABELS
