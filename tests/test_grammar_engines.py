"""One grammar, two engines: Lark, which reads, and llguidance, which masks, must accept the same strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from neurosym.decoding.grammar import to_llguidance
from neurosym.grammars import LABELS, keywords, load

llguidance = pytest.importorskip("llguidance")

PROGRAMS = [
    "let may: clips = 48 / 2   # half as many\nlet total = 48 + may\nask total\n",
    "var adults, children: count\nadults + children = 20\n5 * adults + 3 * children = 76\nask adults, children\n",
    'sort bird = {owl, "Dr. Smith"}\nfun place(bird): 1..5\ndistinct place\nplace(owl) = 1 <=> true\n'
    "option A: place(owl) != 5 or place(owl) < 2 <= 3\nask option must\n",
    "sort thing\nconst cow, tiger: thing\nrel blue(thing), visits(thing, thing) closed\nvisits(cow, tiger)\n"
    "forall x: thing, y, z: thing. not visits(x, tiger) -> blue(x) xor blue(y)\nask blue(cow)   # true?\n",
    "var x: real\nmaximize 5*x^2 - x mod 3 / 4.50\nask integrate(x^-2 * exp(-x), x, 0, oo), [x, 1], {}\n",
    "python # fast\n    total = 3\n\n\tx = total ** 2\nend  # done\nask total\n",
    "sort town = -1..n\ngraph road(town, 1..3): miles * hour^2\ndigraph flow(town, town)\nroad(a, b) = 5 [mile/hour]\n"
    "ask distance(road, a, b) * 20 %\n",
    "# a note\n\n  let if_a = if a < b then 1 else 2   # and so on\n\nask sum(n: 1..10, n^2) = 3, exists x: t. p(x)\n",
]
"""Every statement and every operator of the language, as decoding must write it."""

REFUSED = [
    "",
    "\n",
    "ask total",
    "ask total\n\n",
    "ask total\nask total\n",
    "ask total\n# more\n",
    "let total = 3\n",
    "ask\n",
    "let if = 3\nask if\n",
    "let end = 3\nask end\n",
    "let total = 1,000\nask total\n",
    "let total = 007\nask total\n",
    "let total = 3.\nask total\n",
    "ask a <-> b\n",
    "ask total\r\n",
    "ask 'total'\n",
    "ask tótal\n",
    'ask ""\n',
    "python\nx = 1\nend\nask x\n",
    "python\n    x = 1\nask x\n",
    "option a: 3\nask option\n",
    "ask option never\n",
    "var x\nask x\n",
    "forall x. p(x)\nask x\n",
    "Let xorrow = 6\nask x\n",
    "ask a > 1 and(b)\n",
    "ask if a < b then(1) else(2)\n",
    "ask (1\n+ 2)\n",
]
"""What looks like a program and is none."""


@cache
def lark() -> Lark:
    def name(token: Token) -> Token:
        if token.value in keywords():
            raise UnexpectedInput(f"{token} is a keyword")
        return token

    start = ["start", "fragment"]
    return Lark(load("ir"), parser="lalr", lexer="contextual", start=start, lexer_callbacks={"NAME": name})


class Bytes:
    """A tokenizer whose tokens are the bytes, so that llguidance judges strings and not their tokens."""

    eos_token_id = 256
    bos_token_id = None
    tokens: Sequence[bytes] = [bytes([i]) for i in range(256)] + [b"<eos>"]
    special_token_ids: Sequence[int] = [256]

    def __call__(self, text: bytes) -> list[int]:
        return list(text)


@cache
def matcher() -> Any:
    tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Bytes()))
    return llguidance.LLMatcher(tokenizer, to_llguidance(load("ir"), keywords()), log_level=0)


def lark_accepts(text: str) -> bool:
    try:
        lark().parse(text, start="start")
    except UnexpectedInput:
        return False
    return True


def mask_accepts(text: str) -> bool:
    state = matcher().deep_copy()
    data = list(text.encode())
    return state.try_consume_tokens(data) == len(data) and bool(state.is_accepting())


def test_llguidance_takes_the_grammar_without_a_warning() -> None:
    is_error, notes = matcher().validate_grammar_with_warnings(to_llguidance(load("ir"), keywords()))
    assert (is_error, notes, matcher().get_error()) == (False, [], "")


def test_lark_finds_no_conflict_and_no_two_terminals_that_collide() -> None:
    Lark(load("ir"), parser="lalr", lexer="contextual", strict=True, start=["start", "fragment"])


@pytest.mark.parametrize("text", PROGRAMS)
def test_both_accept_programs(text: str) -> None:
    assert (lark_accepts(text), mask_accepts(text)) == (True, True)


@pytest.mark.parametrize("text", REFUSED)
def test_both_refuse(text: str) -> None:
    assert (lark_accepts(text), mask_accepts(text)) == (False, False)


@pytest.mark.parametrize("word", sorted(keywords() | LABELS))
def test_both_keep_the_same_words_from_being_names(word: str) -> None:
    for text in (f"let {word} = 1\nask a\n", f"ask f({word})\n", f"rel {word}(s)\nask a\n", f"{word}\nask a\n"):
        assert lark_accepts(text) == mask_accepts(text), text
    assert lark_accepts(f"let {word} = 1\nask a\n") == (word in LABELS)
    longer = f"let {word}s = 1\nask {word}s\n"
    assert (lark_accepts(longer), mask_accepts(longer)) == (True, True)


def test_a_label_never_stands_where_a_name_can() -> None:
    """Why LABELS need not be reserved: no state of the parser offers both."""
    states = lark().parser.parser._parse_table.states
    offered = [{str(name).lower() for name in row} for row in states.values()]
    assert any(keyword in row for keyword in keywords() for row in offered if "name" in row)
    for label in LABELS:
        assert any(label in row for row in offered)
        assert not any(label in row for row in offered if "name" in row), label


def test_the_grammar_stops_after_the_question() -> None:
    state = matcher().deep_copy()
    assert state.consume_tokens(list(b"ask x"))
    assert (state.is_stopped(), state.is_accepting()) == (False, False)
    assert state.consume_tokens(list(b"\n"))
    assert (state.is_stopped(), state.is_accepting()) == (True, True)


PIECES = sorted(
    {*keywords(), *LABELS}
    | {" ", "\n", "\n\n", "\t", "\r", "    ", "a", "x1", "_", "A", "0", "1", "10", "01", "1.5", ".", "..", ",", ":"}
    | {"=", "!=", "<", "<=", "<=>", "->", "<-", "+", "-", "*", "/", "^", "(", ")", "[", "]", "{", "}", "%"}
    | {'"', '"a b"', "#", "# n", "é", "'", "ask x\n", "python\n x\nend", "let a = 1\n", "ask option"}
)

edit = st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 1, 2, 5]), st.sampled_from(["", *PIECES]))


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A program with up to three stretches of it replaced, mostly by pieces of the language."""
    text = draw(st.sampled_from(PROGRAMS))
    for where, cut, piece in draw(st.lists(edit, min_size=1, max_size=3)):
        at = int(where * len(text))
        text = text[:at] + piece + text[at + cut :]
    return text


@settings(max_examples=1500)
@given(mutants() | st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@example("ask 1..2\n")
@example("ask p.. 2\n")
@example("let x: 1..2 = 3\nask x\n")
@example("ask if a thenb else c\n")
@example("ask option\tmust\n")
@example('ask "a\n')
@example("python\n end\nend\nask x\n")
@example("python\nend end\nask x\n")
@example("python\nending\nask x\n")
def test_both_agree(text: str) -> None:
    text = re.sub(r"\n[ \t]+\Z", "\n", text)  # blanks after the end: Lark skips them, decoding has stopped
    assert lark_accepts(text) == mask_accepts(text)
