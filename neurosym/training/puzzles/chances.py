"""Chances of trials and dice, the calendar, numbers with a property, two premises, and people of two kinds."""

from __future__ import annotations

from calendar import day_name, monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from math import prod
from random import Random
from typing import Any

from neurosym.language.evaluate import Interpretation, evaluate
from neurosym.language.read import read_expression
from neurosym.language.symbols import Symbols
from neurosym.training.puzzles.text import block, data, lines, listed, sentences, words
from neurosym.training.wording import identifier, word

MOST_ROLLS = 5_000
"""As many terms as a solver counts one by one."""
_ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
_WEEK = f"days = [{', '.join(f'{chr(34)}{day}{chr(34)}' for day in day_name)}]"


def _given(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data("chances")[kind]
    return found


def _said(wordings: Sequence[str], random: Random, **holes: Any) -> str:
    return str(random.choice(wordings)).format(**holes)


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


# --- trials and dice --------------------------------------------------------------------------------------------------


def _trials(random: Random, *, even: bool) -> tuple[str, str]:
    """So many successes in n trials: with chances that are even, or with a fraction."""
    given = _given("trials")
    setting = random.choice(given["even" if even else "uneven"])
    n = random.randint(3, 16 if even else 9)
    wanted = random.choice(given["wanted"])
    k, m = sorted(random.sample(range(1, n), 2))
    chance = Fraction(random.randint(1, 4), random.choice([3, 4, 5, 6, 8, 10]))
    chance = chance if chance < 1 else 1 - Fraction(1, chance.numerator + 1)
    p = random.choice([str(chance), str(chance), f"{float(chance):g}", f"{float(chance * 100):g}%"])
    p = p if chance.denominator in (2, 4, 5, 8, 10) else str(chance)
    holes = {"n": n, "p": p, "w": wanted["say"].format(k=k, m=m)}
    text = _joined(
        _said(setting["text"], random, **holes), _said(given["rule"], random, **holes) if not even else "",
        _said(given["form"], random),
    )  # fmt: skip
    bounds = {"0": 0, "k": k, "n": n, "m": m, "k + 1": k + 1, "k - 1": k - 1}
    low, high = bounds[wanted["low"]], bounds[wanted["high"]]
    x = setting["name"] if low != high else str(low)
    one = f"binomial({n}, {x})" + ("" if even else f"*p^{x}*(1 - p)^({n} - {x})")
    total = one if low == high else f"sum({x}: {low}..{high}, {one})"
    return text, lines([] if even else [f"let p = {p}"], f"ask {total}/2^{n}" if even else f"ask {total}")


def _dice(random: Random, *, short: bool) -> tuple[str, str]:
    """Dice with different numbers of sides, and a sum to be reached or not."""
    given = _given("dice")
    while True:
        sides = [random.choice([4, 6, 8, 10, 12, 20, random.randint(3, 20)]) for _ in range(random.randint(2, 5))]
        if prod(sides) <= MOST_ROLLS:
            break
    mean = sum(n + 1 for n in sides) // 2
    target = min(max(mean + random.randint(-mean // 2, mean // 2), len(sides) + 1), sum(sides) - 1)
    if short:
        sides = sorted(sides, reverse=random.random() < 0.5)
        joint, one = random.choice([" + ", ", ", ", ", " and "]), random.choice(["1", ""])
        dice = joint.join(f"{one}d{n}" for n in sides)
    else:
        each = listed([_said(given["each"], random, n=n) for n in sides], random)
        counts, hyphens = listed([str(n) for n in sides], random), listed([f"{n}-sided" for n in sides], random)
        dice = _said(given["told"], random, each=each, sides=counts, hyphens=hyphens)
    wanted = random.choice(given["wanted"])
    name = word(random.choice(words("person")), "")
    text = _said(given["text"], random, dice=dice, w=wanted["say"].format(t=target), name=name)
    names = "abcde"[: len(sides)]
    rolls = ", ".join(f"{x}: 1..{n}" for x, n in zip(names, sides, strict=True))
    total = f"{' + '.join(names)} {wanted['op']} {target}"
    note = random.choice(given["note"]) if short else ""
    return _joined(text, note, _said(given["form"], random)), lines(f"ask probability({rolls}, {total})")


# --- the calendar -----------------------------------------------------------------------------------------------------


def _day(random: Random, first: int = 1950, last: int = 2050) -> date:
    return date(random.randint(first, last), 1, 1) + timedelta(days=random.randint(0, 364))


def _written(day: date, form: str) -> str:
    nth = f"{day.day}{_ENDINGS.get(day.day, 'th')}"
    return form.format(month=f"{day:%B}", d=day.day, y=day.year, nth=nth)


def _meant(day: date) -> str:
    return f"date({day.year}, {day.month}, {day.day})"


def _name(random: Random) -> str:
    return word(random.choice(words("person")), "")


def _form(random: Random, key: str = "form") -> str:
    return _said(_given("dates")[key], random)


def _weekday(random: Random) -> str:
    return random.choice(list(day_name))


def _shift(random: Random) -> tuple[str, str]:
    """The day of the week n days after another, or before it."""
    later = random.random() < 0.6
    day, n = _weekday(random), random.choice([random.randint(8, 100), random.randint(50, 1500)])
    text = _said(_given("dates")["shift_later" if later else "shift_earlier"], random, day=day, n=n, name=_name(random))
    shifted = f'day = days[(days.index("{day}") {"+" if later else "-"} {n}) % 7]'
    return _joined(text, _form(random)), block([_WEEK, shifted], ask="day")


def _same_year(random: Random) -> tuple[str, str]:
    """The day of the week of a date, from that of another date of the same year."""
    given = _given("dates")
    year = random.choice([2023, 2024])
    early, late = sorted(random.sample([date(year, 1, 1) + timedelta(days=k) for k in range(365)], 2))
    forward = random.random() < 0.7
    first, other = (early, late) if forward else (late, early)
    form, day = random.choice(given["in_year"]), _weekday(random)
    holes = {"first": _written(first, form), "other": _written(other, form), "day": day, "name": _name(random)}
    text = _said(given["same_year"], random, **holes)
    kind = ""
    if early.month <= 2 < late.month:
        kind = _said(given["leap" if year == 2024 else "common"], random)
    between = [str(monthrange(year, month)[1]) for month in range(early.month + 1, late.month)]
    terms = [f"({monthrange(year, early.month)[1]} - {early.day})", *between, str(late.day)]
    passed = " + ".join(terms) if early.month != late.month else f"{late.day} - {early.day}"
    shifted = f'day = days[(days.index("{day}") {"+" if forward else "-"} passed) % 7]'
    return _joined(text, kind, _form(random)), block([_WEEK, f"passed = {passed}", shifted], ask="day")


def _day_of_date(random: Random, *, shifted: bool) -> tuple[str, str]:
    """The name of the day of the week of a date, or of one so many days from it."""
    given = _given("dates")
    day, n = _day(random), random.randint(8, 500)
    kind = random.choice(["name_later", "name_earlier"]) if shifted else "name_of"
    written = _written(day, random.choice(given["written"]))
    text = _said(given[kind], random, date=written, n=n, name=_name(random))
    sign = "+" if kind == "name_later" else "-"
    meant = f"({_meant(day)} {sign} timedelta(days={n}))" if shifted else _meant(day)
    names = "date, timedelta" if shifted else "date"
    code = [f"from datetime import {names}", f'day = {meant}.strftime("%A")']
    return _joined(text, _form(random)), block(code, ask="day")


def _two_days(random: Random, most: int) -> tuple[date, date, str]:
    first = _day(random)
    return first, first + timedelta(days=random.randint(10, most)), random.choice(_given("dates")["written"])


def _between(random: Random) -> tuple[str, str]:
    """How often a day of the week comes between two dates."""
    first, last, form = _two_days(random, 400)
    day = _weekday(random)
    holes = {"first": _written(first, form), "last": _written(last, form), "day": day, "name": _name(random)}
    code = [
        "from datetime import date",
        f"first, last = {_meant(first)}.toordinal(), {_meant(last)}.toordinal()",
        'days = [date.fromordinal(n).strftime("%A") for n in range(first, last + 1)]',
        f'how_many = days.count("{day}")',
    ]
    text = _said(_given("dates")["between"], random, **holes)
    return _joined(text, _form(random, "number")), block(code, ask="how_many")


def _in_month(random: Random) -> tuple[str, str]:
    """How often a day of the week comes in a month."""
    first, day = _day(random), _weekday(random)
    text = _said(_given("dates")["in_month"], random, day=day, month=f"{first:%B}", y=first.year)
    length = monthrange(first.year, first.month)[1]
    code = [
        "from datetime import date",
        f'days = [date({first.year}, {first.month}, d).strftime("%A") for d in range(1, {length} + 1)]',
        f'how_many = days.count("{day}")',
    ]
    return _joined(text, _form(random, "number")), block(code, ask="how_many")


def _begins(random: Random) -> tuple[str, str]:
    """How often a day of the week comes in so many days, the first of which is known."""
    n = random.choice([28, 29, 30, 31, 30, 31, random.randint(10, 100)])
    start, day = _weekday(random), _weekday(random)
    given = _given("dates")["begins"]
    wordings = given if n in (28, 29, 30, 31) else [w for w in given if "month" not in w]
    text = _said(wordings, random, n=n, start=start, day=day, name=_name(random))
    code = [
        _WEEK,
        f'shown = [days[(days.index("{start}") + n) % 7] for n in range({n})]',
        f'how_many = shown.count("{day}")',
    ]
    return _joined(text, _form(random, "number")), block(code, ask="how_many")


def _passed(random: Random) -> tuple[str, str]:
    """The days from one date to another."""
    first, last, form = _two_days(random, 1500)
    holes = {"first": _written(first, form), "last": _written(last, form), "name": _name(random)}
    text = _joined(_said(_given("dates")["passed"], random, **holes), _form(random, "number"))
    return text, lines(f"let start = {_meant(first)}", f"let finish = {_meant(last)}", "ask finish - start")


def _leap(random: Random) -> tuple[str, str]:
    """Whether a year is a leap year, or how many years are: whether the next year begins 366 days later."""
    given = _given("dates")
    is_leap = "date(y + 1, 1, 1) - date(y, 1, 1) = 366"
    if random.random() < 0.6:
        y = random.choice([random.randint(1850, 2110), random.choice([1700, 1800, 1900, 2000, 2100, 2200, 2400])])
        y = random.choice([y, y // 4 * 4])
        return _said(given["leap_is"], random, y=y), lines(f"let y = {y}", f"ask {is_leap}")
    a = random.randint(1800, 2020)
    b = a + random.randint(10, 130)
    return _said(given["leap_many"], random, a=a, b=b), lines(f"ask count(y: {a}..{b}, {is_leap})")


def _next(random: Random) -> tuple[str, str]:
    """The date of the first day of a certain name after a date."""
    day, weekday = _day(random), random.randint(1, 7)
    written = _written(day, random.choice(_given("dates")["written"]))
    text = _said(_given("dates")["next"], random, date=written, day=day_name[weekday - 1], name=_name(random))
    begin = f"let next_day = {_meant(day)} + 1"
    return text, lines(begin, f"ask next_day + ({weekday} - weekday(next_day)) mod 7")


# --- numbers ----------------------------------------------------------------------------------------------------------

_IS_PRIME = ["def is_prime(n):", "    return n > 1 and all(n % d for d in range(2, n))"]
_PICK = {"largest": "max", "smallest": "min", "total": "sum"}


def _numbers(random: Random, *, kind: str, pick: bool) -> tuple[str, str]:
    """How many numbers of a range have a property; or the largest, the smallest or the sum of them."""
    given = _given("numbers")
    properties: Mapping[str, Sequence[str]] = given[kind]
    while True:
        plain = kind == "primes" and random.random() < 0.5
        test = "is_prime(n)" if plain else random.choice(list(properties))
        d, k = random.choice("1379"), random.randint(3, 9)
        low = random.randint(2, 60) if random.random() < 0.3 else random.randint(100, 6000)
        high = low + random.randint(400 if pick else 60, 3000)
        if kind == "primes" or high < 6000:
            break
    holes = {"d": d, "k": k}
    limits = random.choice(given["range"])
    range_, code_range = (limits[key].format(lo=low, hi=high) for key in ("say", "code"))
    what = "many" if not pick else random.choice(list(_PICK))
    asked_of = _said(given[what], random, what=_said(properties[test], random, **holes), range=range_)
    name = "primes" if kind == "primes" else "numbers"
    found = f"{name} = [n for n in {code_range} if {test.format(**holes)}]"
    value = f"how_many = len({name})" if not pick else f"{what} = {_PICK[what]}({name})"
    code = [*(_IS_PRIME if kind == "primes" else []), found, value]
    asked_of = asked_of.replace(",.", ".").replace(",?", "?").replace(",,", ",")
    return _joined(asked_of, _said(given["form"], random)), block(code, ask=value.split()[0])


# --- two premises -----------------------------------------------------------------------------------------------------

World = frozenset[frozenset[str]]
"""Which combinations of kinds occur together in some individual."""
_FORMS = {"all": (False, False), "no": (False, True), "some": (True, True), "not_all": (True, False)}
"""Of each form: does it say that there is something, and is this of the second kind, too?"""
Judgement = tuple[str, str, str]
"""A form and two kinds."""


def _holds(judgement: Judgement, world: World) -> bool:
    form, a, b = judgement
    exists, both = _FORMS[form]
    return any(a in being and (b in being) is both for being in world) is exists


def _formula(judgement: Judgement) -> str:
    form, a, b = (identifier(word(part, "")) for part in judgement)
    exists, both = _FORMS[form]
    if exists:
        return f"exists x: thing. {a}(x) and {'' if both else 'not '}{b}(x)"
    return f"forall x: thing. {a}(x) -> {'not ' if both else ''}{b}(x)"


def _in_words(judgement: Judgement, random: Random) -> str:
    form, a, b = judgement
    forms = {"a": word(a, ""), "as": word(a, "s"), "one_a": word(a, "a")}
    forms |= {"b": word(b, ""), "bs": word(b, "s"), "one_b": word(b, "a")}
    return _said(data("quantified")["say"][form], random, **forms)


def _syllogism(random: Random, *, existing: bool) -> tuple[str, str]:
    """Two premises that share a kind, and a conclusion on the others: does it follow?"""
    given = _given("syllogism")
    a, b, c = random.choice(given["nouns"])
    a, b, c = random.sample([a, b, c], 3)
    every = [frozenset(kinds) for size in range(4) for kinds in combinations((a, b, c), size)]
    worlds = [frozenset(beings) for size in range(1, 9) for beings in combinations(every, size)]
    if existing:
        worlds = [w for w in worlds if all(any(kind in being for being in w) for kind in (a, b, c))]
    wanted = random.choice([{True}, {True}, {True, False}, {True, False}, {False}])
    forms = list(_FORMS)
    while True:
        premises: list[Judgement] = []
        for x, y in ((a, b), (b, c)):
            first, second = random.sample([x, y], 2)
            premises.append((random.choice(forms), first, second))
        first, second = random.sample([a, c], 2)
        conclusion = (random.choice(forms), first, second)
        verdict = {_holds(conclusion, w) for w in worlds if all(_holds(p, w) for p in premises)}
        if verdict == wanted:
            break
    random.shuffle(premises)
    p, q = (f"{s[0].upper()}{s[1:]}." for s in (_in_words(premise, random) for premise in premises))
    exist = ""
    if existing:
        many = {"as": word(a, "s"), "bs": word(b, "s"), "cs": word(c, "s")}
        exist = _said(given["exist"], random, a=word(a, ""), b=word(b, ""), c=word(c, ""), **many)
    question = _said(given["ask"], random, c=_in_words(conclusion, random))
    lead = _said(given["lead"], random, p=p, q=q)
    text = _joined(*random.choice([(lead, exist, question), (exist, lead, question)]), _said(given["form"], random))
    names = list(dict.fromkeys(identifier(word(kind, "")) for _, x, y in premises for kind in (x, y)))
    there = [f"exists x: thing. {identifier(word(kind, ''))}(x)" for kind in (a, b, c)] if existing else []
    before = text.find(exist) < text.find(p)
    stated = [_formula(premise) for premise in premises]
    return text, lines(
        "sort thing", f"rel {', '.join(f'{name}(thing)' for name in names)}",
        [*there, *stated] if before else [*stated, *there], f"ask {_formula(conclusion)}",
    )  # fmt: skip


# --- people of two kinds ----------------------------------------------------------------------------------------------


def _roles(random: Random, *, least: int, most: int) -> tuple[str, str]:
    """Each makes one compound statement on who is of which kind; only one possibility is left."""
    kind = random.choice(_given("roles")["kind"])
    while True:
        drawn = random.sample(words("person"), random.randint(least, most))
        people = [word(who, "") for who in drawn]
        claims = [_claim(who, people, kind, random) for who in drawn]
        rules = [read_expression(f"x{k} = 1 <=> ({plain})") for k, (_, _, plain) in enumerate(claims)]
        worlds = [{f"x{k}": Fraction(v) for k, v in enumerate(row)} for row in product([0, 1], repeat=len(people))]
        left = [w for w in worlds if all(evaluate(r, Symbols(), Interpretation(values=w)) is True for r in rules)]
        if len(left) == 1:
            break
    given = _given("roles")
    noun = bool(not kind.get("adjective"))
    one, other = (word(kind[k], "a") if noun else kind[k] for k in ("true", "false"))
    holes = {
        "list": listed(people, random), "one": one, "other": other,
        "many": word(kind["true"], "s") if noun else kind["true"],
    }  # fmt: skip
    text = sentences([_said(kind["intro"], random, list=holes["list"]), *(say for say, _, _ in claims)])
    question = _said(given["ask"], random, **holes)
    holds = [f"{kind['true']}({identifier(who)})" for who in people]
    stated = (f"{h} <=> ({means})" for h, (_, means, _) in zip(holds, claims, strict=True))
    head = [f"sort {kind['sort']} = {{{', '.join(map(identifier, people))}}}", f"rel {kind['true']}({kind['sort']})"]
    return f"{text} {question}", lines(head, stated, f"ask {', '.join(holds)}")


def _claim(speaker: str, people: Sequence[str], kind: Mapping[str, Any], random: Random) -> tuple[str, str, str]:
    """What somebody says: the sentence, its formula, and the same formula of the numbers x0, x1, ..."""
    given = _given("roles")
    own, direct = word(speaker, ""), random.random() < 0.6
    means = random.choice([form for form in given["say"] if "{c}" not in form or len(people) > 2])
    myself = "I am" if direct else f"{word(speaker, 'he')} {word(speaker, 'himself')} is"
    said, formulas, plain = {}, {}, {}
    for letter, who in zip("abc", random.sample(people, min(3, len(people))), strict=False):
        true = random.random() < 0.5
        called = kind["true" if true else "false"]
        called = called if kind.get("adjective") else word(called, "a")
        said[letter] = f"{myself if who == own else f'{who} is'} {called}"
        formulas[letter] = f"{'' if true else 'not '}{kind['true']}({identifier(who)})"
        plain[letter] = f"x{people.index(who)} = {int(true)}"
    clause = str(random.choice(given["say"][means])).format(**said)
    quoted = f"{clause[0].upper()}{clause[1:]}" if direct else clause
    sentence = _said(given["quoted" if direct else "indirect"], random, s=own, q=quoted)
    return sentence, means.format(**formulas), means.format(**plain)


CHANCES: Mapping[str, Callable[[Random], tuple[str, str]]] = {
    "chances_even_trials": partial(_trials, even=True),
    "chances_uneven_trials": partial(_trials, even=False),
    "chances_dice_told": partial(_dice, short=False),
    "chances_dice_short": partial(_dice, short=True),
    "dates_weekday_shift": _shift,
    "dates_weekday_same_year": _same_year,
    "dates_weekday_name": partial(_day_of_date, shifted=False),
    "dates_weekday_name_shift": partial(_day_of_date, shifted=True),
    "dates_weekdays_between": _between,
    "dates_weekdays_in_month": _in_month,
    "dates_weekdays_in_days": _begins,
    "dates_days_passed": _passed,
    "dates_leap_years": _leap,
    "dates_next_weekday": _next,
    "numbers_primes_many": partial(_numbers, kind="primes", pick=False),
    "numbers_primes_pick": partial(_numbers, kind="primes", pick=True),
    "numbers_digits_many": partial(_numbers, kind="digits", pick=False),
    "numbers_digits_pick": partial(_numbers, kind="digits", pick=True),
    "premises_two": partial(_syllogism, existing=False),
    "premises_two_existing": partial(_syllogism, existing=True),
    "roles_two": partial(_roles, least=2, most=2),
    "roles_three": partial(_roles, least=3, most=4),
}
"""Name of the family → the text of a problem and its program."""
