"""The checklist an escalation needs."""

from collections.abc import Mapping, Sequence

from bot.cases.case import Case, Evidence
from bot.cases.policy import Policy


def checklist_of(case: Case, policy: Policy) -> Mapping[str, str]:
    """Return the case's checklist: that of its product, else of its severity, else the usual one.

    Returns:
        Item → what it asks for, in the order it is asked.
    """
    lists = policy.checklists
    of_product = lists.by_product.get(case.product.casefold())
    of_severity = lists.by_severity.get(case.severity.casefold())
    return of_product or of_severity or lists.default


def missing(case: Case, policy: Policy) -> Sequence[str]:
    """Return the items the case still lacks, in the order of its checklist."""
    return [item for item in checklist_of(case, policy) if item not in case.evidence]


def listed(case: Case, policy: Policy) -> Sequence[tuple[str, str, Evidence]]:
    """Return what is given, with its item and what that asks for; first what is on the checklist.

    What was given before the checklist changed is still there.
    """
    checklist = checklist_of(case, policy)
    items = [*checklist, *(item for item in case.evidence if item not in checklist)]
    return [
        (item, checklist.get(item, ""), given)
        for item in items
        if (given := case.evidence.get(item)) is not None
    ]
