"""Tree → text: every tree has one canonical text, and reading that text gives the tree back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from neurosym.grammars import keywords
from neurosym.language import tree as t
from neurosym.language.bounds import PLAIN_NAME


def show(program: t.Program) -> str:
    """The canonical text of a program, one statement a line, notes kept."""
    return "".join(show_statement(s) + "\n" for s in program.statements)


def show_statement(statement: t.Statement) -> str:
    """One statement without its newline; a Python block spans several lines."""
    if isinstance(statement, t.Python):
        body = "\n".join(f"    {line}" if line else "" for line in statement.code.split("\n"))
        return f"python{_note(statement)}\n{body}\nend"
    return _plain(statement) + _note(statement)


def _note(statement: t.Statement) -> str:
    return f"  # {statement.note}" if statement.note else ""


def _plain(s: t.Statement) -> str:
    match s:
        case t.Let():
            return f"let {name(s.name)}{_typed(s.type)} = {show_expr(s.value)}"
        case t.Var():
            return f"var {_names(s.names)}: {show_type(s.type)}"
        case t.Sort(elements=None):
            return f"sort {name(s.name)}"
        case t.Sort(elements=t.Range() as range_):
            return f"sort {name(s.name)} = {show_type(range_)}"
        case t.Sort(elements=tuple(elements)):
            return f"sort {name(s.name)} = {{{_names(elements)}}}"
        case t.Const():
            return f"const {_names(s.names)}: {name(s.sort)}"
        case t.Fun():
            return f"fun {_signatures(s.signatures)}: {show_type(s.type)}"
        case t.Rel():
            return f"rel {_signatures(s.signatures)}" + (" closed" if s.closed else "")
        case t.Graph():
            word = "digraph" if s.directed else "graph"
            return f"{word} {_signatures((s.signature,))}{_typed(s.type)}"
        case t.Distinct():
            return f"distinct {_names(s.names)}"
        case t.Option():
            return f"option {s.label}: {show_expr(s.formula)}"
        case t.Goal():
            return f"{'maximize' if s.maximize else 'minimize'} {show_expr(s.objective)}"
        case t.Assertion():
            return show_expr(s.formula)
        case t.Ask():
            return "ask " + ", ".join(show_expr(e) for e in s.targets)
        case t.AskOption():
            return f"ask option {s.mode}".rstrip()
    raise AssertionError(f"no text for {type(s).__name__}")


def name(text: str) -> str:
    """A name as it is written: quoted where it is a keyword or has other characters than letters, digits, _."""
    return text if PLAIN_NAME.match(text) and text not in keywords("ir") else f'"{text}"'


def _names(names: Iterable[str]) -> str:
    return ", ".join(name(n) for n in names)


def _typed(type_: t.Type | None) -> str:
    return "" if type_ is None else f": {show_type(type_)}"


def show_type(type_: t.Type) -> str:
    """A unit, a sort's name or a range."""
    if isinstance(type_, t.Range):
        return f"{_bound(type_.low)}..{_bound(type_.high)}"
    above = [(n, e) for n, e in type_.factors if e > 0]
    below = [(n, -e) for n, e in type_.factors if e < 0]
    return "/".join(["*".join(_power(f) for f in above), *(_power(f) for f in below)])


def _power(factor: tuple[str, int]) -> str:
    base, exponent = factor
    return name(base) if exponent == 1 else f"{name(base)}^{exponent}"


def _bound(bound: int | str) -> str:
    return str(bound) if isinstance(bound, int) else name(bound)


def _domain(domain: t.Domain) -> str:
    return name(domain) if isinstance(domain, str) else show_type(domain)


def _signatures(signatures: Iterable[t.Signature]) -> str:
    return ", ".join(f"{name(s.name)}({', '.join(_domain(d) for d in s.domains)})" for s in signatures)


def show_binder(binder: t.Binder) -> str:
    """`x, y: bird`."""
    return f"{_names(binder.names)}: {_domain(binder.domain)}"


# How tightly each form binds; an operand that binds less tightly than its place asks for is put in parentheses.
_OPEN, _IFF, _IMPLIES, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(12)
_LEVEL: Mapping[t.BinaryOp, int] = {
    t.BinaryOp.IFF: _IFF,
    t.BinaryOp.IMPLIES: _IMPLIES,
    t.BinaryOp.OR: _OR,
    t.BinaryOp.XOR: _OR,
    t.BinaryOp.AND: _AND,
    t.BinaryOp.ADD: _SUM,
    t.BinaryOp.SUB: _SUM,
    t.BinaryOp.MUL: _PRODUCT,
    t.BinaryOp.DIV: _PRODUCT,
    t.BinaryOp.MOD: _PRODUCT,
    t.BinaryOp.POW: _POWER,
}
_TIGHT = frozenset({t.BinaryOp.MUL, t.BinaryOp.DIV, t.BinaryOp.POW})


def show_expr(expr: t.Expr) -> str:
    """The canonical text of an expression, with the fewest parentheses."""
    return _show(expr, _OPEN)


def _show(expr: t.Expr, least: int) -> str:
    text, level = _text(expr)
    return text if level >= least else f"({text})"


def _text(e: t.Expr) -> tuple[str, int]:
    """The text of `e` and how tightly it binds."""
    match e:
        case t.Number():
            return _number(e), _ATOM
        case t.Truth():
            return ("true" if e.value else "false"), _ATOM
        case t.Name():
            return name(e.id), _ATOM
        case t.Call():
            args = (show_binder(a) if isinstance(a, t.Binder) else show_expr(a) for a in e.args)
            head = e.function if e.function == "distinct" else name(e.function)
            return f"{head}({', '.join(args)})", _ATOM
        case t.SetOf():
            return "{" + ", ".join(show_expr(x) for x in e.elements) + "}", _ATOM
        case t.ListOf():
            return "[" + ", ".join(show_expr(x) for x in e.elements) + "]", _ATOM
        case t.Unary(op=t.UnaryOp.NEG):
            return f"-{_show(e.operand, _UNARY)}", _UNARY
        case t.Unary():
            return f"not {_show(e.operand, _NOT)}", _NOT
        case t.Compare():
            rest = "".join(f" {op} {_show(right, _SUM)}" for op, right in e.rest)
            return _show(e.first, _SUM) + rest, _COMPARE
        case t.Quantified():
            binders = ", ".join(show_binder(b) for b in e.binders)
            return f"{e.quantifier} {binders}. {show_expr(e.body)}", _OPEN
        case t.Conditional():
            return f"if {show_expr(e.condition)} then {show_expr(e.yes)} else {show_expr(e.no)}", _OPEN
        case t.Binary():
            return _binary(e)


def _binary(e: t.Binary) -> tuple[str, int]:
    level = _LEVEL[e.op]
    left, right = level, level + 1  # operators associate to the left, but
    if e.op is t.BinaryOp.IMPLIES:
        left, right = level + 1, level  # a -> b -> c is a -> (b -> c),
    elif e.op is t.BinaryOp.IFF:
        left, right = level + 1, level + 1  # <=> does not chain,
    elif e.op is t.BinaryOp.POW:
        left, right = _ATOM, _UNARY  # and the exponent may be signed: 2^-x, 2^3^4 is 2^(3^4)
    space = "" if e.op in _TIGHT else " "
    return f"{_show(e.left, left)}{space}{e.op}{space}{_show(e.right, right)}", level


def _number(n: t.Number) -> str:
    if n.percent:
        return f"{decimal(n.value * 100)}%"
    return decimal(n.value) + (f" [{show_type(n.unit)}]" if n.unit else "")


def decimal(value: Fraction) -> str:
    """A terminating decimal, exactly. Raises ValueError where `value` has no such text (1/3)."""
    places = 0
    rest = value.denominator
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        places = max(places, power)
    if rest != 1:
        raise ValueError(f"{value} is not a terminating decimal")
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{whole}" if value < 0 else whole
