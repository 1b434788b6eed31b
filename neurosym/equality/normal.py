"""Exact normal forms of terms: quotients of polynomials over the rationals, in variables, roots and other atoms.

An atom is a variable, a prime under a root, pi, e, i, or what is not understood further (a sine, f(x)). Two terms with
the same form are equal wherever both are defined; they are proved different by their forms alone where only
independent atoms occur: roots of primes are linearly independent over the rationals (Besicovitch 1940), pi and e are
transcendental.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from neurosym.equality.atoms import UNIT, Atom, Monomial, Polynomial, content, factors, joined
from neurosym.language import tree as t
from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.symbols import Symbols
from neurosym.language.values import TooLarge, Undefined, arithmetic, bounded, number, power

MAX_TERMS = 400
MAX_STEPS = 40_000
"""Of one comparison: products of two monomials, weighted by their digits, and nodes calculated."""
MAX_DEGREE = 60
_EXACT = frozenset({"variable", "prime", "pi", "e", "i"})
_POSITIVE = frozenset({"prime", "number", "pi", "e"})
_CONSTANTS = {"pi": ("pi",), "e": ("e",), "i": ("i",)}
_EVALUATED = frozenset({"factorial", "binomial", "gcd", "lcm", "floor", "ceil", "abs", "min", "max"})
_SINES = {
    Fraction(0): (0, 1),
    Fraction(1, 6): (1, 4),
    Fraction(1, 4): (2, 4),
    Fraction(1, 3): (3, 4),
    Fraction(1, 2): (1, 1),
}
"""Turns of pi → the square of the sine, as a quotient."""


@dataclass(frozen=True)
class Form:
    """`above / below`; below is 1 unless it has several terms, and no polynomial here has a coefficient of 0."""

    above: Polynomial
    below: Polynomial

    @property
    def constant(self) -> Fraction | None:
        """Its value where it is a rational number."""
        if not self.above:
            return Fraction(0)
        return self.above.get(UNIT) if self.above.keys() == {UNIT} and self.below.keys() == {UNIT} else None

    @property
    def atoms(self) -> frozenset[Atom]:
        """All atoms in it."""
        return frozenset(a for p in (self.above, self.below) for m in p for a, _ in m)

    @property
    def variables(self) -> frozenset[str]:
        """The variables in it that are not within other atoms."""
        return frozenset(str(a[1]) for a in self.atoms if a[0] == "variable")

    @property
    def exact(self) -> bool:
        """Whether its atoms are independent, so that a form other than 0 is another number or function than 0."""
        kinds = {a[0] for a in self.atoms}
        return kinds <= _EXACT and not {"pi", "e"} <= kinds

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal forms, and hashable."""
        return frozenset(self.above.items()), frozenset(self.below.items())


class Work:
    """What one comparison may still spend: bounds do not depend on the machine, so verdicts repeat."""

    def __init__(self) -> None:
        self.steps = 0

    def spend(self, steps: int) -> None:
        """Count `steps`. Raises TooLarge once there are too many."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TooLarge("it takes too many steps")


def form(e: t.Expr, work: Work) -> Form:
    """The normal form of a term. Raises Undefined where it has no value, TooLarge where a bound was met."""
    return _Former(work).form(e)


def difference(left: t.Expr, right: t.Expr, work: Work) -> Form:
    """The numerator of `left - right`, over 1: it is empty where they are equal wherever both are defined."""
    former = _Former(work)
    return former.difference(former.form(left), former.form(right))


_ARITHMETIC = frozenset({t.BinaryOp.ADD, t.BinaryOp.SUB, t.BinaryOp.MUL, t.BinaryOp.DIV, t.BinaryOp.POW})


def ground(e: t.Expr) -> Fraction | None:
    """The value of sums, products and whole powers of numbers; None for others, or large ones. Raises Undefined."""
    match e:
        case t.Number():
            return e.value
        case t.Unary(op=t.UnaryOp.NEG):
            value = ground(e.operand)
            return None if value is None else -value
        case t.Binary() if e.op in _ARITHMETIC:
            left, right = ground(e.left), ground(e.right)
            if left is None or right is None or (e.op is t.BinaryOp.POW and right.denominator != 1):
                return None
            try:
                return arithmetic(e.op, left, right)
            except TooLarge:
                return None
    return None


def of(above: Polynomial) -> Form:
    """A polynomial as a form."""
    return Form(above, {UNIT: Fraction(1)})


def rational(value: Fraction) -> Form:
    """A number as a form."""
    return of({UNIT: value} if value else {})


class _Former:
    def __init__(self, work: Work) -> None:
        self.work = work

    # --- polynomials ---------------------------------------------------------------------------------------------

    def add(self, left: Polynomial, right: Polynomial, sign: int = 1) -> Polynomial:
        total = dict(left)
        for monomial, coefficient in right.items():
            value = bounded(total.get(monomial, Fraction(0)) + sign * coefficient)
            self.work.spend((value.numerator.bit_length() + value.denominator.bit_length()) // 64)
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
        if len(total) > MAX_TERMS:
            raise TooLarge("a polynomial has too many terms")
        return total

    def times(self, left: Polynomial, right: Polynomial) -> Polynomial:
        self.work.spend(len(left) * len(right))
        total: dict[Monomial, Fraction] = {}
        for a, p in left.items():
            for b, q in right.items():
                factor, monomial = joined((*a, *b))
                value = bounded(total.get(monomial, Fraction(0)) + bounded(p * q * factor))
                self.work.spend((value.numerator.bit_length() + value.denominator.bit_length()) // 64)
                if value:
                    total[monomial] = value
                else:
                    total.pop(monomial, None)
        if len(total) > MAX_TERMS:
            raise TooLarge("a polynomial has too many terms")
        return self.settled(total)

    def settled(self, p: Polynomial) -> Polynomial:
        """Whole powers of what is under a root, multiplied out."""
        if not any(a[0] == "root" and x >= 1 for m in p for a, x in m):
            return p
        total: Polynomial = {}
        for monomial, coefficient in p.items():
            kept, whole = [], []
            for atom, exponent in monomial:
                if atom[0] == "root" and exponent >= 1:
                    whole += [atom[1]] * math.floor(exponent)
                    exponent %= 1
                if exponent:
                    kept.append((atom, exponent))
            if len(whole) > MAX_DEGREE:
                raise TooLarge("a power of a root is too high")
            part: Polynomial = {frozenset(kept): coefficient}
            for base in whole:
                assert isinstance(base, frozenset)
                part = self.times(part, dict(base))
            total = self.add(total, part)
        return total

    # --- forms ---------------------------------------------------------------------------------------------------

    def quotient(self, above: Polynomial, below: Polynomial) -> Form:
        if not below:
            raise Undefined("it divides by zero")
        if len(below) == 1:
            ((monomial, coefficient),) = below.items()
            inverse = frozenset((a, -x) for a, x in monomial)
            factor, inverse = joined(inverse)
            return of(self.times(above, {inverse: factor / coefficient}))
        return Form(above, below)

    def sum(self, left: Form, right: Form, sign: int = 1) -> Form:
        if left.below == right.below:
            return self.quotient(self.add(left.above, right.above, sign), left.below)
        above = self.add(self.times(left.above, right.below), self.times(right.above, left.below), sign)
        return self.quotient(above, self.times(left.below, right.below))

    def product(self, left: Form, right: Form) -> Form:
        return self.quotient(self.times(left.above, right.above), self.times(left.below, right.below))

    def inverse(self, f: Form) -> Form:
        return self.quotient(f.below, f.above)

    def difference(self, left: Form, right: Form) -> Form:
        above = self.add(self.times(left.above, right.below), self.times(right.above, left.below), -1)
        lowest: dict[Atom, Fraction] = {}
        for monomial in above:
            for atom, exponent in monomial:
                if atom[0] == "root":
                    lowest[atom] = min(lowest.get(atom, Fraction(0)), exponent)
        clear = frozenset((a, Fraction(-math.floor(x))) for a, x in lowest.items() if x < 0)
        return of(self.times(above, {clear: Fraction(1)}) if clear else above)

    # --- terms ---------------------------------------------------------------------------------------------------

    def form(self, e: t.Expr) -> Form:
        self.work.spend(1)
        match e:
            case t.Number():
                return rational(bounded(e.value))
            case t.Name(id="oo"):
                raise Undefined("infinity is no number")
            case t.Name():
                return _atom(_CONSTANTS.get(e.id, ("variable", e.id)))
            case t.Unary(op=t.UnaryOp.NEG):
                return self.sum(rational(Fraction(0)), self.form(e.operand), -1)
            case t.Binary(op=t.BinaryOp.POW):
                return self.power(self.form(e.left), self.form(e.right))
            case t.Binary():
                left, right = self.form(e.left), self.form(e.right)
                match e.op:
                    case t.BinaryOp.ADD:
                        return self.sum(left, right)
                    case t.BinaryOp.SUB:
                        return self.sum(left, right, -1)
                    case t.BinaryOp.MUL:
                        return self.product(left, right)
                    case t.BinaryOp.DIV:
                        return self.product(left, self.inverse(right))
            case t.Call():
                return self.call(e.function, [self.form(a) for a in e.args if not isinstance(a, t.Binder)])
        raise Undefined("it is no term of arithmetic")

    def call(self, function: str, args: list[Form]) -> Form:
        constants = [a.constant for a in args]
        if function in _EVALUATED and None not in constants:
            literals = tuple(
                t.Number(c) if c >= 0 else t.Unary(t.UnaryOp.NEG, t.Number(-c)) for c in constants if c is not None
            )
            try:
                return rational(number(evaluate(t.Call(function, literals), Symbols(), Interpretation())))
            except TooLarge:
                pass
        match function, args:
            case "sqrt", [radicand]:
                return self.root(radicand, 2)
            case "root", [radicand, index]:
                degree = index.constant
                if degree is None or degree.denominator != 1 or not 2 <= degree <= 64:
                    raise Undefined("a root has an unusual index")
                if degree % 2 and (value := radicand.constant) is not None and value < 0:
                    return self.sum(rational(Fraction(0)), self.root(rational(-value), int(degree)), -1)
                return self.root(radicand, int(degree))
            case "exp", [exponent]:
                return self.power(_atom(("e",)), exponent)
            case "ln" | "log", [argument]:
                return self.logarithm(function, argument)
            case "log", [argument, base]:
                return self.product(self.logarithm("ln", argument), self.inverse(self.logarithm("ln", base)))
            case (("sin" | "cos" | "tan"), [angle]) if (known := self.sine(function, angle)) is not None:
                return known
            case "min" | "max" | "gcd" | "lcm", _:
                return _atom((function, frozenset(a.key for a in args)))
        return _atom((function, *(a.key for a in args)))

    def root(self, f: Form, degree: int) -> Form:
        return self.power(f, rational(Fraction(1, degree)))

    def power(self, base: Form, exponent: Form) -> Form:
        n = exponent.constant
        if n is not None and (value := base.constant) is not None:
            return self.number_power(value, n)
        if n is not None and n.denominator == 1:
            return self.whole_power(base, int(n)) if n >= 0 else self.inverse(self.whole_power(base, -int(n)))
        if n is not None:
            return self.fractional(base, n)
        if len(exponent.below) == 1:
            return self.exponential(base, exponent)
        return _atom(("power", base.key, exponent.key))

    def whole_power(self, base: Form, n: int) -> Form:
        if len(base.above) <= 1 and len(base.below) == 1:
            value = rational(Fraction(1 if base.above or n == 0 else 0))
            for monomial, coefficient in base.above.items():
                factor, raised = joined((a, x * n) for a, x in monomial)
                scale = bounded(power(coefficient, Fraction(n)) * factor)
                value = of(self.times({raised: scale}, {UNIT: Fraction(1)}))
            return value
        if n > MAX_DEGREE:
            return _atom(("power", base.key, rational(Fraction(n)).key))
        result = rational(Fraction(1))
        for _ in range(n):
            result = self.product(result, base)
        return result

    def number_power(self, base: Fraction, n: Fraction) -> Form:
        """A rational power of a rational number: whole, or of primes under roots."""
        if base == 0 or n.denominator == 1:
            try:
                return rational(power(base, n))
            except TooLarge:
                return _atom(("power", rational(base).key, rational(n).key))
        if base < 0:
            if n != Fraction(1, 2):
                raise Undefined("a root of a negative number reads two ways")
            return self.product(_atom(("i",)), self.number_power(-base, n))
        result = rational(Fraction(1))
        for part, sign in ((base.numerator, 1), (base.denominator, -1)):
            for prime, times in self.factors(part):
                factor, monomial = joined([(prime, n * times * sign)])
                result = self.product(result, of({monomial: factor}))
        return result

    def fractional(self, base: Form, n: Fraction) -> Form:
        """A root of what is no rational number: taken of the content, and of constants known to be positive."""
        if len(base.below) > 1:
            raise Undefined("a root of a quotient is not simplified here")
        if not base.above:
            return rational(power(Fraction(0), n))
        positive = content(base.above)
        primitive = {m: c / positive for m, c in base.above.items()}
        scale = self.number_power(positive, n)
        if len(primitive) == 1:
            ((monomial, coefficient),) = primitive.items()
            if coefficient > 0 and all(a[0] in _POSITIVE for a, _ in monomial):
                factor, raised = joined((a, x * n) for a, x in monomial)
                return self.product(scale, of({raised: factor}))
        root = ("root", frozenset(primitive.items()))
        return self.product(scale, of(self.settled({frozenset({(root, n)}): Fraction(1)})))

    def exponential(self, base: Form, exponent: Form) -> Form:
        """`a^(c + r)` as `a^c a^r`, every term of the exponent apart, for e and for primes."""
        value = base.constant
        bases: list[tuple[Atom, int]] = []
        if value is not None and value > 0:
            bases = [*self.factors(value.numerator), *((p, -n) for p, n in self.factors(value.denominator))]
        elif base.key == _atom(("e",)).key:
            bases = [(("e",), 1)]
        if not bases or value == 1:
            return _atom(("power", base.key, exponent.key)) if value != 1 else rational(Fraction(1))
        result = rational(Fraction(1))
        for atom, times in bases:
            powers = []
            for monomial, coefficient in exponent.above.items():
                raised: Atom = ("exponential", atom, monomial) if monomial else atom
                powers.append((raised, coefficient * times))
            factor, monomial = joined(powers)
            result = self.product(result, of({monomial: factor}))
        return result

    def logarithm(self, function: str, argument: Form) -> Form:
        value = argument.constant
        if value is not None and value <= 0:
            raise Undefined("a logarithm of what is not positive")
        if value is not None:
            total: Polynomial = {}
            for part, sign in ((value.numerator, 1), (value.denominator, -1)):
                for atom, times in self.factors(part):
                    total = self.add(total, {frozenset({((function, atom), Fraction(1))}): Fraction(times * sign)})
            return of(total)
        if function == "ln" and len(argument.above) == 1 == len(argument.below):
            ((monomial, coefficient),) = argument.above.items()
            if coefficient == 1 and all(a[0] in _POSITIVE for a, _ in monomial):  # positive constants
                total = {}
                for atom, exponent in monomial:
                    one = UNIT if atom == ("e",) else frozenset({(("ln", atom), Fraction(1))})
                    total = self.add(total, {one: exponent})
                return of(total)
        return _atom((function, argument.key))

    def factors(self, n: int) -> list[tuple[Atom, int]]:
        self.work.spend(10 + n.bit_length() // 10)
        return factors(n)

    def sine(self, function: str, angle: Form) -> Form | None:
        """Sine, cosine and tangent of the multiples of pi/6 and pi/4."""
        one = frozenset({(("pi",), Fraction(1))})
        if angle.above.keys() - {one} or len(angle.below) > 1:
            return None
        turns = angle.above.get(one, Fraction(0)) % 2
        if function == "tan":
            above, below = self.sine("sin", angle), self.sine("cos", angle)
            return None if above is None or below is None else self.product(above, self.inverse(below))
        if function == "cos":
            turns = (turns + Fraction(1, 2)) % 2
        sign, turns = (-1, turns - 1) if turns >= 1 else (1, turns)
        square = _SINES.get(min(turns, 1 - turns))
        if square is None:
            return None
        return self.product(rational(Fraction(sign)), self.number_power(Fraction(*square), Fraction(1, 2)))


def _atom(atom: Atom) -> Form:
    return of({frozenset({(atom, Fraction(1))}): Fraction(1)})
