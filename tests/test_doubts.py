"""Independence is believed only where nothing speaks for a lost link; everything else is taken as it is written."""

from __future__ import annotations

import pytest

import neurosym
from neurosym.notations import Reading, read
from neurosym.notations.doubts import findings, rivals
from neurosym.outcome import Outcome, Status
from neurosym.solving.doubt import believed

OPEN = """Premises:
∀x (Otter(x) → Swims(x)) ::: All otters swim.
∀x (Swims(x) → ¬Burns(x)) ::: What swims does not burn.
Tall(olga) ::: Olga is tall.
Conclusion:
Swims(olga) ::: Olga swims.
"""


def solved(text: str, **given: object) -> Outcome:
    return neurosym.run(text, notation="logiclm-fol", **given)  # type: ignore[arg-type]


def codes(text: str, question: str | None = None) -> list[str]:
    return [d.code for d in findings(read(text, "logiclm-fol", question=question).program, question)]


def test_independence_without_a_sign_of_loss_is_believed() -> None:
    assert codes(OPEN) == []
    assert solved(OPEN.replace("∀x (Otter(x) → Swims(x)) ::: All otters swim.\n", "")).status is Status.INDEPENDENT


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Tall(olga) :::", "Tall(olga) ::: Burns is what she does not:", "speaks of Burns"),
        ("¬Burns(x)) :::", "Burns(x)) :::", "says `not`"),
        ("∀x (Otter(x) → Swims(x)) ::: All otters swim.", "Swims(otto) ::: If Otto swims.", "says `if`"),
        ("Tall(olga) ::: Olga is tall.", "Tall(olga) ::: Olga is tall or quick.", "says `or`"),
        ("Swims(olga) ::: Olga swims.", "Dives(olga) ::: Olga dives.", "no premise speaks of it"),
        ("Tall(olga) ::: Olga is tall.", "Likes(Swims(olga), olga) ::: Olga is tall.", "two roles"),
    ],
)
def test_each_sign_of_a_lost_link_leaves_independence_in_doubt(before: str, after: str, told: str) -> None:
    text = OPEN.replace(before, after)
    assert text != OPEN
    assert solved(text, mend=False).status is Status.INDEPENDENT, "as it is written"
    outcome = solved(text)
    assert outcome.status is Status.GAVE_UP
    assert outcome.message.startswith("as it is written, neither")
    assert outcome.witnesses == solved(text, mend=False).witnesses
    assert told in outcome.message
    assert all(d.code.startswith("doubtful-") for d in outcome.diagnostics)
    assert Outcome.from_dict(outcome.to_dict()) == outcome


@pytest.mark.parametrize(
    ("premises", "asked", "verdict"),
    [
        ("∀x (Guest(x) ∧ Late(x) → Waits(x))\nLate(rosa)", "Waits(rosa)", "true"),  # nobody is said to be a guest
        ("Opened(rosa, shop)", "Opens(rosa, shop)", None),  # no premise speaks of `Opens`, which is found first
        ("∀x (Opens(x) → Works(x))\nOpened(rosa)", "Works(rosa)", "true"),
        ("Heavy(lead)\nLead(pipe)", "Heavy(pipe)", "true"),
        ("Lent(rosa, hammer)\nTool(club)\nClub(hammer)", "Lent(rosa, club)", "true"),
    ],
)
def test_a_rival_reading_that_decides_leaves_independence_in_doubt(
    premises: str, asked: str, verdict: str | None
) -> None:
    outcome = neurosym.run(f"{premises}\n⊢ {asked}", notation="fol")
    assert outcome.status is Status.GAVE_UP
    assert (f"what is asked would be {verdict}" in outcome.message) is (verdict is not None)


@pytest.mark.parametrize(
    "text",
    [
        "Model4(rosa)\nFast(bus)\n∀x (Model5(x) → Fast(x))\nModel5(bus)\n⊢ Fast(rosa)",  # 4 and 5 are two models
        "∀x (Guest(x) → Waits(x))\nWaits(rosa)\n⊢ Guest(rosa)",  # what is asked is never taken for granted
        "p → q\nq\n⊢ p",
    ],
)
def test_what_is_only_unknown_stays_independent(text: str) -> None:
    assert neurosym.run(text, notation="fol").status is Status.INDEPENDENT


def test_truth_rests_on_its_proof_and_a_contradictory_rival_is_no_reading() -> None:
    proved = "Swims(olga)\nDives(olga, sea)\nDives(otto)\n⊢ Swims(olga)"
    assert neurosym.run(proved, notation="fol").status is Status.TRUE
    text = "∀x (Guest(x) ∧ Late(x) → Waits(x))\n∀x (Guest(x) → ¬Late(x))\nLate(rosa)\n⊢ Waits(rosa)"
    assert neurosym.run(text, notation="fol").status is Status.INDEPENDENT


def test_a_question_in_words_stands_for_the_note() -> None:
    question = "Is the following statement true, false, or uncertain? Olga is tall and swims."
    assert codes(OPEN, question) == ["doubtful-formula"]


def test_our_own_language_declares_its_names_and_is_taken_at_its_word() -> None:
    text = "sort thing\nconst rosa: thing\nrel late(thing), waits(thing)\nlate(rosa)\nask waits(rosa)\n"
    assert neurosym.run(text).status is Status.INDEPENDENT


def test_rivals_are_asked_about_only_where_nothing_else_speaks_against_it() -> None:
    asked: list[object] = []

    def solve(program: object) -> Outcome:
        asked.append(program)
        return Outcome(Status.GAVE_UP)

    lost = read("Late(rosa)\n⊢ Waits(rosa)", "fol")
    assert believed(Outcome(Status.INDEPENDENT), lost, None, solve).status is Status.GAVE_UP
    assert asked == []
    kind = read("∀x (Guest(x) → Waits(x))\nLate(rosa)\n⊢ Waits(rosa)", "fol")
    assert len(list(rivals(kind.program))) == 1
    assert believed(Outcome(Status.INDEPENDENT), kind, None, solve).status is Status.INDEPENDENT
    assert len(asked) == 1
    exact = Reading(kind.program)
    assert believed(Outcome(Status.INDEPENDENT), exact, None, solve).status is Status.INDEPENDENT


@pytest.mark.parametrize(
    ("text", "answer", "mended"),
    [
        ("∀x (NotWet(x) → Burns(x))\n¬Wet(log)\n⊢ Burns(log)", "true", True),
        ("∀x (not_wet(x) → Burns(x))\nwet(log) → Burns(log)\n⊢ Burns(log)", "true", True),
        ("¬NotWet(log)\n⊢ Wet(log)", "true", True),
        ("Notable(log)\nAble(log) → Burns(log)\n⊢ Notable(log)", "true", False),
        ("NotWet(log)\n⊢ NotWet(log)", "true", False),  # nothing is called `Wet`
    ],
)
def test_a_relation_named_as_the_negation_of_another_is_that(text: str, answer: str, mended: bool) -> None:
    outcome = neurosym.run(text, notation="fol")
    assert outcome.answer == answer
    assert [m.code for m in outcome.mends] == ["mended-negated-name"] * mended
