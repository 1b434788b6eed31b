"""Which sentences of a problem its statements were read from, where that is sure: what an explanation quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from neurosym.language import tree as t
from neurosym.language.grounding import MAX_TEXT, common_knowledge, literals_in, ways_to_write
from neurosym.language.quantities import numbers_in
from neurosym.language.sentences import OPTION, Sentence, cited, mentions, names_of, split, stems, telling

MAX_QUOTES = 4
"""A statement that says more sentences than these (a Python block) is not explained by them all."""
_FEWEST_WORDS = 3
"""A note of fewer words repeats no sentence, even where its words stand in one."""


def sources(program: t.Program, problem: str, question: str | None = None) -> tuple[tuple[str, ...], ...]:
    """For each statement the sentences that it says, in their order, at most MAX_QUOTES; () where none is sure.

    A note decides that repeats one sentence, or cites some that the statement shares a word or a number with
    (`# s3`). Else a sentence is sure where it alone states a number of the statement, or alone has the names of a
    premise. Of several that state a number, and for numbers that everyone knows, the statement's words must single one
    out. `ask` says the question. Total: any text is welcome, of which the first MAX_TEXT characters are looked at.
    """
    reader = _Reader(program, problem[:MAX_TEXT], question and question[:MAX_TEXT])
    return tuple(reader.sources(s) for s in program.statements)


@dataclass(frozen=True)
class _Told:
    """A sentence with the numbers it states: `exact`, and all that a program may write for them."""

    sentence: Sentence
    exact: frozenset[Fraction]
    written: frozenset[Fraction]
    names: frozenset[str]


class _Reader:
    def __init__(self, program: t.Program, problem: str, question: str | None) -> None:
        self.telling = telling(program)
        parts = split(problem)
        apart = split(question) if question and question.strip() not in problem else ()
        self.told = [self._told(s) for s in (*parts, *apart)]
        self.premises = [k for k, s in enumerate(parts) if not s.asks and not OPTION.match(s.text)]
        self.cited = [k for k, s in enumerate(parts) if question or not s.asks]  # as `unread_sentences` counts them
        asking = [k for k, s in enumerate(parts) if (s.text in question if question else s.asks)]
        self.asking = range(len(parts), len(self.told)) or (asking if question or len(asking) == 1 else ())
        self.known = common_knowledge(f"{problem}\n{question or ''}")

    def _told(self, sentence: Sentence) -> _Told:
        quantities = () if OPTION.match(sentence.text) else numbers_in(sentence.text)
        written = frozenset(form for q in quantities for form in ways_to_write(q))
        names = frozenset(n for n in self.telling if mentions(sentence, n))
        return _Told(sentence, frozenset(q.value for q in quantities), written, names)

    def sources(self, s: t.Statement) -> tuple[str, ...]:
        if isinstance(s, t.Option):  # its text is the option's
            return ()
        words = frozenset(w for name in (*t.declared(s), *names_of(s), s.note or "") for w in stems(name))
        names = (frozenset(t.declared(s)) | names_of(s)) & self.telling
        if isinstance(s, t.Ask | t.AskOption):
            found: Sequence[int] = [*self._by_numbers(s, words, names), *self.asking]
        else:
            found = self._noted(s, words) or self._by_names(s, names) or self._by_numbers(s, words, names)
        quoted = [self.told[k].sentence.text for k in sorted(set(found))]
        return tuple(" ".join(text.split()) for text in quoted[:MAX_QUOTES])

    def _noted(self, s: t.Statement, words: frozenset[str]) -> Sequence[int]:
        note = stems(s.note or "")
        repeated = [k for k in self.premises if len(note) >= _FEWEST_WORDS and _within(note, self.told[k].sentence)]
        if len(repeated) == 1:
            return repeated
        numbers = {literal.value for literal in literals_in(s)}
        named = [self.cited[n - 1] for n in cited(s) if 1 <= n <= len(self.cited)]
        return [k for k in named if words & self.told[k].sentence.words or numbers & self.told[k].written]

    def _by_names(self, s: t.Statement, names: frozenset[str]) -> Sequence[int]:
        """The only sentence with just the names of a premise or a list of things; else the only one with them all."""
        if not names or not isinstance(s, t.Assertion | t.Sort | t.Const):
            return ()
        just = [k for k in self.premises if self.told[k].names == names]
        among = just if just or len(names) < 2 else [k for k in self.premises if names < self.told[k].names]
        return among if len(among) == 1 else ()

    def _by_numbers(self, s: t.Statement, words: frozenset[str], names: frozenset[str]) -> Sequence[int]:
        found = (self._stating(v, words) for v in dict.fromkeys(literal.value for literal in literals_in(s)))
        return [k for k in found if k is not None and names <= self.told[k].names]

    def _stating(self, value: Fraction, words: frozenset[str]) -> int | None:
        """The sentence that a number of a statement with these words comes from."""
        exact = [k for k, told in enumerate(self.told) if value in told.exact]
        if len(exact) == 1 and value not in self.known:
            return exact[0]
        among = exact or [k for k, told in enumerate(self.told) if value in told.written]
        shared = {k: words & self.told[k].sentence.words for k in among}
        fits = (k for k in among if shared[k] and all(shared[o] < shared[k] for o in among if o != k))
        return next(fits, None)


def _within(words: Sequence[str], sentence: Sentence) -> bool:
    """Whether the words stand in the sentence, one behind the other."""
    starts: Iterable[int] = range(len(sentence.stems) - len(words) + 1)
    return any(sentence.stems[k : k + len(words)] == words for k in starts)


def only_cites(note: str) -> bool:
    """Whether a note does nothing but name sentences: `s2`, `s1, s3`."""
    return re.fullmatch(r"s\d+(?:[\s,;&]+s\d+)*", note.strip()) is not None
