"""What is wrong with a problem family: its samples are checked as the engine checks a model's programs, and solved."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import combinations

from neurosym.errors import InputError, ProgramError
from neurosym.language.check import check
from neurosym.language.grounding import check_translation
from neurosym.language.read import read
from neurosym.solving.solve import solve
from neurosym.training import puzzles
from neurosym.training.families import Family
from neurosym.training.generator import Example, generate

LEAST_WORDINGS = 3
_OPTION = re.compile(r"[A-Z]\) ")


def audit(family: Family, samples: int = 4) -> list[str]:
    """Complaints about `family`, [] where there is none.

    Each of its first `samples` problems reads, passes the checks against its own text, and has one decided answer;
    there are several wordings; and the answers are not all the same.
    """
    complaints = []
    wordings = len(set(family.texts)) + sum(len(fact.say) - 1 for fact in family.facts)
    if wordings < LEAST_WORDINGS:
        complaints.append(f"{wordings} wordings, at least {LEAST_WORDINGS} are wanted")
    answers = set()
    for seed in range(samples):
        try:
            example = generate(family, seed)
        except (InputError, ProgramError) as error:
            return [*complaints, f"seed {seed}: {error}"]
        # the numbers of distractors are there not to be used
        complaint, answer = _checked(example, ignored={"unused-number"} if family.distractors else set())
        complaints += [f"seed {seed}: {complaint}"] if complaint else []
        answers.add(answer)
    if len(answers) == 1 and samples > 2 and (family.values or family.options):
        complaints.append(f"the answer is always {answers.pop()}")
    return complaints


def audit_puzzle(name: str, samples: int = 4) -> list[str]:
    """Complaints about the puzzle family `name`, as of `audit`.

    What somebody says may be a biconditional that no sentence names in full: `invented-premise` is no complaint here.
    """
    complaints, answers = [], set()
    for seed in range(samples):
        complaint, answer = _checked(puzzles.generate(name, seed), ignored={"invented-premise"})
        complaints += [f"seed {seed}: {complaint}"] if complaint else []
        answers.add(answer)
    if len(answers) == 1 and samples > 7:
        complaints.append(f"the answer is always {answers.pop()}")
    return complaints


def _checked(example: Example, ignored: Set[str]) -> tuple[str, str]:
    """What is wrong with one problem, "" where nothing is; and its answer."""
    program = read(example.program)
    symbols, findings = check(program)
    findings = findings or check_translation(program, symbols, *_parts(example.problem))
    findings = tuple(finding for finding in findings if finding.code not in ignored)
    outcome = solve(program, timeout=10, allow_python=True)
    found = ""
    if findings or not outcome.decided:
        found = "; ".join(map(str, findings)) or f"{outcome.status}: {outcome.message}"
        found += f"\n{example.problem}\n{example.program}"
    return found, outcome.answer or str(outcome.status)


def _parts(text: str) -> tuple[str, str | None]:
    """The problem, and the question where it stands on a line of its own; options are left out."""
    told = [line for line in text.split("\n") if not _OPTION.match(line)]
    return ("\n".join(told[:-1]), told[-1]) if len(told) > 1 else (told[0], None)


_HOLE = re.compile(r"\{\w+(?::[\w']+)?\}")
GRAM = 5
ALIKE = 0.6
"""Two families whose wordings share so much (Jaccard index of their character n-grams) are one."""


def too_alike(families: Sequence[Family], alike: float = ALIKE) -> list[tuple[str, str]]:
    """Pairs of families whose wordings are near duplicates: what a training family says must not be held out, too."""
    number: dict[str, int] = {}  # of each n-gram; a family's are the bits of one integer, which is quick to compare
    grams = {f.name: sum(1 << number.setdefault(gram, len(number)) for gram in _grams(f)) for f in families}
    size = {name: bits.bit_count() for name, bits in grams.items()}
    found = []
    for (one, a), (other, b) in combinations(grams.items(), 2):
        shared = (a & b).bit_count()
        if shared > alike * (size[one] + size[other] - shared):
            found.append((one, other))
    return found


def _grams(family: Family) -> frozenset[str]:
    """The character n-grams of all its wordings, each n-gram without what is drawn."""
    said = [*family.texts, *(say for fact in family.facts for say in fact.say), *(o.say for o in family.options)]
    pieces = [" ".join(piece.lower().split()) for text in said for piece in _HOLE.split(text)]
    return frozenset(piece[k : k + GRAM] for piece in pieces for k in range(len(piece) - GRAM + 1))
