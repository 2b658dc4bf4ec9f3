"""The checklist an escalation needs."""

from collections.abc import Sequence

from bot.cases.case import Case
from bot.cases.policy import CHECKLIST

__all__ = ["CHECKLIST", "missing"]


def missing(case: Case) -> Sequence[str]:
    """Return the items the case still lacks, in the order of the checklist."""
    return [item for item in CHECKLIST if item not in case.evidence]
