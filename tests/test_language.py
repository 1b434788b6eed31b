"""Text → tree → text: what the reader reads, how the printer writes it, and what is said of mistakes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import SAMPLES, decimals, expressions, names, programs, texts

from neurosym.errors import ProgramError
from neurosym.grammars import IR_VERSION, keywords, language_id, load
from neurosym.language import tree as t
from neurosym.language.bounds import MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS
from neurosym.language.diagnostic import Diagnostic, Span
from neurosym.language.mistakes import known_mistakes
from neurosym.language.printer import decimal, show, show_expr
from neurosym.language.read import read, read_expression, read_fragment


def refused(text: str) -> Diagnostic:
    with pytest.raises(ProgramError) as caught:
        read(text)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def value(text: str) -> t.Expr:
    return read_expression(text)


# --- text → tree → text -----------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(programs)
def test_every_tree_has_one_text_which_reads_as_that_tree(program: t.Program) -> None:
    text = show(program)
    again = read(text)
    assert again == program
    assert [s.note for s in again.statements] == [s.note for s in program.statements]
    assert show(again) == text


@settings(max_examples=100)
@given(expressions)
def test_every_expression_reads_back(e: t.Expr) -> None:
    assert read_expression(show_expr(e)) == e


@settings(max_examples=40)
@given(programs)
def test_a_program_cut_at_a_line_end_is_a_fragment(program: t.Program) -> None:
    for i in range(len(program.statements)):
        fragment = read_fragment(show(t.Program(program.statements[:i])))
        assert fragment.statements == program.statements[:i]
        assert fragment.ask is None


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_the_designs_programs_read_print_and_come_in_fragments(text: str) -> None:
    program = read(text)
    assert read(show(program)) == program
    assert program.ask is program.statements[-1]
    python = False
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines[:-1], start=1):
        python = (python or line.startswith("python")) and line.strip() != "end"
        if not python:
            assert all(s in program.statements for s in read_fragment("".join(lines[:i])).statements)


@settings(max_examples=50)
@given(programs)
def test_every_node_that_was_read_has_its_place(program: t.Program) -> None:
    text = show(program)
    lines = text.split("\n")
    for statement in read(text).statements:
        for node in t.walk(statement):
            assert node.span is not None
            assert 1 <= node.span.line <= node.span.end_line <= len(lines)
            assert 1 <= node.span.column <= len(lines[node.span.line - 1])
            assert (node.span.line, node.span.column) < (node.span.end_line, node.span.end_column)


def test_a_span_covers_what_it_names() -> None:
    let = read("ask 1\n").statements[0]
    assert let.span == Span(1, 1, 1, 6)
    program = read("let n = 1\nlet total: miles = n + max(2, n) * 3\nask total\n")
    total = program.statements[1]
    assert isinstance(total, t.Let)
    assert isinstance(total.value, t.Binary)
    assert total.value.right.span == Span(2, 24, 2, 37)


def test_an_expressions_spans_count_in_its_own_text() -> None:
    e = value("(a + b) * clips")
    assert isinstance(e, t.Binary)
    assert (e.span, e.left.span, e.right.span) == (Span(1, 1, 1, 16), Span(1, 2, 1, 7), Span(1, 11, 1, 16))
    for text, column in {"a + * b": 5, "a + $": 5, "a +": 4}.items():
        with pytest.raises(ProgramError) as caught:
            value(text)
        (found,) = caught.value.diagnostics
        assert found.span is not None
        assert (found.span.line, found.span.column) == (1, column)


def test_a_note_belongs_to_the_statement_on_its_line() -> None:
    program = read("# first\nlet x = 1\n# alone\nlet y = 2  #  s2: two \npython # block\n  z = 3\nend\nask x # all\n")
    assert [s.note for s in program.statements] == [None, "s2: two", "block", "all"]
    assert read("python\n  z = 3\nend # after\nask z\n").statements[0].note == "after"


def test_spans_and_notes_are_no_part_of_what_a_program_says() -> None:
    assert read("let x = 1\nask x\n") == read("\n\nlet   x=1  # one\n# so\n\nask x   \n\n\n")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a+b * c", "a + b*c"),
        ("(a + b)*c", "(a + b)*c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("2^(3^4)", "2^3^4"),
        ("(2^3)^4", "(2^3)^4"),
        ("-(x^2)", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^(-x)", "2^-x"),
        ("b <-3", "b < -3"),
        ("a -> (b -> c)", "a -> b -> c"),
        ("(a -> b) -> c", "(a -> b) -> c"),
        ("(a <=> b) <=> c", "(a <=> b) <=> c"),
        ("not (a and b) or c", "not (a and b) or c"),
        ("not a = b", "not a = b"),
        ("(not a) = b", "(not a) = b"),
        ("(a < b) = true", "(a < b) = true"),
        ("a and forall x: s. p(x) -> q", "a and (forall x: s. p(x) -> q)"),
        ("0.50 * 20%", "0.5*20%"),
        ("5[mile/hour]", "5 [mile/hour]"),
        ("1 [hour^2*mile/second/day]", "1 [hour^2*mile/day/second]"),
        ('"x"', "x"),
        ('"if" + "7 up"', '"if" + "7 up"'),
        ("{ }", "{}"),
        ("sum( n:1..10,n )", "sum(n: 1..10, n)"),
        ('"distinct"(a, b)', "distinct(a, b)"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert show_expr(read_expression(text)) == canonical


def test_meaning_of_literals() -> None:
    assert value("12.5%") == t.Number(Fraction(1, 8), percent=True)
    assert value("3.5 [mile/hour]") == t.Number(Fraction(7, 2), unit=t.Unit((("mile", 1), ("hour", -1))))
    assert value("1 [m*s/s^2]") == t.Number(Fraction(1), unit=t.Unit((("m", 1), ("s", -1))))
    assert value("-5") == t.Unary(t.UnaryOp.NEG, t.Number(Fraction(5)))
    assert value("a < b <= c") == t.Compare(t.Name("a"), ((t.CompareOp.LT, t.Name("b")), (t.CompareOp.LE, t.Name("c"))))
    assert list(t.Compare(t.Name("a"), ((t.CompareOp.LT, t.Name("b")), (t.CompareOp.LE, t.Name("c")))).pairs()) == [
        (t.Name("a"), t.CompareOp.LT, t.Name("b")),
        (t.Name("b"), t.CompareOp.LE, t.Name("c")),
    ]


def test_a_python_block_is_dedented_and_keeps_its_lines() -> None:
    (block, _) = read("python\n\n    if x:\n        y = 1   \n\n    z = 2\n\nend\nask z\n").statements
    assert block == t.Python("\nif x:\n    y = 1\n\nz = 2")


@given(decimals, st.booleans())
def test_decimals_are_exact(number: Fraction, negative: bool) -> None:
    number = -number if negative else number
    assert Fraction(decimal(number)) == number


def test_a_third_is_no_decimal() -> None:
    with pytest.raises(ValueError, match="terminating"):
        decimal(Fraction(1, 3))


def test_the_language_is_named_by_version_and_text() -> None:
    assert language_id().startswith(f"ir-{IR_VERSION}-")
    assert {"let", "ask", "python", "end", "mod"} <= keywords()
    assert "start:" in load("ir")
    with pytest.raises(FileNotFoundError):
        load("none")


# --- mistakes ---------------------------------------------------------------------------------------------------

EXAMPLES = [(m.code, text) for m in known_mistakes() for text in m.examples]


@pytest.mark.parametrize(("code", "text"), EXAMPLES, ids=[f"{c}: {x!r}" for c, x in EXAMPLES])
def test_every_known_mistake_is_named(code: str, text: str) -> None:
    diagnostic = refused(text)
    assert diagnostic.code == code
    assert diagnostic.message
    assert diagnostic.hint
    assert diagnostic.span is not None
    assert 1 <= diagnostic.span.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("let price = 2\nlet total = 12 * (price + 1,000)\nask total\n", "thousands-comma", 2, 28),
        ("var a: int\nask max(a, $5)\n", "currency-sign", 2, 12),
        ("let d = date(2024, 03, 05)\nask d\n", "leading-zero", 1, 21),
        ("let n = 1\nask (n + 2x) / 3\n", "implicit-product", 2, 11),
        ("let speed = 3 × 4\nask speed\n", "foreign-sign", 1, 15),
        ("let x = 1\nlet y = x +\nask y\n", "syntax", 2, 12),
        ("ask option sometimes\n", "syntax", 1, 12),
        ("let x = a, b\nask x\n", "syntax", 1, 10),
    ],
)
def test_a_mistake_is_found_where_it_is(text: str, code: str, line: int, column: int) -> None:
    diagnostic = refused(text)
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == (code, line, column)
    assert str(diagnostic).startswith(f"line {line}, column {column}: ")


def test_an_unknown_mistake_says_what_was_expected() -> None:
    assert refused("let 5 = x\nask x\n").hint == "expected: a name"
    assert refused("ask option sometimes\n").hint == "expected: cannot, except, may, must, the end of the line"
    assert refused("ask x y\n").message == "two values stand side by side without an operator"
    assert "'5' cannot stand here" in str(refused("let 5 = x\nask x\n"))
    assert "the end of the line cannot stand here" in str(refused("sort s = {a\nask x\n"))


def test_diagnostics_go_into_json_and_back() -> None:
    for diagnostic in (refused("let x = 05\n"), Diagnostic("too-long", "so long")):
        assert Diagnostic.from_dict(diagnostic.to_dict()) == diagnostic


@pytest.mark.parametrize("text", ["", "\n", "   ", "# only a note\n", "let x = 1"])
def test_a_program_must_ask(text: str) -> None:
    assert refused(text).code == "missing-ask"


def test_an_expression_is_one() -> None:
    for text in ("1, 2", "option", "1\nask 2", "", "let x = 1"):
        with pytest.raises(ProgramError):
            read_expression(text)
    with pytest.raises(ProgramError, match="one expression is expected"):
        read_expression("1, 2")


def test_a_fragment_ends_at_a_line_end_and_does_not_ask() -> None:
    for text in ("let x = 1", "ask x\n", "let x =\n"):
        with pytest.raises(ProgramError):
            read_fragment(text)
    assert read_fragment("").statements == ()


@settings(max_examples=300)
@given(texts)
@example("ask distinct(x: s, y)\n")
@example("ask f(x: 1..2, y: s)\n")
@example("ask 1 [a/a]\n")
@example("python\nend\nask x\n")
@example("ask x\ud800\n")
def test_reading_raises_nothing_but_program_errors(text: str) -> None:
    for reader in (read, read_fragment):
        try:
            program = reader(text)
        except ProgramError as error:
            (diagnostic,) = error.diagnostics
            assert diagnostic.span is None or 1 <= diagnostic.span.line <= text.count("\n") + 2
        else:
            assert reader(show(program)) == program


# --- bounds -----------------------------------------------------------------------------------------------------

N = MAX_CHARACTERS // 5


def nested(inner: str, before: str, after: str = "") -> str:
    times = N // (len(before) + len(after))
    return f"ask {before * times}{inner}{after * times}\n"


@pytest.mark.parametrize(
    "text",
    [
        nested("1", "(", ")"),
        nested("1", "f(", ")"),
        nested("1", "{", "}"),
        nested("a", "not "),
        nested("a", "-"),
        nested("", "1^") + "1",
        nested("a", "a+"),
        nested("a", "a->"),
        nested("a", "a and "),
        nested("a", "forall x:s."),
        nested("a", "if a then a else "),
        nested("1", "sum(n:1..2,", ")"),
        "ask 1 [" + "a*" * (N // 2) + "a]\n",
        "ask 1 [a^" + "9" * N + "]\n",
        "ask " + "9" * N + "\n",
        "ask 0." + "9" * N + "\n",
        "ask " + "9" * N + "%\n",
        "sort s = 1.." + "9" * N + "\nask 1\n",
        "ask " + "(" * N,
        "ask " + "$" * N,
        "ask " + '"' * N,
        "python\n" * (N // 8),
        "python\n" + " x\n" * (N // 3),
        "#" * N,
        "x" * (MAX_CHARACTERS + 1),
    ],
    ids=lambda text: text[:16],
)
def test_hostile_texts_are_read_or_refused(text: str) -> None:
    try:
        assert read(text).ask
    except ProgramError as error:
        (diagnostic,) = error.diagnostics
        assert len(str(diagnostic)) < 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * (MAX_CHARACTERS + 1), "too-long"),
        (nested("a", "not "), "too-deep"),
        ("ask " + "9" * (MAX_DIGITS + 1) + "\n", "too-large"),
        ("ask 1 [a^100]\n", "too-large"),
        ("ask 1 [a/a]\n", "unit"),
        ("let x: a/b/a = 1\nask x\n", "unit"),
    ],
)
def test_bounds_are_named(text: str, code: str) -> None:
    assert refused(text).code == code


def test_what_is_just_within_the_bounds_reads_prints_and_compares() -> None:
    number = "9" * MAX_DIGITS
    assert show(read(f"ask {number}, {number}%\n")) == f"ask {number}, {number}%\n"
    for before, after in DEEP:
        text = _deepest(before, after)
        program = read(text)
        assert read(show(program)) == program
        assert hash(program) == hash(read(text))
        assert sum(1 for s in program.statements for _ in t.walk(s)) > MAX_DEPTH // 2
        assert t.substitute(program.statements[0], {"z": t.Truth(True), "n": t.Name("m")})


DEEP = [
    ("not ", ""),
    ("-", ""),
    ("f(", ")"),
    ("{", "}"),
    ("[z, ", "]"),
    ("forall x: s. ", ""),
    ("if z then z else ", ""),
    ("if ", " then z else z"),
    ("sum(n: 1..2, ", ")"),
    ("z and (", ")"),
    ("1 < (", ") < 1"),
    ("min(z, ", ")"),
    ("count(n: 1..2, exists n: 1..2. ", ")"),
]
"""What can be nested, as (before, after): the deepest nesting must not exhaust Python's stack anywhere."""


def _deepest(before: str, after: str) -> str:
    for times in range(MAX_DEPTH, 0, -1):
        text = f"ask {before * times}z{after * times}\n"
        try:
            read(text)
        except ProgramError:
            continue
        return text
    raise AssertionError("nothing reads")


# --- walking and substitution -----------------------------------------------------------------------------------


def test_what_statements_declare() -> None:
    program = read_fragment("let a = 1\nvar x, y: int\nsort s = {p, q}\nsort u\nfun f(s): int\ngraph g(s, s)\nx = a\n")
    assert [t.declared(s) for s in program.statements] == [
        ("a",),
        ("x", "y"),
        ("s", "p", "q"),
        ("u",),
        ("f",),
        ("g",),
        (),
    ]


def test_conjuncts_stand_in_order() -> None:
    assert [show_expr(e) for e in t.conjuncts(value("p and (q and not r) and (s or v)"))] == [
        "p",
        "q",
        "not r",
        "s or v",
    ]


def test_walk_gives_parents_first_in_source_order() -> None:
    kinds = [type(node).__name__ for node in t.walk(value("f(x: 1..2, a < -b) + 3"))]
    assert kinds == ["Binary", "Call", "Binder", "Range", "Compare", "Name", "Unary", "Name", "Number"]


@settings(max_examples=100)
@given(expressions, names, names)
def test_substitution_there_and_back(e: t.Expr, name: str, other: str) -> None:
    everywhere = {n for node in t.walk(e) for n in _mentioned(node)}
    fresh = other + "'" * (1 + max(map(len, everywhere), default=0))
    there = t.substitute(e, {name: t.Name(fresh)})
    assert t.substitute(there, {fresh: t.Name(name)}) == e
    assert t.substitute(e, {fresh: t.Truth(True)}) == e == t.substitute(e, {})


def _mentioned(node: t.Node) -> tuple[str, ...]:
    return (node.id,) if isinstance(node, t.Name) else node.names if isinstance(node, t.Binder) else ()


def test_substitution_respects_scopes() -> None:
    def put(text: str, **values: str) -> str:
        return show_expr(t.substitute(value(text), {n: value(v) for n, v in values.items()}))

    assert put("x + (if p(x) then y else x)", x="a*b") == "a*b + (if p(a*b) then y else a*b)"
    assert put("x = 1 and (forall x: s. p(x, y))", x="2", y="3") == "2 = 1 and (forall x: s. p(x, 3))"
    assert put("forall x: s. p(x, y)", y="x") == "forall x_: s. p(x_, x)"
    assert put("sum(n: 1..3, n*k)", k="n", n="5") == "sum(n_: 1..3, n_*n)"
    assert put("forall x: s. exists x_: s. p(x, x_, y)", y="x + x_") == (
        "forall x__: s. exists x___: s. p(x__, x___, x + x_)"
    )
