"""Hostile programs, by what they are after, and the means to see whether one got through.

    attack    what an attack is
    scene     what it finds around it, and what it did there
    suite     runs them all against the sandbox, or where nothing protects
    circumstances  as whom, and on what kind of system
    plain     runs one where nothing protects, to show that it would get through

The other modules are the attacks. `python -m attacks.suite` in the folder above prints what each came to.
"""

from __future__ import annotations

from attacks import escape, exhaustion, files, native, network, output, processes, surroundings, verdict
from attacks.attack import Attack

ATTACKS: tuple[Attack, ...] = (
    *files.ATTACKS,
    *surroundings.ATTACKS,
    *network.ATTACKS,
    *processes.ATTACKS,
    *native.ATTACKS,
    *escape.ATTACKS,
    *verdict.ATTACKS,
    *output.ATTACKS,
    *exhaustion.ATTACKS,
)
