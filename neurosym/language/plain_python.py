"""Which Python programs are plain: they count, loop and print, and mean the same to every interpreter of the language.

A list of what is allowed, not of what is not. What interpreters do differently is left out: rounding, sets, the order
and keys of mappings, how numbers are written in formats, reading numbers from text, what errors say, and all of the
library but a few functions of `math` that are exact.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from neurosym.language.assigned import ANSWERS, SOLUTIONS

_FUNCTIONS = {
    "abs", "all", "any", "enumerate", "float", "int", "len", "list", "max", "min", "print", "range", "sorted", "tuple",
    "zip",
}  # fmt: skip
if sys.version_info < (3, 12):
    _FUNCTIONS.add("sum")  # of floats: later versions of Python compensate for rounding
_MATH = {"ceil", "comb", "factorial", "floor", "gcd", "pi", "sqrt"}
_LONG_NUMBER = re.compile(r"[0-9][0-9.]{15}")

_NODES = (
    ast.Module, ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Return, ast.Pass, ast.Break,
    ast.Continue, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.IfExp, ast.alias, ast.List, ast.Tuple, ast.ListComp,
    ast.GeneratorExp, ast.comprehension, ast.Subscript, ast.Slice, ast.arguments, ast.arg,
    ast.Load, ast.Store,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.UAdd, ast.USub, ast.Not, ast.And, ast.Or,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.Is, ast.IsNot,
)  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A plain program.

    source:   the program, and what ends with its answer as an expression.
    printed:  whether the answer is instead the last line that it prints.
    """

    source: str
    printed: bool


def plain(code: str) -> Plain | None:
    """The program as a plain one that says where its answer is, None where it is not plain or has none for sure."""
    if not code.isascii():  # lengths and digits of other scripts
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(code)
        return _Program(code, module).read()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_sure(printed: str) -> bool:
    """Whether any interpreter prints these numbers so.

    Up to 15 digits, one decimal alone is a float's shortest. With more, two may be as near, and interpreters differ.
    """
    return not _LONG_NUMBER.search(printed)


def _is_print(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


class _Program:
    """A program, its names, whether all that it is made of is plain, and where its answer is."""

    def __init__(self, code: str, module: ast.Module) -> None:
        self.code, self.module = code, module
        self.nodes = list(ast.walk(module))
        self.functions = {s.name for s in module.body if isinstance(s, ast.FunctionDef)}
        self.stored = {n.id for n in self.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.own = self.stored | self.functions | {n.arg for n in self.nodes if isinstance(n, ast.arg)}
        self.math = any(_imports_math(s) for s in module.body)
        self.printed = set(_within_print(self.nodes))

    def read(self) -> Plain | None:
        """By the conventions of `neurosym.solvers.python`, in their order; a name without a value will be an error."""
        if not self.is_plain():
            return None
        for name in ANSWERS:
            if name in self.stored:
                return Plain(f"{self.code}\n{name}", False)
        for name in SOLUTIONS:
            if name in self.functions:
                return Plain(f"{self.code}\n{name}()", False)
        expressions = [s.value for s in self.module.body if isinstance(s, ast.Expr)]
        last = self.module.body[-1] if self.module.body else None
        if isinstance(last, ast.Expr):
            return Plain(self.code, _is_print(last.value))
        return Plain(self.code, True) if any(map(_is_print, expressions)) else None

    def is_plain(self) -> bool:
        if self.stored & self.functions:
            return False
        if any(hasattr(builtins, name) or name.startswith("_") or name == "math" for name in self.own):
            return False
        texts = any(self.is_text(n) for n in self.nodes)
        reads = any(isinstance(n, ast.Name) and n.id in ("int", "float") for n in self.nodes)
        return not (texts and reads) and all(map(self.allowed, self.nodes))

    def is_text(self, node: ast.AST) -> bool:
        """Whether it is text that the program may do something with, other than print it."""
        return isinstance(node, ast.Constant) and type(node.value) is str and id(node) not in self.printed

    def allowed(self, node: ast.AST) -> bool:
        match node:
            case ast.Constant(value=value):
                return type(value) in (int, bool, type(None)) or _is_plain_text(value) or _is_finite(value)
            case ast.Name(id=name):
                return name in self.own or name in _FUNCTIONS or (name == "math" and self.math)
            case ast.Call(func=function, keywords=[]):
                return isinstance(function, ast.Attribute) or (
                    isinstance(function, ast.Name) and (function.id in self.functions or function.id in _FUNCTIONS)
                )
            case ast.Attribute(value=ast.Name(id="math"), attr=name):
                return name in _MATH
            case ast.Attribute(attr="append", value=ast.Name()):
                return True
            case ast.FunctionDef():
                return node in self.module.body and not node.decorator_list
            case ast.arguments():
                return not (node.vararg or node.kwarg or node.kwonlyargs or node.posonlyargs)
            case ast.comprehension():
                return not node.is_async
            case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=other)]):
                return other is None
            case ast.Compare(ops=operators):
                return not any(isinstance(operator, ast.Is | ast.IsNot) for operator in operators)
            case ast.JoinedStr():
                return id(node) in self.printed
            case ast.FormattedValue():
                return node.conversion == -1 and node.format_spec is None
            case ast.Import():
                return _imports_math(node)
        return isinstance(node, _NODES)


def _imports_math(node: ast.AST) -> bool:
    return isinstance(node, ast.Import) and [(a.name, a.asname) for a in node.names] == [("math", None)]


def _is_finite(value: object) -> bool:
    return type(value) is float and math.isfinite(value)


def _is_plain_text(value: object) -> bool:
    return type(value) is str and "%" not in value  # which formats numbers


def _within_print(nodes: list[ast.AST]) -> Iterator[int]:
    for node in nodes:
        if _is_print(node):
            yield from (id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)  # what a function says of itself
