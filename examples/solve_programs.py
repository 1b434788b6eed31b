"""Solve programs without a model: the answer, the reason to believe it, and what is wrong with a wrong one."""

import neurosym

TICKETS = """
var adults, children: count
adults + children = 20
5*adults + 3*children = 76
ask adults
"""


def main() -> None:
    """Print an answer with its evidence, a contradiction with its lines, and a diagnostic."""
    outcome = neurosym.run(TICKETS)
    print(f"adults: {outcome.answer} ({outcome.status})")
    for evidence in outcome.evidence:
        print(f"  {evidence.kind} by {evidence.by}: {'holds' if evidence.holds else 'FAILS'}")

    outcome = neurosym.run(TICKETS.replace("= 76", "= 77"))
    print(f"with 77: {outcome.status}, lines {outcome.core}")

    for diagnostic in neurosym.check("let price: dollars = 5\nlet wait: hours = 2\nask price + wait\n"):
        print(f"{diagnostic.code}: {diagnostic}")


if __name__ == "__main__":
    main()
