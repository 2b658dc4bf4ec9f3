"""What the server has stored and been asked, for comparison with what was owed."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.rocketchat.model import Document
from sandbox.rocketchat.workspace import Workspace

KEPT_REQUESTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message as it is stored now."""

    id: str
    rid: str
    author: str
    text: str
    ts: datetime
    edited_at: datetime | None
    kind: str | None
    thread: str | None
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that reached the server."""

    path: str
    status: int
    username: str | None
    at: datetime


class Records:
    """Everything stored, in order, and every request answered."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._calls: Counter[str] = Counter()
        self.requests: deque[Request] = deque(maxlen=KEPT_REQUESTS)

    def messages(
        self, room: str, *, author: str | None = None, system: bool = False
    ) -> Sequence[StoredMessage]:
        """Return the messages of a room by time, then by order of arrival.

        Args:
            room: name or identifier.
            author: only those of this username.
            system: also those the server wrote itself.
        """
        found = self._workspace.rooms.timelines[self._workspace.room(room).id].oldest_first()
        return [
            _stored(one)
            for one in found
            if (system or "t" not in one) and author in {None, one["u"]["username"]}
        ]

    def direct_messages(
        self, first: str, second: str, *, author: str | None = None
    ) -> Sequence[StoredMessage]:
        """Return what two users wrote to each other; empty if they never did."""
        users = {self._workspace.user(first), self._workspace.user(second)}
        room = self._workspace.rooms.find_direct(users)
        return self.messages(room.id, author=author) if room else []

    def by(self, username: str) -> Sequence[StoredMessage]:
        """Return everything a user wrote, in all rooms, by time."""
        mine = [
            one
            for one in self._workspace.messages.all.values()
            if one["u"]["username"] == username and "t" not in one
        ]
        return [_stored(one) for one in sorted(mine, key=lambda one: one["ts"])]

    def find(self, message_id: str) -> StoredMessage | None:
        """Return one message."""
        message = self._workspace.messages.find(message_id)
        return _stored(message) if message else None

    def calls(self, path: str) -> int:
        """Return how often a route was called, refused calls included."""
        return self._calls[path]

    def note(self, path: str, status: int, username: str | None) -> None:
        """Remember a request; called by the server."""
        self._calls[path] += 1
        at = self._workspace.now()
        self.requests.append(Request(path=path, status=status, username=username, at=at))


def _stored(message: Document) -> StoredMessage:
    return StoredMessage(
        id=message["_id"],
        rid=message["rid"],
        author=message["u"]["username"],
        text=message["msg"],
        ts=message["ts"],
        edited_at=message.get("editedAt"),
        kind=message.get("t"),
        thread=message.get("tmid"),
        document=message,
    )
