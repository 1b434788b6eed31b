"""What every test starts from."""

import os

# Before anything imports torch: its idle threads would else spin and starve the worker processes beside them.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from hypothesis import settings

# A time is no property: on a busy machine anything may take long.
settings.register_profile("neurosym", deadline=None)
settings.load_profile("neurosym")
