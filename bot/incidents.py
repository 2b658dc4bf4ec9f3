"""What can go silent, and how bad it is."""

from dataclasses import dataclass
from enum import StrEnum


class Incident(StrEnum):
    """What can go wrong without anybody noticing."""

    JIRA_REFUSED = "jira_refused"
    """Jira no longer accepts our credentials."""
    JIRA_LATE = "jira_late"
    """Jira has not been read for a while."""
    CHAT_SILENT = "chat_silent"
    """The server shows messages that the stream never brought."""
    ROOMS_UNREAD = "rooms_unread"
    """The server does not let us read what was said in some rooms."""
    OUTBOX_OLD = "outbox_old"
    """Something owed has not been delivered for a while."""
    WEBHOOKS_SILENT = "webhooks_silent"
    """Polls find changes that no webhook announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How bad it is, as far as that can be counted; the text for administrators says of what."""

    count: int = 0
    minutes: int = 0
