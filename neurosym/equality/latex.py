"""One spelling for what is written in many: Unicode signs, LaTeX styling, signs of money, numbers in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction

from neurosym.equality.answers import Unreadable
from neurosym.equality.units import CURRENCIES
from neurosym.language.quantities import Form, Quantity, numbers_in

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("−﹣－", "-"),
        **dict.fromkeys("×⋅·∙∗✕", "*"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("   　⁠", " "),
        **{c: str(n) for n, c in enumerate("０１２３４５６７８９")},
        "π": r" \pi ",
        "∞": r" \infty ",
        "√": r" \sqrt ",
        "∅": r" \{\} ",
        "…": "...",
        "⋯": "...",
        "％": "%",
        "﹪": "%",
        "º": "°",
        "′": "'",
        "，": ",",
        "：": ":",
        "（": "(",
        "）": ")",
        "＝": "=",
        "∨": " or ",
        "∧": " and ",
    }
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₙ", "0123456789n")

_COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **dict.fromkeys(("le", "leq", "leqslant"), "≤"),
    **dict.fromkeys(("ge", "geq", "geqslant"), "≥"),
    **dict.fromkeys(("ne", "neq"), "≠"),
    **dict.fromkeys(("dots", "ldots", "cdots", "dotsc", "dotsb"), "..."),
    **dict.fromkeys(("quad", "qquad", "limits", "displaystyle", "textstyle", "left", "right"), " "),
    **dict.fromkeys(("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"), " "),
    **dict.fromkeys(("dfrac", "tfrac", "cfrac", "frac"), r"\frac"),
    **dict.fromkeys(("dbinom", "tbinom", "binom"), r"\binom"),
    **dict.fromkeys(("emptyset", "varnothing"), r"\{\}"),
    **dict.fromkeys(("land", "wedge"), " and "),
    **dict.fromkeys(("lor", "vee"), " or "),
    "div": "/",
    "lt": "<",
    "gt": ">",
    "in": "∈",
    "cup": "∪",
    "pm": "±",
    "mp": "∓",
    "degree": "°",
    "colon": ":",
    "lbrace": r"\{",
    "rbrace": r"\}",
    "lbrack": "[",
    "rbrack": "]",
    "euro": "€",
    "pounds": "£",
}
_FONTS = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mathit|mathsf|mathbb|operatorname|mbox|hbox|rm|bf)\s*"
    r"\{([^{}]*)\}"
)
_BOX = re.compile(r"\\f?boxed\s*\{")
_AFTER_BOX = re.compile(r"[$\s]*(?:\\[)\]])?\s*(\\?%|[a-z]+)[.\s]*\Z")
"""The unit that may stand outside of the box."""
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_DELIMITERS = [
    re.compile(r"\A\s*(\$\$?)(?!\s*\$)([^$]+)\1\s*\Z"),
    re.compile(r"\A\s*(\\\()(.*)\\\)\s*\Z", re.DOTALL),
    re.compile(r"\A\s*(\\\[)(.*)\\\]\s*\Z", re.DOTALL),
]
_TEXT_MATH = re.compile(r"(?<!\\)\$(?=\S)([^$]*\S)\$(?!\d)")
_AMOUNT = r"-?\s*(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?:\.\d+)?(?:/\d+)?"
_MONEY = re.compile(rf"(-?)\s*\\?([{re.escape(''.join(CURRENCIES))}])\s*(\([\d/-]+\)|(?=[-\s]*[.\d]){_AMOUNT})")
_MIXED = re.compile(r"(?<![\w.^/*)}'!%])(?<![\w^/*)}]\s)(\d+)\s+(\d+)\s*/\s*(\d+)(?![\w./^!(])")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")
_SPACED = re.compile(r"(?<![\d.,/^] )(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d/])(?! [\d/])")
_SCIENTIFIC = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[eE]([+-]?\d+)(?![\w.])")
_WORDED = frozenset({Form.CARDINAL, Form.FRACTION, Form.PERCENT})


def plain(text: str) -> str:
    """`text` in the one spelling that `answer.lark` reads. Raises Unreadable."""
    text = _unboxed(text.translate(_CHARACTERS))
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", lambda m: "^{" + m.group().translate(_SUPERSCRIPTS) + "}", text)
    text = re.sub(r"[₀₁₂₃₄₅₆₇₈₉ₙ]+", lambda m: "_{" + m.group().translate(_SUBSCRIPTS) + "}", text)
    text = _undelimited(text).replace("{,}", ",")
    if "\\" in text:
        text = _without_commands(text)
    text = text.replace("**", "^").replace("<=", "≤").replace(">=", "≥").replace("!=", "≠")
    text = re.sub(r"\+/-", "±", text)
    text = re.sub(r"\.{3,}", " ... ", text)
    if re.search(r"(?i)\d\s*[ap]\.?m\b", text):
        raise Unreadable("times of day are not compared")
    text = _numbers(text)
    text = re.sub(r"(?i)\bper\s?cent(?:age)?\b|\bpct\b", "%", text)
    text = re.sub(r"\^\s*(?:\\circ|\{\s*(?:\\circ|°)\s*\}|°)", "°", text)
    return _bars(re.sub(r"[.\s]+\Z", "", text) if not text.rstrip().endswith("...") else text).strip()


def _unboxed(text: str) -> str:
    """What the only box holds, with the unit after it; a text without one as it is."""
    boxes = list(_BOX.finditer(text))
    if not boxes:
        return text
    if len(boxes) > 1:
        raise Unreadable("it has several boxes")
    depth = 1
    for at in range(boxes[0].end(), len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
        if depth == 0:
            unit = _AFTER_BOX.match(text, at + 1)
            return text[boxes[0].end() : at] + (f" {unit[1]}" if unit else "")
    raise Unreadable("its box has no end")


def _undelimited(text: str) -> str:
    """Without the signs that set mathematics apart from text; what is left of `$` is money."""
    for pattern in _DELIMITERS:
        if match := pattern.match(text):
            return match[2]
    return _TEXT_MATH.sub(r" \1 ", text)


def _without_commands(text: str) -> str:
    """LaTeX commands that only style are gone, synonyms have one name."""
    text = re.sub(r"\\[,!](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"\\[,;:! ]|\\\\|~", " ", text)
    text = _FONTS.sub(r" \1 ", text)
    text = re.sub(r"\\([%$&#])", r"\1", text)
    if "lvert" in text or "begin" in text:
        text = text.replace(r"\lvert", "|").replace(r"\rvert", "|")
    if re.search(r"\\sqrt\d\d", text):
        raise Unreadable("a root without braces reaches over one digit or over all")
    text = _COMMAND.sub(lambda m: _COMMANDS.get(m[1], m[0]) + ("" if m[1] in _COMMANDS else " "), text)
    text = re.sub(r"\\frac\s*(\d)\s*(\d)(?!\d)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{", text)
    text = re.sub(r"\\frac\s*(\{[^{}]*\})\s*(\d)(?!\d)", r"\\frac\1{\2}", text)
    text = re.sub(r"\\sqrt\s*\[", r"\\sqrt[", text)
    return re.sub(r"\(\s*\^", "(^", text)


def _numbers(text: str) -> str:
    """Numbers in words, vulgar fractions, money, thousands, mixed numbers and powers of ten, as plain arithmetic."""
    if re.search(r"[^\W\d_]{3}", text):
        text = re.sub(r"(?i)\b(?:minus|negative)\s+(?=\w)", "-", text)
        text = _unworded(text)
    text = re.sub(r"(\d+)?\s?([¼-¾⅐-⅞])", _vulgar, text)
    text = _MONEY.sub(lambda m: f"{m[1]}{m[3]} {CURRENCIES[m[2]]} ", text)
    text = re.sub(r"(\d)\s*¢", r"\1 cents", text)
    text = re.sub(r"(\d)\s*([$€£¥₹])", lambda m: f"{m[1]} {CURRENCIES[m[2]]}", text)
    text = _ungrouped(text)
    text = _SCIENTIFIC.sub(r"(\1*10^{\2})", text)
    text = re.sub(r"(?<=[\d)])\s*[xX]\s*(?=10\s*\^)", "*", text)
    return _MIXED.sub(_mixed, text)


def _mixed(match: re.Match[str]) -> str:
    whole, above, below = match.groups()
    if int(above[:9]) >= int(below[:9]) or len(above) > 9 or len(below) > 9:
        raise Unreadable(f"{match.group()!r} is no mixed number")
    return f"({whole}+{above}/{below})"


def _vulgar(match: re.Match[str]) -> str:
    part = Fraction(unicodedata.numeric(match[2])).limit_denominator(10)
    return f"({match[1] or 0}+{part})"


def _ungrouped(text: str) -> str:
    """`1,234,567` without its commas; within brackets they part elements, unless others there have a space after."""
    bracketed = re.search(r"[(\[{]", text) is not None
    if not bracketed or re.search(r",\s", text):
        text = _THOUSANDS.sub(lambda m: m.group().replace(",", ""), text)
    return _SPACED.sub(lambda m: m.group().replace(" ", ""), text)


def _unworded(text: str) -> str:
    """`seventy-two` as 72, `two and a half` as (5/2)."""
    parts: list[str] = []
    end = 0
    for q in numbers_in(text):
        if not _in_words(q):
            continue
        before, after = text[end : q.start].rstrip(), text[q.end :].lstrip()
        if before[-1:].isdigit() or before[-1:] in tuple(")\\") or after[:1].isdigit() or (end and not before):
            raise Unreadable(f"{q.surface!r} stands beside another number")
        if before.endswith("\\") or text[q.start - 1 : q.start] == "\\":
            continue
        parts += [text[end : q.start], str(q.value) if q.value.denominator == 1 else f"({q.value})"]
        end = q.end
    return "".join([*parts, text[end:]])


def _in_words(q: Quantity) -> bool:
    surface = q.surface.lower()
    if not re.search(r"[a-z]{2}", surface):
        return False
    return q.form in _WORDED or surface == "one" or (q.form is Form.FACTOR and "dozen" in surface)


def _bars(text: str) -> str:
    """Each `|` as the opening or the closing of an absolute value: it closes where an operand has just ended."""
    if "|" not in text:
        return text
    parts: list[str] = []
    opened = 0
    for piece in re.split(r"(\|)", text):
        if piece != "|":
            parts.append(piece)
            continue
        before = "".join(parts[-2:]).rstrip()
        operand = bool(before) and (before[-1].isalnum() or before[-1] in ")]}!%") and not before.endswith("lvert")
        closing = opened > 0 and (operand or before.endswith("rvert"))
        opened += -1 if closing else 1
        parts.append(r" \rvert " if closing else r" \lvert ")
    return "".join(parts)
