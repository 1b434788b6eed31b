"""The whole way: a problem in words → candidate programs → checked outcomes → one result that says why."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, partial

from neurosym.errors import ProgramError, UsageError
from neurosym.explain import explain
from neurosym.language import tree as t
from neurosym.language.beginnings import endless_names, extent
from neurosym.language.check import check
from neurosym.language.grounding import check_translation, ungrounded
from neurosym.language.plausible import implausible, odd_quantities
from neurosym.language.printer import show
from neurosym.language.read import read, read_fragment
from neurosym.language.undeclared import with_relations
from neurosym.models import load
from neurosym.models.base import Candidate, LineVerdict, Model, Request
from neurosym.proposals import Messages
from neurosym.result import Problem, Result, ResultStatus
from neurosym.search.cluster import Attempt, clusters, to_repair
from neurosym.search.confidence import judge
from neurosym.search.prompt import messages, repair_messages, task, verdict_messages
from neurosym.search.scorer import Scorer, read_scorer
from neurosym.solving.options import choose
from neurosym.solving.sandbox import least_level, refused
from neurosym.solving.solve import malformed, solve

GROUP = 64
"""Candidates handed to the model at once: enough to refill the rows of those that end early, few enough to wait for."""


LEAST_TOKENS, CHARACTERS_A_TOKEN = 128, 2
"""The budget of a candidate: more than the programs of the training sets take, but for a few grid puzzles."""


class Engine:
    """Solves problems in words with a model that translates and solvers that prove.

    model:         a `Model`, or what `neurosym.models.load` takes: None for the embedded default, a path, a name.
    candidates:    programs proposed for a problem; the first is greedy, the others are sampled.
    repairs:       rounds that follow where no program is sound: the model is told what was wrong with its best one, or
                   goes on without those that failed where it was trained, but not to put programs right.
    max_tokens:    a candidate's budget; None: what a problem of that length needs.
    timeout:       seconds of solving for a candidate.
    seed:          the same seed gives the same candidates.
    allow_python:  whether Python blocks in candidates may run even where this system's sandbox is below `strong`.
    """

    def __init__(
        self,
        model: Model | str | None = None,
        *,
        candidates: int = 4,
        repairs: int = 1,
        max_tokens: int | None = None,
        timeout: float = 5.0,
        seed: int = 0,
        allow_python: bool = False,
    ) -> None:
        """Raises UsageError where a number makes no sense or no such model is known; loads nothing yet."""
        for name, value, least in (
            ("candidates", candidates, 1),
            ("repairs", repairs, 0),
            ("max_tokens", 1 if max_tokens is None else max_tokens, 1),
        ):
            if value < least:
                raise UsageError(f"{name} is at least {least}, not {value}")
        if not timeout > 0:
            raise UsageError(f"the timeout is a number of seconds above 0, not {timeout!r}")
        self.model = load(model) if model is None or isinstance(model, str) else model
        self.candidates, self.repairs, self.max_tokens = candidates, repairs, max_tokens
        self.timeout, self.seed, self.allow_python = timeout, seed, allow_python

    def solve(self, problem: str | Problem, *, question: str | None = None, options: Sequence[str] = ()) -> Result:
        """The result for one problem. Raises ModelError where the model cannot be loaded or reached."""
        if isinstance(problem, str):
            problem = Problem(problem, question, tuple(options))
        return next(self.solve_many([problem]))

    def solve_many(
        self, problems: Iterable[Problem], *, stop: threading.Event | None = None
    ) -> Generator[Result, None, None]:
        """Results in the order of `problems`, each as soon as its group is done.

        Setting `stop` (from any thread) or closing the iterator ends the run; what was yielded stays valid. Raises
        ModelError as `solve` does.
        """
        size = max(1, GROUP // self.candidates)
        for group in _groups(problems, size):
            if stop is not None and stop.is_set():
                return
            yield from self._solve_group(group)

    def _solve_group(self, group: list[Problem]) -> list[Result]:
        start = time.monotonic()
        tried: list[list[Attempt]] = [[] for _ in group]
        asked = {k: self._request(p) for k, p in enumerate(group)}
        for round_ in range(1 + self.repairs):
            for k, attempts in self._propose(group, asked, round_):
                tried[k] += attempts
            failed = {k: to_repair(attempts) for k, attempts in enumerate(tried)}
            asked = {k: self._repair(group[k], best, tried[k]) for k, best in failed.items() if best}
            if not asked:
                break
        judged = [self._judged(problem, list(map(_kept, some))) for problem, some in zip(group, tried, strict=True)]
        seconds = (time.monotonic() - start) / len(group)
        return [_result(p, attempts, seconds, self._scorer) for p, attempts in zip(group, judged, strict=True)]

    def _propose(
        self, group: list[Problem], asked: dict[int, Request], round_: int
    ) -> Iterator[tuple[int, list[Attempt]]]:
        """Candidates of one round for the problems in `asked`, solved while the model goes on."""
        order = list(asked)
        problems = {_key(problem): problem for problem in group}
        proposed = self.model.propose(
            [asked[k] for k in order],
            check=lambda key, text: self._verdict(problems[key], text),
            seed=self.seed if self._draws_on else self.seed + round_,
        )
        with ThreadPoolExecutor(max_workers=2) as executor:
            pending = [
                (order[index], executor.map(lambda c, p=group[order[index]]: self._attempt(p, c, round_), candidates))
                for index, candidates in proposed
            ]
            yield from ((k, list(attempts)) for k, attempts in pending)

    def _budget(self, problem: Problem) -> int:
        asked = task(problem.text, problem.question, problem.options)
        return self.max_tokens or LEAST_TOKENS + len(asked) // CHARACTERS_A_TOKEN

    def _verdict(self, problem: Problem, text: str) -> LineVerdict:
        """What can be said of a program for `problem` that begins like this, or is this.

        It is wrong unless it reads and checks so far, and every number in it is the problem's or common knowledge.
        """
        try:
            program = read_fragment(text)
        except ProgramError:  # its last line may be the ask, with which a fragment does not end
            try:
                program = read(text)
            except ProgramError:
                return LineVerdict("wrong")
        has_python = any(isinstance(s, t.Python) for s in program.statements)
        if has_python and refused(least_level(self.allow_python)):
            return LineVerdict("wrong")
        program = with_relations(program, _told(problem))
        symbols, wrong = check(program)
        wrong = wrong or ungrounded(program, problem.text, problem.question, problem.options) or endless_names(program)
        if wrong:
            return LineVerdict("wrong", min((e for e in map(partial(extent, text), wrong) if e), default=None))
        if odd_quantities(program.statements[-1:], symbols, problem.text, problem.question):
            return LineVerdict("unlikely")
        return LineVerdict("sound")

    def _attempt(self, problem: Problem, candidate: Candidate, round_: int) -> Attempt:
        """Read, check, solve and ground one candidate."""
        start = time.monotonic()
        try:
            program = with_relations(read(candidate.text), _told(problem))
        except ProgramError as error:
            return Attempt(candidate, None, malformed(error.diagnostics), (), round_, time.monotonic() - start)
        outcome = solve(program, timeout=self.timeout, allow_python=self.allow_python)
        if problem.options:
            outcome = choose(outcome, problem.options)
        symbols, wrong = check(program)
        findings = wrong or (
            *check_translation(program, symbols, problem.text, problem.question),
            *odd_quantities(program.statements, symbols, problem.text, problem.question),
            *implausible(outcome.answers, problem.text, problem.question),
        )
        return Attempt(candidate, program, outcome, findings, round_, time.monotonic() - start)

    def _request(self, problem: Problem) -> Request:
        """What asks for the first candidates."""
        return Request(_key(problem), self._asked(problem), self.candidates, self._budget(problem))

    def _repair(self, problem: Problem, best: Attempt, failed: Sequence[Attempt]) -> Request:
        """What asks for half as many after `failed`, of which `best` is the most promising.

        The model draws on, and what failed is out of what it draws from, or it is told what was wrong.
        """
        asked = replace(self._request(problem), n=-(-self.candidates // 2))
        if self._draws_on:
            refused = tuple(a.candidate.decoded for a in failed if a.candidate.decoded)
            return replace(asked, first=len(failed), refused=refused)
        told = repair_messages(asked.messages, program_text=best.candidate.text, complaint=best.complaint)
        return replace(asked, messages=told)

    def _judged(self, problem: Problem, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        """The attempts, those that answer with what the model thinks of them where it was trained to judge."""
        judge = self.model.training.judge if self.model.training else None
        texts = sorted({a.candidate.text for a in attempts if a.outcome.answer is not None})
        if judge is None or not texts:
            return tuple(attempts)
        asked = self._asked(problem)
        odds = judge([verdict_messages(asked, program_text=text) for text in texts])
        verdicts = dict(zip(texts, odds, strict=True))
        return tuple(replace(a, verdict=verdicts.get(a.candidate.text)) for a in attempts)

    def _asked(self, problem: Problem) -> Messages:
        """The conversation that asks for a program: short where the model was trained for the language."""
        trained = self.model.training is not None
        return messages(problem.text, problem.question, problem.options, trained=trained)

    @property
    def _draws_on(self) -> bool:
        """Whether the model would not know what to do with a complaint: it was trained, and not for that."""
        return self.model.training is not None and not self.model.training.repairs

    @cached_property
    def _scorer(self) -> Scorer | None:
        return read_scorer(self.model.training.folder) if self.model.training else None


def _key(problem: Problem) -> str:
    return problem.id or problem.text


def _kept(attempt: Attempt) -> Attempt:
    """Without what is needed for the next round only, and takes more room than all the rest."""
    return replace(attempt, candidate=replace(attempt.candidate, decoded=()))


def _told(problem: Problem) -> str:
    return f"{problem.text}\n{problem.question or ''}"


def _groups(problems: Iterable[Problem], size: int) -> Iterator[list[Problem]]:
    """`size` problems at a time, fewer where one of the same name comes: the model tells them apart by it."""
    group: dict[str, Problem] = {}
    for problem in problems:
        if len(group) == size or _key(problem) in group:
            yield list(group.values())
            group = {}
        group[_key(problem)] = problem
    if group:
        yield list(group.values())


def _result(problem: Problem, attempts: tuple[Attempt, ...], seconds: float, scorer: Scorer | None) -> Result:
    probability = None
    if scorer:
        best, probability = next(iter(scorer.rank(attempts)), (None, None))
    else:
        best = next(iter(clusters(attempts)), None)
    judgement = judge(best, attempts, probability)
    chosen = best.best if best else next((a for a in attempts if a.program), None)
    program = chosen.program if chosen else None
    status = ResultStatus(judgement.status)
    return Result(
        id=problem.id,
        answer=best.answer if best and status is not ResultStatus.UNSOLVED else None,
        status=status,
        confidence=judgement.confidence,
        reasons=judgement.reasons,
        program=show(program) if program else "",
        chosen=chosen,
        explanation=explain(program, chosen.outcome, problem.text, problem.question, problem.options)
        if program and chosen
        else "",
        attempts=attempts,
        tokens=sum(a.candidate.tokens for a in attempts),
        seconds=seconds,
    )
