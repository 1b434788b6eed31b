"""Propositional logic: values of formulas, tautologies, rows of tables, circuits, and statements of daily life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random
from typing import Any

from neurosym.training.puzzles.text import asked, data, lines, listed, sentences

Assignment = Mapping[str, bool]

_TRUTH: Mapping[str, Callable[[bool, bool], bool]] = {
    "and": lambda p, q: p and q,
    "or": lambda p, q: p or q,
    "implies": lambda p, q: not p or q,
    "iff": lambda p, q: p == q,
    "xor": lambda p, q: p != q,
}
_SIGN = {"and": "and", "or": "or", "implies": "->", "iff": "<=>", "xor": "xor"}


@dataclass(frozen=True)
class Formula:
    """A letter, a negation, or two formulas under a connective."""

    connective: str
    parts: tuple[Formula | str, ...]

    def holds(self, values: Assignment) -> bool:
        """Whether it is true."""
        truths = [values[p] if isinstance(p, str) else p.holds(values) for p in self.parts]
        return not truths[0] if self.connective == "not" else _TRUTH[self.connective](*truths)

    def means(self, letter: Callable[[str], str] = str) -> str:
        """As the language writes it; `letter` gives the formula of a letter."""
        parts = [letter(p) if isinstance(p, str) else f"({p.means(letter)})" for p in self.parts]
        return f"not {parts[0]}" if self.connective == "not" else f"{parts[0]} {_SIGN[self.connective]} {parts[1]}"

    def shown(self, notation: Mapping[str, Any]) -> str:
        """In a notation."""
        parts = [p if isinstance(p, str) else self._inner(p, notation) for p in self.parts]
        form: str = notation[self.connective]
        return form.format(a=parts[0], b=parts[-1])

    @staticmethod
    def _inner(part: Formula, notation: Mapping[str, Any]) -> str:
        bare = part.connective == "not" and isinstance(part.parts[0], str)
        return part.shown(notation) if bare else f"({part.shown(notation)})"


def _formula(letters: Sequence[str], depth: int, random: Random) -> Formula:
    """Of about `depth` levels, over these letters."""

    def part() -> Formula | str:
        if depth > 1 and random.random() < 0.6:
            return _formula(letters, depth - 1, random)
        letter = random.choice(letters)
        return letter if random.random() < 0.7 else Formula("not", (letter,))

    connective = random.choice(["and", "and", "or", "or", "implies", "implies", "iff", "xor"])
    left, right = part(), part()
    while right == left:
        right = part()
    return Formula(connective, (left, right))


def _letters(random: Random) -> list[str]:
    return random.choice([["p", "q", "r"], ["x", "y", "z"], ["s", "t", "u"], ["p", "q"], ["k", "l", "m", "n"]])


def _shown(formula: Formula, notation: Mapping[str, Any]) -> str:
    text = formula.shown(notation)
    return f'"{text}"' if notation.get("words") else text


def _used(formulas: Sequence[Formula]) -> list[str]:
    """The letters of formulas, in their order."""
    found: dict[str, None] = {}
    for formula in formulas:
        for part in formula.parts:
            found |= {part: None} if isinstance(part, str) else dict.fromkeys(_used([part]))
    return sorted(found)


def _value(random: Random) -> tuple[str, str]:
    """The truth value of a formula, its letters given."""
    given = data("formulas")
    notation = random.choice(given["notation"])
    formula = _formula(_letters(random), random.randint(1, 3), random)
    letters = _used([formula])
    values = {p: random.random() < 0.5 for p in letters}
    facts = [random.choice(given["value"]["true" if v else "false"]).format(p=p) for p, v in values.items()]
    text = random.choice(given["value"]["given"]).format(facts=listed(facts, random))
    question = random.choice(given["value"]["ask"]).format(f=_shown(formula, notation))
    stated = [f"{'' if v else 'not '}{p}" for p, v in values.items()]
    return f"{text} {question}", lines(f"var {', '.join(letters)}: bool", stated, f"ask {formula.means()}")


def _always(random: Random, *, kind: str) -> tuple[str, str]:
    """Whether a formula is a tautology, or two are equivalent, or one follows from the other."""
    given = data("formulas")
    notation = random.choice(given["notation"])
    wanted = random.random() < 0.5
    while True:
        letters = random.sample(_letters(random), 2) if random.random() < 0.6 else _letters(random)
        f, g = (_formula(letters, random.randint(1, 2), random) for _ in range(2))
        claim = {"tautology": f, "equivalent": Formula("iff", (f, g)), "follows": Formula("implies", (f, g))}[kind]
        names = _used([claim])
        if len(names) < 2:
            continue
        rows = [claim.holds(dict(zip(names, row, strict=True))) for row in product([True, False], repeat=len(names))]
        if all(rows) is wanted and f != g and any(rows):
            break
    question = random.choice(given["always"][kind]).format(f=_shown(f, notation), g=_shown(g, notation))
    result = {"tautology": "always_true", "equivalent": "equivalent", "follows": "follows"}[kind]
    return question, lines(f"let {result} = forall {', '.join(names)}: 0..1. {claim.means(_is_one)}", f"ask {result}")


def _is_one(letter: str) -> str:
    """That a letter is true, where letters are 1 or 0: what is asked of all rows of a table, not of one."""
    return f"{letter} = 1"


def _rows(random: Random) -> tuple[str, str]:
    """In how many rows of its table a formula is true."""
    given = data("formulas")
    notation = random.choice(given["notation"])
    letters: list[str] = []
    while len(letters) < 2:
        formula = _formula(_letters(random), 2, random)
        letters = _used([formula])
    forms = {"f": _shown(formula, notation), "letters": listed(letters, random)}
    question = random.choice(given["rows"]["ask"]).format_map(forms)
    counted = f"count({', '.join(f'{p}: 0..1' for p in letters)}, {formula.means(_is_one)})"
    return question, lines(f"let true_rows = {counted}", "ask true_rows")


# --- everyday statements ----------------------------------------------------------------------------------------------


def _scene(random: Random) -> tuple[str, str]:
    """Statements that depend on one another; is one of them true, false or open?"""
    given = data("formulas")
    while True:
        things = random.sample(random.choice(given["scene"])["things"], random.randint(3, 5))
        names = [thing[2] for thing in things]
        worlds: list[Assignment] = [dict(zip(names, w, strict=True)) for w in product([True, False], repeat=len(names))]
        hidden = random.choice(worlds)
        said = [_dependence(things, random) for _ in range(random.randint(2, 4))]
        said.append(_observed(random.choice(things), hidden))
        left = [w for w in worlds if all(holds(w) for _, _, holds in said)]
        if left and len({frozenset(means.split()) & set(names) for _, means, _ in said}) == len(said):
            break
    random.shuffle(said)
    say, denial, name = random.choice(things)
    negated = random.random() < 0.3
    question = random.choice(given["say"]["ask"]).format(q=denial if negated else say)
    stated = [means for _, means, _ in said]
    declared = list(dict.fromkeys(n for means in [*stated, name] for n in means.split() if n in names))
    text = asked(sentences(s for s, _, _ in said), question, random)
    return text, lines(f"var {', '.join(declared)}: bool", stated, f"ask {'not ' * negated}{name}")


def _dependence(things: Sequence[Sequence[str]], random: Random) -> tuple[str, str, Callable[[Assignment], bool]]:
    """One of the connectives between two statements, each affirmed or denied."""
    one, other = random.sample(list(things), 2)
    connective = random.choice(["implies", "implies", "implies", "or", "xor", "iff"])
    signs = (True, True) if connective in ("xor", "iff") else (random.random() < 0.7, random.random() < 0.7)
    phrases = [thing[0] if sign else thing[1] for thing, sign in zip((one, other), signs, strict=True)]
    meant = [f"{'' if sign else 'not '}{thing[2]}" for thing, sign in zip((one, other), signs, strict=True)]
    form: str = random.choice(data("formulas")["say"][connective])

    def holds(w: Assignment) -> bool:
        return _TRUTH[connective](w[one[2]] is signs[0], w[other[2]] is signs[1])

    return form.format(a=phrases[0], b=phrases[1]), f"{meant[0]} {_SIGN[connective]} {meant[1]}", holds


def _observed(thing: Sequence[str], hidden: Assignment) -> tuple[str, str, Callable[[Assignment], bool]]:
    """What is so, said flatly."""
    say, denial, name = thing
    if hidden[name]:
        return say, name, lambda w: w[name]
    return denial, f"not {name}", lambda w: not w[name]


# --- circuits ---------------------------------------------------------------------------------------------------------


def _circuit(random: Random) -> tuple[str, str]:
    """Gates fed by inputs and by other gates."""
    given = data("formulas")["gates"]
    inputs = ["p", "q", "r", "s"][: random.randint(2, 4)]
    values = {p: random.random() < 0.5 for p in inputs}
    gates = ["w", "x", "y", "z"][: random.randint(2, 4)]
    wires, said = list(inputs), []
    for gate in gates:
        kind = random.choice(["and", "or", "xor", "not", "and", "or"])
        if kind == "not":
            (a,) = random.sample(wires[-3:], 1)
            said.append((random.choice(given[kind]).format(g=gate, a=a), f"{gate} <=> not {a}"))
        else:
            a, b = random.sample(wires, 2)
            meant = f"({a} xor {b})" if kind == "xor" else f"{a} {kind} {b}"
            said.append((random.choice(given[kind]).format(g=gate, a=a, b=b), f"{gate} <=> {meant}"))
        wires.append(gate)
    fed = [
        (random.choice(given["on" if v else "off"]).format(p=p), f"{'' if v else 'not '}{p}") for p, v in values.items()
    ]
    both = random.choice([said + fed, fed + said])
    text = sentences([random.choice(given["intro"]).format(inputs=listed(inputs, random)), *(s for s, _ in both)])
    question = random.choice(given["ask"]).format(g=gates[-1])
    return asked(text, question, random), lines(
        f"var {', '.join(wires)}: bool", (means for _, means in both), f"ask {gates[-1]}"
    )


FORMULAS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "formulas_value": _value,
    "formulas_tautology": partial(_always, kind="tautology"),
    "formulas_equivalent": partial(_always, kind="equivalent"),
    "formulas_consequence": partial(_always, kind="follows"),
    "formulas_rows": _rows,
    "formulas_scene": _scene,
    "formulas_circuit": _circuit,
}
