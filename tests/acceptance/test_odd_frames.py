"""Whatever the server sends over the websocket, the bot stays connected and answers."""

import json
from pathlib import Path

from sandbox.rocketchat.ddp.connection import Connection
from tests.waiting import eventually
from tests.world import BOT, World

FRAMES = (
    "",
    "not JSON",
    "{",
    "null",
    "[]",
    "42",
    '"text"',
    "{}",
    '{"msg": null}',
    '{"msg": 7}',
    '{"msg": ["changed"]}',
    '{"msg": "a message nobody knows"}',
    '{"msg": "error", "reason": "Bad request"}',
    '{"msg": "result", "id": "nobody asked"}',
    '{"msg": "nosub", "id": "nobody subscribed"}',
    '{"msg": "ready", "subs": [null, 7]}',
    '{"msg": "added", "collection": "users", "id": "x", "fields": {}}',
    '{"msg": "removed", "collection": "users", "id": "x"}',
    '{"msg": "updated", "methods": ["9"]}',
    '{"msg": "changed"}',
    '{"msg": "changed", "collection": "nobody-knows-it", "id": "id", "fields": {"args": []}}',
    '{"server_id": "0"}',
    '{"msg": "pong"}',
    "\u0000\ud83d".encode("utf-8", "replace").decode(),
    "[" * 5_000,
)
FIELDS: tuple[object, ...] = (
    None,
    {},
    {"eventName": "__my_messages__"},
    {"eventName": "__my_messages__", "args": None},
    {"eventName": "__my_messages__", "args": []},
    {"eventName": "__my_messages__", "args": [None, None]},
    {"eventName": "__my_messages__", "args": ["text", 7]},
    {"eventName": "__my_messages__", "args": [[], []]},
    {"eventName": "__my_messages__", "args": [{}, {}]},
    {"eventName": "__my_messages__", "args": [{"_id": 7, "rid": {}, "u": "ana", "msg": []}, {}]},
    {"eventName": "a stream nobody knows", "args": [{"_id": "x"}]},
)
ODD: tuple[dict[str, object], ...] = (
    {"ts": None},
    {"ts": {"$date": "yesterday"}},
    {"ts": {"$date": 10**18}},
    {"ts": {"$date": -(10**18)}},
    {"u": None},
    {"u": {"_id": 7, "username": []}},
    {"msg": None},
    {"msg": {"text": "!case list"}},
    {"rid": None},
    {"_id": None},
    {"t": "au"},
    {"editedAt": 7, "msg": "Good morning"},
    {"tmid": 7, "msg": "Good morning"},
)
STREAMS = ("stream-room-messages", "stream-notify-user", "stream-notify-logged")


def connection_of(world: World) -> Connection:
    """Return the bot's connection, as the server sees it."""
    for one in world.chat._realtime.sessions:
        if one.user is not None and one.user.username == BOT:
            return one
    raise AssertionError("the bot is not connected")


async def test_frames_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        connection = connection_of(world)
        for frame in FRAMES:
            connection.deliver(frame)
        for stream in STREAMS:
            for fields in FIELDS:
                event = {"msg": "changed", "collection": stream, "id": "id", "fields": fields}
                connection.deliver(json.dumps(event))
        assert "*CASE-1*" in await world.ask("ana", "support", "!case open Export fails")
        await world.settle()
        assert len(world.said_in("support")) == 1
        assert connection_of(world) is connection, "it had to come back"


async def test_messages_with_odd_fields_do_no_harm(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        for number, odd in enumerate(ODD, start=1):
            deliver(world, odd)
            assert f"*CASE-{number}* Export" in await world.ask(
                "ana", "support", "!case open Export"
            )
            assert len(world.said_in("support")) == number, odd


async def test_the_same_message_without_odd_fields_is_a_command(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        deliver(world, {})
        await eventually(lambda: world.said_in("support"))


def deliver(world: World, odd: dict[str, object]) -> None:
    """Send the bot the event of a command of Ana's, with some fields replaced."""
    message = {
        "_id": "odd",
        "rid": world.chat.workspace.room("support").id,
        "msg": "!case open Odd",
        "ts": {"$date": int(world.chat.workspace.now().timestamp() * 1000)},
        "u": world.chat.workspace.user("ana").brief,
    }
    extra = {"roomParticipant": True, "roomType": "c", "roomName": "support"}
    fields = {"eventName": "__my_messages__", "args": [message | odd, extra]}
    frame = {"msg": "changed", "collection": "stream-room-messages", "fields": fields}
    connection_of(world).deliver(json.dumps(frame))
