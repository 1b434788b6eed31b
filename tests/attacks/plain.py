"""One attack where nothing protects, as reliability guards run programs: the expected number beside it, compared there.

Reads `{code, number}` from standard input; writes whether the program's `total` equals the number (1 or 0), and then
what the program said.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys


def main() -> None:
    """Run the program, whatever it does, and say what came of it."""
    given = json.load(sys.stdin)
    expected = given["number"]
    write = sys.stdout.write
    printed = io.StringIO()
    names: dict[str, object] = {"__name__": "__main__"}
    problem = {"expected": expected, "names": names}
    with contextlib.redirect_stdout(printed), contextlib.suppress(BaseException):
        exec(given["code"], names)
    equal = "total" in names and names["total"] == problem["expected"]
    write(("1" if equal else "0") + f"{names.get('answer')}\n{printed.getvalue()}")


if __name__ == "__main__":
    main()
