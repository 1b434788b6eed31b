"""Candidates of many problems decoded as one batch: each row masked, checked line by line, and replaced when done."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from neurosym.decoding.decoder import Decoder, Layers
from neurosym.decoding.mask import GrammarMask, GrammarState
from neurosym.decoding.refused import Refused, tree
from neurosym.decoding.sampler import Draw, Drawn, draw, row_random
from neurosym.proposals import Candidate, Decoded, LineCheck

REDRAWS = 4
"""How often one line is drawn again before it stands. A wrong one does not stand: then the line before it is wrong."""

_OPENS = re.compile(r"[ \t]*python[ \t]*(#.*)?")
_CLOSES = re.compile(r"end\b")


@dataclass(frozen=True)
class Prompt:
    """One problem: its key, the tokens to continue, how many candidates are wanted, and the budget of each.

    The budget bounds a candidate's tokens, and the tokens of its lines that are taken back. `first` is the number
    of the first candidate, of which number 0 is greedy; what is `refused` none of them writes.
    """

    key: str
    tokens: Sequence[int]
    n: int
    budget: int
    first: int = 0
    refused: Sequence[Decoded] = ()


@dataclass
class _Line:
    """A line of a row: where it begins, in tokens, and how often it was drawn again."""

    start: int
    redraws: int = 0


@dataclass
class _Row:
    """One candidate as it grows."""

    prompt: int
    candidate: int
    state: GrammarState
    random: Random
    rest: list[int]
    """The end of its prompt, which the other prompts do not share."""
    refused: Refused
    """What it shall not write: what was asked not to be, and what was wrong."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=lambda: [_Line(0)])
    """The last is being written."""
    taken_back: int = 0
    """How many tokens were."""

    @property
    def fed(self) -> int:
        """How many tokens lie in its slot: all but the last, which the next step feeds."""
        return len(self.rest) + len(self.tokens) - 1

    @property
    def last(self) -> int:
        """The token to feed next."""
        return (self.tokens or self.rest)[-1]

    @property
    def decoded(self) -> int:
        """How many tokens were decoded for it."""
        return len(self.tokens) + self.taken_back

    def take_line_back(self) -> None:
        """Return to where the line began; its slot just becomes shorter."""
        start = self.lines[-1].start
        self.state.rollback(len(self.tokens) - start)
        self.taken_back += len(self.tokens) - start
        del self.tokens[start:], self.logprobs[start:], self.chances[start:]


@dataclass(frozen=True)
class Sampler:
    """Samples programs: a decoder, its grammar mask, how many rows at once, and the temperature of sampled tokens.

    The first candidate of a prompt takes the likeliest tokens, the others draw theirs; a line that is drawn again is
    drawn at the temperature by all.
    """

    decoder: Decoder
    mask: GrammarMask
    rows: int
    temperature: float

    def __call__(
        self, prompts: Sequence[Prompt], check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """Yield (index of the prompt, its candidates) for each prompt as they finish."""
        yield from ((i, ()) for i, prompt in enumerate(prompts) if prompt.n == 0)
        waiting = deque((i, prompt.first + k) for i, prompt in enumerate(prompts) for k in range(prompt.n))
        if not waiting:
            return
        check = cache(check)
        done: list[dict[int, Candidate]] = [{} for _ in prompts]
        prefix = self.decoder.share([prompt.tokens for prompt in prompts])
        shared = len(prefix.tokens)
        rows = min(self.rows, len(waiting))
        slots = self.decoder.slots(prefix, rows)
        filled, layers = -1, Layers()
        active: list[_Row] = []
        while waiting or active:
            while waiting and len(active) < rows:
                i, candidate = waiting.popleft()
                tokens = prompts[i].tokens
                if filled != i:
                    filled, layers = i, self.decoder.prefill(prefix, tokens[:-1]).since(shared)
                slots.put(len(active), layers)
                random, refused = row_random(seed, prompts[i].key, candidate), tree(prompts[i].refused)
                active.append(_Row(i, candidate, self.mask.start(), random, list(tokens[shared:]), refused))
            logits = self.decoder.step(slots, [row.last for row in active], [row.fed for row in active])
            drawn = draw(logits, [self._wish(row) for row in active])
            for slot in reversed(range(len(active))):
                row = active[slot]
                finish = self._advance(row, drawn[slot], prompts[row.prompt], check)
                if finish is None:
                    continue
                if (last := active.pop()) is not row:
                    active[slot] = last
                    slots.move(len(active), slot, last.fed)
                done[row.prompt][row.candidate] = self._candidate(row, finish)
                if len(done[row.prompt]) == prompts[row.prompt].n:
                    yield row.prompt, tuple(candidate for _, candidate in sorted(done[row.prompt].items()))

    def _wish(self, row: _Row) -> Draw:
        refused = row.refused.find(row.tokens)
        greedy = row.candidate == 0 and row.lines[-1].redraws == 0 and refused is None
        return Draw(row.state, row.random, self.temperature, refused, greedy)

    def _advance(self, row: _Row, drawn: Drawn | None, prompt: Prompt, check: LineCheck) -> str | None:
        """Give the row its token; how it finished, or None where it goes on."""
        if drawn is None and row.refused.find(row.tokens):  # all that may follow here was refused
            return None if self._write_again(row, len(row.tokens), prompt.budget) else "stuck"
        if drawn is None or not row.state.commit(drawn.token):
            return "length"
        row.tokens.append(drawn.token)
        row.logprobs.append(drawn.logprob)
        row.chances.append(drawn.chance)
        if b"\n" in self.mask.bytes([drawn.token]) and not self._end_line(row, prompt, check):
            return "stuck"
        if row.state.stopped:
            return "end" if row.state.accepting else "length"
        return "length" if len(row.tokens) >= prompt.budget else None

    def _end_line(self, row: _Row, prompt: Prompt, check: LineCheck) -> bool:
        """Begin the next line, or one again; False where the last is wrong and none can be begun again."""
        text = self._text(row)
        text = text[: text.rindex("\n") + 1]
        if _in_python(text):
            return True
        verdict = check(prompt.key, text)
        if verdict.finding == "wrong":
            return self._write_again(row, self._covering(row, text[: verdict.extent]), prompt.budget)
        line = row.lines[-1]
        if verdict.finding == "unlikely" and line.redraws < REDRAWS and row.taken_back < prompt.budget:
            row.take_line_back()
            line.redraws += 1
        else:
            row.lines.append(_Line(len(row.tokens)))
        return True

    def _write_again(self, row: _Row, end: int, budget: int) -> bool:
        """Take back the line that is wrong as far as the token before `end`, so that what is wrong does not come again.

        Where that was too often, the line before it is wrong as well; False where there is none, or the budget is
        spent. What is likeliest was not drawn by chance, and may come once more.
        """
        while row.taken_back < budget:
            line = row.lines[-1]
            if row.candidate or line.redraws:
                row.refused.add(row.tokens[:end], row.chances[:end])
            before = row.refused.find(row.tokens[: line.start])
            again = line.redraws < REDRAWS and not (before and before.gone == 1)
            if not again and len(row.lines) == 1:
                return False
            row.take_line_back()
            if again:
                line.redraws += 1
                return True
            row.lines.pop()
            end = len(row.tokens)
        return False

    def _covering(self, row: _Row, text: str) -> int:
        """How many of the row's tokens it takes to write `text`, with which its own begins."""
        wanted, end = len(text.encode()), row.lines[-1].start
        written = len(self.mask.bytes(row.tokens[:end]))
        while written < wanted and end < len(row.tokens):
            written += len(self.mask.bytes(row.tokens[end : end + 1]))
            end += 1
        return end

    def _candidate(self, row: _Row, finish: str) -> Candidate:
        decoded = tuple(zip(row.tokens, row.chances, strict=True))
        return Candidate(self._text(row), sum(row.logprobs), row.decoded, finish, decoded)

    def _text(self, row: _Row) -> str:
        return self.mask.bytes(row.tokens).decode(errors="replace")


def _in_python(text: str) -> bool:
    """Whether the next line still belongs to a python block; its lines mean nothing before the block's end."""
    inside = False
    for line in text.splitlines():
        inside = not _CLOSES.match(line) if inside else bool(_OPENS.fullmatch(line))
    return inside
