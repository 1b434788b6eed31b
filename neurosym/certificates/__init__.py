"""Certificates: an outcome with all that is needed to check it again, and the check, which trusts no first solver."""

from __future__ import annotations

from neurosym.certificates.document import certificate
from neurosym.certificates.recheck import Item, Recheck, Verdict, recheck

__all__ = ["Item", "Recheck", "Verdict", "certificate", "recheck"]
