"""Certificates: an outcome with all that is needed to check it again, and the check, which trusts no first solver."""

from __future__ import annotations

from neurosym.certificates.document import certifiable, certificate
from neurosym.certificates.recheck import recheck
from neurosym.certificates.verdict import Item, Recheck, Verdict

__all__ = ["Item", "Recheck", "Verdict", "certifiable", "certificate", "recheck"]
