"""Who listens to which stream, and handing out what is published."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sandbox.rocketchat.model import User
from sandbox.rocketchat.wire import ddp_json

ROOM_MESSAGES = "stream-room-messages"
NOTIFY_ROOM = "stream-notify-room"
NOTIFY_USER = "stream-notify-user"
NOTIFY_LOGGED = "stream-notify-logged"
NOTIFY_ALL = "stream-notify-all"
ROOM_DATA = "stream-room-data"
MY_MESSAGES = "__my_messages__"


class Listener(Protocol):
    """Somebody at the other end of a subscription."""

    @property
    def user(self) -> User | None:
        """Who is logged in there, if anybody."""
        ...

    def deliver(self, frame: str, *, message: bool = False) -> None:
        """Take a frame to send; never blocks. `message`: it may overtake its neighbour."""
        ...


class Streams:
    """All subscriptions; a listener may hold the same event several times and gets it once."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[str, str], dict[Listener, int]] = {}
        self.silent = False

    def add(self, collection: str, event: str, listener: Listener) -> None:
        """Begin to deliver an event to a listener."""
        held = self._listeners.setdefault((collection, event), {})
        held[listener] = held.get(listener, 0) + 1

    def remove(self, collection: str, event: str, listener: Listener) -> None:
        """End one subscription of a listener."""
        held = self._listeners.get((collection, event))
        if held is None or listener not in held:
            return
        held[listener] -= 1
        if not held[listener]:
            del held[listener]
        if not held:
            del self._listeners[collection, event]

    def listeners(self, collection: str, event: str) -> Sequence[Listener]:
        """Return who listens now; empty while the streams are silent."""
        if self.silent:
            return ()
        return tuple(self._listeners.get((collection, event), ()))

    def wanted(self, collection: str, event: str) -> bool:
        """Tell whether anybody listens, before building a costly document."""
        return (collection, event) in self._listeners and not self.silent

    def publish(self, collection: str, event: str, args: Sequence[object]) -> None:
        """Send an event to all who listen; written out once."""
        listeners = self.listeners(collection, event)
        if listeners:
            send(listeners, changed(collection, event, ddp_json(list(args))))


def send(listeners: Iterable[Listener], frame: str, *, message: bool = False) -> None:
    """Hand the same frame to several listeners."""
    for listener in listeners:
        listener.deliver(frame, message=message)


def changed(collection: str, event: str, args: str) -> str:
    """Write the frame of an event around its already written arguments."""
    # The id of a stream event is always the literal "id".
    return (
        f'{{"msg":"changed","collection":"{collection}","id":"id","fields":'
        f'{{"eventName":{ddp_json(event)},"args":{args}}}}}'
    )
