"""A registered webhook."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.jira.model import Account


@dataclass(eq=False, kw_only=True, slots=True)
class Webhook:
    """Where to send which events; the secret cannot be read back."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    updated: datetime
    secret: str | None = field(default=None, repr=False)
    jql: str = ""
    exclude_body: bool = False
    enabled: bool = True
    updated_by: Account | None = None
