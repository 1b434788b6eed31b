"""What a Python block declares: the names it assigns, found without running it."""

from __future__ import annotations

import ast
import warnings

ANSWERS = "answer", "ans"
"""The variables in which a Python program leaves its answer, the first that it has ..."""
SOLUTIONS = "solution", "solver"
"""... or else the functions that return it."""


def assigned_names(code: str) -> dict[str, int]:
    """The names that a Python block assigns at its top level, with the line (from 1) where each first is.

    Nothing is run. Raises SyntaxError where `code` is not Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the author's escapes and literals are not our warnings
        try:
            module = ast.parse(code)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "it nests too deep") from None
    names: dict[str, int] = {}
    todo: list[ast.AST] = list(reversed(module.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.comprehension):
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not node.id.startswith("_"):
            names.setdefault(node.id, node.lineno)
        todo.extend(reversed(list(ast.iter_child_nodes(node))))
    return names
