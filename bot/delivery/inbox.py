"""Takes chat messages in: what is new goes to the router, in order per room, each once.

    stream ──► new to us? ──► queue of its room ──► router (records it with what it caused)
    history ─┘ (on every connect)

The watermark says how far everything has been taken in. It never passes a message that still
waits, so a crash loses none: the next start reads from there, and the inbox drops what it knows.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from cachetools import LRUCache

from bot.clock import Clock
from bot.delivery.pace import back_off
from bot.desk import CHAT_READ
from bot.errors import Fault
from bot.rocketchat.records import IncomingMessage, Room
from storage.base import Store, StoreUnavailable

log = structlog.get_logger(__name__)

FIRST_START = "chat.first_start"
# Longer than a sender's clock may be off, than a link preview may delay a message, and than the
# queue of a room is.
OVERLAP = timedelta(minutes=10)
_SAVE_EVERY = timedelta(seconds=1)
_REMEMBER = timedelta(days=2)
PATROL_BACK = timedelta(minutes=10)
LATE = timedelta(seconds=30)
"""A message the stream has not brought by then counts as not brought."""
_REMEMBERED_IDS = 20_000

Entry = tuple[datetime, int, IncomingMessage]
"""By when it was sent, then by its arrival: ids say nothing of the order."""
Handle = Callable[[IncomingMessage], Awaitable[None]]


def forgettable_before(read_up_to: datetime) -> datetime:
    """Return the age that alone keeps a message from being taken in again.

    Args:
        read_up_to: the watermark of the chat.
    """
    return read_up_to - OVERLAP - _REMEMBER


class History(Protocol):
    """What was said while nobody listened."""

    async def list_rooms(self, updated_since: datetime | None = None) -> list[Room]:
        """Return the rooms we are in, those that changed since then if given."""
        ...

    async def messages_since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """Return what was sent in a room since then, oldest first."""
        ...


class Intake:
    """Listens to the chat.

    Args:
        me: our own user id.
        rooms: the rooms where commands are taken; direct messages always are.
        handle: carries a message out, once; may be asked again after a fault.
        on_crash: told of a message whose handling failed in a way that would fail again.
        on_roles_changed: told that somebody's roles may have changed.
        on_caught_up: called when everything said before has been read.

    Attributes:
        connected: whether the chat is heard now, and has been read up to now.
        heard: set once it was connected for the first time.
        unheard: how many messages the last patrol found that the stream had not brought.
    """

    def __init__(
        self,
        *,
        me: str,
        rooms: frozenset[str],
        history: History,
        store: Store,
        clock: Clock,
        handle: Handle,
        on_crash: Handle,
        on_roles_changed: Callable[[], None],
        on_caught_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._me = me
        self._rooms = rooms
        self._history = history
        self._store = store
        self._clock = clock
        self._handle = handle
        self._on_crash = on_crash
        self._forget_roles = on_roles_changed
        self._on_caught_up = on_caught_up
        self._queues: dict[str, list[Entry]] = {}
        self._arrivals = itertools.count()
        self._waiting: dict[tuple[str, str], datetime] = {}
        self._group: asyncio.TaskGroup | None = None
        self._first_start = clock.now()
        self._floor = datetime.max.replace(tzinfo=clock.now().tzinfo)
        self._newest: datetime | None = None
        self._saved: datetime | None = None
        self._saved_at: datetime | None = None
        # Until a catch-up has come to its end, messages are missing before those that are known.
        self._behind = True
        self._idle = asyncio.Event()
        self._idle.set()
        self._heard_ids: LRUCache[str, bool] = LRUCache(_REMEMBERED_IDS)
        self.connected = False
        self.unheard = 0
        self.heard = asyncio.Event()

    async def open(self, now: datetime) -> None:
        """Find out how far the chat has been taken in.

        Args:
            now: by the chat server's clock; at the first start nothing older is acted on.
        """
        async with self._store.transaction() as tx:
            first = await tx.get_time(FIRST_START)
            if first is None:
                first = await tx.advance_mark(FIRST_START, now)
            seen = await tx.get_time(CHAT_READ)
        self._first_start = first
        self._raise_floor(seen)

    async def run(self) -> None:
        """Work the queues off until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    async def drain(self) -> None:
        """Wait until everything taken in has been handled."""
        await self._idle.wait()

    async def on_connected(self) -> None:
        """Read what was said while nobody listened."""
        self._behind = True
        await self._catch_up()
        await self._on_caught_up()
        self._behind = False
        self.connected = True
        self.heard.set()

    async def on_disconnected(self, reason: str) -> None:
        """Note that nothing is heard for now."""
        self.connected = False
        log.warning("chat_disconnected", reason=reason)

    async def on_roles_changed(self) -> None:
        """Ask again who is what."""
        self._forget_roles()

    async def on_message(self, message: IncomingMessage) -> None:
        """Queue a message of the stream if it may be a new command."""
        self._heard_ids[message.id] = True
        self._take_in(message)

    async def patrol(self) -> None:
        """Read by REST what the stream should have brought, and count what it did not.

        Nothing is lost while a stream is silent: what is found here is handled like the rest.
        """
        if not self.connected:
            return
        now = self._clock.now()
        unheard = 0
        # What was said before the first start is no business of ours, and was never listened for.
        async for message in self._said_since(max(now - PATROL_BACK, self._floor)):
            late = now - message.sent_at > LATE and message.sender_id != self._me
            if late and message.system_type is None and message.id not in self._heard_ids:
                unheard += 1
            self._heard_ids[message.id] = True
            self._take_in(message)
        self.unheard = unheard
        if unheard:
            log.warning("stream_silent", messages=unheard)

    def _take_in(self, message: IncomingMessage) -> None:
        if self._is_for_us(message):
            self._enqueue(message)

    def _is_for_us(self, message: IncomingMessage) -> bool:
        if message.sender_id == self._me:
            # What we said comes again when somebody reacts to it, however old it is.
            return bool(message.reactions) and self._key(message) not in self._waiting
        return (
            message.participant
            and not message.integration
            and (message.system_type is None or _is_unreadable(message))
            and (message.room_type == "d" or message.room_id in self._rooms)
            and message.sent_at >= self._floor
            and bool(message.text.strip() or message.files or _is_unreadable(message))
            and self._key(message) not in self._waiting
        )

    @staticmethod
    def _key(message: IncomingMessage) -> tuple[str, str]:
        # With its text: an edit that comes while the first text waits is another message to us.
        # The same holds for a reaction to what we said.
        return message.id, f"{message.text}{sorted(message.reactions.items())}"

    async def _catch_up(self) -> None:
        since = self._floor
        found = 0
        async for message in self._said_since(since):
            await self.on_message(message)
            found += 1
        log.info("chat_caught_up", messages=found, since=since.isoformat())

    async def _said_since(self, since: datetime) -> AsyncIterator[IncomingMessage]:
        for room in await self._history.list_rooms(updated_since=since):
            if room.type == "d" or room.id in self._rooms:
                for message in await self._history.messages_since(room, since):
                    yield message

    def _enqueue(self, message: IncomingMessage) -> None:
        if self._group is None:
            raise RuntimeError("the intake is not running")
        self._waiting[self._key(message)] = message.sent_at
        self._idle.clear()
        entry = (message.sent_at, next(self._arrivals), message)
        queue = self._queues.get(message.room_id)
        if queue is not None:
            # Two messages close together may arrive swapped; what still waits is put in order.
            heapq.heappush(queue, entry)
            return
        self._queues[message.room_id] = [entry]
        self._group.create_task(self._work_off(message.room_id), name=f"room-{message.room_id}")

    async def _work_off(self, room_id: str) -> None:
        queue = self._queues[room_id]
        while queue:
            *_, message = heapq.heappop(queue)
            await self._take(message)
            del self._waiting[self._key(message)]
            await self._advance(message.sent_at)
        del self._queues[room_id]
        if not self._queues:
            self._idle.set()

    async def _take(self, message: IncomingMessage) -> None:
        try:
            await _until_possible(self._handle, message)
        except Exception:
            log.exception("message_crashed", message_id=message.id)
            await self._give_up(message)

    async def _give_up(self, message: IncomingMessage) -> None:
        # However long it takes until it can be told: the message waits, and the watermark with it.
        try:
            await _until_possible(self._on_crash, message)
        except Exception:
            log.exception("crash_not_told", message_id=message.id)

    async def _advance(self, sent_at: datetime) -> None:
        now = self._clock.now()
        # A message may be dated ahead, by a bridge or a clock that was wrong: the watermark must
        # not follow it, or everything until then would look read.
        sent_at = min(sent_at, now)
        self._newest = max(sent_at, self._newest or sent_at)
        if self._behind:
            return
        if self._saved_at is not None and now - self._saved_at < _SAVE_EVERY:
            return
        await self.save_mark()

    async def save_mark(self) -> None:
        """Save how far everything has been taken in."""
        if self._newest is None or self._behind:
            return
        mark = min([self._newest, *self._waiting.values()])
        self._saved_at = self._clock.now()
        if self._saved is not None and mark <= self._saved:
            return
        self._saved = mark
        try:
            async with self._store.transaction(durable=False) as tx:
                kept = await tx.advance_mark(CHAT_READ, mark)
        except StoreUnavailable:
            self._saved = None
            return
        self._raise_floor(kept)

    async def forget_old(self) -> int:
        """Drop from the inbox what its age alone keeps from being taken in again."""
        async with self._store.transaction(durable=False) as tx:
            return await tx.forget_messages(before=self._floor - _REMEMBER)

    def _raise_floor(self, seen: datetime | None) -> None:
        self._floor = self._first_start
        if seen is not None:
            self._floor = max(self._first_start, seen - OVERLAP)


def _is_unreadable(message: IncomingMessage) -> bool:
    """Tell whether somebody writes to us what only their client can read: they have to be told."""
    return message.encrypted and message.room_type == "d"


async def _until_possible(handle: Handle, message: IncomingMessage) -> None:
    """Try until neither a server nor the storage is in the way; other failures are raised."""
    attempts = 0
    while True:
        try:
            await handle(message)
        except (Fault, StoreUnavailable) as fault:
            attempts += 1
            pause = back_off(attempts, asked=getattr(fault, "retry_after", None))
            log.warning("message_waits", message_id=message.id, reason=str(fault))
            await asyncio.sleep(pause.total_seconds())
        else:
            return
