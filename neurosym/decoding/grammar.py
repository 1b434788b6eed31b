"""The shipped grammar in llguidance's words: the same text, plus what Lark is told by its caller."""

from __future__ import annotations

import re
from collections.abc import Collection

_NAME = re.compile(r"(?m)^NAME: /[^/\n]+/")
_SKIP_FIRST = '%llguidance {"allow_initial_skip": true}\n'


def to_llguidance(lark_text: str, reserved: Collection[str]) -> str:
    """Translate a `.lark` file of ours for llguidance 1.9.

    Two things differ between the engines. Lark refuses the words `reserved` as names by a callback on its lexer;
    here they are subtracted from the terminal NAME. Lark ignores what `%ignore` names before the first token too;
    llguidance must be told to. Raises ValueError where the text has not exactly one NAME.
    """
    subtract = f" & ~/({'|'.join(sorted(reserved))})/" if reserved else ""
    text, found = _NAME.subn(lambda m: m[0] + subtract, lark_text)
    if found != 1:
        raise ValueError(f"a grammar needs one terminal `NAME: /.../` on a line of its own, this one has {found}")
    return _SKIP_FIRST + text
