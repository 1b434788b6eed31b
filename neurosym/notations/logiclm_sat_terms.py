"""Expressions of Logic-LM's Z3-like dialect → ours, with the kinds that tell what a slip must have meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from neurosym.language import tree as t
from neurosym.language.diagnostic import Span
from neurosym.notations.expressions import ARITHMETIC, COMPARE, free, guarded, join, negation, number
from neurosym.notations.logiclm_nodes import parts_of, span, sum_of, words
from neurosym.notations.logiclm_sorts import (
    NUMBER,
    TRUTH,
    Declared,
    Place,
    Settled,
    Sorts,
    literal,
)
from neurosym.notations.parsing import Line, Mends, Parsed, refuse


class Again(Exception):
    """The sorts are not what they seemed: everything has to be lowered anew."""


@dataclass(frozen=True)
class Term:
    """A lowered expression and its kind: NUMBER, TRUTH, a sort's name, or None where it cannot be told."""

    e: t.Expr
    kind: str | None


@dataclass
class Scope:
    """What is known where an expression stands: bound variables, and which values must be within their domains."""

    bound: Mapping[str, Place] = field(default_factory=dict)
    guards: list[t.Expr] = field(default_factory=list)


class Terms:
    """Lowers the expressions of one program, whose declarations are known. Raises ProgramError, Again."""

    def __init__(self, sorts: Sorts, functions: dict[str, Declared], variables: frozenset[str], mends: Mends) -> None:
        self.sorts, self.functions, self.mends = sorts, functions, mends
        self.variables = variables
        """Every name that is bound somewhere: none of them is a constant that was not declared."""
        self.settled: Settled = sorts.settle()
        self.straight: set[str] = set()
        """The functions of one argument that are applied to what they are defined for ..."""
        self.reverse: dict[str, Span] = {}
        """... and those that are applied to what should be their values, and where."""
        taken = {*self.settled.kinds, *self.settled.places}
        self.renamed = {name: free(name, taken) for name in functions}
        self._places: dict[str, tuple[list[Place], Place | None]] = {}

    def place(self, names: Sequence[str], at: Span) -> Place:
        """Where the values of a sum of enumerations come from; a lone plural or singular slip is mended."""
        known = self.settled.places
        mended = []
        for name in names:
            near = [name] if name in known else [k for k in known if name == f"{k}s" or k == f"{name}s"]
            if len(near) == 1 and near != [name]:
                self.mends.add("sort-name", f"{name!r} is not declared, {near[0]!r} is", at)
            mended.append(near[0] if len(near) == 1 else name)
        return self.settled.place(mended, at)

    def places_of(self, function: Declared) -> tuple[list[Place], Place | None]:
        """Where a function's arguments and results come from; None for the results of a relation."""
        if function.name not in self._places:
            at = function.span
            result = None if function.result == ("bool",) else self.place(function.result, at)
            self._places[function.name] = [self.place(d, at) for d in function.domains], result
        return self._places[function.name]

    def declaration(self, function: Declared) -> Iterator[t.Statement]:
        """The statements that declare a function."""
        places, result = self.places_of(function)
        name, at = self.renamed[function.name], function.span
        if not places:
            type_ = t.Unit((("bool", 1),)) if result is None else result.type
            yield t.Var((name,), type_, span=at)
            return
        signature = t.Signature(name, tuple(p.domain for p in places), span=at)
        if result is None:
            yield t.Rel((signature,), span=at)
            return
        yield t.Fun((signature,), result.type, span=at)
        variables = [t.Name(f"x{k}", span=at) for k in range(1, len(places) + 1)]
        meant = result.holds(t.Call(name, tuple(variables), span=at))
        if meant is not None:
            binders = tuple(t.Binder((v.id,), p.domain, span=at) for v, p in zip(variables, places, strict=True))
            yield t.Assertion(t.Quantified(t.Quantifier.FORALL, binders, meant, span=at), span=at)

    def formula(self, node: Parsed, line: Line, scope: Scope | None = None) -> t.Expr:
        """Lower what should be a formula; whether it is one is for the checker to tell."""
        return self.term(node, line, scope or Scope()).e

    # --- expressions ------------------------------------------------------------------------------------------

    def term(self, node: Parsed, line: Line, scope: Scope, wanted: Place | None = None) -> Term:
        """Lower one expression; `wanted` is where its values should come from, if that is known."""
        at = span(node, line)
        parts: list[Any] = list(node.children)
        match node.data:
            case "number":
                return Term(number(str(parts[0]), at), NUMBER)
            case "name" | "phrase" | "string":
                return self.name(words(node), at, scope, wanted)
            case "group":
                return self.term(parts[0], line, scope, wanted)
            case "neg_":
                return Term(t.Unary(t.UnaryOp.NEG, self.numeric(parts[0], line, scope), span=at), NUMBER)
            case "not_":
                return Term(t.Unary(t.UnaryOp.NOT, self.formula(parts[0], line, scope), span=at), TRUTH)
            case "conj" | "disj" | "imp":
                op = {"conj": t.BinaryOp.AND, "disj": t.BinaryOp.OR, "imp": t.BinaryOp.IMPLIES}[node.data]
                left, right = (self.formula(p, line, scope) for p in parts)
                return Term(t.Binary(op, left, right, span=at), TRUTH)
            case "compare":
                return Term(self.compare(parts, line, scope, at), TRUTH)
            case "call":
                return self.call(str(parts[0]), parts_of(node), line, scope, at)
            case "add" | "sub" | "mul" | "div" | "mod":
                left, right = (self.numeric(p, line, scope) for p in parts)
                return Term(t.Binary(ARITHMETIC[node.data], left, right, span=at), NUMBER)
        raise refuse("syntax", f"this stands for no value here: {line.text[at.column - 1 : at.end_column - 1]!r}", at)

    def name(self, name: str, at: Span, scope: Scope, wanted: Place | None) -> Term:
        """A bound variable, an element, a truth value, or an element that its enumeration lacks."""
        if name in scope.bound:
            return Term(t.Name(name, span=at), scope.bound[name].kind)
        if name in self.settled.kinds:
            return Term(t.Name(name, span=at), self.settled.kinds[name])
        if name in self.functions and not self.functions[name].domains:
            result = self.places_of(self.functions[name])[1]
            return Term(t.Name(self.renamed[name], span=at), TRUTH if result is None else result.kind)
        if name.lower() in ("true", "false"):
            return Term(t.Truth(name.lower() == "true", span=at), TRUTH)
        unknown = name not in self.variables and name not in self.functions and name not in self.settled.places
        if wanted is not None and unknown and name != "_":
            self.supply(name, wanted)
        return Term(t.Name(name, span=at), None)

    def supply(self, name: str, wanted: Place) -> None:
        """Add an element that only one enumeration can lack. Raises Again."""
        lacking = [n for n, p in self.settled.places.items() if p == wanted and p.kind not in (NUMBER, TRUTH)]
        if len(lacking) == 1:
            self.sorts.added.setdefault(lacking[0], []).append(name)
            raise Again

    def numeric(self, node: Parsed, line: Line, scope: Scope) -> t.Expr:
        """Lower what is computed with; an enumeration of words is then ordered."""
        term = self.term(node, line, scope)
        self.order(term.kind)
        return term.e

    def order(self, kind: str | None) -> None:
        """Have the elements of a sort be numbers. Raises Again where they are not yet."""
        if kind in self.settled.ordered:
            return
        element = next((e for e, k in self.settled.kinds.items() if k == kind), None)
        if element is not None:
            self.sorts.ordered.add(element)
            raise Again

    # --- comparisons ------------------------------------------------------------------------------------------

    def compare(self, parts: list[Any], line: Line, scope: Scope, at: Span) -> t.Expr:
        """A chain; one that tests membership is split into its pairs."""
        sides, ops = parts[::2], [op.data for op in parts[1::2]]
        if "member" in ops or "not_member" in ops:
            pairs = zip(sides, ops, sides[1:], strict=False)
            return join(t.BinaryOp.AND, [self._pair(a, op, b, line, scope, at) for a, op, b in pairs], at)
        if "eq_slip" in ops:
            self.mends.add("equals", "`=` compares here", at, "==")
        terms = self.alike(sides, line, scope)
        if any(COMPARE[op.removesuffix("_slip")] not in (t.CompareOp.EQ, t.CompareOp.NE) for op in ops):
            for term in terms:
                self.order(term.kind)
        self.one_sort([x.kind for x in terms], at)
        terms = self.as_truths(terms, at)
        rest = tuple((COMPARE[op.removesuffix("_slip")], x.e) for op, x in zip(ops, terms[1:], strict=True))
        return t.Compare(terms[0].e, rest, span=at)

    def alike(self, sides: Iterable[Parsed], line: Line, scope: Scope) -> list[Term]:
        """Terms of one kind: a name that is not declared is taken for an element of the others' sort."""
        sides = list(sides)
        terms = [self.term(s, line, scope) for s in sides]
        kinds = {x.kind for x in terms if x.kind is not None}
        if len(kinds) == 1 and any(x.kind is None for x in terms):
            whole = [p for p in self.settled.places.values() if p.kind in kinds and p.part is None]
            if whole:
                terms = [self.term(s, line, scope, whole[0]) for s in sides]
        return terms

    def one_sort(self, kinds: Iterable[str | None], at: Span) -> None:
        """Refuse what the checker cannot: elements of an ordered sort, numbers to it, beside those of another."""
        named = {k for k in kinds if k not in (None, NUMBER, TRUTH)}
        if len(named) > 1 and named & self.settled.ordered:
            raise refuse("kind", f"elements of {' and of '.join(sorted(map(str, named)))} stand for each other", at)

    def as_truths(self, terms: list[Term], at: Span) -> list[Term]:
        """Where a formula is compared with 1 or 0, these are true and false."""
        if {x.kind for x in terms} != {TRUTH, NUMBER}:
            return terms
        if not all(x.kind == TRUTH or (isinstance(x.e, t.Number) and x.e.value in (0, 1)) for x in terms):
            return terms
        self.mends.add("truth", "a formula is compared with a number", at, "1 is true, 0 is false")
        return [Term(t.Truth(x.e.value == 1, span=x.e.span), TRUTH) if isinstance(x.e, t.Number) else x for x in terms]

    def _pair(self, left: Parsed, op: str, right: Parsed, line: Line, scope: Scope, at: Span) -> t.Expr:
        if op not in ("member", "not_member"):
            terms = self.alike((left, right), line, scope)
            return t.Compare(terms[0].e, ((COMPARE[op.removesuffix("_slip")], terms[1].e),), span=at)
        x = self.term(left, line, scope)
        if right.data == "list":
            elements = tuple(self.alike((left, p), line, scope)[1].e for p in parts_of(right))
            found: t.Expr = t.Call("member", (x.e, t.SetOf(elements, span=at)), span=at)
        else:
            place = self.place(sum_of(right, span(right, line)), span(right, line))
            found = place.holds(x.e) or self.inside(x.e, place) or t.Compare(x.e, ((t.CompareOp.EQ, x.e),), span=at)
        return negation(found) if op == "not_member" else found

    def inside(self, e: t.Expr, place: Place) -> t.Expr | None:
        """low ≤ e ≤ high, None where the place is no range."""
        if not isinstance(place.domain, t.Range):
            return None
        low, high = (literal(Fraction(v), e.span) for v in (place.domain.low, place.domain.high))
        return t.Compare(low, ((t.CompareOp.LE, e), (t.CompareOp.LE, high)), span=e.span)

    # --- calls ------------------------------------------------------------------------------------------------

    def call(self, name: str, args: list[Parsed], line: Line, scope: Scope, at: Span) -> Term:
        """A declared function, a connective, a quantifier or an aggregate."""
        if name in self.functions:
            return self.apply(self.functions[name], args, line, scope, at)
        plain = name.lower().replace("_", "")
        if plain in ("forall", "exists", "count", "sum", "distinct", "atleast", "atmost", "exactly"):
            return self.binding(plain, args, line, scope, at)
        if plain in ("and", "or", "not", "implies", "xor", "iff"):
            return Term(self._connective(plain, [self.formula(a, line, scope) for a in args], at), TRUTH)
        if plain == "if" and len(args) == 3:
            yes, no = self.alike(args[1:], line, scope)
            return Term(t.Conditional(self.formula(args[0], line, scope), yes.e, no.e, span=at), yes.kind)
        if plain in ("abs", "min", "max"):
            return Term(t.Call(plain, tuple(self.numeric(a, line, scope) for a in args), span=at), NUMBER)
        raise refuse("unknown-function", f"{name!r} is not declared", at, f"{name} = Function([...] -> [bool])")

    def _connective(self, name: str, args: list[t.Expr], at: Span) -> t.Expr:
        if name in ("and", "or") and args:
            return join(t.BinaryOp.AND if name == "and" else t.BinaryOp.OR, args, at)
        if name == "not" and len(args) == 1:
            return t.Unary(t.UnaryOp.NOT, args[0], span=at)
        if name in ("implies", "xor", "iff") and len(args) == 2:
            op = {"implies": t.BinaryOp.IMPLIES, "xor": t.BinaryOp.XOR, "iff": t.BinaryOp.IFF}[name]
            return t.Binary(op, args[0], args[1], span=at)
        raise refuse("arity", f"`{name}` does not take {len(args)} arguments", at)

    def settle_directions(self) -> None:
        """Turn the functions that are only ever applied to what should be their values, declared the wrong way round.

        Raises Again where there are any, ProgramError for one that is applied both ways.
        """
        for name, at in self.reverse.items():
            if name in self.straight or name in self.sorts.turned:
                raise refuse("kind", f"{name!r} is applied to its own values as well", at, "declare one for each way")
            declared = self.functions[name]
            self.functions[name] = replace(declared, domains=(declared.result,), result=declared.domains[0])
            self.sorts.turned[name] = declared.span
        if self.reverse:
            raise Again

    def apply(self, function: Declared, args: list[Parsed], line: Line, scope: Scope, at: Span) -> Term:
        """A declared function; within a quantifier, arguments that are computed must be in its domain."""
        places, result = self.places_of(function)
        terms = []
        for i, arg in enumerate(args):
            wanted = places[i] if i < len(places) else None
            term = self.term(arg, line, scope, wanted)
            if len(args) == len(places) == 1 and result is not None and places[0].kind != result.kind:
                if term.kind == result.kind:
                    self.reverse.setdefault(function.name, at)
                    return Term(t.Call(self.renamed[function.name], (term.e,), span=at), places[0].kind)
                self.straight |= {function.name} if term.kind == places[0].kind else set()
            if wanted is not None:
                self.one_sort((wanted.kind, term.kind), at)
                if wanted.kind == NUMBER and term.kind in self.settled.ordered:
                    raise refuse("kind", f"{function.name!r} takes a number, this is an element of {term.kind}", at)
            if wanted is not None and isinstance(term.e, t.Binary) and scope.bound.keys() & _names(term.e):
                within = self.inside(term.e, wanted)
                if within is not None:
                    self.mends.add("range", "what is computed can be beyond the domain", at, "meant where it is within")
                    scope.guards.append(within)
            terms.append(term.e)
        return Term(
            t.Call(self.renamed[function.name], tuple(terms), span=at), TRUTH if result is None else result.kind
        )

    def binding(self, name: str, args: list[Parsed], line: Line, scope: Scope, at: Span) -> Term:
        """What binds variables: quantifiers, Count, Sum, Distinct, AtLeast, AtMost."""
        binders: list[tuple[str, Place]] = []
        others: list[Parsed] = []
        for arg in args:
            listed = parts_of(arg) if arg.data == "list" else [arg]
            if listed and listed[-1].data == "binder" and all(b.data in ("binder", "name") for b in listed):
                binders += self.bind(listed, line)
            elif arg.data == "list" and name == "distinct":
                others += listed
            else:
                others.append(arg)
        bound = [t.Binder((n,), p.domain, span=at) for n, p in binders]
        inner = Scope({**scope.bound, **dict(binders)})
        guards = [g for n, p in binders if (g := p.holds(t.Name(n, span=at))) is not None]
        if name in ("atleast", "atmost", "exactly"):
            return Term(self.threshold(name, bound, guards, others, line, inner, at), TRUTH)
        if name == "distinct" and not binders:
            return Term(t.Call("distinct", tuple(x.e for x in self.alike(others, line, scope)), span=at), TRUTH)
        if not binders or not others or (len(others) > 1 and name in ("sum", "distinct")):
            raise refuse("binder", f"`{name}` takes bound variables and one body", at, "ForAll([x:sort], ...)")
        if name in ("sum", "distinct"):
            body = self.term(others[0], line, inner)
            guards += inner.guards
            if name == "sum":
                return Term(_sum(bound, guards, body.e, at), NUMBER)
            if body.kind == TRUTH:
                raise refuse("kind", "`Distinct` compares values, not formulas", at)
            return Term(_pairwise(binders, bound, guards, body.e, at), TRUTH)
        formula = join(t.BinaryOp.AND, [self.formula(o, line, inner) for o in others], at)
        guards += inner.guards
        if name == "count":
            counted = guarded(t.Quantifier.EXISTS, guards, formula)
            return Term(t.Call("count", (*bound, counted), span=at), NUMBER)
        quantifier = t.Quantifier(name)
        return Term(t.Quantified(quantifier, tuple(bound), guarded(quantifier, guards, formula), span=at), TRUTH)

    def bind(self, listed: Sequence[Parsed], line: Line) -> list[tuple[str, Place]]:
        """`x:sort, y:sort`, in which `x, y:sort` says the same."""
        bound: list[tuple[str, Place]] = []
        for node in reversed(listed):
            parts: list[Any] = list(node.children)
            at = span(node, line)
            bound.insert(0, (str(parts[0]), self.place(sum_of(parts[1], at), at) if len(parts) > 1 else bound[0][1]))
        return bound

    def threshold(
        self,
        name: str,
        bound: list[t.Binder],
        guards: list[t.Expr],
        others: list[Parsed],
        line: Line,
        inner: Scope,
        at: Span,
    ) -> t.Expr:
        """AtLeast(2, [x:sort], F): the number may stand before or after."""
        numbers = [o for o in others if o.data == "number"]
        formulas = [o for o in others if o.data != "number"]
        if not bound or len(numbers) != 1 or len(formulas) != 1:
            raise refuse("arity", f"`{name}` takes a number, bound variables and a formula", at)
        formula = self.formula(formulas[0], line, inner)
        counted = guarded(t.Quantifier.EXISTS, [*guards, *inner.guards], formula)
        op = {"atleast": t.CompareOp.GE, "atmost": t.CompareOp.LE, "exactly": t.CompareOp.EQ}[name]
        limit = number(str(numbers[0].children[0]), at)
        return t.Compare(t.Call("count", (*bound, counted), span=at), ((op, limit),), span=at)


def _names(e: t.Expr) -> set[str]:
    return {n.id for n in t.walk(e) if isinstance(n, t.Name)}


def _sum(bound: Sequence[t.Binder], guards: Sequence[t.Expr], body: t.Expr, at: Span) -> t.Expr:
    if guards:
        body = t.Conditional(join(t.BinaryOp.AND, guards, at), body, t.Number(Fraction(0)), span=at)
    return t.Call("sum", (*bound, body), span=at)


def _pairwise(
    binders: Sequence[tuple[str, Place]], bound: Sequence[t.Binder], guards: Sequence[t.Expr], body: t.Expr, at: Span
) -> t.Expr:
    """That `body` differs wherever the bound variables do."""
    taken = {n.id for e in (body, *guards) for n in t.walk(e) if isinstance(n, t.Name)} | {n for n, _ in binders}
    others: dict[str, t.Expr] = {n: t.Name(free(f"{n}_other", taken), span=at) for n, _ in binders}
    different = [t.Compare(t.Name(n, span=at), ((t.CompareOp.NE, o),), span=at) for n, o in others.items()]
    conditions = [join(t.BinaryOp.OR, different, at), *guards, *(t.substitute(g, others) for g in guards)]
    differ = t.Compare(body, ((t.CompareOp.NE, t.substitute(body, others)),), span=at)
    renamed = [t.Binder((o.id,), b.domain, span=at) for o, b in zip(others.values(), bound, strict=True)]  # type: ignore[union-attr]
    return t.Quantified(
        t.Quantifier.FORALL, (*bound, *renamed), guarded(t.Quantifier.FORALL, conditions, differ), span=at
    )
