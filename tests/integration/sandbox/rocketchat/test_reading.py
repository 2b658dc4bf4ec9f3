"""Histories and what was missed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from sandbox.rocketchat.wire import iso, to_ms
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Answer, Rest

As = Callable[[str | None], Rest]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def tick(self) -> None:
        self.time += timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(make_server: MakeServer, clock: Clock) -> RocketChatServer:
    server = await make_server(now=clock)
    for number in range(5):
        clock.tick()
        server.workspace.post("ana", "support", f"m{number}", message_id=f"m{number}")
    clock.tick()
    server.workspace.post("sam", "support", "reply", thread="m0", message_id="reply")
    clock.tick()
    return server


@pytest.fixture
def rid(server: RocketChatServer) -> str:
    return server.workspace.room("support").id


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [one["_id"] for one in answer.body["messages"]]


def moment(server: RocketChatServer, message_id: str) -> datetime:
    found: datetime = server.workspace.messages.all[message_id]["ts"]
    return found


async def test_channels_history_is_newest_first_without_replies(rest: As, rid: str) -> None:
    ana = rest("ana")
    assert ids(await ana.get("channels.history", roomId=rid)) == ["m4", "m3", "m2", "m1", "m0"]
    shown = await ana.get("channels.history", roomId=rid, showThreadMessages="true")
    assert ids(shown)[0] == "reply"
    paged = await ana.get("channels.history", roomId=rid, count="2", offset="1")
    assert ids(paged) == ["m3", "m2"]


async def test_bounds_are_exclusive_unless_asked(
    rest: As, rid: str, server: RocketChatServer
) -> None:
    ana = rest("ana")
    bounds = {"oldest": iso(moment(server, "m1")), "latest": iso(moment(server, "m3"))}
    assert ids(await ana.get("channels.history", roomId=rid, **bounds)) == ["m2"]
    inclusive = await ana.get("channels.history", roomId=rid, inclusive="true", **bounds)
    assert ids(inclusive) == ["m3", "m2", "m1"]


async def test_groups_history_differs(rest: As, server: RocketChatServer, clock: Clock) -> None:
    workspace = server.workspace
    group = workspace.add_channel("g", private=True, members=["ana"])
    for number in range(25):
        clock.tick()
        workspace.post("ana", "g", "x", message_id=f"g{number}")
    workspace.post("ana", "g", "x", thread="g24", message_id="gr")
    clock.tick()
    ana = rest("ana")
    answer = ids(await ana.get("groups.history", roomId=group.id))
    assert len(answer) == 20
    assert "gr" in answer
    every = await ana.get("groups.history", roomId=group.id, inclusive="false", count="200")
    assert len(ids(every)) == 26
    wrong = await ana.get("channels.history", roomId=group.id)
    assert wrong.body["errorType"] == "error-room-not-found"
    stranger = await rest("carla").get("groups.history", roomId=group.id)
    assert stranger.body["errorType"] == "error-room-not-found"


async def test_im_history_takes_a_username(rest: As, server: RocketChatServer) -> None:
    room = server.workspace.direct_room("ana", "carla")
    server.workspace.post("carla", room.id, "hi", message_id="d1")
    assert ids(await rest("ana").get("im.history", roomId="carla")) == ["d1"]
    assert ids(await rest("ana").get("dm.messages", roomId=room.id)) == ["d1"]
    refused = await rest("sam").get("im.history", roomId=room.id)
    assert refused.body["errorType"] == "error-room-not-found"


async def test_rooms_history_has_cursors(rest: As, rid: str, server: RocketChatServer) -> None:
    ana = rest("ana")
    last = await ana.get("rooms.history", roomId=rid, count="2")
    assert ids(last) == ["reply", "m4"]
    before = last.body["cursor"]["previous"]
    older = await ana.get("rooms.history", roomId=rid, count="100", previous=before)
    assert ids(older) == ["m3", "m2", "m1", "m0"]
    assert older.body["cursor"] == {"next": None, "previous": None}

    cursor = str(to_ms(moment(server, "m1")))
    newer = await ana.get("rooms.history", roomId=rid, count="2", next=cursor)
    assert ids(newer) == ["m3", "m2"]
    rest_of_it = await ana.get(
        "rooms.history", roomId=rid, next=newer.body["cursor"]["next"], showThreadMessages="false"
    )
    assert ids(rest_of_it) == ["m4"]
    both = await ana.get("rooms.history", roomId=rid, next="1", previous="2")
    assert both.body["errorType"] == "error-cursor-conflict"
    odd = await ana.get("rooms.history", roomId=rid, next="soon")
    assert odd.body["errorType"] == "error-invalid-cursor"


async def test_rooms_history_is_unknown_to_7_7(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    old = await make_server(version="7.7")
    rid = old.workspace.room("support").id
    assert (await Rest(session, old, "ana").get("rooms.history", roomId=rid)).status == 404


async def test_sync_by_last_update_has_everything_newest_first(
    rest: As, rid: str, server: RocketChatServer, clock: Clock
) -> None:
    server.workspace.react("sam", "m2", ":eyes:")
    clock.tick()
    server.workspace.delete("ana", "m1")
    since = iso(moment(server, "m3"))
    result = (await rest("ana").get("chat.syncMessages", roomId=rid, lastUpdate=since)).body[
        "result"
    ]
    # m0 changed with its reply, m2 with its reaction.
    assert [one["_id"] for one in result["updated"]] == ["reply", "m4", "m2", "m0"]
    assert [one["_id"] for one in result["deleted"]] == ["m1"]


async def test_sync_by_cursor_is_strict_and_oldest_first(
    rest: As, rid: str, server: RocketChatServer
) -> None:
    ana = rest("ana")

    async def page(following: str) -> dict[str, Any]:
        answer = await ana.get(
            "chat.syncMessages", roomId=rid, type="UPDATED", next=following, count="3"
        )
        result: dict[str, Any] = answer.body["result"]
        return result

    seen: list[str] = []
    cursor: str | None = str(to_ms(moment(server, "m1")))
    while cursor is not None:
        result = await page(cursor)
        seen += [one["_id"] for one in result["updated"]]
        cursor = result["cursor"]["next"]
    # The parent m0 changed in the same millisecond as its reply, after it.
    assert seen == ["m2", "m3", "m4", "reply", "m0"]


async def test_messages_of_one_millisecond_on_the_edge_of_a_page_are_skipped(
    rest: As, rid: str, server: RocketChatServer, clock: Clock
) -> None:
    clock.tick()
    for number in range(3):
        server.workspace.post("ana", "support", "x", message_id=f"tie{number}")
    ana, start = rest("ana"), str(to_ms(clock.time) - 1)
    query = {"roomId": rid, "type": "UPDATED", "count": "2"}
    first = (await ana.get("chat.syncMessages", next=start, **query)).body["result"]
    assert [one["_id"] for one in first["updated"]] == ["tie0", "tie1"]
    second = (await ana.get("chat.syncMessages", next=first["cursor"]["next"], **query)).body
    assert second["result"]["updated"] == []


async def test_deletions_by_cursor(rest: As, rid: str, server: RocketChatServer) -> None:
    server.workspace.delete("ana", "m3")
    answer = await rest("ana").get("chat.syncMessages", roomId=rid, type="DELETED", next="0")
    (deleted,) = answer.body["result"]["deleted"]
    assert deleted["_id"] == "m3"
    assert set(deleted) == {"_id", "_deletedAt"}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({}, "error-param-required"),
        ({"lastUpdate": "soon"}, "error-lastUpdate-param-invalid"),
        ({"type": "OTHER", "next": "1"}, "error-type-param-not-supported"),
        ({"next": "1"}, "error-type-param-required"),
        ({"next": "1", "previous": "1", "type": "UPDATED"}, "error-cursor-conflict"),
        (
            {"next": "1", "type": "UPDATED", "lastUpdate": "2026-01-01T00:00:00Z"},
            "error-cursor-and-lastUpdate-conflict",
        ),
    ],
)
async def test_what_sync_refuses(rest: As, rid: str, query: dict[str, str], error: str) -> None:
    answer = await rest("ana").get("chat.syncMessages", roomId=rid, **query)
    assert (answer.status, answer.body["errorType"]) == (400, error)


async def test_a_type_without_a_cursor_finds_nothing(rest: As, rid: str) -> None:
    answer = await rest("ana").get("chat.syncMessages", roomId=rid, type="UPDATED")
    assert answer.body["result"]["updated"] == []


async def test_rooms_get_moves_with_every_message_but_the_subscription_not_with_replies(
    rest: As, rid: str, server: RocketChatServer, clock: Clock
) -> None:
    since = iso(clock.time)
    clock.tick()
    server.workspace.post("sam", "support", "another reply", thread="m0")
    ana = rest("ana")
    rooms = (await ana.get("rooms.get", updatedSince=since)).body
    assert [one["_id"] for one in rooms["update"]] == [rid]
    assert rooms["update"][0]["lastMessage"]["_id"] == "m4"
    own = (await ana.get("subscriptions.getOne", roomId=rid)).body["subscription"]
    assert own["unread"] == 0
    assert own["tunread"] == ["m0"]


async def test_rooms_get_tells_every_removed_room(
    rest: As, server: RocketChatServer, clock: Clock
) -> None:
    since = iso(clock.time)
    clock.tick()
    level3 = server.workspace.room("level3")
    server.workspace.rooms.delete(level3)
    body = (await rest("carla").get("rooms.get", updatedSince=since)).body
    assert [one["_id"] for one in body["remove"]] == [level3.id]
    bad = await rest("carla").get("rooms.get", updatedSince="x")
    assert bad.body["errorType"] == "error-updatedSince-param-invalid"
    worse = await rest("carla").get("subscriptions.get", updatedSince="x")
    assert worse.body["errorType"] == "error-roomId-param-invalid"


async def test_a_message_without_access_looks_like_none(rest: As, server: RocketChatServer) -> None:
    server.workspace.add_channel("secret", private=True, members=["sam"])
    hidden = server.workspace.post("sam", "secret", "x")["_id"]
    for message_id in (hidden, "nothing"):
        answer = await rest("carla").get("chat.getMessage", msgId=message_id)
        assert (answer.status, answer.body) == (400, {"success": False})


async def test_a_client_may_choose_a_close_time(
    rest: As, rid: str, server: RocketChatServer, clock: Clock
) -> None:
    ana = rest("ana")
    for seconds, kept in ((-9, True), (-30, False)):
        chosen = iso(clock.time + timedelta(seconds=seconds))
        message = (await ana.send(rid, "x", ts=chosen)).body["message"]
        assert (message["ts"] == chosen) is kept
    late = await ana.send(rid, "x", ts=iso(clock.time - timedelta(seconds=61)))
    assert late.body["errorType"] == "error-message-ts-out-of-sync"


async def test_switches_of_the_histories_are_words(rest: As, rid: str) -> None:
    ana = rest("ana")
    odd = {"showThreadMessages": "1", "unreads": "1", "inclusive": "1"}
    assert "reply" not in ids(await ana.get("channels.history", roomId=rid, **odd))
    shown = {"showThreadMessages": "true", "unreads": "true"}
    assert "reply" in ids(await ana.get("channels.history", roomId=rid, **shown))
    await ana.post("groups.create", name="g")
    group = (await ana.get("groups.info", roomName="g")).body["group"]["_id"]
    await ana.send(group, "root", _id="root")
    await ana.send(group, "answer", _id="answer", tmid="root")
    assert "answer" in ids(await ana.get("groups.history", roomId=group, **odd))
    without = await ana.get("groups.history", roomId=group, showThreadMessages="false")
    assert "answer" not in ids(without)
