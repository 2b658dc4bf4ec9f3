"""Followed Jira issues in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.cases.case import IssueId, TrackedIssue
from storage.codec import TRACKED_ISSUE
from storage.postgres_schema import clean, issues
from storage.postgres_work import Work, read_body

_NEW_ISSUES = 1

_FIND = (
    select(issues.c.body).where(issues.c.id == bindparam("issue")).with_for_update(key_share=True)
)
_ADD = insert(issues)
_SAVE = _ADD.on_conflict_do_update(index_elements=["id"], set_={"body": _ADD.excluded.body})
_DROP = delete(issues).where(issues.c.id == bindparam("issue"))


class IssuePart:
    """The part of a transaction that knows which Jira issues are followed."""

    _work: Work

    async def find_issue(self, issue_id: IssueId) -> TrackedIssue | None:
        """See `storage.base.Issues`; whoever finds nothing is alone with adding one."""
        values = {"issue": clean(issue_id)}
        row = await self._work.first(_FIND, values)
        if row is None and await self._work.be_alone(_NEW_ISSUES):
            row = await self._work.first(_FIND, values)
        return None if row is None else read_body(TRACKED_ISSUE, row.body, f"Issue {issue_id}")

    async def save_issue(self, issue: TrackedIssue) -> None:
        """See `storage.base.Issues`."""
        values = {"id": clean(issue.id), "body": TRACKED_ISSUE.encode(issue)}
        await self._work.change(_SAVE, values)

    async def drop_issue(self, issue_id: IssueId) -> None:
        """See `storage.base.Issues`."""
        await self._work.change(_DROP, {"issue": clean(issue_id)})

    async def list_issues(
        self, *, after: IssueId | None = None, limit: int | None = None
    ) -> Sequence[TrackedIssue]:
        """See `storage.base.Issues`."""
        rows = await self._work.read(page_of_issues(after, limit))
        return [read_body(TRACKED_ISSUE, row.body, "An issue") for row in rows]


def page_of_issues(after: IssueId | None, limit: int | None) -> Select[Any]:
    """Return the statement that lists followed issues, by ascending id."""
    page = select(issues.c.body).order_by(issues.c.id).limit(limit)
    return page if after is None else page.where(issues.c.id > clean(after))
