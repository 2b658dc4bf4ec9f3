"""Issues that were resolved as duplicates: which one counts instead, and whose cases went there."""

from collections.abc import Sequence

from bot.cases.case import Case, TrackedIssue
from bot.cases.milestones import is_duplicate
from bot.jira.records import Issue, LinkedIssue
from storage.base import Transaction


def original_of(issue: Issue) -> LinkedIssue | None:
    """Return the issue that this one was resolved as a duplicate of.

    None where it was not, or where more than one is named: a person has to say which.
    """
    others = {one.id: one for one in issue.duplicates if one.id != issue.id}
    if not is_duplicate(issue.resolution) or len(others) != 1:
        return None
    return next(iter(others.values()))


async def list_moved_cases(tx: Transaction, tracked: TrackedIssue) -> Sequence[Case]:
    """Return the cases that left an issue because it was a duplicate, wherever they are now."""
    found: dict[int, Case] = {}
    seen = {tracked.id}
    at = tracked.duplicate_of
    while at is not None and at not in seen:
        seen.add(at)
        for case in await tx.list_cases_by_issue(at):
            if case.issue is not None and tracked.id in case.issue.via:
                found[case.id] = case
        further = await tx.find_issue(at)
        at = further.duplicate_of if further is not None else None
    return [found[case_id] for case_id in sorted(found)]
