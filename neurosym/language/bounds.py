"""How much a text of the language may hold and which names need no quotes: apart, for who writes it and never reads."""

from __future__ import annotations

import re

MAX_CHARACTERS = 30_000
MAX_DEPTH = 100
MAX_DIGITS = 4_300  # what Python converts at most, and every number of `evaluate` has fewer

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
"""A name that needs no quotes, unless it is a keyword."""
