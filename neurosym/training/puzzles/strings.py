"""Strings of letters and digits: swaps, letters to write with, patterns, rewriting, parts exchanged, hands of cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from neurosym.training.puzzles.text import LETTERS, Noun, block, data, listed, number, words
from neurosym.training.wording import capitalised, word

SMALL = LETTERS.lower()
SIGNS = "#*+=@&~^"


@dataclass(frozen=True)
class _Notation:
    """How strings are written: what stands between their characters, and around them."""

    apart: str
    around: str

    def shown(self, text: str) -> str:
        """As the problem has it."""
        return self.around.format(self.apart.join(text))

    def quoted(self, text: str) -> str:
        """The same where nothing may be taken for a word of the sentence, or be given a capital."""
        return f'"{self.shown(text)}"' if self.around == "{}" else self.shown(text)

    def meant(self, text: str) -> str:
        """As the program has it: characters set apart are copied so."""
        return f'"{self.apart.join(text)}"' + (f'.replace("{self.apart}", "")' if self.apart else "")


def _given(kind: str) -> Any:
    """The data of a kind: `letters.word` is a table's entry."""
    found: Any = data("strings")
    for part in kind.split("."):
        found = found[part]
    return found


def _notation(random: Random, *, apart: bool = True) -> _Notation:
    """A notation; `apart`: whether blanks or commas may stand between the characters."""
    found = random.choice([n for n in _given("notation") if apart or not n["apart"]])
    return _Notation(found["apart"], found["around"])


def _told(wordings: Sequence[str], answer: str, random: Random, **holes: object) -> str:
    """One of the wordings, filled in; with the form of the answer in one text of two."""
    text = random.choice(wordings).format(p=Noun(random.choice(words("person"))), **holes).rstrip()
    if random.random() < 0.5:
        form = random.choice(_given("answer")[answer])
        if random.random() < 0.15:
            return f"{form} {text}"
        return f"{text}{' ' if text[-1] in '.?!' else chr(10)}{form}"
    return text


def _draw(alphabet: Sequence[str], size: int, random: Random) -> str:
    return "".join(random.choice(alphabet) for _ in range(size))


def _shuffled(text: Sequence[str], random: Random) -> str:
    return "".join(random.sample(text, len(text)))


def _alphabet(size: int, random: Random) -> str:
    """Letters that follow one another, the first ones most often."""
    letters = random.choice([LETTERS, LETTERS, SMALL])
    start = random.choice([0, 0, 0, 10, 15, 26 - size])
    return letters[start : start + size] if start + size <= 26 else letters[:size]


def _listing(items: Sequence[str], random: Random, *, inline: bool = True) -> str:
    """Items one below the other, or in one line."""
    layouts = _given("layout")
    layout = random.choice([each for each in layouts if inline or each["between"].startswith("\n")])
    marks = layout.get("marks", "")
    marked = [f"{marks.format(letter=SMALL[n], n=n + 1)}{item}" for n, item in enumerate(items)]
    before: str = layout["before"]
    return before + str(layout["between"]).join(marked)


# --- two kinds that should alternate ----------------------------------------------------------------------------------

_PATTERNS = ["size = len(row)", 'patterns = [("{a}{b}" * size)[:size], ("{b}{a}" * size)[:size]]']
_ALTERNATE = {
    "swaps": [
        "swaps = [sum(x != y for x, y in zip(row, p)) // 2 for p in patterns if sorted(p) == sorted(row)]",
        "fewest = min(swaps, default=-1)",
    ],
    "neighbours": [
        "swaps = []",
        "for p in patterns:",
        "    if sorted(p) == sorted(row):",
        '        here = [i for i in range(size) if row[i] == "{a}"]',
        '        there = [i for i in range(size) if p[i] == "{a}"]',
        "        swaps.append(sum(abs(i - j) for i, j in zip(here, there)))",
        "fewest = min(swaps, default=-1)",
    ],
    "changes": ["fewest = min(sum(x != y for x, y in zip(row, p)) for p in patterns)"],
}


def _alternate(random: Random, *, kind: str, story: bool) -> tuple[str, str]:
    """The fewest swaps, or changes, until no two of a kind are neighbours; `story`: letters for beads or seats."""
    scene = random.choice(_given("alternate.scene")) if story else {"two": ["0", "1"]}
    a, b = two = scene["two"]
    size = random.randint(3, 30 if random.random() < 0.4 else 14)
    half = size // 2
    if kind != "changes" and random.random() < 0.25:
        half = max(0, half - random.randint(1, 3))
    row = _shuffled([a] * half + [b] * (size - half), random)
    row = row.translate(str.maketrans(a + b, b + a)) if random.random() < 0.5 else row
    notation = _notation(random)
    holes = {"s": notation.shown(row), "q": notation.quoted(row), "a": a, "b": b}
    if story:
        holes |= {"scene": random.choice(scene["say"]), "thing": Noun(scene["thing"]), "row": scene["row"]}
    text = _told(_given(f"alternate.{'story' if story else 'bits'}.{kind}"), "number", random, **holes)
    code = [line.format(a=two[0], b=two[1]) for line in [*_PATTERNS, *_ALTERNATE[kind]]]
    return text, block(f"row = {notation.meant(row)}", code, ask="fewest")


# --- letters to write with --------------------------------------------------------------------------------------------

_SUPPLY = {
    "word": ("truth", "possible = all(word.count(letter) <= supply.count(letter) for letter in word)", "possible"),
    "missing": (
        "number",
        "missing = sum(max(0, word.count(letter) - supply.count(letter)) for letter in set(word))",
        "missing",
    ),
    "copies": ("number", "copies = min(supply.count(letter) // word.count(letter) for letter in word)", "copies"),
}


def _letters(random: Random, *, kind: str) -> tuple[str, str]:
    """Whether a word can be written with the letters of a supply, how many are missing, how many times it can."""
    known = random.random() < 0.7
    some = SMALL[: random.randint(3, 26)]
    written = random.choice(_given("vocabulary.word")) if known else _draw(some, random.randint(2, 16), random)
    times = random.choice([1, 1, 1, 2, 3]) if kind == "copies" and len(written) < 10 else 1
    extra = random.choice([SMALL, written, written + some])
    supply = random.sample(written * times, len(written) * times)
    if kind != "copies" and random.random() < 0.65:
        gone = supply[: random.randint(1, 1 if kind == "word" else min(5, len(supply) - 1))]
        del supply[: len(gone)]
        extra = "".join(letter for letter in extra if letter not in gone) or SMALL
    supply += _draw(extra, random.randint(1, random.choice([5, 12, 25])), random)
    shuffled = _shuffled(supply, random)
    if random.random() < 0.4:
        written, shuffled = written.upper(), shuffled.upper()
    notation = _notation(random)
    plain = _Notation("", notation.around if not notation.apart else random.choice(["{}", '"{}"']))
    answer, code, ask = _SUPPLY[kind]
    text = _told(
        _given(f"letters.{kind}"),
        answer,
        random,
        w=plain.shown(written),
        w_q=plain.quoted(written),
        s=notation.shown(shuffled),
        q=notation.quoted(shuffled),
    )
    return text, block(f"supply = {notation.meant(shuffled)}", f'word = "{written}"', code, ask=ask)


def _note(random: Random, *, kind: str) -> tuple[str, str]:
    """The same with a note of several words and letters cut from a text; blanks cost nothing."""
    vocabulary = _given("vocabulary.plain")
    wanted = random.random() < 0.5
    while True:
        note = random.sample(vocabulary, random.randint(2, 4))
        others = random.sample(vocabulary, random.randint(2, 9))
        if wanted and random.random() < 0.8:  # most of the note stands in the text, in another order
            others = random.sample(others + note[:-1], len(others) + len(note) - 1)
        need, have = "".join(note), "".join(others)
        possible = all(need.count(letter) <= have.count(letter) for letter in need)
        if possible is (wanted and kind == "word"):
            break
    shown_note, shown_text = " ".join(note), " ".join(others)
    if random.random() < 0.25:
        shown_note, shown_text = shown_note.upper(), shown_text.upper()
    mark = random.choice(['"{}"', '"{}"', "'{}'", "“{}”"])
    answer, code, ask = _SUPPLY[kind]
    text = _told(_given(f"letters.note_{kind}"), answer, random, w=mark.format(shown_note), s=mark.format(shown_text))
    return text, block(f'supply = "{shown_text}"', f'word = "{shown_note}".replace(" ", "")', code, ask=ask)


# --- one letter for another -------------------------------------------------------------------------------------------

_SAME_PATTERN = "possible = len(first) == len(second) and len(pairs) == len(set(first)) == len(set(second))"
_FUNCTION = "possible = len(first) == len(second) and len(pairs) == len(set(first))"


def _partner(first: str, alphabet: Sequence[str], random: Random, *, fits: bool) -> list[str]:
    """What `first` becomes when its letters are replaced one-to-one; spoilt in a place or two unless it `fits`."""
    letters = sorted(set(first))
    code = dict(zip(letters, random.sample(alphabet, len(letters)), strict=True))
    found = [code[letter] for letter in first]
    while not fits:
        if random.random() < 0.4 and len(letters) > 1:
            one, other = random.sample(letters, 2)
            found = [code[one] if letter == other else code[letter] for letter in first]
        else:
            found[random.randrange(len(found))] = random.choice([*code.values(), random.choice(alphabet)])
        fits = not len(set(zip(first, found, strict=True))) == len(letters) == len(set(found))
    return found


def _mapping(random: Random, *, merging: bool = False) -> tuple[str, str]:
    """Whether a fixed letter for each letter turns a string into another; `merging`: two may become the same one."""
    letters = random.choice([SMALL, LETTERS])
    alphabet = random.choice([letters, letters, letters, "0123456789", SMALL[:8], SIGNS, letters + SIGNS])
    if random.random() < 0.3:
        first = random.choice(_given("vocabulary.word"))
    else:
        source = random.choice([letters, letters, letters, letters + SIGNS])
        first = _draw(random.sample(source, random.randint(2, 6)), random.randint(3, 14), random)
    if len(set(first)) > len(alphabet) or len(set(first)) < 2:
        return _mapping(random, merging=merging)
    second = _partner(first, alphabet, random, fits=random.random() < 0.5)
    if random.random() < 0.08:
        second = second[:-1]
    notation = _notation(random, apart=random.random() < 0.3)
    one, other = first, "".join(second)
    if merging and random.random() < 0.3:
        one, other = other, one
    text = _told(
        _given(f"mapping.{'merging' if merging else 'letters'}"),
        "truth",
        random,
        s=notation.shown(one),
        t=notation.shown(other),
        s_q=notation.quoted(one),
        t_q=notation.quoted(other),
    )
    return text, block(
        f"first = {notation.meant(one)}",
        f"second = {notation.meant(other)}",
        "pairs = set(zip(first, second))",
        _FUNCTION if merging else _SAME_PATTERN,
        ask="possible",
    )


def _mapping_words(random: Random) -> tuple[str, str]:
    """Whether the words of a line follow a pattern of letters."""
    kinds = random.randint(2, 4)
    pattern = _draw(random.sample(random.choice([SMALL, LETTERS, SMALL[:4]]), kinds), random.randint(3, 9), random)
    if len(set(pattern)) < 2:
        return _mapping_words(random)
    line = _partner(pattern, _given("vocabulary.plain"), random, fits=random.random() < 0.5)
    mark = random.choice(['"{}"', '"{}"', "'{}'", "“{}”"])
    shown = " ".join(line)
    text = _told(_given("mapping.words"), "truth", random, s=mark.format(pattern), t=mark.format(shown))
    return text, block(
        f'first = "{pattern}"',
        f'second = "{shown}".split()',
        "pairs = set(zip(first, second))",
        _SAME_PATTERN,
        ask="possible",
    )


def _mapping_count(random: Random) -> tuple[str, str]:
    """How many words of a list have the pattern of a given one."""
    alphabet = random.choice([SMALL, SMALL[:7], LETTERS])
    model = _draw(random.sample(alphabet, random.randint(2, 3)), random.randint(3, 5), random)
    if len(set(model)) < 2:
        return _mapping_count(random)
    count = random.randint(3, 7)
    others = ["".join(_partner(model, alphabet, random, fits=random.random() < 0.45)) for _ in range(count)]
    mark = random.choice(["{}", "{}", '"{}"', "'{}'"])
    shown = ", ".join(mark.format(other) for other in others)
    text = _told(_given("mapping.count"), "number", random, s=mark.format(model), q=f'"{model}"', t=shown)
    quoted = ", ".join(f'"{other}"' for other in others)
    return text, block(
        f'first = "{model}"',
        f"others = [{quoted}]",
        "matching = 0",
        "for second in others:",
        "    pairs = set(zip(first, second))",
        "    if len(first) == len(second) and len(pairs) == len(set(first)) == len(set(second)):",
        "        matching += 1",
        ask="matching",
    )


# --- letters put in ---------------------------------------------------------------------------------------------------

_INSERT = {
    "used": [
        'result = ""',
        "while text:",
        "    found = [pattern for pattern in rules if text.startswith(pattern)]",
        "    step = found[0] if found else text[0]",
        '    result += step + rules.get(step, "")',
        "    text = text[len(step):]",
    ],
    "overlapping": [
        'result = ""',
        "for n, letter in enumerate(text, 1):",
        "    result += letter",
        "    for pattern in rules:",
        "        if text[:n].endswith(pattern):",
        "            result += rules[pattern]",
    ],
}


def _insert(random: Random, *, kind: str, length: bool = False) -> tuple[str, str]:
    """Letters that are put in after patterns; `overlapping`: a letter may belong to several places."""
    letters = _alphabet(random.randint(3, 6), random)
    longest = random.choice([2, 2, 3])
    count = random.randint(1, 6)
    while True:
        patterns = list(dict.fromkeys(_draw(letters, random.randint(2, longest), random) for _ in range(count)))
        if not any(p != q and (p.startswith(q) or p.endswith(q)) for p in patterns for q in patterns):
            break  # else it would be a question which one comes first
    rules = {pattern: random.choice(letters) for pattern in patterns}
    text, size = "", random.randint(6, 26)
    while len(text) < size:
        text += random.choice(patterns) if random.random() < 0.35 else random.choice(letters)
    form = random.choice(_given("insert.rule"))
    notation = _notation(random, apart=False)
    said = [form.format(a=notation.shown(a), b=notation.shown(b)) for a, b in rules.items()]
    asked = "length" if length else "string"
    told = _told(
        _given(f"insert.{kind}"),
        "number" if length else "string",
        random,
        s=notation.shown(text),
        q=notation.quoted(text),
        rules=_listing(said, random),
        letters=listed(list(letters), random),
        ask=random.choice(_given("insert.ask")[asked]),
    )
    meant = ", ".join(f'"{a}": "{b}"' for a, b in rules.items())
    return told, block(
        f'text = "{text}"',
        f"rules = {{{meant}}}",
        _INSERT[kind],
        ["length = len(result)"] if length else [],
        ask="length" if length else "result",
    )


# --- rewriting --------------------------------------------------------------------------------------------------------


def _rewriting_rule(letters: str, sides: Sequence[str], quote: str, random: Random) -> tuple[str, str, str, str]:
    """When a rule applies and what it does, in words; and the same as Python expressions."""
    side = random.choice(sides)
    given = _given("rewrite")[side]
    a, b = _draw(letters, random.choice([1, 2, 2, 2, 3]), random), _draw(letters, random.choice([1, 1, 2]), random)
    act = random.choice([*given["act"], *given["act"], *_given("rewrite.any")])
    k = len(a) if act.get("whole") else random.randint(1, len(a))
    size = random.randint(4, 9)
    few = "letter" if k == 1 else f"{number(k, random)} letters"
    say = {"a": quote.format(a), "b": quote.format(b), "n": size, "few": few}
    code = {"a": a, "b": b, "n": size, "k": k}
    when, do = random.choice(given["when"]).format_map(say), random.choice(act["say"]).format_map(say)
    return when, do, given["test"].format_map(code), act["code"].format_map(code)


def _rewritten(first: str, rules: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """The strings that come up, and the one with which the rewriting ends; [] where they are too many or too long."""
    found = [first]
    while found[-1] not in found[:-1]:
        names = {"word": found[-1]}
        found.append(next((eval(do, names) for _, _, when, do in rules if eval(when, names)), found[-1]))
        if len(found) == 40 or not 0 < len(found[-1]) < 40:
            return []
    return found


def _rewriting(random: Random, *, sides: Sequence[str], count: bool = False) -> tuple[str, str]:
    """The first rule that applies is applied, again and again."""
    letters = random.choice(["abc", "abc", "ABC", "xyz", "pqr", "ABCD", "abcde", "ab"])
    quote = random.choice(["{}", "{}", '"{}"', '"{}"', "'{}'"])
    while True:
        first = _draw(letters, random.randint(4, 14), random)
        rules = [_rewriting_rule(letters, sides, quote, random) for _ in range(random.randint(2, 8))]
        if len({when for _, _, when, _ in rules}) < len(rules):
            continue
        if len(_rewritten(first, rules)) > 3:
            break
    form = random.choice(_given("rewrite.form"))
    said = [form.format(when=when, do=do) for when, do, _, _ in rules]
    notation = _Notation("", quote)
    asked = "count" if count else "last"
    text = _told(
        _given("rewrite.text"),
        "number" if count else "string",
        random,
        s=notation.shown(first),
        q=notation.quoted(first),
        rules=_listing(said, random, inline=len(rules) < 5),
        until=random.choice(_given("rewrite.until")),
        letters=listed(list(letters), random),
        ask=random.choice(_given("rewrite.ask")[asked]),
    )
    steps: list[str] = []
    for _, _, when, do in rules:
        steps += [f"    {'elif' if steps else 'if'} {when}:", f"        word = {do}"]
    return text, block(
        f'word = "{first}"',
        "seen = []",
        "while word not in seen:",
        "    seen.append(word)",
        steps,
        ["how_many = len(seen)"] if count else [],
        ask="how_many" if count else "word",
    )


def _growing(random: Random, *, count: bool) -> tuple[str, str]:
    """Each letter is replaced at the same time, some rounds long."""
    letters = random.choice(["AB", "ABC", "ab", "abc", "xyz", "FGH", "LS"])
    rules = {letter: _draw(letters, random.choice([1, 2, 2, 3]), random) for letter in letters}
    rules = {a: b for a, b in rules.items() if a != b}
    first = _draw(letters, random.randint(1, 4), random)
    rounds = random.randint(2, 8 if count else 4)
    grown = first
    for _ in range(rounds):
        grown = "".join(rules.get(letter, letter) for letter in grown)
    if not rules or grown == first or len(grown) > (3000 if count else 45):
        return _growing(random, count=count)
    quote = random.choice(["{}", "{}", '"{}"', "'{}'"])
    form = random.choice(_given("grow.rule"))
    said = [form.format(a=quote.format(a), b=quote.format(b)) for a, b in rules.items()]
    kept = [quote.format(letter) for letter in letters if letter not in rules]
    rest = f"{random.choice(_given('grow.kept')).format(kept=listed(kept, random))} " if kept else ""
    one = random.choice(letters)
    asked = random.choice(["length", "letter"]) if count else "string"
    text = _told(
        _given("grow.text"),
        "number" if count else "string",
        random,
        s=quote.format(first),
        rest=rest,
        rules=_listing(said, random),
        n=number(rounds, random),
        ask=random.choice(_given("grow.ask")[asked]).format(c=quote.format(one), n=number(rounds, random)),
    )
    result = {"length": ["length = len(word)"], "letter": [f'how_many = word.count("{one}")'], "string": []}[asked]
    meant = ", ".join(f'"{a}": "{b}"' for a, b in rules.items())
    return text, block(
        f'word = "{first}"',
        f"rules = {{{meant}}}",
        f"for step in range({rounds}):",
        '    word = "".join(rules.get(letter, letter) for letter in word)',
        result,
        ask=result[0].split()[0] if result else "word",
    )


# --- parts exchanged --------------------------------------------------------------------------------------------------

Amounts = dict[str, int]

_APPLY = [
    "for kind, n in used.items():",
    "    counts[kind] -= n",
    "for kind, n in made.items():",
    "    counts[kind] += n",
]
_ENOUGH = "all(counts[kind] >= n for kind, n in {}.items())"


def _exchanging_rule(kinds: Sequence[str], random: Random) -> tuple[Amounts, Amounts]:
    used = random.sample(kinds, random.choice([1, 1, 2]) if len(kinds) > 2 else 1)
    others = [kind for kind in kinds if kind not in used]
    made = random.sample(others, min(len(others), random.choice([1, 1, 2])))
    most = 3 if len(used) == 1 else 2
    return {kind: random.randint(1, most) for kind in used}, {kind: random.randint(1, 2) for kind in made}


def _exchanged(counts: Amounts, rules: Sequence[tuple[Amounts, Amounts]], *, once: bool) -> int:
    """How many times a rule is applied to `counts`, which change; 61 if it goes on. `once`: no way back in the list."""
    times = at = 0
    while at < len(rules) and times <= 60:
        used, made = rules[at]
        if all(counts[kind] >= n for kind, n in used.items()):
            for kind in counts:
                counts[kind] += made.get(kind, 0) - used.get(kind, 0)
            times, at = times + 1, at if once else 0
        else:
            at += 1
    return times


_RESULT = {
    "final": "final = [counts[kind] for kind in [{order}]]",
    "total": "total = sum(counts.values())",
    "kind": 'left = counts["{one}"]',
    "times": "",
}


def _exchange(random: Random, *, story: bool, asked: str, once: bool = False) -> tuple[str, str]:
    """Rules that turn some parts into others; `once`: each rule in its turn, as long as it can be applied."""
    given = _given("exchange.story" if story else "exchange.letters")
    setting = random.choice(given["setting"])
    kinds = random.sample(setting["kinds"], random.randint(3, min(6 if story else 9, len(setting["kinds"]))))
    if not story:
        kinds.sort()
    while True:
        counts = {kind: random.choice([0, random.randint(1, 6), random.randint(3, 20)]) for kind in kinds}
        rules = [_exchanging_rule(kinds, random) for _ in range(random.randint(3, 5 if story else 7))]
        if any(counts.values()) and 2 <= _exchanged(dict(counts), rules, once=once) <= 60:
            break
    form, amount = random.choice(given["rule"]), random.choice(given["amount"])
    said = [form.format(used=_amounts(used, amount), made=_amounts(made, amount)) for used, made in rules]
    some = {kind: n for kind, n in counts.items() if n} if random.random() < 0.5 else counts
    have = listed(_each(some, random.choice(given["amount"])), random) + "."
    if len(some) < len(counts):
        have += f" {random.choice(_given('exchange.nothing'))}"
    order = random.sample(kinds, len(kinds)) if random.random() < 0.4 else kinds
    one = random.choice(kinds)
    named = [word(kind, "s") if story else kind for kind in (one, *order)]
    holes = {"kind": named[0], "order": ", ".join(named[1:]), "things": setting["things"]}
    text = _told(
        _given("exchange.text"),
        "list" if asked == "final" else "number",
        random,
        have=have,
        rules=_listing(said, random, inline=len(rules) < 4),
        scene=random.choice(setting["scene"]),
        way=random.choice(_given("exchange.way")["once" if once else "first"]),
        things=setting["things"],
        ask=random.choice(_given("exchange.ask")[asked]).format_map(holes),
    )
    result = _RESULT[asked].format(order=", ".join(f'"{word(kind, "")}"' for kind in order), one=word(one, ""))
    step = [*_APPLY, *(["times += 1"] if asked == "times" else [])]
    if once:
        loop = ["for used, made in rules:", f"    while {_ENOUGH.format('used')}:", *(f"        {s}" for s in step)]
    else:
        ready = f"    ready = [rule for rule in rules if {_ENOUGH.format('rule[0]')}]"
        loop = ["while True:", ready, "    if not ready:", "        break", "    used, made = ready[0]"]
        loop += [f"    {s}" for s in step]
    return text, block(
        f"counts = {_mapped(counts)}",
        "rules = [",
        (f"    ({_mapped(used)}, {_mapped(made)})," for used, made in rules),
        "]",
        ["times = 0"] if asked == "times" else [],
        loop,
        [result] if result else [],
        ask=result.split()[0] if result else "times",
    )


def _mapped(counts: Amounts) -> str:
    return "{" + ", ".join(f'"{word(kind, "")}": {n}' for kind, n in counts.items()) + "}"


def _each(counts: Amounts, form: Mapping[str, str]) -> list[str]:
    """2 gears, 1 bolt; 2A, B."""
    return [form["one" if n == 1 else "many"].format(n=n, k=Noun(kind)) for kind, n in counts.items()]


def _amounts(counts: Amounts, form: Mapping[str, str]) -> str:
    return form["join"].join(_each(counts, form))


# --- small questions about a string -----------------------------------------------------------------------------------


def _runny(random: Random) -> str:
    """A string with runs of equal characters."""
    letters = random.choice(["ab", "AB", "abc", "ABC", "01", "XYZ", "HT", "WSR"])
    return "".join(random.choice(letters) * random.randint(1, 5) for _ in range(random.randint(3, 9)))


def _mirrored(random: Random) -> str:
    """A palindrome, or nearly one."""
    letters = random.choice(["abc", "ABCD", SMALL, "12345", "01"])
    half = _draw(letters, random.randint(2, 7), random)
    text = list(half + half[::-1][random.randint(0, 1) :])
    for _ in range(random.choice([0, 0, 1, 2, 4, 6])):
        text[random.randrange(len(text))] = random.choice(letters)
    return "".join(text)


def _mixed(random: Random) -> str:
    """A word, or letters by chance."""
    if random.random() < 0.4:
        found: str = random.choice(_given("vocabulary.word"))
        return found.upper() if random.random() < 0.2 else found
    return _draw(random.choice(["abcd", "ABCDE", SMALL, "pqrst", "1234"]), random.randint(5, 20), random)


_DRAWN: Mapping[str, Callable[[Random], str]] = {"runs": _runny, "mirrored": _mirrored, "mixed": _mixed}


def _small(random: Random, *, task: str) -> tuple[str, str]:
    """A short question about one string; all of it is data."""
    given = random.choice(_given("small")[task])
    text, notation = _DRAWN[given["draw"]](random), _notation(random)
    told = _told(given["texts"], given["answer"], random, s=notation.shown(text), q=notation.quoted(text))
    imports = given.get("imports", [])
    return told, block(imports, f"text = {notation.meant(text)}", given["code"], ask=given["code"][-1].split()[0])


def _differ(random: Random) -> tuple[str, str]:
    """In how many places two strings differ."""
    alphabet = random.choice(["01", "abc", "ABCD", SMALL, "ACGT", "0123456789"])
    first = _draw(alphabet, random.randint(4, 22), random)
    share = random.choice([0.1, 0.3, 0.6])
    second = "".join(random.choice(alphabet) if random.random() < share else letter for letter in first)
    notation = _notation(random)
    same = random.random() < 0.3
    text = _told(
        _given("differ")["same" if same else "different"],
        "number",
        random,
        s=notation.shown(first),
        t=notation.shown(second),
        s_q=notation.quoted(first),
        t_q=notation.quoted(second),
    )
    code = f"how_many = sum(a {'==' if same else '!='} b for a, b in zip(first, second))"
    return text, block(f"first = {notation.meant(first)}", f"second = {notation.meant(second)}", code, ask="how_many")


def _sorting(random: Random) -> tuple[str, str]:
    """Words put in order by a rule."""
    rule = random.choice(_given("sorting.rule"))
    chosen = random.sample(_given("vocabulary.plain"), random.randint(4, 10))
    mark = random.choice(["{}", "{}", '"{}"', "'{}'"])
    shown = random.choice([", ", ", ", " | ", "; "]).join(mark.format(w) for w in chosen)
    text = _told(_given("sorting.text"), "words", random, words=shown, rule=random.choice(rule["say"]))
    quoted = ", ".join(f'"{w}"' for w in chosen)
    return text, block(f"words = [{quoted}]", f"ordered = {rule['code']}", ask="ordered")


# --- a hand of cards --------------------------------------------------------------------------------------------------


def _played(code: Iterable[str]) -> list[int] | None:
    """The hand that is left; None where a card is missing on the way, or all are gone."""
    names: dict[str, Any] = {}
    try:
        exec("\n".join(code), names)
    except (IndexError, ValueError):  # no card to take away
        return None
    hand: list[int] = names["hand"]
    return hand or None


def _hand(random: Random, *, rounds: bool) -> tuple[str, str]:
    """Cards that come and go, action by action; `rounds`: a card each round, and the same rule for all of them."""
    given = _given("hand")
    while True:
        first = [random.randint(1, 13) for _ in range(random.randint(2 if rounds else 3, 7))]
        pile = [random.randint(1, 13) for _ in range(random.randint(3, 8))]
        said, code = _rule(random) if rounds else _actions(random)
        begin = [f"hand = {first}"]
        body = [f"for card in {pile}:", *(f"    {line}" for line in code)] if rounds else code
        hand = _played([*begin, *body])
        if hand and len(hand) < 12:
            break
    ask = random.choice(list(given["ask"]))
    question = given["ask"][ask]
    card = random.choice([random.choice(hand), random.randint(1, 13)])
    text = _told(
        given["rounds" if rounds else "steps"],
        question["answer"],
        random,
        first=_cards(first, random),
        pile=_cards(pile, random),
        said=said,
        ask=random.choice(question["say"]).format(c=card),
    )
    result = question["code"].format(c=card)
    return text, block(begin, body, [result] if result else [], ask=result.split()[0] if result else "hand")


def _cards(cards: Sequence[int], random: Random) -> str:
    return random.choice([", ".join(map(str, cards)), listed(list(map(str, cards)), random)])


def _actions(random: Random) -> tuple[str, list[str]]:
    """Some actions, one after the other."""
    acts = random.choices(_given("hand.act"), k=random.randint(2, 6))
    said, code = [], []
    for act in acts:
        new = [random.randint(1, 13) for _ in range(random.randint(1, 3))]
        holes = {"cards": _cards(new, random) if len(new) > 1 else str(new[0]), "k": random.randint(4, 10)}
        said.append(random.choice(act["say"]).format_map({**holes, "s": "s" if len(new) > 1 else ""}))
        code.append(act["code"].format_map({**holes, "cards": ", ".join(map(str, new))}))
    return _listing(said, random), code


def _rule(random: Random) -> tuple[str, list[str]]:
    """How a card is taken; and, as often as not, what leaves the hand in the same round."""
    parts = [random.choice(_given("hand.take")), random.choice(_given("hand.leave"))]
    if random.random() < 0.3 or parts[0]["alone"]:
        parts.pop()
    k, most = random.randint(2, 11), random.randint(3, 5)
    said = " ".join(capitalised(random.choice(part["say"]).format(k=k, most=most)) for part in parts)
    return said, [line.format(k=k, most=most) for part in parts for line in part["code"]]


STRINGS: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "strings_alternate_bits": partial(_alternate, kind="swaps", story=False),
    "strings_alternate_things": partial(_alternate, kind="swaps", story=True),
    "strings_alternate_neighbours": partial(_alternate, kind="neighbours", story=True),
    "strings_alternate_changes": partial(_alternate, kind="changes", story=False),
    "strings_letters_word": partial(_letters, kind="word"),
    "strings_letters_missing": partial(_letters, kind="missing"),
    "strings_letters_copies": partial(_letters, kind="copies"),
    "strings_letters_note": partial(_note, kind="word"),
    "strings_letters_note_missing": partial(_note, kind="missing"),
    "strings_mapping_letters": _mapping,
    "strings_mapping_merging": partial(_mapping, merging=True),
    "strings_mapping_words": _mapping_words,
    "strings_mapping_count": _mapping_count,
    "strings_insert_used": partial(_insert, kind="used"),
    "strings_insert_overlapping": partial(_insert, kind="overlapping"),
    "strings_insert_length": partial(_insert, kind="used", length=True),
    "strings_rewrite_ends": partial(_rewriting, sides=["start", "end"]),
    "strings_rewrite_any": partial(_rewriting, sides=["start", "end", "inside", "inside", "long", "even"]),
    "strings_rewrite_count": partial(_rewriting, sides=["start", "end", "inside"], count=True),
    "strings_grow": partial(_growing, count=False),
    "strings_grow_count": partial(_growing, count=True),
    "strings_exchange_final": partial(_exchange, story=True, asked="final"),
    "strings_exchange_letters": partial(_exchange, story=False, asked="final"),
    "strings_exchange_total": partial(_exchange, story=True, asked="total"),
    "strings_exchange_kind": partial(_exchange, story=False, asked="kind"),
    "strings_exchange_times": partial(_exchange, story=True, asked="times"),
    "strings_exchange_in_turn": partial(_exchange, story=True, asked="final", once=True),
    "strings_runs": partial(_small, task="runs"),
    "strings_runs_longest": partial(_small, task="longest"),
    "strings_runs_written": partial(_small, task="written"),
    "strings_distinct": partial(_small, task="distinct"),
    "strings_palindrome": partial(_small, task="palindrome"),
    "strings_palindrome_changes": partial(_small, task="changes"),
    "strings_palindrome_shuffled": partial(_small, task="shuffled"),
    "strings_frequent": partial(_small, task="frequent"),
    "strings_sorted_letters": partial(_small, task="sorted"),
    "strings_sorted_words": _sorting,
    "strings_differ": _differ,
    "strings_hand_steps": partial(_hand, rounds=False),
    "strings_hand_rounds": partial(_hand, rounds=True),
}
"""Name of the family → the text of a problem and its program."""
