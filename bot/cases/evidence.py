"""The checklist an escalation needs."""

from collections.abc import Mapping, Sequence

from bot.cases.case import Case

CHECKLIST: Mapping[str, str] = {
    "version": "the product version it happens in",
    "steps": "what to do to see it",
    "expected": "what should happen",
    "actual": "what happens instead",
    "reproduction": "what came of trying it ourselves",
}
"""Item → what it asks for, in the order it is asked."""


def missing(case: Case) -> Sequence[str]:
    """Return the items the case still lacks, in the order of the checklist."""
    return [item for item in CHECKLIST if item not in case.evidence]
