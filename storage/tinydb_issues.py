"""Followed Jira issues in the TinyDB store."""

import asyncio
import heapq
from collections.abc import Sequence

from bot.cases.case import IssueId, TrackedIssue
from storage.codec import TRACKED_ISSUE
from storage.tinydb_commits import Changes
from storage.tinydb_documents import Documents, body, make_line

# Decoding this many takes about a millisecond; then others may have the event loop.
_BREATH = 100


class IssueMemory:
    """The documents of the followed issues, and under which number each one is."""

    def __init__(self, documents: Documents) -> None:
        """Read the table. Raises CodecError if a document is not what it should be."""
        self.documents = documents.encoded("issues")
        self.numbers: dict[IssueId, int] = {}
        self.last_number = max(self.documents.lines, default=0)
        for number, line in self.documents.lines.items():
            self.numbers[TRACKED_ISSUE.decode(body(line)).id] = number

    def put_number(self, issue_id: IssueId, number: int | None) -> int | None:
        """Replace the number of an issue, None for none; return the one there was."""
        before = self.numbers.pop(issue_id, None)
        if number is not None:
            self.numbers[issue_id] = number
        return before


class IssuePart:
    """The part of a transaction that knows which Jira issues are followed."""

    _issues: IssueMemory
    _changes: Changes

    async def find_issue(self, issue_id: IssueId) -> TrackedIssue | None:
        """See `storage.base.Issues`."""
        number = self._issues.numbers.get(issue_id)
        if number is None:
            return None
        return TRACKED_ISSUE.decode(body(self._issues.documents.lines[number]))

    async def save_issue(self, issue: TrackedIssue) -> None:
        """See `storage.base.Issues`."""
        issues = self._issues
        number = issues.numbers.get(issue.id)
        encoded = TRACKED_ISSUE.encode(issue)
        if number is None:
            number = issues.last_number = issues.last_number + 1
            self._changes.replace(issues.put_number, issue.id, number)
        self._changes.replace(issues.documents.put, number, make_line(number, encoded))

    async def drop_issue(self, issue_id: IssueId) -> None:
        """See `storage.base.Issues`."""
        if (number := self._issues.numbers.get(issue_id)) is not None:
            self._changes.replace(self._issues.documents.put, number, None)
            self._changes.replace(self._issues.put_number, issue_id, None)

    async def list_issues(
        self, *, after: IssueId | None = None, limit: int | None = None
    ) -> Sequence[TrackedIssue]:
        """See `storage.base.Issues`."""
        numbers, lines = self._issues.numbers, self._issues.documents.lines
        behind = [issue_id for issue_id in numbers if after is None or issue_id > after]
        wanted = sorted(behind) if limit is None else heapq.nsmallest(limit, behind)
        issues = []
        for count, issue_id in enumerate(wanted, start=1):
            issues.append(TRACKED_ISSUE.decode(body(lines[numbers[issue_id]])))
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        return issues
