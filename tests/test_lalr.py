"""The quick parser against Lark, whose tables it drives: the same trees at the same places, the same refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Token, Tree
from lark.exceptions import UnexpectedInput
from lark.tree import Meta
from strategies import SAMPLES, programs

from neurosym.grammars import keywords
from neurosym.language import tree as t
from neurosym.language.printer import show
from neurosym.language.read import _parser as parser
from neurosym.language.read import _reader as ir_reader
from neurosym.notations import parsing

LINES = {
    "fol": ["∀x (Cat(x) ∧ ¬Big(x) → ∃y Loves(y, x)) ⊕ P", "∀x∀y. P(x) ↔ x = y", "((P) ∨ Q(a, b))"],
    "prover9": ["all x (cat(x) & -big(x) -> exists y loves(y, x))", "p | (q <-> -r)"],
    "logiclm_rules": ["Kind($x, True) && !Big(Bob, False) >>> Red($x, True)", "Kind(Bob, ?)", "Bob is NOT kind"],
    "logiclm_csp": ["jar [IN] [1, 2, 3]", "jar > bowl + 1 ::: The jar.", "AllDifferentConstraint([jar, (bowl)])"],
    "logiclm_sat": ["cooks = EnumSort([Ada, Ben])", "ForAll([c:cooks], Count([d:days], on(d) == c) == 1)"],
    "smtlib": ["(declare-const x Int) ; a note\n(assert (> |x y| -1.5))\n(check-sat)\n", "()"],
}
"""What each grammar reads, some of it in several lines."""


SIGNS = [
    " ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "..",
    ":",
    ";",
    "=",
    "!=",
    "==",
    "->",
    "<=>",
    "^",
    "-",
    "%",
    "|",
    "#",
]
MORE = {
    "fol": ["¬", "∀x", "∃y", "→", "⊕", "P", "x"],
    "prover9": ["all", "exists", "&", "x"],
    "logiclm_rules": ["$x", "True", "false", ">>>", "&&", "not", "?", ":::"],
    "logiclm_csp": ["[IN]", "1", "jar", ":::"],
    "logiclm_sat": ["Not", "Count", "on", "1", ":::"],
    "smtlib": ['"', "x", "#b1", ":key", "1.5"],
    "ir": [*sorted(keywords()), "must", "\n", "05", "1.5", "a", '"q"'],
}
"""What is put into such texts, beside signs."""


def agree(text: str, grammar: str, start: str = "start") -> bool:
    """Whether both read `text`; fails where only one does, or they read it differently."""
    lark, reader = (parser(), ir_reader()) if grammar == "ir" else (parsing.parser(grammar), parsing.reader(grammar))
    ours = reader.parse(text, start)
    try:
        theirs = lark.parse(text, start=start)
    except UnexpectedInput:
        assert ours is None
        return False
    assert ours is not None
    assert ours == theirs
    for one, other in zip(below(ours), below(theirs), strict=True):
        for left, right in zip(one.children, other.children, strict=True):
            if isinstance(left, Token) and isinstance(right, Token):
                assert place(left) == place(right)
                assert left.type == right.type
        begin, line, _, end, end_line, _ = place(one.meta)
        if not other.meta.empty:  # Lark's trees begin and end within brackets around a name, ours with them
            inner = place(other.meta)
            assert (begin <= inner[0], line <= inner[1], end >= inner[3], end_line >= inner[4]) == (True,) * 4
            assert not set(text[begin : inner[0]] + text[inner[3] : end]) - set("( )\n")
    return True


def below(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    """The tree and those in it, parents first."""
    yield tree
    for child in tree.children:
        if isinstance(child, Tree):
            yield from below(child)


def place(at: Token | Meta) -> tuple[int, ...]:
    """Where something begins and ends."""
    found = (at.start_pos, at.line, at.column, at.end_pos, at.end_line, at.end_column)
    assert all(isinstance(n, int) for n in found)
    return tuple(n or 0 for n in found)


@settings(max_examples=100)
@given(programs)
def test_programs_parse_alike(program: t.Program) -> None:
    assert agree(show(program), "ir")
    assert agree(show(t.Program(program.statements[:-1])), "ir", "fragment")


@pytest.mark.parametrize(("grammar", "text"), [(g, text) for g, texts in LINES.items() for text in texts])
def test_other_notations_parse_alike(grammar: str, text: str) -> None:
    assert agree(text, grammar)


TEXTS = {**LINES, "ir": list(SAMPLES.values())}


@settings(max_examples=600)
@given(st.data(), st.sampled_from(sorted(TEXTS)))
def test_what_does_not_read_is_refused_alike(data: st.DataObject, grammar: str) -> None:
    text = data.draw(st.sampled_from(TEXTS[grammar]))
    for _ in range(data.draw(st.integers(1, 3))):
        at, cut = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 3))
        text = text[:at] + data.draw(st.sampled_from(["", *SIGNS, *MORE[grammar]])) + text[at + cut :]
    agree(text, grammar)


def test_a_tree_begins_and_ends_with_its_brackets() -> None:
    tree = ir_reader().parse("ask (x) + f((y))\n")
    assert tree is not None
    (added,) = tree.children[0].children  # type: ignore[union-attr]
    assert isinstance(added, Tree)
    assert (added.meta.column, added.meta.end_column) == (5, 17)


def test_a_long_text_reads_whole() -> None:
    tree = ir_reader().parse("x\n" * 10_000, "fragment")
    assert tree is not None
    assert len(tree.children) == 10_000 * 2
