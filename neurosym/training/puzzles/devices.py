"""Things that are switched and turned: circuits, special objects, statements on statements, dice, panels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from random import Random
from typing import Any

from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.training.puzzles.text import Noun, block, data, lines, listed, number, sentences
from neurosym.training.wording import identifier, word


def arranged(scene: str, shown: str, ask: str, form: str, random: Random, orders: str = "orders") -> str:
    """A problem from its parts, in an order that is drawn; data of several lines stand apart."""
    parts = {"scene": scene, "data": shown, "ask": ask, "form": form}
    text = ""
    for name in random.choice(data("devices")[orders]).split():
        part = parts.get(name, "")
        if part and text:
            apart = "\n" if "\n" in part or ("\n" in shown and text.endswith(shown)) else " "
            text += f"{'' if text[-1] == chr(10) else apart}{part[:1].upper()}{part[1:]}"
        else:
            text += "\n" if name == "|" else part
    return text


def _given(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data("devices")[kind]
    return found


def _said(wordings: Sequence[str], random: Random, **holes: Any) -> str:
    return str(random.choice(wordings)).format(**holes)


# --- circuits ---------------------------------------------------------------------------------------------------------

_MEANS = {"and": "{}", "or": "{}", "xor": "{}", "nand": "not ({})", "nor": "not ({})", "not": "not {}"}
_JOINT = {"and": " and ", "or": " or ", "xor": " xor ", "nand": " and ", "nor": " or ", "not": ""}


@dataclass(frozen=True)
class Gate:
    """What kind of gate, and what runs into it: names of wires, each inverted or not, or other gates."""

    kind: str
    args: tuple[tuple[str, bool] | Gate, ...]

    def means(self, names: Sequence[str]) -> str:
        """As the language writes it; `names` are those of the wires in order."""
        parts = [f"not {name}" if inverted else name for name, (_, inverted) in zip(names, self.wires(), strict=True)]
        return _MEANS[self.kind].format(_JOINT[self.kind].join(parts))

    def wires(self) -> list[tuple[str, bool]]:
        """Its inputs by name; a gate has none."""
        return [("", False) if isinstance(arg, Gate) else arg for arg in self.args]


def _gate(wires: Sequence[str], random: Random, *, inverting: float = 0.0, kinds: str = "and or xor nand nor") -> Gate:
    kind = random.choice(kinds.split())
    size = 2 if kind == "xor" or len(wires) < 3 or random.random() < 0.8 else 3
    chosen = random.sample(wires, 1 if kind == "not" else size)
    return Gate(kind, tuple((wire, kind != "not" and random.random() < inverting) for wire in chosen))


def _inputs(random: Random, names: Sequence[str], bit: Mapping[str, str]) -> tuple[str, list[str]]:
    """The values of the inputs: in words, and as lines of the program."""
    given = _given("circuit")
    values = {name: random.random() < 0.5 for name in names}
    form = random.choice(given["pair"])
    pairs = [form.format(p=p, v=bit["true" if v else "false"]) for p, v in values.items()]
    joined = random.choice([", ".join(pairs), listed(pairs, random)])
    return _said(given["fed"], random, pairs=joined), [f"let {p} = {str(v).lower()}" for p, v in values.items()]


def _names(random: Random, key: str, count: int) -> list[str]:
    chosen: list[str] = random.choice(_given("circuit")[key])
    return chosen[:count]


def _wired(random: Random, *, told: bool) -> tuple[str, str]:
    """A list of named gates, each fed by inputs and by gates before it; in sentences or in a notation."""
    given = _given("circuit")
    bit = random.choice(given["bit"])
    inputs = _names(random, "input", random.randint(2, 4))
    names = _names(random, "gate", random.randint(2, 5))
    gates, inputs = _network(inputs, names, random, inverting=0.0 if random.random() < 0.6 else 0.3)
    names = list(gates)
    if told:
        wiring = sentences(_gate_told(name, gate, bit, random) for name, gate in gates.items())
    else:
        wiring = _netlist(gates, random)
    fed, stated = _inputs(random, inputs, bit)
    shown = random.choice([[wiring, fed], [fed, wiring]]) if told or "\n" not in wiring else [fed, wiring]
    holes = {**bit, "out": names[-1], "inputs": listed(inputs, random), "gates": listed(names, random), "n": len(names)}
    text = arranged(
        _said(given["scene"], random, **holes), ("\n" if "\n" in wiring else " ").join(shown),
        _said(given["ask"], random, **holes), _said(given["form"], random, **holes), random,
    )  # fmt: skip
    meant = (f"let {name} = {gate.means([a for a, _ in gate.wires()])}" for name, gate in gates.items())
    return text, lines(stated, meant, f"ask {names[-1]}")


def _network(
    inputs: Sequence[str], names: Sequence[str], random: Random, inverting: float
) -> tuple[dict[str, Gate], list[str]]:
    """Gates, each fed by what stands before it, and the inputs; the last depends on all of them."""
    while True:
        gates: dict[str, Gate] = {}
        for name in names:
            wires = [*inputs, *gates]
            gates[name] = _gate(wires, random, inverting=inverting, kinds="and and or or xor nand nor not")
        fed = {wire for gate in gates.values() for wire, _ in gate.wires()}
        pairs = [(gate.kind, frozenset(gate.wires())) for gate in gates.values()]
        used = [name for name in inputs if name in fed]
        if fed >= set(names[:-1]) and len(used) > 1 and len(set(pairs)) == len(pairs):
            return gates, used


def _gate_told(name: str, gate: Gate, bit: Mapping[str, str], random: Random) -> str:
    """A sentence; it never begins with a name, whose letter would become a capital."""
    parts = [f"NOT {a}" if inverted else a for a, inverted in gate.wires()]
    while True:
        said = _said(
            _given("circuit")["told"][gate.kind], random, g=name, a=parts[0], args=listed(parts, random), **bit
        )
        if (said[0].isupper() or said.startswith(("gate", "the"))) and (
            len(parts) == 2 or (" differ" not in said and " both" not in said)
        ):
            return said


def _netlist(gates: Mapping[str, Gate], random: Random) -> str:
    given = _given("circuit")["listed"]
    chained = any(gate.kind in ("nand", "nor") and len(gate.args) > 2 for gate in gates.values())
    line = random.choice([line for line in given["line"] if not (chained and "infix" in line)])
    sign = random.choice([str.upper, str.lower, str.upper])
    written = []
    for name, gate in gates.items():
        op = sign(gate.kind)
        args = [f"{sign('not')} {a}" if inverted else a for a, inverted in gate.wires()]
        infix = f" {op} ".join(args) if len(args) > 1 else f"{op} {args[0]}"
        written.append(line.format(g=name, op=op, args=", ".join(args), infix=infix))
    lead = random.choice(given["lead"])
    if line.startswith("-") or random.random() < 0.7:
        return "\n".join([lead, *written])
    return f"{lead} {'; '.join(written)}."


def _formula(random: Random) -> tuple[str, str]:
    """A circuit as a formula in a notation that is explained."""
    given = _given("circuit")
    notation, bit = random.choice(given["notation"]), random.choice(given["bit"])
    inputs = _names(random, "input", random.randint(2, 4))
    out = random.choice(["F", "L", "Z", "Y1", "OUT"])
    kinds = "and and or or xor"
    inner = [_gate(inputs, random, inverting=0.35, kinds=kinds) for _ in range(random.randint(2, 3))]
    parts = [(_shown(g, notation), _meant(g)) for g in inner]
    outer = random.choice([k for k in ("and", "or", "xor") if k != "xor" or len(parts) == 2])
    turned = [random.random() < 0.2 for _ in parts]
    shown, meant = [], []
    for (say, mean), around, gate in zip(parts, turned, inner, strict=True):
        bare = outer == "or" and gate.kind == "and" and not around
        shown.append(notation["not"].format(a=f"({say})") if around else say if bare else f"({say})")
        meant.append(f"not ({mean})" if around else f"({mean})")
    used = [p for p in inputs if any(p == a for g in inner for a, _ in g.wires())]
    fed, stated = _inputs(random, used, bit)
    whole = notation[outer].join(shown)
    holes = {**bit, "out": out, "f": whole, "inputs": listed(used, random)}
    legend = notation.get("legend", "the words have their usual meaning in logic")
    scene = _said(given["formula"]["scene"], random, legend=legend, **holes)
    scene = scene if scene.endswith((".", ")")) else f"{scene}."
    text = arranged(scene, fed, _said(given["ask"], random, **holes), _said(given["form"], random, **holes), random)
    return text, lines(stated, f"let {out} = {_JOINT[outer].join(meant)}", f"ask {out}")


def _shown(gate: Gate, notation: Mapping[str, str]) -> str:
    parts = [notation["not"].format(a=a) if inverted else a for a, inverted in gate.wires()]
    return notation[gate.kind].join(parts)


def _meant(gate: Gate) -> str:
    return gate.means([a for a, _ in gate.wires()])


def _drawn(random: Random) -> tuple[str, str]:
    """A picture of gates in boxes, from left to right."""
    given = _given("circuit")
    bit, symbols, strokes = (random.choice(c) for c in (given["bit"], given["symbols"], given["drawn"]["lines"]))
    inputs = _names(random, "input", random.randint(2, 4))
    out = random.choice(["out", "L", "OUT", "Q1"])
    inner = [_gate(inputs, random, inverting=0.3) for _ in range(random.choice([2, 2, 3]))]
    final = random.choice(["and", "or", "nand", "nor", "xor"] if len(inner) == 2 else ["and", "or", "nand", "nor"])
    rows, port = _picture(Gate(final, tuple(inner)), symbols, strokes)
    rows = [f"{row}{strokes[0]} {out}" if k == port else row for k, row in enumerate(rows)]
    used = [p for p in inputs if any(p == a for g in inner for a, _ in g.wires())]
    fed, stated = _inputs(random, used, bit)
    kinds = list(dict.fromkeys([*(g.kind for g in inner), final]))
    holes = {**bit, "out": out, "inputs": listed(used, random)}
    legend = _legend(kinds, symbols, any(inverted for g in inner for _, inverted in g.wires()), random)
    scene = " ".join(filter(None, [_said(given["drawn"]["scene"], random, **holes), legend, fed]))
    shown = "\n".join([random.choice(given["drawn"]["lead"]), *(row.rstrip() for row in rows)])
    text = arranged(scene, shown, _said(given["ask"], random, **holes), _said(given["form"], random, **holes), random)
    names = [f"g{k}" for k in range(1, len(inner) + 1)]
    gates = (f"let {name} = {_meant(gate)}" for name, gate in zip(names, inner, strict=True))
    last = _MEANS[final].format(_JOINT[final].join(names))
    return text, lines(stated, gates, f"let {out} = {last}", f"ask {out}")


def _legend(kinds: Sequence[str], symbols: Mapping[str, str], marked: bool, random: Random) -> str:
    """What the boxes mean; those that bear the name of their gate need no legend."""
    given = _given("circuit")
    item, drawn = random.choice(given["drawn"]["kind"]), random.randrange(3)
    items = [item.format(s=symbols[k], kind=given["kinds"][k][drawn]) for k in kinds if symbols[k] != k.upper()]
    items += [_said(given["drawn"]["mark"], random, m=symbols["mark"])] if marked else []
    return _said(given["drawn"]["legend"], random, items=", ".join(items)) if items else ""


def _picture(
    part: Gate | tuple[str, bool], symbols: Mapping[str, str], strokes: Sequence[str]
) -> tuple[list[str], int]:
    """The rows of a drawing, and which of them its output leaves."""
    wire, upright, joint = strokes
    if not isinstance(part, Gate):
        name, inverted = part
        return [f"{name} {wire}{symbols['mark'] if inverted else wire}{wire}"], 0
    blocks = [_picture(arg, symbols, strokes) for arg in part.args]
    width = max(len(row) for rows, _ in blocks for row in rows)
    drawn: list[str] = []
    ports: list[int] = []
    for rows, port in blocks:
        drawn += [""] if len(rows) > 1 and drawn else []
        ports.append(len(drawn) + port)
        drawn += rows
    middle = (ports[0] + ports[-1]) // 2
    for k, row in enumerate(drawn):
        filled = row.ljust(width, wire if k in ports else " ")
        if ports[0] <= k <= ports[-1]:
            filled += joint if k in ports else upright
        drawn[k] = f"{filled}{wire}[{symbols[part.kind]}]{wire}" if k == middle else filled
    return drawn, middle


# --- special objects --------------------------------------------------------------------------------------------------


def _special(random: Random, *, told: bool) -> tuple[str, str]:
    """A device goes on if a special object is on it: what do the trials say of one of them?"""
    given = _given("special")
    device = random.choice(given["device"])
    wanted = random.choice(["yes", "no", "open"])
    while True:
        things = random.sample(device["things"], random.randint(3, 5))
        worlds = [dict(zip(things, row, strict=True)) for row in product([True, False], repeat=len(things))]
        hidden = random.choice(worlds)
        trials = [random.sample(things, random.choice([1, 2, 2, 3])) for _ in range(random.randint(2, 5))]
        trials = [t for k, t in enumerate(trials) if set(t) not in [set(u) for u in trials[:k]]]
        left = [w for w in worlds if all(_lit(w, t) is _lit(hidden, t) for t in trials)]
        about = {x for trial in trials for x in trial}
        verdicts = {x: {w[x] for w in left} for x in things if x in about and [x] not in trials}
        fits = [x for x, v in verdicts.items() if v == {"yes": {True}, "no": {False}, "open": {True, False}}[wanted]]
        if fits and len(trials) > 1:
            break
    x, special = random.choice(fits), device["special"]
    results = [random.choice(device["on" if _lit(hidden, t) else "off"]) for t in trials]
    scene = _said(
        device["scene"], random, all=listed([t if device.get("bare") else word(t, "a") for t in things], random)
    )
    if told:
        shown = sentences(
            _said(device["told"], random, x=listed([f"the {t}" for t in trial], random), result=result)
            for trial, result in zip(trials, results, strict=True)
        )
    else:
        form, joint = random.choice(given["listed"]), random.choice([", ", " + ", " and ", ", "])
        rows = (form.format(things=joint.join(t), result=r) for t, r in zip(trials, results, strict=True))
        shown = "\n".join([random.choice(given["trials"]), *rows])
    text = arranged(scene, shown, _said(given["ask"], random, x=x, special=special), "", random, "orders_scene_first")
    sort, relation = device["one"], identifier(special)
    facts = []
    for trial in trials:
        fact = " or ".join(f"{relation}({identifier(t)})" for t in trial)
        brackets = f"({fact})" if len(trial) > 1 else fact
        facts.append(fact if _lit(hidden, trial) else f"not {brackets}")
    head = [f"sort {sort} = {{{', '.join(map(identifier, things))}}}", f"rel {relation}({sort})"]
    return text, lines(head, facts, f"ask {relation}({identifier(x)})")


def _lit(world: Mapping[str, bool], trial: Iterable[str]) -> bool:
    return any(world[x] for x in trial)


# --- statements about each other --------------------------------------------------------------------------------------


def _statements(random: Random, *, ask: str) -> tuple[str, str]:
    """Statements on how many and which of them are true: how many ways there are, or what holds in the only one."""
    given = _given("statements")
    while True:
        n = random.randint(3, 5 if ask == "which" else 6)
        said = [_statement(i, n, random) for i in range(1, n + 1)]
        ways = _ways([logic for _, logic, _ in said])
        enough = ways == 1 if ask == "which" else ways > 0 or random.random() < 0.2
        if enough and len({logic for _, logic, _ in said}) == n:
            break
    label = random.choice(given["label"])
    rows = (label.format(i=i, q=say[:1].upper() + say[1:]) for i, (say, _, _) in enumerate(said, start=1))
    scene = _said(given["scene"], random, n=number(n, random))
    orders = "orders" if ask == "count" else "orders_question_last"
    if ask == "count":
        question, form = _said(given["count"], random), _said(given["number"], random)
        says = ", ".join(f"{i}: {python}" for i, (_, _, python) in enumerate(said, start=1))
        program = block(
            [
                "from itertools import product",
                "ways = 0",
                f"for row in product([True, False], repeat={n}):",
                "    s, total = dict(enumerate(row, 1)), sum(row)",
                f"    says = {{{says}}}",
                "    ways += s == says",
            ],
            ask="ways",
        )
    else:
        form, k = "", random.randint(1, n)
        asks = {"which": "solve(holds(s), s)", "one": f"holds({k})", "how_many": "total"}
        kind = random.choice(["which", "which", "one", "how_many"])
        claims = [f"holds({i}) <=> ({logic})" for i, (_, logic, _) in enumerate(said, start=1)]
        counted = kind == "how_many" or any("total" in claim for claim in claims)
        question = _said(given[kind], random, k=k)
        program = lines(
            f"sort statement = 1..{n}", "rel holds(statement)",
            ["let total = count(s: statement, holds(s))"] if counted else [], claims,
            ["var s: statement"] if kind == "which" else [], f"ask {asks[kind]}",
        )  # fmt: skip
    return arranged(scene, "\n".join(rows), question, form, random, orders), program


def _statement(own: int, n: int, random: Random) -> tuple[str, str, str]:
    """What statement `own` of `n` says: in words, in logic, in Python."""
    claim = random.choice(_given("statements")["say"])
    k = random.randint(claim.get("low", 1), n - claim.get("high", 1))
    i, j = sorted(random.sample([m for m in range(1, n + 1) if m != own], 2))
    primes = ", ".join(str(p) for p in (2, 3, 5) if p <= n)
    holes = {"k": k, "are": "is" if k == 1 else "are", "i": i, "j": j, "n": n, "primes": primes}
    logic: str = claim["logic"]
    python: str = claim.get("python", logic)
    return _said(claim["say"], random, **holes), logic.format(**holes), python.format(**holes)


def _ways(said: Sequence[str]) -> int:
    """How many choices of true and false agree with what all statements say."""
    claims = [read_expression(re.sub(r"holds\((\d)\)", r"s\1 = 1", logic)) for logic in said]
    ways = 0
    for row in product([0, 1], repeat=len(said)):
        values = {f"s{i}": Fraction(value) for i, value in enumerate(row, start=1)}
        world = Interpretation(values={**values, "total": Fraction(sum(row))})
        ways += all(evaluate(claim, Symbols(), world) is (v == 1) for claim, v in zip(claims, row, strict=True))
    return ways


# --- dice and boxes that roll -----------------------------------------------------------------------------------------

_SIDES = ["top", "bottom", "front", "back", "left", "right"]


def _cube(random: Random) -> tuple[str, str]:
    """A cube with marks on its six sides, rolled and turned: what is where?"""
    given = _given("cube")
    what, marks = random.choice(
        [("color", "colors"), ("color", "colors"), ("picture", "pictures"), ("number", "digits")]
    )
    shown = dict(zip(_SIDES, random.sample(given[marks], 6), strict=True))
    told, form = random.sample(_SIDES, 6), random.choice(given["side"])
    article = "the " if what == "picture" else ""
    sides = [form.format(c=f"{article}{shown[s]}", side=s, where=given["where"][s]) for s in told]
    thing, side = Noun(random.choice(given["things"])), random.choice(_SIDES)
    holes = {"thing": thing, "what": what, "where": given["where"][side]}
    scene = _said(given["scene"], random, sides=listed(sides, random), **holes)
    values = [shown[s] if what == "number" else f'"{shown[s]}"' for s in told]
    start = [f"{', '.join(told)} = {', '.join(values)}"]
    return _rolled(scene, start, side, holes, random)


def _die(random: Random) -> tuple[str, str]:
    """A die of which three sides are told; opposite sides add up to 7."""
    given = _given("cube")
    seen = [random.choice(pair) for pair in (("top", "bottom"), ("front", "back"), ("left", "right"))]
    hidden = [_SIDES[_SIDES.index(s) ^ 1] for s in seen]
    values = [random.choice(pair) for pair in random.sample([(1, 6), (2, 5), (3, 4)], 3)]
    form, side = random.choice(given["side"]), random.choice(_SIDES)
    sides = [form.format(c=v, side=s, where=given["where"][s]) for s, v in zip(seen, values, strict=True)]
    start = [
        f"{', '.join(seen)} = {', '.join(map(str, values))}",
        f"{', '.join(hidden)} = {', '.join(f'7 - {s}' for s in seen)}",
    ]
    scene = _said(given["die"], random, sides=listed(sides, random))
    return _rolled(scene, start, side, {"what": "number", "where": given["where"][side]}, random)


def _rolled(scene: str, start: Sequence[str], side: str, holes: Mapping[str, str], random: Random) -> tuple[str, str]:
    """The moves and the question; each move is an assignment that takes the old sides to their new places."""
    given = _given("cube")
    style = random.randrange(3)
    moves = random.choices(list(given["turns"]), k=random.randint(1, 5))
    turns = [given["turns"][move][min(style, len(given["turns"][move]) - 1)] for move in moves]
    happens = _said(given["moves"], random, moves=", then ".join(turns))
    rules = _said(given["rules"], random) if style < 2 else ""
    scene = " ".join(f"{part[:1].upper()}{part[1:]}" for part in (scene, rules) if part)
    form = _said(given["form"], random, **holes)
    text = " ".join(part for part in (scene, happens, _said(given["ask"], random, **holes), form) if part)
    return text, block([*start, *moves], ask=side)


# --- panels and counters ----------------------------------------------------------------------------------------------


def _lamps(random: Random, *, ask: str) -> tuple[str, str]:
    """Buttons that switch a lamp and others beside it."""
    given = _given("lamps")
    n, thing = random.randint(4, 12), Noun(random.choice(given["things"]))
    near = random.choice(list(given["rules"]))
    presses = [random.randint(1, n) for _ in range(random.randint(2, 8))]
    if random.random() < 0.5:
        scene, start = _said(given["off"], random, n=n, thing=thing), f"[0] * {n}"
    else:
        states = [random.randint(0, 1) for _ in range(n)]
        joint = random.choice(["", " ", ", "])
        written = joint.join(map(str, states))
        scene = _said(given["given"], random, states=written, thing=thing)
        start = f'list(map(int, "{written}"))' if joint == "" else str(states)
    rule = random.choice(given["rules"][near])
    pressed = _said(given["presses"], random, list=listed([str(k) for k in presses], random, "and then"))
    k = random.randint(1, n)
    goal, name = {
        "count": ([("how_many_on = sum(lamps)")], "how_many_on"),
        "one": ([f"is_on = lamps[{k} - 1] == 1"], "is_on"),
        "row": ([], "lamps"),
    }[ask]
    question = _said(given[{"count": "total"}.get(ask, ask)], random, k=k)
    code = [
        f"lamps = {start}",
        f"for k in {presses}:",
        f"    for n in {near}:",
        "        if 1 <= n <= len(lamps):",
        "            lamps[n - 1] = 1 - lamps[n - 1]",
    ]
    return f"{scene} {rule} {pressed} {question}", block([*code, *goal], ask=name)


def _lockers(random: Random) -> tuple[str, str]:
    """Doors that are opened and closed by all who divide their numbers."""
    given = _given("lockers")
    n = random.randint(8, 200)
    if random.random() < 0.5:
        m = random.choice([n, random.randint(3, n)])
        rule, who = _said(given["every"], random, m=m), f"range(1, {m} + 1)"
    else:
        walkers = sorted(random.sample(range(2, 13), random.randint(2, 4)))
        rule, who = _said(given["some"], random, list=listed([str(k) for k in walkers], random)), str(walkers)
    changes = f"sum(n % k == 0 for k in {who}) % 2 == 1"
    scene = _said(given["first"], random, n=n)
    code = [f"open_ones = [n for n in range(1, {n} + 1) if {changes}]"]
    if random.random() < 0.3:
        door = random.randint(2, n)
        question = _said(given["which"], random, k=door)
        return f"{scene} {rule} {question}", block([*code, f"is_open = {door} in open_ones"], ask="is_open")
    return f"{scene} {rule} {_said(given['ask'], random)}", block(
        [*code, "how_many_open = len(open_ones)"], ask="how_many_open"
    )


def _counter(random: Random, *, around: bool) -> tuple[str, str]:
    """Buttons that change a number, which may run round."""
    given = _given("counter")
    top = random.choice([9, 11, 12, 23, 31, 59, 99])
    start = random.randint(0, top if around else 20)
    labels = random.choice([["A", "B", "C"], ["X", "Y", "Z"], ["red", "blue", "green"], ["P", "Q", "R"]])
    buttons = labels[: random.randint(2, 3)]
    does = [*random.sample(["+ {n}", "- {n}"], 2), random.choice(["+ {n}", "* {n}"])][: len(buttons)]
    means = [d.format(n=random.randint(2, 3 if "*" in d else min(top - 1, 15))) for d in does]
    presses = random.choices(buttons, k=random.randint(3, 8))
    form = random.choice(given["button"])
    rules = [
        form.format(b=b, does=_said(given["does"][d], random, n=m.split()[1]))
        for b, d, m in zip(buttons, does, means, strict=True)
    ]
    wraps = f" % ({top} + 1)" if around else ""
    code = [f"number = {start}", f"for button in {_sequence(presses)}:"]
    for k, (b, m) in enumerate(zip(buttons, means, strict=True)):
        code += [f'    {"elif" if k else "if"} button == "{b}":']
        code += [f"        number = (number {m}){wraps}" if around else f"        number = number {m}"]
    scene = _said(given["first" if around else "plain"], random, top=top, start=start)
    joint = random.choice([", ", " ", "-"])
    pressed = _said(given["presses"], random, list=joint.join(presses))
    rule = f"{listed(rules, random)}."
    parts = [scene, rule[:1].upper() + rule[1:], pressed, _said(given["ask"], random), _said(given["form"], random)]
    return " ".join(filter(None, parts)), block(code, ask="number")


def _sequence(presses: Sequence[str]) -> str:
    """Letters as one string, words as a list."""
    if all(len(p) == 1 for p in presses):
        return f'"{"".join(presses)}"'
    return f"[{', '.join(f'{chr(34)}{p}{chr(34)}' for p in presses)}]"


def _modes(random: Random) -> tuple[str, str]:
    """Names in a ring, and steps forward and back."""
    given = _given("modes")
    device = random.choice(given["device"])
    names = device["names"]
    if len(names) > 4:
        names = random.sample(names, random.randint(4, len(names)))
    start = random.choice(names)
    signed = [random.choice([1, 1, -1]) * random.randint(2, 30) for _ in range(random.randint(1, 4))]
    moves = [_said(given["forward" if step > 0 else "back"], random, n=abs(step)) for step in signed]
    holes = {"list": listed(names, random), "first": names[0], "last": names[-1], "start": start}
    steps = "".join(f" {'+' if step > 0 else '-'} {abs(step)}" for step in signed)
    quoted = ", ".join(f'"{name}"' for name in names)
    parts = [
        _said(device["scene"], random, **holes), _said(given["moves"], random, moves=", then ".join(moves)),
        _said(given["ask"], random), _said(given["form"], random),
    ]  # fmt: skip
    code = [f"modes = [{quoted}]", f'mode = modes[(modes.index("{start}"){steps}) % len(modes)]']
    return " ".join(filter(None, parts)), block(code, ask="mode")


DEVICES: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "devices_circuit_told": partial(_wired, told=True),
    "devices_circuit_listed": partial(_wired, told=False),
    "devices_circuit_formula": _formula,
    "devices_circuit_drawn": _drawn,
    "devices_special_told": partial(_special, told=True),
    "devices_special_listed": partial(_special, told=False),
    "devices_statements_count": partial(_statements, ask="count"),
    "devices_statements_which": partial(_statements, ask="which"),
    "devices_cube_marked": _cube,
    "devices_cube_die": _die,
    "devices_lamps_count": partial(_lamps, ask="count"),
    "devices_lamps_one": partial(_lamps, ask="one"),
    "devices_lamps_row": partial(_lamps, ask="row"),
    "devices_lockers": _lockers,
    "devices_counter_around": partial(_counter, around=True),
    "devices_counter_plain": partial(_counter, around=False),
    "devices_modes": _modes,
}
"""Name of the family → the text of a problem and its program."""
