"""Which sentence of a problem a statement says: splitting, and matching the names of both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from neurosym.language import tree as t
from neurosym.language.diagnostic import Diagnostic
from neurosym.language.units import singular

_END = re.compile(r"(?<!\b[A-Z])(?<!\bMr)(?<!\bDr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)(?<!\bvs)[.!?]+[\"')\]]*(?=\s|\Z)|\n+")
NOT = re.compile(
    r"\b(?:not|never|cannot|no|nobody|nothing|none|neither|false|untrue|incorrect|impossible)\b|n't\b|n’t\b", re.I
)
"""A word that negates."""
_PRONOUN = frozenset(str.split("he she it they his her its their him them this that those these there then"))
OPTION = re.compile(r"\s*\(?[A-H][).:]\s")
"""How a line of a text begins that is an option."""
_CUE = re.compile(r"\bs(\d{1,3})\b")
_WORD = re.compile(r"[^\W\d_]+")
_ASKS = re.compile(r"^\s*(?:find|determine|calculate|compute|what|which|who|how|is it|true or false)\b", re.I)
_MAX_SENTENCES = 200
_MAX_NAMES = 200


@dataclass(frozen=True)
class Sentence:
    """One sentence with the stems of its words, in order and as a set; `asks` where it is a question."""

    text: str
    stems: tuple[str, ...]
    asks: bool
    words: frozenset[str]


@lru_cache(maxsize=64)
def split(text: str) -> tuple[Sentence, ...]:
    """The sentences of `text`, at most 200."""
    found: list[Sentence] = []
    for start, end in _pieces(text):
        piece = text[start:end].strip()
        if piece and len(found) < _MAX_SENTENCES:
            asks = piece.endswith("?") or bool(_ASKS.match(piece))
            found.append(Sentence(piece, stems(piece), asks, frozenset(stems(piece))))
    return tuple(found)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def sentence_at(text: str, position: int) -> str:
    """The sentence around a character's position, shortened for a message."""
    for start, end in _pieces(text):
        if start <= position < end:
            piece = " ".join(text[start:end].split())
            return piece if len(piece) <= 100 else piece[:97] + "..."
    return ""


def asked(problem: str, question: str | None) -> str:
    """The question: given, or the last sentence that asks, or the last sentence."""
    if question and question.strip():
        return question
    parts = split(problem)
    return next((s.text for s in reversed(parts) if s.asks), parts[-1].text if parts else "")


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Near enough a stem that `visits`, `visited` and `visiting` meet."""
    word = singular(word)
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


@lru_cache(maxsize=1_000)
def stems(text: str) -> tuple[str, ...]:
    """The stems of the words of a text, or of a name: `OrangeBook` and `orange_book` have two."""
    return tuple(stem(w) for w in _WORD.findall(re.sub(r"([a-z])([A-Z])", r"\1 \2", text)))


def mentions(sentence: Sentence, name: str) -> bool:
    """Whether every word of a name stands in the sentence."""
    words = stems(name)
    return bool(words) and sentence.words.issuperset(words)


def place(sentence: Sentence, name: str) -> int:
    """Where in a sentence that mentions `name` its first word stands."""
    return sentence.stems.index(stems(name)[0])


def cited(statement: t.Statement) -> list[int]:
    """The sentences that a statement's note names by their numbers, from 1: `# s3`."""
    return [int(n) for n in _CUE.findall(statement.note or "")]


def names_of(statement: t.Statement) -> frozenset[str]:
    """The names that a statement uses: of values, functions and relations."""
    found: set[str] = set()
    for node in t.walk(statement):
        if isinstance(node, t.Name):
            found.add(node.id)
        elif isinstance(node, t.Call):
            found.add(node.function)
        elif isinstance(node, t.Distinct):
            found.update(node.names)
    return frozenset(found)


def telling(program: t.Program) -> frozenset[str]:
    """The declared names that a text would mention: elements, constants, relations and propositions."""
    found: set[str] = set()
    for s in program.statements:
        match s:
            case t.Sort(elements=tuple(elements)):
                found.update(elements)
            case t.Const(names=names):
                found.update(names)
            case t.Rel(signatures=signatures):
                found.update(signature.name for signature in signatures)
            case t.Var(names=names, type=t.Unit(word="bool")):
                found.update(names)
    return frozenset(sorted(found)[:_MAX_NAMES])


def unread_sentences(program: t.Program, problem: str, question: str | None = None) -> tuple[Diagnostic, ...]:
    """`unread-sentence` for each sentence that no statement says, `invented-premise` for each premise no sentence says.

    Where notes name sentences (`# s3`) they decide; else the names of elements, constants and relations do, where a
    sentence or a premise joins at least two of them.
    """
    told = tuple(s for s in split(problem) if not s.asks or question)
    noted = {n for s in program.statements for n in cited(s)}
    return tuple(_by_notes(program, told, noted) if noted else _by_names(program, told))


def _by_notes(program: t.Program, told: tuple[Sentence, ...], noted: set[int]) -> Iterator[Diagnostic]:
    for number, sentence in enumerate(told, start=1):
        if number not in noted:
            yield Diagnostic("unread-sentence", f"no statement says sentence {number}: {sentence.text[:100]!r}")
    for s in program.statements:
        numbers = cited(s)
        if isinstance(s, t.Assertion) and not numbers:
            yield Diagnostic("invented-premise", "this premise names no sentence", s.span, "note its sentence: # s1")
        for n in numbers:
            if not 1 <= n <= len(told):
                yield Diagnostic("invented-premise", f"the problem has no sentence {n}", s.span)


def _by_names(program: t.Program, told: tuple[Sentence, ...]) -> Iterator[Diagnostic]:
    names = telling(program)
    told = tuple(s for s in told if not OPTION.match(s.text))
    contents = [frozenset(n for n in names if mentions(s, n)) for s in told]
    known = frozenset[str]().union(*contents)  # a name that the text spells otherwise tells nothing
    premises = [(s, names_of(s) & known) for s in program.statements if isinstance(s, t.Assertion | t.Distinct | t.Let)]
    listed = [listed & known for listed in _lists(program)]
    relations = names - frozenset[str]().union(*_lists(program))
    for sentence, content in zip(told, contents, strict=True):
        lists = [all_ for all_ in listed if len(all_) > 1 and all_ <= content]
        if lists and not content & relations:
            listed.remove(lists[0])  # the first sentence with all of them only says who there is
            continue
        said = frozenset[str]().union(*(p for _, p in premises if p <= content))
        if not content <= said and not any(content <= p for _, p in premises):
            yield Diagnostic(
                "unread-sentence",
                f"no statement says: {sentence.text[:100]!r}",
                hint="every sentence of the problem has its statement",
            )
    stated = [(s, p) for s, p in premises if isinstance(s, t.Assertion) and len(p) > 1]
    yield from _invented(stated, told, contents, relations)


def _lists(program: t.Program) -> Iterator[frozenset[str]]:
    """The names that are declared together."""
    for s in program.statements:
        if isinstance(s, t.Sort) and isinstance(s.elements, tuple):
            yield frozenset(s.elements)
        elif isinstance(s, t.Const):
            yield frozenset(s.names)


def _invented(
    premises: list[tuple[t.Assertion, frozenset[str]]],
    told: tuple[Sentence, ...],
    contents: list[frozenset[str]],
    relations: frozenset[str],
) -> Iterator[Diagnostic]:
    """Premises whose names no sentence joins, and those that are more than the sentences with their names."""
    after = pairwise(zip(told, contents, strict=True))
    joined = [*contents, *(a | b for (_, a), (second, b) in after if _PRONOUN & set(second.stems))]
    count = Counter(content for _, content in premises)
    for s, content in premises:
        things = content - relations  # a relation may be told by another word: `Rosa is Karl's mother`
        least = things if len(things) > 1 else content
        sentences = sum(content <= c for c in joined)
        crowded = count[content] > sentences and _is_logic(s.formula) and (things or _converse(s, premises))
        if not any(least <= c for c in joined) or (sentences and crowded):
            shown = ", ".join(sorted(content))
            which = f"only {sentences} sentence" if sentences else "no sentence"
            message = f"{which} of the problem joins {shown}"
            yield Diagnostic("invented-premise", message, s.span, "state only what the problem says")


def _is_logic(formula: t.Expr) -> bool:
    """Whether a premise has no comparison: two facts of one edge or one pair may stand in one sentence."""
    return not any(isinstance(node, t.Compare) for node in t.walk(formula))


def _converse(rule: t.Assertion, premises: list[tuple[t.Assertion, frozenset[str]]]) -> bool:
    """Whether q -> p is a premise beside p -> q."""
    sides = _sides(rule)
    return sides is not None and any(_sides(other) == sides[::-1] for other, _ in premises)


def _sides(rule: t.Assertion) -> tuple[t.Expr, t.Expr] | None:
    formula = rule.formula
    while isinstance(formula, t.Quantified):
        formula = formula.body
    if not isinstance(formula, t.Binary) or formula.op is not t.BinaryOp.IMPLIES:
        return None
    return formula.left, formula.right
