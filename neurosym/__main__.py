"""`python -m neurosym` is the command line."""

import sys

from neurosym.cli import main

if __name__ == "__main__":
    sys.exit(main())
