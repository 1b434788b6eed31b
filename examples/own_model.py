"""Bring your own parser: anything with a name and a `propose` method is a model; here, a very small one."""

import re
from collections.abc import Iterator, Sequence

from neurosym import Engine
from neurosym.models.base import Candidate, LineCheck, Request


class Adder:
    """Translates "... 3 ... 4 ... in all?" into a sum, in two ways."""

    name = "adder-1"
    training = None  # for the language: the prompt teaches it

    def propose(
        self, requests: Sequence[Request], *, check: LineCheck, seed: int
    ) -> Iterator[tuple[int, tuple[Candidate, ...]]]:
        """Two programs a problem."""
        for index, request in enumerate(requests):
            _, problem = request.messages[-1]
            numbers = re.findall(r"\d+", problem)
            texts = (
                f"let total = {' + '.join(numbers)}\nask total\n",
                f"var total: count\ntotal - {' - '.join(numbers)} = 0\nask total\n",
            )
            yield index, tuple(Candidate(text, None, 0, "end") for text in texts)


def main() -> None:
    """Print the result for one problem."""
    result = Engine(Adder()).solve("Ann picked 12 apples and Ben picked 30. How many apples is that in all?")
    print(result.status, result.answer)
    print(result.explanation)


if __name__ == "__main__":
    main()
