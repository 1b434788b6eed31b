"""What a zygote has done before it forks children for Python programs: what they import is there, the executor ran."""

# ruff: noqa: F401

from __future__ import annotations

import bisect
import calendar
import cmath
import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import heapq
import itertools
import json
import math
import operator
import random
import re
import statistics
import string
import time
import typing

from neurosym.solvers.python import practise, prepare, run_block, run_program
from neurosym.workers import child

for _ in range(20):  # until Python has specialised the code that runs
    run_program({"code": "import math\ndef solution():\n    print(1)\n    return math.floor(2.5)\n"})
    run_program({"code": "x = [n / 4 for n in range(3)]\nanswer = sum(x)"})
run_block({"code": "x = [n + 1]\n", "names": {"n": {"number": ["2", "1"]}}})
prepare()
child.while_waiting.append(practise)
