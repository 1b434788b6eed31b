"""What every test starts from."""

import os

# Before anything imports torch: its idle threads would else spin and starve the worker processes beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
