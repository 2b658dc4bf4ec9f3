"""What happened on a site, for those who want to be told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.jira.model import Account, Comment, History, Issue, Version


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One happening; `name` is the webhook event, such as `jira:issue_updated`."""

    name: str
    at: datetime
    user: Account | None = None
    type_name: str | None = None
    issue: Issue | None = None
    history: History | None = None
    comment: Comment | None = None
    version: Version | None = None


Listener = Callable[[Event], None]
