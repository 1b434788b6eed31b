"""The embedded model on problems in words: the extra `model` is needed; the model is fetched at first use."""

from neurosym import Engine, Problem

PROBLEMS = [
    Problem("Tom has 3 boxes with 12 pencils each. He gives 7 pencils away. How many pencils are left?", id="pencils"),
    Problem("A shirt costs 20 dollars. Today it is 15% off. What does it cost today?", id="shirt"),
]


def main() -> None:
    """Print a line a problem, as soon as it is there."""
    engine = Engine(candidates=4)
    for result in engine.solve_many(PROBLEMS):
        print(f"{result.id}: {result.status} {result.answer}  {'; '.join(result.reasons)}")


if __name__ == "__main__":
    main()
