"""The patrol: what the stream should have brought and did not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.inbox import Intake
from bot.errors import Fault, Retryable
from bot.rocketchat.records import IncomingMessage, Room
from storage.tinydb import TinyDBStore

FIRST_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = FIRST_START

    def now(self) -> datetime:
        return self.time


class History:
    """One support channel."""

    def __init__(self) -> None:
        self.messages: list[IncomingMessage] = []
        self.fault: Fault | None = None

    async def list_rooms(
        self,
        updated_since: datetime | None = None,  # noqa: ARG002 - the protocol has it
    ) -> list[Room]:
        if self.fault is not None:
            raise self.fault
        return [Room(id="support", type="c", name="support")]

    async def get_room(self, room_id: str) -> Room:
        return Room(id=room_id, type="c")

    async def messages_since(
        self,
        room: Room,  # noqa: ARG002 - the protocol has it
        since: datetime,
    ) -> list[IncomingMessage]:
        return [one for one in self.messages if one.sent_at >= since]

    def say(self, name: str, at: datetime) -> None:
        self.messages.append(
            IncomingMessage(
                id=name,
                room_id="support",
                room_type="c",
                text="good morning",
                sender_id="ana",
                sender_username="ana",
                sender_name="Ana",
                sent_at=at,
                updated_at=at,
            )
        )


async def _nothing() -> None:
    """Do nothing after a catch-up."""


@asynccontextmanager
async def listening(
    clock: Clock, history: History, *, chat_time: datetime | None = None
) -> AsyncIterator[Intake]:
    async def handle(message: IncomingMessage) -> None:
        pass

    async with TinyDBStore(None) as store:
        intake = Intake(
            me="bot",
            rooms=frozenset({"support"}),
            history=history,
            store=store,
            clock=clock,
            handle=handle,
            on_crash=handle,
            on_roles_changed=lambda: None,
            on_caught_up=_nothing,
        )
        await intake.open(chat_time or clock.now())
        running = asyncio.ensure_future(intake.run())
        await asyncio.sleep(0)
        await intake.on_connected()
        yield intake
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_was_said_before_the_first_start_is_no_sign_of_a_silent_stream() -> None:
    clock, history = Clock(), History()
    history.say("before", FIRST_START - timedelta(minutes=2))
    async with listening(clock, history) as intake:
        clock.time += timedelta(minutes=1)
        await intake.patrol()
        assert intake.unheard == 0


async def test_what_the_stream_did_not_bring_is_counted_once() -> None:
    clock, history = Clock(), History()
    async with listening(clock, history) as intake:
        history.say("unheard", FIRST_START + timedelta(seconds=5))
        clock.time += timedelta(minutes=1)
        assert await intake.patrol() == 1
        clock.time += timedelta(minutes=1)
        assert await intake.patrol() == 0


async def test_the_stream_counts_as_silent_until_it_has_brought_something() -> None:
    clock, history = Clock(), History()
    async with listening(clock, history) as intake:
        history.say("unheard", FIRST_START + timedelta(seconds=5))
        for _ in range(2):
            clock.time += timedelta(minutes=1)
            await intake.patrol()
            assert intake.unheard == 1
        history.say("heard", clock.time)
        await intake.on_message(history.messages[-1])
        clock.time += timedelta(minutes=1)
        await intake.patrol()
        assert intake.unheard == 0


async def test_after_patrols_that_failed_one_reads_all_that_was_said_meanwhile() -> None:
    """And what is handled meanwhile makes nothing else look read."""
    clock, history = Clock(), History()
    async with listening(clock, history) as intake:
        history.say("unheard", FIRST_START + timedelta(minutes=1))
        history.fault = Retryable("busy")
        for minute in range(2, 60):
            clock.time = FIRST_START + timedelta(minutes=minute)
            with pytest.raises(Retryable):
                await intake.patrol()
            history.say(f"heard {minute}", clock.time)
            await intake.on_message(history.messages[-1])
            await intake.drain()
            await intake.save_mark()
        history.fault = None
        assert await intake.patrol() == 1


async def test_a_clock_that_is_wrong_hides_no_silence() -> None:
    clock, history = Clock(), History()
    ahead = timedelta(hours=1)
    clock.time += ahead
    async with listening(clock, history, chat_time=FIRST_START) as intake:
        history.say("unheard", FIRST_START + timedelta(seconds=5))
        clock.time += timedelta(minutes=1)
        assert await intake.patrol() == 1
