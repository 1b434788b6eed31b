"""Numbers that a text tells in passing: dates, ages, names, bounds, and counts of what is then told one by one.

A number that a program does not use is a sign that something was left out, unless its words say that it need not be
computed with. Each rule here is about how such numbers are said, whatever they count; where a rule is wrong, a number
that was left out is not missed. Amounts of money, percentages and factors are never scenery.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, takewhile

from neurosym.language.quantities import Form, Quantity

_AROUND = 40
"""Characters before and after a number that say how it is meant."""
SMALL = 12
"""The greatest number that is taken for a count of what the text then tells one by one."""

_NAMED_YEAR = re.compile(
    r"(?:\b(?:in|since|by|of|year|until|from|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|\d{1,2},)\s*)\Z",
    re.I,
)
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\Z", re.I
)
_LABEL = re.compile(
    r"(?:\b(?:grade|chapter|page|room|number|no\.|level|route|highway|bus|class|team|step|phase|part|section|floor"
    r"|gate|day|week|month|semester|quarter|weeks|days)|#|\b[A-Z][a-z]*[A-Z]\w*|[A-Z]{2,}-?)\s*\Z"
)
"""`day 2`, `iPhone 12`, `COVID-19`: a name."""
_OPENED, _CLOSED = re.compile("[\"'“‘`]\\Z"), re.compile("[\"'”’`]")
"""What is quoted is mentioned, not counted: a string of digits."""
_MODEL = re.compile(r"(?:\s+(?:airplane|aircraft|jet|model|series)s?|[\s-]+digits?)\b", re.I)
"""`a 747 airplane`, `a 2-digit number`: which kind it is."""
_CLOCK = re.compile(r"\s*(?:o['’]clock\b|:\d\d\b|[ap]\.?m\b)", re.I)
_DECADE = re.compile(r"s\b")

_TIME = r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|weekends?|months?|years?|seasons?|semesters?)"
_WHEN_BEFORE = re.compile(
    r"\b(?:in|after|within|during|for|over|the (?:past|last|next|first|following|previous))"
    r"(?: (?:the|another|about|past|last|next|first|following|previous))*\s+\Z",
    re.I,
)
_WHEN_AFTER = re.compile(rf"[\s-]+{_TIME}\b", re.I)
_TIME_AGO = re.compile(rf"[\s-]+{_TIME} (?:ago|later|after|before|earlier|left|prior)\b", re.I)

_ATTRIBUTE = re.compile(
    r"[\s-]*(?:second|minute|hour|day|night|week|month|year|mile|foot|yard|inch|meter|metre|kilometer|kilometre|centimeter"
    r"|square foot|m|km|k)[\s-]+(?!old\b|and\b|or\b|in\b|of\b|from\b|to\b|at\b|for\b|on\b)[a-z]+",
    re.I,
)
"""`a 2 hour shift`, `a 5-kilometer race`: a measure in the singular only says what kind of thing it is."""
_AGE = re.compile(r"[\s-]+years?[\s-]+(?:old|of age)\b", re.I)
_AGES = re.compile(r"\bages?d?\b[^.]{0,30}\Z|\bturn(?:s|ed)? \Z", re.I)
_BOUND = re.compile(
    r"\b(?:at least|at most|up to|no more than|a (?:maximum|minimum) of|(?:less|fewer|more) than|over|under|above|below"
    r"|exceed(?:s|ing)?|between|every)\s+(?:[$€£]\s*)?\Z",
    re.I,
)
_EXAMPLE = re.compile(r"[(\[]\s*(?:e\.\s?g\.|ex\.|for (?:example|instance))[^)\]]*\Z", re.I)
"""`(e.g. 3/8)`: what an answer may look like."""
_ROUNDED = re.compile(r"\bround(?:ed|ing|(?= (?:up|down|to|it|your|the)\b))[^.?!,;]{0,30}\Z", re.I)
_PLACES = re.compile(r"\s+(?:decimals?|significant|digits?|places?)\b", re.I)
"""`rounded to two decimals`, `rounding up from the half`: how an answer is written."""
_EXPLAINED = re.compile(r"[\"'”’]\s+(?:represents?|means?|stands? for|denotes?)\b[^.?!]*\Z", re.I)
"""`"1d6" represents one roll of a 6-sided die`: what a notation means."""
_ITEM_BEFORE, _ITEM_AFTER = re.compile(r"(?:\A|\n)\s*\(?\Z"), re.compile(r"[.)]\s")
"""`2. No cats are birds`: the number of an item on a line of its own."""
_DEFINITE = re.compile(
    r"\b(?:the|these|those|all|his|her|their|its|my|our|both|last|next|past|previous|first|following)"
    r"(?: (?:past|last|next|first|following|previous|other|same|remaining|final))?\s+(?:of )?\Z",
    re.I,
)
"""`the three days` are those that were told of."""
_COMPARED = re.compile(r"[\s-]*(?:times|more|less|fewer|dozens?|dollars?|cents?|per\b|percent|[a-z]+er than)", re.I)
_RATE = re.compile(r"[^.?!,]{0,30}\b(?:each(?! other)|apiece|per)\b", re.I)
"""`two boxes of 12 each`: a number that is multiplied."""
_NOUN = re.compile(r"[\s-]+[^\W\d_]+")
_KINDS = re.compile(
    r"\s+(?:different|consecutive|separate|kinds?|types?|sorts?|parts?|people|friends|numbers?|integers?|brothers"
    r"|sisters|children|kids|siblings|men|women|boys|girls|sections?|groups?|remaining|colou?rs?"
    r"|of (?:them|these|those|the))\b",
    re.I,
)
_ONE_BY_ONE = re.compile(
    r"\b(?:one|1|the first|another|each|half|some|two|the (?:other|second|third|last|rest|remaining)"
    r"|all(?: of them)?)\b(?! (?:day|week|month|hour)\b)",
    re.I,
)
_EXISTS = re.compile(
    r"\b(?:there (?:are|were|is|was)|ha[sd]|have|having|own(?:s|ed)?|hires?|of|with|received?|in|into|together)"
    r"(?: (?:a total of|only|the))?\s+\Z|(?:\A|[.!?:;,\"]\s+)\Z",
    re.I,
)
"""How a text says how many things it is going to tell of."""
_NEXT = re.compile(r"\W*[a-z]*\W*(?:[,;]|\band\b)\W*", re.I)
"""What stands between numbers of a list: `° and `, ` cm, `."""


def is_scenery(q: Quantity, text: str, quantities: Sequence[Quantity], counted: set[Fraction]) -> bool:
    """Whether `q`, one of the `quantities` of `text`, need not be used.

    counted: how many things of some kind the program declares.
    """
    if q.form in (Form.ORDINAL, Form.ARTICLE) or q.value in (0, 1):
        return True
    before, after = text[max(0, q.start - _AROUND) : q.start], text[q.end : q.end + _AROUND]
    if _EXAMPLE.search(before) or (_OPENED.search(before) and _CLOSED.match(after)):
        return True
    if _EXPLAINED.search(before) or (_ITEM_BEFORE.search(before) and _ITEM_AFTER.match(after)):
        return True
    if _ROUNDED.search(before) and (q.value == Fraction(1, 2) or _PLACES.match(after)):
        return True
    if q.form is not Form.CARDINAL or re.search(r"[$€£]\s*\Z", before):
        return _is_bound(before, after)
    return (
        _is_name(q, before, after)
        or _is_time(q, before, after)
        or _AGE.match(after) is not None
        or _ATTRIBUTE.match(after) is not None
        or (_AGES.search(before) is not None and q.value < 120)
        or _is_bound(before, after)
        or (q.value <= SMALL and q.value.denominator == 1 and _only_counts(q, text, quantities, counted))
        or _counts_a_list(q, text, quantities)
    )


def _is_name(q: Quantity, before: str, after: str) -> bool:
    """A year, a date, the hour, a label."""
    year = q.value.denominator == 1 and 1500 <= q.value <= 2100 and "," not in q.surface
    if year and _NAMED_YEAR.search(before):
        return True
    return bool(
        _LABEL.search(before)
        or _MONTH.search(before)
        or _CLOCK.match(after)
        or _DECADE.match(after)
        or _MODEL.match(after)
    )


def _is_time(q: Quantity, before: str, after: str) -> bool:
    """When something was, or how long it went on, where that is set apart: `for the next two hours`, `Two days ago`."""
    if _TIME_AGO.match(after):
        return True
    return q.value <= SMALL and _WHEN_AFTER.match(after) is not None and _WHEN_BEFORE.search(before) is not None


def _is_bound(before: str, after: str) -> bool:
    """`at least 100`: a condition, which needs no arithmetic where it is met; but `5 more than 100` is a sum."""
    found = _BOUND.search(before)
    return found is not None and not re.search(r"\d[^.?!]{0,12}\Z", before[: found.start()])


def _only_counts(q: Quantity, text: str, quantities: Sequence[Quantity], counted: set[Fraction]) -> bool:
    """A small number of things that the text has told of, or tells of one by one."""
    before, after = text[max(0, q.start - _AROUND) : q.start], text[q.end : q.end + _AROUND]
    if _COMPARED.match(after):
        return False
    if any(o.form is Form.ORDINAL and o.value == q.value for o in quantities):
        return True
    if _DEFINITE.search(before):
        return True
    if _RATE.match(after):
        return False
    word = not q.surface[0].isdigit()
    if _KINDS.match(after) and (word or q.value == 2):
        return True
    if word and not _WHEN_AFTER.match(after) and (q.value == 2 or q.value in counted):
        return True
    rest = text[q.end : q.end + 250]
    listed = q.value in counted or len(_ONE_BY_ONE.findall(rest)) >= 2
    return listed and _NOUN.match(after) is not None and _EXISTS.search(before) is not None


def _counts_a_list(q: Quantity, text: str, quantities: Sequence[Quantity]) -> bool:
    """`the first 4 angles: 56°, 41°, 81° and 132°`: so many numbers follow in the sentence, one after the other."""
    later = [o for o in quantities if o.start >= q.end]
    if len(later) < 2 or re.search(r"[.?!]\s", text[q.end : later[0].start]):
        return False
    listed = 1 + sum(
        1 for _ in takewhile(lambda pair: _NEXT.fullmatch(text[pair[0].end : pair[1].start]), pairwise(later))
    )
    return q.value == listed
