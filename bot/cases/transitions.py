"""A status change of a Jira issue, as the process sees it."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases.case import IssueId


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One status change, with what is known of the issue beside it."""

    issue_id: IssueId
    history_id: str
    """Jira's id of the changelog entry; `initial` for the status an issue was created in."""
    status_id: str
    status_name: str
    at: datetime
    current: bool = True
    """Whether the issue is still in this status; only then do the next two belong to it."""
    resolution: str | None = None
    fix_versions: tuple[str, ...] = ()
    duplicate: bool = False
    """Whether it was resolved as a duplicate of an issue that is known: what becomes of that one
    is what counts."""

    @property
    def reference(self) -> str:
        """Return how the ledger names it."""
        return f"{self.issue_id}/{self.history_id}"
