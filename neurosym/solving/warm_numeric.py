"""As `warm`, for programs that compute with SymPy, Z3, NetworkX or (where it is installed) NumPy."""

from __future__ import annotations

from contextlib import suppress

import networkx  # noqa: F401
import sympy
import z3

from neurosym.solvers.python import prepare, run_program
from neurosym.solving import warm  # noqa: F401

with suppress(ImportError):
    import numpy  # noqa: F401

_x = sympy.Symbol("x")
sympy.solve(_x**2 - 3 * _x + 2, _x)
_solver = z3.Solver()
_solver.add(z3.Int("x") > 0)
_solver.check()
run_program({"code": "import sympy\nanswer = sympy.sqrt(2)"})  # whose text is read
prepare()
