"""From a checked program to one outcome: Python blocks first, then the solvers that apply, each in a worker."""
