"""Which streams there are and who may listen to which event."""

from sandbox.rocketchat.ddp.errors import MethodError
from sandbox.rocketchat.model import User
from sandbox.rocketchat.streams import (
    MY_MESSAGES,
    NOTIFY_ALL,
    NOTIFY_LOGGED,
    NOTIFY_ROOM,
    NOTIFY_USER,
    ROOM_DATA,
    ROOM_MESSAGES,
)
from sandbox.rocketchat.workspace import Workspace

# Streams that exist but carry nothing in the sandbox; for those who are logged in.
QUIET = (
    "stream-apps",
    "stream-apps-engine",
    "stream-canned-responses",
    "stream-cloud-announcement",
    "stream-importers",
    "stream-integrationHistory",
    "stream-livechat-inquiry-queue-observer",
    "stream-livechat-room",
    "stream-local",
    "stream-notify-all-rooms",
    "stream-notify-room-users",
    "stream-roles",
    "stream-user-presence",
)
# Publications without a stream: ready, and nothing comes.
PUBLICATIONS = ("meteor.loginServiceConfiguration", "meteor_autoupdate_clientVersions")


def check_stream(name: str) -> None:
    """Refuse a stream the server does not have."""
    known = (ROOM_MESSAGES, NOTIFY_ROOM, NOTIFY_USER, NOTIFY_LOGGED, NOTIFY_ALL, ROOM_DATA)
    if name not in {*known, *QUIET, *PUBLICATIONS}:
        raise MethodError(404, f"Subscription '{name}' not found")


def check_event(workspace: Workspace, collection: str, event: object, user: User | None) -> str:
    """Return the event; refuse a missing name and a listener who may not hear it.

    `__my_messages__` is open to everybody, also before the login: what it
    delivers is decided per message.
    """
    if not isinstance(event, str) or not event:
        raise MethodError("invalid-event-name", "Invalid event name")
    if not may_hear(workspace, collection, event, user):
        raise MethodError("not-allowed", "Not allowed")
    return event


def may_hear(workspace: Workspace, collection: str, event: str, user: User | None) -> bool:
    """Tell whether a user, or nobody yet, may listen to an event."""
    if collection == NOTIFY_ALL or (collection, event) == (ROOM_MESSAGES, MY_MESSAGES):
        return True
    if user is None:
        return False
    if collection == NOTIFY_USER:
        return event.partition("/")[0] == user.id
    room = workspace.rooms.rooms.get(event.partition("/")[0])
    if collection == ROOM_MESSAGES:
        return room is not None and workspace.access.can_read(room, user)
    if collection in {NOTIFY_ROOM, ROOM_DATA}:
        return room is not None and workspace.access.can_access(room, user)
    return True


def wants_collection(options: object) -> bool:
    """Tell whether a subscriber wants the `added` that precedes `ready`."""
    return options is True or (isinstance(options, dict) and options.get("useCollection") is True)
