"""Incoming webhooks: addresses that post as a user to whoever knows them.

The sandbox calls nobody, so it has no outgoing ones.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.model import Document, User

INCOMING = "webhook-incoming"


@dataclass(slots=True, kw_only=True, eq=False)
class Integration:
    """An incoming webhook."""

    id: str
    token: str = field(repr=False)
    user: User
    created_by: User
    created_at: datetime
    updated_at: datetime
    given: Document

    @property
    def enabled(self) -> bool:
        """Whether it takes anything."""
        return bool(self.given["enabled"])

    @property
    def may_choose_room(self) -> bool:
        """Whether a call may name another room."""
        return bool(self.given.get("overrideDestinationChannelEnabled"))

    @property
    def targets(self) -> list[str]:
        """Where it posts: `#room` and `@user`."""
        return [one.strip() for one in str(self.given["channel"]).split(",") if one.strip()]

    def document(self) -> Document:
        """Return it as `integrations.*` show it."""
        return {
            **self.given,
            "_id": self.id,
            "type": INCOMING,
            "channel": self.targets,
            "username": self.user.username,
            "userId": self.user.id,
            "token": self.token,
            "scriptEngine": "isolated-vm",
            "overrideDestinationChannelEnabled": self.may_choose_room,
            "_createdAt": self.created_at,
            "_createdBy": {"_id": self.created_by.id, "username": self.created_by.username},
            "_updatedAt": self.updated_at,
        }


class Integrations:
    """All incoming webhooks by identifier."""

    def __init__(self, ids: Ids, now: Callable[[], datetime]) -> None:
        self._ids = ids
        self._now = now
        self.all: dict[str, Integration] = {}

    def add(self, user: User, given: Document, by: User) -> Integration:
        """Make a webhook that posts as a user."""
        now = self._now()
        integration = Integration(
            id=self._ids.new(),
            token=self._ids.token(),
            user=user,
            created_by=by,
            created_at=now,
            updated_at=now,
            given=dict(given),
        )
        self.all[integration.id] = integration
        return integration

    def change(self, integration: Integration, given: Document) -> None:
        """Replace what a webhook is told to do."""
        integration.given |= given
        integration.updated_at = self._now()

    def find(self, integration_id: str, token: str) -> Integration | None:
        """Return the webhook of that address."""
        found = self.all.get(integration_id)
        return found if found is not None and found.token == token else None
