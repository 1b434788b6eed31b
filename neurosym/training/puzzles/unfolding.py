"""One quantity and what happens to it: events, order and words are drawn; its end, its start or an event is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

from neurosym.training import wording
from neurosym.training.puzzles.text import Noun, data, lines, sentences, words
from neurosym.training.wording import in_words

_LARGEST = 3000


@dataclass(frozen=True)
class _Kind:
    """What an event makes of {x}, and from what it has made, what {x} was."""

    forward: str
    back: str


_KINDS: Mapping[str, _Kind] = {
    "gain": _Kind("{x} + {n}", "{x} - {n}"),
    "lose": _Kind("{x} - {n}", "{x} + {n}"),
    "packs": _Kind("{x} + {k}*{m}", "{x} - {k}*{m}"),
    "hand_out": _Kind("{x} - {k}*{m}", "{x} + {k}*{m}"),
    "part": _Kind("{x} - {f}*{x}", "{x}/(1 - {f})"),
    "percent": _Kind("{x} - {pc}%*{x}", "{x}/(1 - {pc}%)"),
    "double": _Kind("2*{x}", "{x}/2"),
}
_PARTS = [
    Fraction(1, 2),
    Fraction(1, 3),
    Fraction(1, 4),
    Fraction(2, 3),
    Fraction(1, 5),
    Fraction(3, 4),
    Fraction(2, 5),
]


@dataclass(frozen=True)
class _Event:
    """An event with its numbers, and the value before and after it."""

    kind: str
    numbers: Mapping[str, Fraction]
    before: int
    after: int

    def forward(self, x: str) -> str:
        """The value after it, where it was x before."""
        return _KINDS[self.kind].forward.format(x=x, **self.numbers)

    def back(self, x: str) -> str:
        """The value before it, where it is x after."""
        return _KINDS[self.kind].back.format(x=x, **self.numbers)


def _event(kind: str, x: int, random: Random) -> _Event | None:
    """None where it cannot happen to x."""
    n, k, m = random.randint(2, max(3, x)), random.randint(2, 9), random.randint(2, 12)
    f, p = random.choice(_PARTS), Fraction(random.choice([10, 20, 25, 30, 40, 50, 60, 75]))
    after, numbers = {
        "gain": (Fraction(x + n), {"n": Fraction(n)}),
        "lose": (Fraction(x - n), {"n": Fraction(n)}),
        "packs": (Fraction(x + k * m), {"k": Fraction(k), "m": Fraction(m)}),
        "hand_out": (Fraction(x - k * m), {"k": Fraction(k), "m": Fraction(m)}),
        "part": (x - f * x, {"f": f}),
        "percent": (x - p / 100 * x, {"pc": p}),
        "double": (Fraction(2 * x), {}),
    }[kind]
    possible = after.denominator == 1 and 1 <= after < _LARGEST and k != m
    return _Event(kind, numbers, x, int(after)) if possible else None


def _events(scene: Mapping[str, Any], random: Random) -> list[_Event]:
    """Two to five of different kinds, each with what the one before leaves."""
    while True:
        value = random.randrange(scene["low"], scene["high"])
        kinds = random.sample(list(scene["say"]), min(random.choice([2, 2, 3, 3, 4]), len(scene["say"])))
        found: list[_Event] = []
        for kind in kinds:
            event = _event(kind, found[-1].after if found else value, random)
            if event is not None:
                found.append(event)
        if len(found) == len(kinds):
            return found


def _said(name: str, value: Fraction, unit: str, random: Random) -> str:
    """A number as it is told: {n} with its unit, {f} as `two thirds`, the others plain."""
    match name:
        case "f":
            part = in_words(value)
            return part.replace("one ", random.choice(["a ", "one "])) if value.numerator == 1 else part
        case "pc":
            return str(value)
        case "k" | "m":
            return wording.number(value, "either", random)
    small = value < 13 and "$" not in unit and random.random() < 0.4
    return unit.format(number=in_words(value) if small else wording.number(value, "", random))


def _problem(scene: Mapping[str, Any], random: Random) -> tuple[str, str]:
    """A problem of `scene` and its program."""
    shared = {name: Noun(random.choice(_list(choices))) for name, choices in scene["shared"].items()}
    events = _events(scene, random)
    open_ = [i for i, e in enumerate(events) if e.kind in ("gain", "lose")]
    hidden = random.choice(open_) if open_ and random.random() < 0.25 else None
    backwards = hidden is None and random.random() < 0.35

    def told(template: str, numbers: Mapping[str, Fraction]) -> str:
        said = {name: _said(name, value, scene["unit"], random) for name, value in numbers.items()}
        said |= {f"{name}_digits": str(value) for name, value in numbers.items()}
        return template.format_map({**shared, **said})

    start = random.choice(scene["start_unknown" if backwards else "start"])
    facts = [told(start, {"n": Fraction(events[0].before)})]
    for i, event in enumerate(events):
        kinds = scene["some" if i == hidden else "say"]
        facts.append(told(random.choice(kinds[event.kind]), event.numbers))
    if backwards or hidden is not None:
        facts.append(told(random.choice(scene["end"]), {"n": Fraction(events[-1].after)}))
    asked = "start" if backwards else "end" if hidden is None else events[hidden].kind
    question = told(random.choice(scene["ask"][asked]), {})
    program = _lines(events, hidden, scene["names"], backwards=backwards)
    return _text(facts, question, random), program


def _list(choices: str | Sequence[str]) -> Sequence[str]:
    return words(choices) if isinstance(choices, str) else choices


def _lines(events: Sequence[_Event], hidden: int | None, names: Mapping[str, str], *, backwards: bool) -> str:
    """The steps forwards as far as they can be known, backwards from the end, and what is asked."""
    program: list[str] = []
    stop = 0 if backwards else len(events) if hidden is None else hidden
    before = str(events[0].before)
    for event in events[:stop]:
        program.append(f"let {names[event.kind]} = {event.forward(before)}")
        before = names[event.kind]
    if stop == len(events):
        return lines(program, f"ask {before}")
    after = str(events[-1].after)
    first = 0 if backwards else stop + 1
    for i in reversed(range(first, len(events))):
        name = names[events[i - 1].kind] if i else "start"
        program.append(f"let {name} = {events[i].back(after)}")
        after = name
    if backwards:
        return lines(program, f"ask {after}")
    name, difference = (
        ("gained", f"{after} - {before}") if events[stop].kind == "gain" else ("lost", f"{before} - {after}")
    )
    return lines(program, f"let {name} = {difference}", f"ask {name}")


def _text(facts: Sequence[str], question: str, random: Random) -> str:
    """The facts in their order, some of them joined."""
    told = list(facts)
    if random.random() < 0.4:
        at = random.randrange(1, len(told) - 1) if len(told) > 2 else 0
        told[at : at + 2] = [f"{told[at]}, and {told[at + 1]}"]
    return f"{sentences(told)} {question}"


UNFOLDING: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    f"unfolding_{scene['name']}": partial(_problem, scene) for scene in data("unfolding")["scene"]
}
