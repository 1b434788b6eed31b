"""Lark's LALR tables, driven with less work a token: the tree that Lark gives, in a quarter of its time.

Lark calls three functions for every rule, also for the dozen between a name and the expression that it is. Here such
rules, which change nothing, are one step, found once and kept. What does not read here, Lark reads again to say why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeAlias

from lark import Lark, Token, Tree
from lark.grammar import Rule
from lark.lexer import TerminalDef
from lark.parsers.lalr_analysis import Shift
from lark.tree import Meta

_Scanner: TypeAlias = tuple[Callable[[str, int], re.Match[str] | None], Mapping[str, Callable[[str], str | None]]]
_Place: TypeAlias = tuple[int, int, int]
"""A position (from 0), its line and its column (from 1)."""
_END = "$END"


class Reader:
    """Parses texts of one grammar; tokens stand as Lark's would, trees from their first bracket to their last."""

    def __init__(self, lark: Lark, keywords: Set[str] = frozenset()) -> None:
        """Take the tables of an LALR parser with a contextual lexer. `keywords`: words that no token may be whole."""
        table: Any = lark.parser.parser.parser.parse_table
        rules = {rule: _Reduction.of(rule, lark.options.maybe_placeholders) for rule in lark.rules}
        self._starts: Mapping[str, int] = table.start_states
        self._ends: Mapping[str, int] = table.end_states
        self._actions: dict[int, dict[str, int | _Reduction]] = {
            state: {name: arg if action is Shift else rules[arg] for name, (action, arg) in actions.items()}
            for state, actions in table.states.items()
        }
        self._terminals = sorted(
            lark.terminals, key=lambda x: (-x.priority, -x.pattern.max_width, -len(x.pattern.value), x.name)
        )  # in the order in which Lark tries them
        self._ignored = frozenset(lark.ignore_tokens)
        self._kept = frozenset(s.name for r in lark.rules for s in r.expansion if _is_kept(r, s))
        self._keywords = keywords
        self._scanners: dict[int, _Scanner] = {}
        self._hops: dict[tuple[int, int, str], int] = {}

    def parse(self, text: str, start: str = "start", *, column: int = 1) -> Tree[Token] | None:
        """The tree of `text`, whose first character is in that column; None where it does not read."""
        actions, kept, ignored, keywords, hops = self._actions, self._kept, self._ignored, self._keywords, self._hops
        state, end_state = self._starts[start], self._ends[start]
        states, values = [state], list[Any]()
        starts, ends = list[_Place](), list[_Place]()
        here: _Place = (0, 1, column)
        position, line, size = 0, 1, len(text)
        while True:
            if position < size:
                scan, words = self._scanners.get(state) or self._scanner(state)
                match = scan(text, position)
                if match is None:
                    return None
                said, kind = match[0], str(match.lastgroup)
                before = (position, line, column)
                position = match.end()
                if "\n" in said:
                    line += said.count("\n")
                    column = len(said) - said.rindex("\n")
                else:
                    column += position - before[0]
                if kind in ignored:
                    continue
                if kind in words:
                    kind = words[kind](said) or kind
                here, value = (position, line, column), None
                if kind in kept:
                    if said in keywords:
                        return None
                    value = Token(kind, said, *before, line, column, position)
            else:
                before, kind, value = here, _END, None
            while True:
                action = actions[state].get(kind)
                if isinstance(action, int):
                    states.append(action)
                    values.append(value)
                    starts.append(before)
                    ends.append(here)
                    state = action
                    break
                if action is None:
                    return None
                if action.is_step:
                    hop = (states[-2], state, kind)
                    state = hops.get(hop) or self._hop(*hop)
                    states[-1] = state
                else:
                    count = action.size
                    if count:
                        first, last = starts[-count], ends[-1]
                        parts = values[-count:]
                        del states[-count:], values[-count:], starts[-count:], ends[-count:]
                    else:
                        first, last, parts = before, before, []
                    values.append(action.build(parts, first, last))
                    starts.append(first)
                    ends.append(last)
                    state = actions[states[-1]][action.origin]  # type: ignore[assignment]
                    states.append(state)
                if state == end_state and kind == _END:
                    found: Tree[Token] = values[-1]
                    return found

    def _hop(self, below: int, state: int, kind: str) -> int:
        """Where rules that change nothing lead from `state`, which stands on the state `below`, before a token."""
        at = state
        while isinstance(action := self._actions[at].get(kind), _Reduction) and action.is_step:
            at = self._actions[below][action.origin]  # type: ignore[assignment]
        self._hops[below, state, kind] = at
        return at

    def _scanner(self, state: int) -> _Scanner:
        """What matches the next token in a state, and how words among names are told (as Lark's contextual lexer)."""
        expected = self._actions[state].keys() | self._ignored
        terminals = [t for t in self._terminals if t.name in expected]
        words = {t.name: found for t in terminals if t.pattern.type == "re" and (found := _words(t, terminals))}
        within = {w.name for found in words.values() for w in found if not w.pattern.flags}
        pattern = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name not in within)
        self._scanners[state] = (re.compile(pattern).match, {name: _telling(found) for name, found in words.items()})
        return self._scanners[state]


def _words(name: TerminalDef, terminals: list[TerminalDef]) -> list[TerminalDef]:
    """The literals that a pattern such as NAME matches, too."""
    whole = re.compile(name.pattern.to_regexp())
    literals = [t for t in terminals if t.pattern.type == "str" and t.priority == name.priority]
    return [t for t in literals if (m := whole.match(t.pattern.value)) and m[0] == t.pattern.value]


def _telling(literals: list[TerminalDef]) -> Callable[[str], str | None]:
    """Which of the literals a word is."""
    if not any(t.pattern.flags for t in literals):
        return {t.pattern.value: t.name for t in literals}.get
    told = re.compile("|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in literals)).fullmatch
    return lambda word: m.lastgroup if (m := told(word)) else None


@dataclass(frozen=True, slots=True)
class _Reduction:
    """What a rule makes of its parts. `is_step`: of one part, that part, so that only the state changes."""

    origin: str
    size: int
    is_step: bool
    build: Callable[[list[Any], _Place, _Place], Any]

    @classmethod
    def of(cls, rule: Rule, placeholders: bool) -> _Reduction:
        """The reduction by a rule of a grammar, whose options say how Lark shapes the tree."""
        absent = rule.options.empty_indices if placeholders and rule.options.empty_indices else ()
        gaps = [len(ones) for ones in "".join(str(int(b)) for b in absent).split("0")] if absent else []
        plan: list[int | None] = []  # a part's index, or an option that is absent
        for index, symbol in enumerate(rule.expansion):
            plan += [None] * (gaps[index] if gaps else 0)
            plan += [index] if _is_kept(rule, symbol) else []
        plan += [None] * (gaps[-1] if gaps else 0)
        inlined = {i for i, symbol in enumerate(rule.expansion) if not symbol.is_term and symbol.name.startswith("_")}
        expands = bool(rule.options.expand1 and not rule.alias)
        origin, size = str(rule.origin.name), len(rule.expansion)
        build = _builder(plan, inlined, None if origin.startswith("_") else str(rule.alias or origin), expands)
        return cls(origin, size, expands and size == 1 and plan == [0] and not inlined, build)


def _builder(
    plan: list[int | None], inlined: Set[int], data: str | None, expands: bool
) -> Callable[[list[Any], _Place, _Place], Any]:
    """What makes a tree named `data` of a rule's parts; the list of its children where that is None."""

    def build(parts: list[Any], first: _Place, last: _Place) -> Any:
        children: list[Any] = []
        for index in plan:
            if index is None:
                children.append(None)
            elif index not in inlined:
                children.append(parts[index])
            elif children:
                children += parts[index]
            else:
                children = parts[index]  # which nobody else has: a long list is not copied for each item
        if data is None or (expands and len(children) == 1):
            return children if data is None else children[0]
        meta = Meta()  # type: ignore[no-untyped-call]
        meta.start_pos, meta.line, meta.column = first
        meta.end_pos, meta.end_line, meta.end_column = last
        meta.empty = False
        return Tree(data, children, meta)

    return build


def _is_kept(rule: Rule, symbol: Any) -> bool:
    return bool(rule.options.keep_all_tokens or not (symbol.is_term and symbol.filter_out))
