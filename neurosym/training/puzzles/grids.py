"""Rectangles of digits: distances, regions, ways to read, blocks, cellular automata, chained changes, what spreads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from neurosym.training.puzzles.text import LETTERS, Noun, block, data, listed, nth, number
from neurosym.training.wording import word

Rows = list[list[int]]

ROOM = 420
"""How many characters the digits may take in text and program together, where a shorter notation can be had."""

_NEAR = {
    "straight": "near = [(1, 0), (-1, 0), (0, 1), (0, -1)]",
    "diagonal": "near = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]",
}
_PLACES = "{(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell == %s}"


def _given(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data("grids")[kind]
    return found


def _binary(random: Random, most: int, least: int = 2, shares: Sequence[float] = (0.2, 0.35, 0.5, 0.65, 0.8)) -> Rows:
    """Zeros and ones; the share of ones is drawn."""
    share = random.choice(shares)
    return _filled(random, most, lambda: int(random.random() < share), least)


def _numbers(random: Random, least: int = 2) -> Rows:
    """One digit or two; the fewer, the larger."""
    highest = random.choice([9, 9, 9, 20, 99])
    return _filled(random, 9 if highest == 9 else 7, lambda: random.randint(0 if highest == 9 else 1, highest), least)


def _filled(random: Random, most: int, draw: Callable[[], int], least: int = 2) -> Rows:
    height = random.randint(least, most)
    width = height if random.random() < 0.4 else random.randint(least, most)
    return [[draw() for _ in range(width)] for _ in range(height)]


# --- text and program -------------------------------------------------------------------------------------------------


def _shown(rows: Rows, notation: Mapping[str, str]) -> str:
    joined = (notation["cells"].join(map(str, row)) for row in rows)
    written = (notation["row"].format(row=row, name=name) for row, name in zip(joined, LETTERS, strict=False))
    return notation["all"].format(all=notation["rows"].join(written))


def _meant(rows: Rows, notation: Mapping[str, str]) -> str:
    """The program's line, as near to the text as it can be: digits without blanks stay strings of digits."""
    if notation["cells"]:
        return f"rows = {rows}"
    together = ", ".join(f'"{"".join(map(str, row))}"' for row in rows)
    return f"rows = [list(map(int, line)) for line in [{together}]]"


def _written(rows: Rows, random: Random) -> tuple[str, str]:
    """The rows in a notation that leaves room for the rest, and the program's line.

    Where there are other digits than 0, 1 and 2, these would be read as long numbers without blanks between them.
    """
    digits = all(n < 3 for row in rows for n in row)
    notations = [notation for notation in data("grids")["notation"] if digits or notation["cells"]]
    ways = [(_shown(rows, notation), _meant(rows, notation)) for notation in notations]
    short = [way for way in ways if sum(map(len, way)) <= ROOM]
    return random.choice(short) if short else min(ways, key=lambda way: sum(map(len, way)))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _told(
    rows: Rows, scene: Iterable[str], ask: str, answer: str, holes: Mapping[str, str], random: Random
) -> tuple[str, str]:
    """The text of a problem: a scene, the data, what is asked, the form of the answer. And the program's line."""
    given = data("grids")
    grid, line = _written(rows, random)
    if "\n" not in grid and random.random() < 0.4:
        shown = random.choice(given["inline"]).format_map({**holes, "grid": grid})
    else:
        lead = random.choice(given["lead"]).format_map(holes)
        apart = "\n" if "\n" in grid or random.random() < 0.4 else " "
        shown = f"{lead}{apart}{grid}" if lead else grid
    parts = {
        "scene": " ".join(_sentence(said.format_map(holes)) for said in scene if said),
        "data": _sentence(shown),
        "ask": _sentence(ask.format_map(holes)),
        "form": random.choice(given["answer"][answer]) if random.random() < 0.5 else "",
    }
    text = ""
    for name in random.choice(given["order"]).split():
        apart = "\n" if name == "data" or text.endswith(parts["data"]) else " "
        text = f"{text}{apart}{parts[name]}".strip() if parts[name] else text
    return text, line


def _neighbours(random: Random) -> str:
    return random.choice(["straight", "straight", "diagonal"])


# --- distances --------------------------------------------------------------------------------------------------------

_DISTANCE = {"straight": "abs(r - y) + abs(c - x)", "diagonal": "max(abs(r - y), abs(c - x))"}


def _distance(random: Random, *, kind: str, steps: str | None = None) -> tuple[str, str]:
    """How far it is from each cell to the nearest one with a certain digit."""
    given = _given("distance")
    scene = random.choice(given["scene"])
    target = random.randint(0, 1)
    steps = steps or _neighbours(random)
    shares = [0.04, 0.08, 0.2] if kind == "beyond" else [0.06, 0.15, 0.3, 0.5, 0.8]
    while True:
        rows = _binary(random, 8, shares=[abs(1 - target - share) for share in shares])
        if any(target in row for row in rows):
            break
    k = random.randint(1, 3)
    marks = {"t": str(target), "o": str(1 - target), "on": "on" if target else "off"}
    holes = {
        **marks, "k": str(k), "n": _times(k, "step", random), "noun": scene["noun"], "cell": Noun(scene["cell"]),
        "goal": Noun(scene["goal"].format_map(marks)),
    }  # fmt: skip
    said = [random.choice(scene["say"]), random.choice(given["step"][steps])]
    answer = "grid" if kind == "grid" else "number"
    text, line = _told(rows, said, random.choice(given["ask"][kind]), answer, holes, random)
    goals = f"goals = {_PLACES % target}"
    nearest = f"min({_DISTANCE[steps]} for y, x in goals)"
    table = f"distances = [[{nearest} for c in range(len(row))] for r, row in enumerate(rows)]"
    match kind:
        case "farthest":
            result = ["farthest = max(max(row) for row in distances)"]
        case "beyond":
            result = [f"how_many = sum(1 for row in distances for d in row if d > {k})"]
        case _:
            result = []
    asked = {"grid": "distances", "farthest": "farthest", "beyond": "how_many"}[kind]
    return text, block(line, goals, table, result, ask=asked)


# --- regions ----------------------------------------------------------------------------------------------------------

_REGION = {
    "largest": "largest = max(sizes, default=0)",
    "count": "how_many = len(sizes)",
    "smallest": "smallest = min(sizes, default=0)",
    "single": "how_many = sum(1 for size in sizes if size == 1)",
    "atleast": "how_many = sum(1 for size in sizes if size >= {k})",
    "whole": "single_region = len(sizes) == 1",
}


def _region(random: Random, *, kinds: Sequence[str]) -> tuple[str, str]:
    """Connected cells of a digit: how large, how many."""
    given = _given("region")
    kind = random.choice(kinds)
    scene = random.choice(given["scene"])
    steps = _neighbours(random)
    target = random.choice([1, 1, 1, 0])
    rows = _binary(random, 4, shares=[0.7]) if kind == "whole" else _binary(random, 9)
    holes = {
        "t": str(target), "o": str(1 - target), "k": str(random.randint(2, 5)),
        "noun": scene["noun"], "cell": Noun(scene["cell"]), "region": Noun(scene["region"]),
    }  # fmt: skip
    said = [random.choice(scene["say"]), random.choice(given["join"][steps])]
    answer = "truth" if kind == "whole" else "number"
    text, line = _told(rows, said, random.choice(given["ask"][kind]), answer, holes, random)
    result = _REGION[kind].format_map(holes)
    return text, block(
        line,
        _NEAR[steps],
        f"cells = {_PLACES % target}",
        "sizes = []",
        "while cells:",
        "    region = [cells.pop()]",
        "    for r, c in region:",
        "        beside = {(r + a, c + b) for a, b in near} & cells",
        "        region += beside",
        "        cells -= beside",
        "    sizes.append(len(region))",
        result,
        ask=result.split()[0],
    )


# --- ways to read -----------------------------------------------------------------------------------------------------


def _spiral(random: Random, *, turned: bool) -> tuple[str, str]:
    """From the outside inwards; `turned`: from any corner, either way round."""
    given = _given("reading")
    way = random.choice(given["turned"]) if turned else {"say": given["ask_spiral"]}
    holes = {"noun": Noun(random.choice(given["noun"]))}
    ask = f"{random.choice(given['scene'])} {random.choice(way['say'])}".strip()
    text, line = _told(_numbers(random), [], ask, "list", holes, random)
    return text, block(
        line,
        [way["first"]] if turned else [],
        "spiral = []",
        "while rows:",
        "    spiral += rows.pop(0)",
        "    rows = list(zip(*rows))[::-1]",
        ask="spiral",
    )


def _reading(random: Random) -> tuple[str, str]:
    """By columns, to and fro, backwards, along diagonals."""
    given = _given("reading")
    way = random.choice(given["plain"])
    holes = {"noun": Noun(random.choice(given["noun"]))}
    ask = f"{random.choice(given['scene'])} {random.choice(way['say'])}".strip()
    text, line = _told(_numbers(random), [], ask, "list", holes, random)
    return text, block(line, way["code"], ask="reading")


# --- blocks -----------------------------------------------------------------------------------------------------------


def _pool(random: Random, *, kinds: Sequence[str]) -> tuple[str, str]:
    """A number for each block."""
    given = _given("pool")
    kind = random.choice(kinds)
    rows = _numbers(random, 3)
    k = random.choice([2, 2, 3])
    ragged = len(rows) % k > 0 or len(rows[0]) % k > 0
    rounded = kind == "mean" and (ragged or k == 3 or random.random() < 0.5)
    holes = {"noun": Noun(random.choice(given["noun"])), "k": str(k)}
    said = [random.choice(given["split"]), random.choice(given["edge" if ragged else "exact"])]
    ask = random.choice(given["ask"][kind])
    if rounded:
        ask += f" {random.choice(given['ask']['round'])}"
    text, line = _told(rows, said, ask, "grid", holes, random)
    numbers = f"[n for row in rows[r:r + {k}] for n in row[c:c + {k}]]"
    return text, block(
        line,
        f"blocks = [[{numbers} for c in range(0, len(rows[0]), {k})] for r in range(0, len(rows), {k})]",
        f"pooled = [[{given['value']['rounded' if rounded else kind]} for block in line] for line in blocks]",
        ask="pooled",
    )


# --- cells that live and die ------------------------------------------------------------------------------------------

_LIFE = {
    "board": ("grid", [], "rows"),
    "living": ("number", ["living = sum(sum(row) for row in rows)"], "living"),
    "alive": ("truth", ["alive = any(1 in row for row in rows)"], "alive"),
}
_CONWAY = ([3], [2, 3])
_RULES = {
    "diagonal": [_CONWAY] * 4 + [([3, 6], [2, 3]), ([2], [3, 4]), ([3], [1, 2, 3]), ([2, 3], [4]), ([4], [2, 3, 4])],
    "straight": [([1, 2], [1, 2]), ([2], [1, 2]), ([2], [2, 3]), ([1, 3], [2]), ([3], [1, 2]), ([2, 3], [1, 2])],
}


def _stepped(rows: Rows, cell: str, steps: int, near: str, wrapped: bool) -> list[str]:
    """The lines that let all cells change at once, `steps` times, each to the value that `cell` says."""
    if wrapped:
        living = "rows[(r + a) % height][(c + b) % width] for a, b in near"
    else:
        living = "rows[r + a][c + b] for a, b in near if 0 <= r + a < height and 0 <= c + b < width"
    each = "for c in range(width)] for r in range(height)]"
    return [
        "height, width = len(rows), len(rows[0])",
        _NEAR[near],
        f"for step in range({steps}):",
        f"    counts = [[sum({living}) {each}",
        f"    rows = [[{cell} {each}",
    ]


def _alive(random: Random, *, kind: str, edge: str | None = None, parity: bool = False) -> tuple[str, str]:
    """Cells that live by the number of their living neighbours; `parity`: by whether it is odd."""
    given = _given("life")
    scene = random.choice(given["parity" if parity else "scene"])
    edge = edge or random.choice(["open", "open", "wrapped"])
    near = _neighbours(random) if parity else random.choice(["diagonal", "diagonal", "diagonal", "straight"])
    sparse = (0.1, 0.2, 0.3, 0.4)
    rows = _binary(random, 6, 3, sparse) if kind == "alive" else _binary(random, 10, 3)
    steps = random.choice([1, 1, 2, 3, 3, 4, 5, 10])
    born, survive = rule = random.choice(_RULES[near])
    if rule == _CONWAY and not parity and random.random() < 0.6:
        scene = given["scene"][0]
        said = [random.choice(given["known" if steps == 3 else "conway"])]  # 3 is stated anyway, or by the rule
    else:
        said = [random.choice(scene["say"]), random.choice(scene["rule"]), random.choice(given["near"][near])]
    holes = {
        "noun": scene["noun"], "cell": Noun(scene["cell"]), "on": scene["on"],
        "born": _either(born, random), "survive": _either(survive, random), "n": _times(steps, scene["step"], random),
    }  # fmt: skip
    answer, result, asked = _LIFE[kind]
    said.append(random.choice(given["edge"][edge]))
    text, line = _told(rows, said, random.choice(given["ask"][kind]), answer, holes, random)
    cell = "counts[r][c] % 2" if parity else f"int(counts[r][c] in ({survive} if rows[r][c] else {born}))"
    return text, block(line, _stepped(rows, cell, steps, near, edge == "wrapped"), result, ask=asked)


def _either(counts: Sequence[int], random: Random) -> str:
    """Exactly 3; 2 or 3."""
    shown = listed([str(n) for n in counts], random, "or") if len(counts) > 2 else " or ".join(map(str, counts))
    return f"{random.choice(['exactly ', 'exactly ', ''])}{shown}" if len(counts) == 1 else shown


def _times(n: int, step: str, random: Random) -> str:
    """One step; 5 steps."""
    return f"{number(n, random)} {word(step, '' if n == 1 else 's')}"


# --- changes one after another ----------------------------------------------------------------------------------------


def _changes(random: Random, *, kinds: Sequence[str], most: int) -> tuple[str, str]:
    """A matrix that is turned, cut and rewritten."""
    given = _given("change")
    rows = now = _numbers(random)
    said: list[str] = []
    code: list[str] = []
    for _ in range(random.randint(1, most)):
        while True:
            change = random.choice(given[random.choice(kinds)])
            holes = _drawn(now, random)
            line = change["code"].format_map(holes)
            after = _changed(now, line)
            fits = len(now) == len(now[0]) or not change.get("square")
            if fits and after != now and len(after) > 1 and len(after[0]) > 1:
                break
        now = after
        said.append(random.choice(change["say"]).format_map(holes))
        code.append(line)
    if len(said) > 1 and random.random() < 0.6:
        bullet = random.choice(given["bullet"])
        steps = "\n".join(
            bullet.format(name=name, step=_sentence(step))
            for name, step in zip(LETTERS, said, strict=False)
        )  # fmt: skip
        ask = random.choice(given["listing"])
    else:
        steps = random.choice([", then ".join, "; then ".join, "; ".join, ". Then ".join])(said)
        ask = random.choice(given["frame" if len(said) > 1 else "single"])
    if "? {steps}" in ask or ". {steps}" in ask:
        steps = _sentence(steps)
    holes = {"noun": Noun(random.choice(given["noun"])), "steps": steps}
    ask = f"{random.choice(given['scene'])} {ask}".strip()
    text, line = _told(rows, [], ask, "grid", holes, random)
    return text, block(line, code, ask="rows")


def _drawn(rows: Rows, random: Random) -> dict[str, str]:
    """Numbers for a change of these rows: some that are there, rows and columns, small factors."""
    a, b = sorted(random.sample(range(1, len(rows) + 1), 2))
    c, d = sorted(random.sample(range(1, len(rows[0]) + 1), 2))
    values = {"a": a, "b": b, "c": c, "d": d, "k": random.randint(2, 4), "x": random.choice(random.choice(rows))}
    places = {f"{name}th": nth(values[name], random) for name in "abck"}
    others = {"y": str(random.randint(0, 9)), "q": random.choice(["90", "90", "180", "270"])}
    return {**{name: str(value) for name, value in values.items()}, **places, **others}


def _changed(rows: Rows, code: str) -> Rows:
    """What a line of this module's own data makes of the rows."""
    scope: dict[str, Any] = {"rows": list(rows)}
    exec(code, scope)
    changed: Rows = scope["rows"]
    return changed


# --- what spreads -----------------------------------------------------------------------------------------------------


def _spread(random: Random, *, kind: str) -> tuple[str, str]:
    """Something that goes on from cells to their neighbours."""
    given = _given("spread")
    scene = random.choice(given["scene"])
    near = _neighbours(random)
    empty, waiting, source = random.choice([[0, 1, 2], [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0]])
    gaps = random.choice([0.0, 0.1, 0.2, 0.35] if kind in ("time", "after") else [0.25, 0.35, 0.45])
    sources = random.choice([0.05, 0.1, 0.2])
    cells = random.choices([empty, source, waiting], [gaps, sources, 1 - gaps - sources], k=100)
    rows = _filled(random, 10 if kind in ("time", "after") else 7, cells.pop)
    if not any(source in row for row in rows):
        random.choice(rows)[0] = source
    steps = random.randint(1, 5)
    holes = {
        "e": str(empty), "w": str(waiting), "s": str(source), "n": _times(steps, scene["step"], random),
        "noun": scene["noun"], "cell": Noun(scene["cell"]), "step": Noun(scene["step"]),
        "kept": scene["kept"], "became": scene["became"],
    }  # fmt: skip
    said = [random.choice(scene["say"]), random.choice(scene["rule"]), random.choice(given["near"][near])]
    answer = "truth" if kind == "left" else "number"
    text, line = _told(rows, said, random.choice(given["ask"][kind]), answer, holes, random)
    start = [line, _NEAR[near], f"reached = {_PLACES % source}", f"waiting = {_PLACES % waiting}"]
    beside = "{(r + a, c + b) for r, c in reached for a, b in near} & waiting"
    if kind == "time":
        return text, block(
            start,
            "steps = 0",
            "while waiting - reached:",
            f"    more = {beside} - reached",
            "    if not more:",
            "        steps = -1",
            "        break",
            "    reached |= more",
            "    steps += 1",
            ask="steps",
        )
    times = str(steps) if kind == "after" else "len(waiting)"
    result = {
        "after": "how_many = len(reached)",
        "left": "all_reached = waiting <= reached",
        "untouched": "how_many = len(waiting - reached)",
    }[kind]
    grow = [f"for step in range({times}):", f"    reached |= {beside}"]
    return text, block(start, grow, result, ask=result.split()[0])


GRIDS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "grids_distance": partial(_distance, kind="grid", steps="straight"),
    "grids_distance_diagonal": partial(_distance, kind="grid", steps="diagonal"),
    "grids_distance_farthest": partial(_distance, kind="farthest"),
    "grids_distance_beyond": partial(_distance, kind="beyond"),
    "grids_region_largest": partial(_region, kinds=["largest"]),
    "grids_region_count": partial(_region, kinds=["count"]),
    "grids_region_sizes": partial(_region, kinds=["smallest", "single", "atleast", "whole"]),
    "grids_spiral": partial(_spiral, turned=False),
    "grids_spiral_turned": partial(_spiral, turned=True),
    "grids_reading": _reading,
    "grids_pool_max": partial(_pool, kinds=["max"]),
    "grids_pool_mean": partial(_pool, kinds=["mean"]),
    "grids_pool_other": partial(_pool, kinds=["min", "sum"]),
    "grids_life": partial(_alive, kind="board", edge="open"),
    "grids_life_wrapped": partial(_alive, kind="board", edge="wrapped"),
    "grids_life_living": partial(_alive, kind="living"),
    "grids_life_alive": partial(_alive, kind="alive"),
    "grids_life_parity": partial(_alive, kind="board", parity=True),
    "grids_changes": partial(_changes, kinds=["turn", "cut", "number"], most=5),
    "grids_changes_turns": partial(_changes, kinds=["turn"], most=4),
    "grids_changes_cuts": partial(_changes, kinds=["cut", "turn"], most=4),
    "grids_changes_numbers": partial(_changes, kinds=["number", "turn"], most=4),
    "grids_spread": partial(_spread, kind="time"),
    "grids_spread_after": partial(_spread, kind="after"),
    "grids_spread_all": partial(_spread, kind="left"),
    "grids_spread_untouched": partial(_spread, kind="untouched"),
}
"""Name of the family → the text of a problem and its program."""
