"""Takes chat messages in: what is new goes to the router, in order per room, each once.

    stream ──► new to us? ──► queue of its room ──► router (records it with what it caused)
    history ─┘ (on every connect)

The watermark says how far everything has been taken in. It never passes a message that still
waits, nor goes far beyond the last look that came to its end, so a crash loses none: the next start
reads from there, and the inbox drops what it knows.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from cachetools import LRUCache

from bot.clock import Clock
from bot.delivery.missed import History, Missed
from bot.delivery.pace import back_off
from bot.desk import CHAT_READ
from bot.errors import Fault, Rejected
from bot.rocketchat.records import IncomingMessage
from storage.base import Store, StoreError, StoreUnavailable

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
# The stream alone may have missed something: the overlap has to reach back beyond that.
_CHECKED_WITHIN = OVERLAP / 2
# What changed no later than this after it was sent has only been sent.
_UNTOUCHED = timedelta(seconds=5)
# A message that cannot be handled so long after others could makes its room wait for nothing.
_ALONE_FOR = timedelta(minutes=10)
_REMEMBERED_IDS = 20_000
_REMEMBERED_ROOMS = 10_000

Entry = tuple[datetime, int, IncomingMessage]
"""By when it was sent, then by its arrival: ids say nothing of the order."""
Handle = Callable[[IncomingMessage], Awaitable[None]]


def forgettable_before(read_up_to: datetime) -> datetime:
    """Return the age that alone keeps a message from being taken in again.

    Args:
        read_up_to: the watermark of the chat.
    """
    return read_up_to - OVERLAP - _REMEMBER


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
        unheard: how many messages the stream had not brought, by the last patrol that found any;
            zero once it has brought something since.
        brought: how many messages the stream has brought.
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
        self._missed = Missed(history, rooms)
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
        self._ahead = timedelta(0)
        self._checked_at = clock.now()
        self._newest: datetime | None = None
        self._saved: datetime | None = None
        self._saved_at: datetime | None = None
        # Until a catch-up has come to its end, messages are missing before those that are known.
        self._behind = True
        self._idle = asyncio.Event()
        self._idle.set()
        self._heard_ids: LRUCache[str, bool] = LRUCache(_REMEMBERED_IDS)
        self._types: LRUCache[str, str] = LRUCache(_REMEMBERED_ROOMS)
        self.connected = False
        self.unheard = 0
        self.brought = 0
        self._brought_then = 0
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
        self._ahead = now - self._clock.now()
        # By a clock that was put right since, it may lie ahead.
        self._raise_floor(seen and min(seen, now))

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
        began = self._clock.now()
        await self._catch_up()
        self._checked_at = began
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
        self.brought += 1
        self._heard_ids[message.id] = True
        if not message.room_type and message.room_id not in self._rooms:
            message = replace(message, room_type=await self._type_of(message.room_id))
        self._take_in(message)

    async def _type_of(self, room_id: str) -> str:
        """Ask what kind of room it is: streams have been seen not to say."""
        if room_id not in self._types:
            try:
                self._types[room_id] = (await self._history.get_room(room_id)).type
            except Rejected:
                self._types[room_id] = ""
        return self._types[room_id]

    @property
    def unreadable(self) -> int:
        """How many rooms the server does not let us read; what they say may still be heard."""
        return len(self._missed.unreadable)

    async def patrol(self) -> int:
        """Read by REST what the stream should have brought, and count what it did not.

        Nothing is lost while a stream is silent: what is found here is handled like the rest.

        Returns:
            How many messages it had not brought.

        Raises:
            Fault: the server cannot be asked now; the next patrol reads all the more.
        """
        if not self.connected:
            return 0
        began, now = self._clock.now(), self._chat_now()
        unheard = 0
        since = min(now, self._checked_at + self._ahead) - PATROL_BACK
        # What was said before the first start is no business of ours, and was never listened for.
        async for message in self._missed.since(max(since, self._floor)):
            late = now - message.sent_at > LATE and message.sender_id != self._me
            if late and message.system_type is None and message.id not in self._heard_ids:
                unheard += 1
            self._heard_ids[message.id] = True
            self._take_in(message)
        self._checked_at = began
        if unheard:
            self.unheard, self._brought_then = unheard, self.brought
            log.warning("stream_silent", messages=unheard)
        elif self.brought > self._brought_then:
            self.unheard = 0
        return unheard

    def _chat_now(self) -> datetime:
        """Return the time by the clock that dates the messages, as far as it is known."""
        return self._clock.now() + self._ahead

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
            and self._may_be_new(message)
            and bool(message.text.strip() or message.files or _is_unreadable(message))
            and self._key(message) not in self._waiting
        )

    def _may_be_new(self, message: IncomingMessage) -> bool:
        """Tell whether a message may be one that was never taken in, or an edit of one."""
        if message.sent_at >= self._floor:
            return True
        if message.sent_at < max(self._first_start, self._floor - _REMEMBER):
            return False
        # The inbox still knows it if it was for us. An older message that comes again because of
        # a reaction may not have been; one that has only been sent comes from a clock put back.
        return message.edited or message.updated_at - message.sent_at < _UNTOUCHED

    @staticmethod
    def _key(message: IncomingMessage) -> tuple[str, str]:
        # With its text: an edit that comes while the first text waits is another message to us.
        # The same holds for a reaction to what we said.
        return message.id, f"{message.text}{sorted(message.reactions.items())}"

    async def _catch_up(self) -> None:
        since = self._floor
        found = 0
        async for message in self._missed.since(since):
            self._heard_ids[message.id] = True
            self._take_in(message)
            found += 1
        log.info("chat_caught_up", messages=found, since=since.isoformat())

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
        began = self._clock.now()

        def is_alone() -> bool:
            # For long the server has answered what it was asked otherwise.
            return self._checked_at - began > _ALONE_FOR

        try:
            await _until_possible(self._handle, message, but=is_alone)
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
        sent_at = min(sent_at, self._chat_now())
        self._newest = max(sent_at, self._newest or sent_at)
        if self._behind:
            return
        if self._saved_at is not None and timedelta(0) <= now - self._saved_at < _SAVE_EVERY:
            return
        await self.save_mark()

    async def save_mark(self) -> None:
        """Save how far everything has been taken in."""
        if self._newest is None or self._behind or self._missed.is_behind:
            return
        if self._clock.now() - self._checked_at > _CHECKED_WITHIN:
            return
        mark = min([self._newest, *self._waiting.values()])
        self._saved_at = self._clock.now()
        if self._saved is not None and mark <= self._saved:
            return
        self._saved = mark
        try:
            async with self._store.transaction(durable=False) as tx:
                kept = await tx.advance_mark(CHAT_READ, mark)
        except StoreError as fault:
            # Also what has to be mended first: nobody is heard any more if this one falls.
            log.warning("mark_not_saved", reason=str(fault))
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


async def _until_possible(
    handle: Handle, message: IncomingMessage, *, but: Callable[[], bool] = lambda: False
) -> None:
    """Try until neither a server nor the storage is in the way; other failures are raised.

    Args:
        handle: the try.
        message: what for.
        but: whether a server that is in the way counts as such a failure by now.
    """
    attempts = 0
    while True:
        try:
            await handle(message)
        except (Fault, StoreUnavailable) as fault:
            if isinstance(fault, Fault) and but():
                raise
            attempts += 1
            pause = back_off(attempts, asked=getattr(fault, "retry_after", None))
            log.warning("message_waits", message_id=message.id, reason=str(fault))
            await asyncio.sleep(pause.total_seconds())
        else:
            return
