"""The messages of one room, found by time, by change and by thread without scanning."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime

from sandbox.rocketchat.model import Document
from sandbox.rocketchat.wire import to_ms

# (milliseconds, order of arrival, message id): ties keep their order of arrival.
Key = tuple[int, int, str]


class Timeline:
    """The messages of a room."""

    def __init__(self) -> None:
        self._messages: dict[str, Document] = {}
        self._by_time: list[Key] = []
        self._by_change: list[Key] = []
        self._time_key: dict[str, Key] = {}
        self._change_key: dict[str, Key] = {}
        self._threads: dict[str, list[str]] = {}
        self._deleted: list[tuple[int, int, Document]] = []
        self._next = 0

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Document) -> None:
        """Put a new message in."""
        key = self._key(message["ts"], message["_id"])
        self._messages[message["_id"]] = message
        self._time_key[message["_id"]] = key
        insort(self._by_time, key)
        if "tmid" in message:
            self._threads.setdefault(message["tmid"], []).append(message["_id"])
        self.touch(message)

    def touch(self, message: Document) -> None:
        """Note that the message has changed: its `_updatedAt` is new."""
        key = self._key(message["_updatedAt"], message["_id"])
        # The former place stays in the list and is skipped when read.
        self._change_key[message["_id"]] = key
        insort(self._by_change, key)

    def remove(self, message_id: str, deleted_at: datetime) -> None:
        """Move a message to the trash."""
        message = self._messages.pop(message_id)
        key = self._time_key.pop(message_id)
        del self._by_time[bisect_left(self._by_time, key)]
        del self._change_key[message_id]
        if "tmid" in message:
            self._threads[message["tmid"]].remove(message_id)
        entry = {"_id": message_id, "_deletedAt": deleted_at}
        insort(self._deleted, (to_ms(deleted_at), self._count(), entry))

    def newest_first(
        self,
        *,
        after: int | None = None,
        before: int | None = None,
        inclusive: bool = False,
    ) -> Iterator[Document]:
        """Yield by `ts`, newest first, between two epoch-millisecond bounds."""
        low, high = _bounds(self._by_time, after, before, inclusive=inclusive)
        for index in range(high - 1, low - 1, -1):
            yield self._messages[self._by_time[index][2]]

    def oldest_first(
        self, *, after: int | None = None, before: int | None = None, inclusive: bool = False
    ) -> Iterator[Document]:
        """Yield by `ts`, oldest first, between two epoch-millisecond bounds."""
        low, high = _bounds(self._by_time, after, before, inclusive=inclusive)
        for index in range(low, high):
            yield self._messages[self._by_time[index][2]]

    def changed_after(self, milliseconds: int) -> Iterator[Document]:
        """Yield what changed strictly later, by change, oldest first."""
        start = bisect_right(self._by_change, milliseconds, key=_moment)
        for key in self._by_change[start:]:
            if self._change_key.get(key[2]) == key:
                yield self._messages[key[2]]

    def changed_before(self, milliseconds: int) -> Iterator[Document]:
        """Yield what changed strictly earlier, by change, newest first."""
        end = bisect_left(self._by_change, milliseconds, key=_moment)
        for key in reversed(self._by_change[:end]):
            if self._change_key.get(key[2]) == key:
                yield self._messages[key[2]]

    def deleted_after(self, milliseconds: int) -> list[Document]:
        """Return what was deleted strictly later, oldest first."""
        start = bisect_right(self._deleted, milliseconds, key=lambda entry: entry[0])
        return [entry[2] for entry in self._deleted[start:]]

    def deleted_before(self, milliseconds: int) -> list[Document]:
        """Return what was deleted strictly earlier, newest first."""
        end = bisect_left(self._deleted, milliseconds, key=lambda entry: entry[0])
        return [entry[2] for entry in reversed(self._deleted[:end])]

    def thread(self, root_id: str) -> list[Document]:
        """Return the replies of a thread in order of arrival."""
        return [self._messages[reply] for reply in self._threads.get(root_id, [])]

    def _key(self, moment: datetime, message_id: str) -> Key:
        return to_ms(moment), self._count(), message_id

    def _count(self) -> int:
        self._next += 1
        return self._next


def _moment(key: Key) -> int:
    return key[0]


def _bounds(
    keys: list[Key], after: int | None, before: int | None, *, inclusive: bool
) -> tuple[int, int]:
    low_side, high_side = (bisect_left, bisect_right) if inclusive else (bisect_right, bisect_left)
    low = 0 if after is None else low_side(keys, after, key=_moment)
    high = len(keys) if before is None else high_side(keys, before, key=_moment)
    return low, high
