"""How far the chat counts as taken in, whatever happens on the way."""

# ruff: noqa: ARG002 - a double need not look at everything it is given

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.delivery import inbox
from bot.delivery.inbox import Intake
from bot.desk import CHAT_READ
from bot.errors import Rejected, Retryable
from bot.rocketchat.faults import Unsupported
from bot.rocketchat.records import IncomingMessage, Room
from storage import open_store
from storage.base import Store, StoreError, StoreUnavailable
from tests.conversation import FixedClock
from tests.factories import NOW, after
from tests.waiting import eventually

ROOMS = tuple(Room(id=name, name=name, type="c") for name in ("first", "second"))


def message(room: str, sent_at: datetime) -> IncomingMessage:
    return IncomingMessage(
        id=f"{room}-{sent_at.timestamp()}",
        room_id=room,
        room_type="c",
        text="!status",
        sender_id="id-carla",
        sender_username="carla",
        sender_name="Carla",
        sent_at=sent_at,
        updated_at=sent_at,
    )


async def _nothing() -> None:
    """Do nothing after a catch-up."""


class TwoRooms:
    """Histories of which one cannot be read for now."""

    def __init__(self) -> None:
        self.broken = False
        self.lists_no_rooms = False
        self.said: dict[str, list[IncomingMessage]] = {"first": [], "second": []}

    async def get_room(self, room_id: str) -> Room:
        if room_id.startswith("hidden"):
            raise Rejected("not for us")
        return next((room for room in ROOMS if room.id == room_id), Room(id=room_id, type="d"))

    async def list_rooms(self, updated_since: datetime | None = None) -> list[Room]:
        if self.lists_no_rooms:
            raise Unsupported("this Rocket.Chat does not know the request")
        return list(ROOMS)

    async def messages_since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        if self.broken and room.id == "second":
            raise Retryable("the server is busy")
        return [one for one in self.said[room.id] if one.sent_at >= since]


class Listening:
    """An intake that notes what it handled."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.history = TwoRooms()
        self.clock = FixedClock(NOW)
        self.handled: list[str] = []
        self.told: list[str] = []
        self.is_defect = False
        self.is_away = False
        self.fault: Exception | None = None
        self.tried = 0
        self.intake = Intake(
            me="id-bot",
            rooms=frozenset({"first", "second"}),
            history=self.history,
            store=store,
            clock=self.clock,
            handle=self._handle,
            on_crash=self._tell,
            on_roles_changed=lambda: None,
            on_caught_up=_nothing,
        )

    async def _handle(self, incoming: IncomingMessage) -> None:
        if self.is_defect:
            raise LookupError("a defect of ours")
        if self.fault is not None:
            self.tried += 1
            raise self.fault
        self.handled.append(incoming.room_id)

    async def _tell(self, incoming: IncomingMessage) -> None:
        self.tried += 1
        if self.is_away:
            raise StoreUnavailable("away")
        self.told.append(incoming.room_id)

    async def read_up_to(self) -> datetime | None:
        async with self.store.transaction() as tx:
            return await tx.get_time(CHAT_READ)


@asynccontextmanager
async def listening() -> AsyncIterator[Listening]:
    async with open_store("tinydb://") as store:
        listening = Listening(store)
        await listening.intake.open(NOW)
        running = asyncio.create_task(listening.intake.run())
        await asyncio.sleep(0)
        try:
            yield listening
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_catch_up_that_broke_off_passes_over_no_room() -> None:
    """What one room brought must not make the other look read: the gap would be lost."""
    async with listening() as chat:
        chat.clock.pass_by(timedelta(hours=2))
        chat.history.said = {
            "first": [message("first", after(7_100))],
            "second": [message("second", after(600))],
        }
        chat.history.broken = True
        try:
            await chat.intake.on_connected()
        except Retryable:
            await chat.intake.drain()
        chat.clock.pass_by(timedelta(minutes=1))
        await chat.intake.save_mark()
        assert (chat.handled, await chat.read_up_to()) == (["first"], None)
        chat.history.broken = False
        await chat.intake.on_connected()
        await chat.intake.drain()
        assert "second" in chat.handled
        await chat.intake.save_mark()
        assert await chat.read_up_to() == after(7_100)


async def test_who_made_us_stumble_is_answered_when_the_storage_is_back() -> None:
    """Until then the watermark stays behind the message, or a restart would pass over it."""
    async with listening() as chat:
        chat.clock.pass_by(timedelta(hours=1))
        chat.is_defect = chat.is_away = True
        await chat.intake.on_connected()
        await chat.intake.on_message(message("second", after(60)))
        await eventually(lambda: chat.tried)
        chat.is_defect = False
        await chat.intake.on_message(message("first", after(120)))
        await eventually(lambda: chat.handled == ["first"])
        chat.clock.pass_by(timedelta(minutes=1))
        await chat.intake.save_mark()
        assert (chat.told, await chat.read_up_to()) == ([], after(60))
        chat.is_away = False
        await chat.intake.drain()
        assert chat.told == ["second"]


async def test_a_storage_that_has_to_be_mended_does_not_end_the_listening(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> None:
        raise StoreError("PostgreSQL refuses what was asked.")

    async with listening() as chat:
        chat.clock.pass_by(timedelta(hours=1))
        await chat.intake.on_connected()
        with monkeypatch.context() as broken:
            broken.setattr(chat.store, "transaction", lambda **_: refused())
            await chat.intake.on_message(message("first", after(60)))
            await chat.intake.drain()
        chat.clock.pass_by(timedelta(minutes=1))
        await chat.intake.on_message(message("first", after(120)))
        await chat.intake.drain()
        assert chat.handled == ["first", "first"]
        assert await chat.read_up_to() == after(120)


async def test_a_message_that_is_dated_ahead_makes_nothing_look_read() -> None:
    async with listening() as chat:
        chat.clock.pass_by(timedelta(hours=1))
        await chat.intake.on_connected()
        await chat.intake.on_message(message("first", after(9 * 3600)))
        await chat.intake.drain()
        chat.clock.pass_by(timedelta(minutes=1))
        await chat.intake.save_mark()
        await chat.intake.on_message(message("second", after(3600)))
        await chat.intake.drain()
        assert chat.handled == ["first", "second"]


async def test_what_we_said_is_taken_in_again_when_somebody_reacts_however_old_it_is() -> None:
    async with listening() as chat:
        old = replace(message("first", after(-1_000_000)), sender_id="id-bot")
        await chat.intake.on_message(old)
        await chat.intake.drain()
        assert chat.handled == []
        await chat.intake.on_message(replace(old, reactions={":eyes:": ("sam",)}))
        await chat.intake.on_message(replace(old, reactions={":eyes:": ("sam", "sue")}))
        await chat.intake.drain()
        assert chat.handled == ["first", "first"]


async def test_what_nobody_can_read_is_heard_in_direct_messages_only() -> None:
    async with listening() as chat:
        secret = replace(message("first", after(1)), text="", system_type="e2e")
        for one in (secret, replace(secret, id="direct", room_id="direct", room_type="d")):
            await chat.intake.on_message(one)
        await chat.intake.drain()
        assert chat.handled == ["direct"]


async def test_an_edit_counts_for_as_long_as_it_is_known_whether_it_was_carried_out() -> None:
    """And what only comes again because somebody reacted does not."""
    async with listening() as chat:
        chat.clock.pass_by(timedelta(days=3))
        await chat.intake.on_connected()
        await chat.intake.on_message(message("first", after(3 * 86_400)))
        await chat.intake.drain()
        await chat.intake.save_mark()
        for days, expected in ((2, ["first", "second"]), (0.5, ["first"])):
            sent_at = after(round(days * 86_400))
            old = replace(message("second", sent_at), updated_at=chat.clock.now())
            chat.handled = ["first"]
            await chat.intake.on_message(old)
            await chat.intake.on_message(replace(old, edited=True))
            await chat.intake.drain()
            assert chat.handled == expected


async def test_a_chat_server_whose_clock_was_put_back_is_heard_all_the_same() -> None:
    async with listening() as chat:
        chat.clock.pass_by(timedelta(hours=2))
        await chat.intake.on_connected()
        await chat.intake.on_message(message("first", after(7_200)))
        await chat.intake.drain()
        await chat.intake.save_mark()
        await chat.intake.on_message(message("second", after(3_600)))
        await chat.intake.drain()
        assert chat.handled == ["first", "second"]


async def test_a_server_that_lists_no_rooms_is_believed_at_the_third_time() -> None:
    async with listening() as chat:
        chat.history.lists_no_rooms = True
        chat.history.said["second"] = [message("second", after(60))]
        for _ in range(2):
            with pytest.raises(Unsupported):
                await chat.intake.on_connected()
            assert not chat.intake.connected
        await chat.intake.on_connected()
        assert chat.intake.connected
        await chat.intake.drain()
        assert chat.handled == ["second"]


async def test_a_room_of_a_kind_that_is_not_told_is_asked_for() -> None:
    async with listening() as chat:
        for room in ("direct", "hidden"):
            said = replace(message(room, after(60)), room_type="")
            await chat.intake.on_message(said)
        await chat.intake.drain()
        assert chat.handled == ["direct"]


@pytest.mark.parametrize("answers", [True, False])
async def test_a_message_for_which_alone_the_server_fails_does_not_hold_its_room_for_ever(
    monkeypatch: pytest.MonkeyPatch,
    answers: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """While the server answers nothing else either, it waits."""
    monkeypatch.setattr(inbox, "back_off", lambda *_, **__: timedelta(milliseconds=1))
    async with listening() as chat:
        await chat.intake.on_connected()
        chat.fault = Retryable("failed with 500")
        await chat.intake.on_message(message("first", after(60)))
        await eventually(lambda: chat.tried > 1)
        chat.clock.pass_by(timedelta(minutes=11))
        assert chat.told == []
        if answers:
            await chat.intake.patrol()
            await eventually(lambda: chat.told == ["first"])
            return
        tried = chat.tried
        await eventually(lambda: chat.tried > tried + 3)
        assert chat.told == []
