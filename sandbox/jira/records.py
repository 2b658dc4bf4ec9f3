"""What the server has seen and done, for tests and benchmarks."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

KEPT_REQUESTS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedIssue:
    """An issue that was created over HTTP, whether or not it still exists."""

    id: int
    key: str
    labels: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedRequest:
    """A request and what was answered; 0 stands for a connection closed without an answer."""

    route: str
    path: str
    status: int
    caller: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookAttempt:
    """One sending of a webhook; `status` is None when no answer came."""

    url: str
    event: str
    identifier: str
    attempt: int
    status: int | None
    at: datetime


@dataclass(slots=True)
class Records:
    """Grows as the server works; the oldest requests are dropped."""

    issues: list[CreatedIssue] = field(default_factory=list)
    requests: deque[ReceivedRequest] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    webhooks: list[WebhookAttempt] = field(default_factory=list)

    def issues_with_label(self, label: str) -> list[CreatedIssue]:
        """Return the created issues with a label, oldest first."""
        return [issue for issue in self.issues if label in issue.labels]
