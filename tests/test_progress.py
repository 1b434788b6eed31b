"""How far a run is, told on a terminal and in a log."""

from __future__ import annotations

import io

from neurosym.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Goes on when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(stream: io.StringIO, steps: int, seconds: float) -> list[str]:
    """What is written by a run of steps that take so many seconds each, split at its lines."""
    clock = Clock()
    with Progress(steps, stream, "problems", clock=clock) as progress:
        for number in range(steps):
            clock.now += seconds
            progress.step(f"step {number}")
    return stream.getvalue().splitlines()


def test_a_terminal_shows_each_step_on_one_line_that_goes_away() -> None:
    stream = Terminal()
    run(stream, 3, 2.0)
    drawn = stream.getvalue().split("\r\x1b[K")
    assert drawn == [
        "",
        "0/3 problems, 0 s",
        *(f"{n}/3 problems, {2 * n} s, {6 - 2 * n} s left step {n - 1}" for n in (1, 2, 3)),
        "",
    ]
    assert "\n" not in stream.getvalue()


def test_a_log_gets_a_plain_line_a_minute() -> None:
    lines = run(io.StringIO(), 100, 2.0)
    assert lines == [
        "30/100 problems, 60 s, 140 s left step 29",
        "60/100 problems, 120 s, 80 s left step 59",
        "90/100 problems, 180 s, 20 s left step 89",
    ]


def test_a_step_that_takes_minutes_is_told_once() -> None:
    assert run(io.StringIO(), 2, 200.0) == [
        "1/2 problems, 200 s, 200 s left step 0",
        "2/2 problems, 400 s, 0 s left step 1",
    ]


def test_a_run_of_less_than_a_minute_says_nothing_in_a_log() -> None:
    assert run(io.StringIO(), 29, 2.0) == []


def test_what_an_earlier_run_did_is_no_part_of_the_rate() -> None:
    clock, stream = Clock(), io.StringIO()
    with Progress(100, stream, "steps", clock=clock) as progress:
        progress.taken_up(90)
        clock.now += 60
        progress.step()
    assert stream.getvalue() == "91/100 steps, 60 s, 540 s left\n"
