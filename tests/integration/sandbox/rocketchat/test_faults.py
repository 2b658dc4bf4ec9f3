import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest
from tests.waiting import eventually

As = Callable[[str | None], Rest]
Connect = Callable[..., Awaitable[Ddp]]
MESSAGES, MINE = "stream-room-messages", "__my_messages__"


@pytest.fixture
def rid(server: RocketChatServer) -> str:
    return server.workspace.room("support").id


async def test_the_next_requests_fail_as_told_and_carry_nothing_out(
    rest: As, rid: str, server: RocketChatServer
) -> None:
    ana = rest("ana")
    server.faults.fail_next("chat.sendMessage", times=2)
    assert (await ana.get("me")).status == 200
    assert [(await ana.send(rid, "x")).status for _ in range(3)] == [500, 500, 200]
    assert len(server.records.messages("support")) == 1

    server.faults.unavailable()
    page = await ana.get("me")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html")
    server.faults.too_many_requests("me", seconds=7)
    limited = await ana.get("me")
    assert limited.status == 429
    assert "wait 7 seconds" in limited.body["error"]
    assert int(limited.headers["X-RateLimit-Reset"]) > 0


async def test_a_fault_may_look_at_the_body(rest: As, rid: str, server: RocketChatServer) -> None:
    server.faults.fail_next(
        "chat.sendMessage", when=lambda body: body["message"]["msg"] == "second"
    )
    ana = rest("ana")
    statuses = [(await ana.send(rid, text)).status for text in ("first", "second", "second")]
    assert statuses == [200, 500, 200]


async def test_dropped_after_is_stored_and_dropped_before_is_not(
    rest: As, rid: str, server: RocketChatServer
) -> None:
    ana = rest("ana")
    server.faults.drop_after("chat.sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await ana.send(rid, "kept", _id="kept")
    server.faults.drop_before("chat.sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await ana.send(rid, "lost", _id="lost")
    assert [one.id for one in server.records.messages("support")] == ["kept"]
    assert (await ana.send(rid, "kept", _id="kept")).status == 400


async def test_refused_connections_come_back_on_the_same_port(
    rest: As, server: RocketChatServer, ddp: Connect
) -> None:
    client, url = await ddp("ana"), server.url
    await server.faults.refuse_connections()
    await eventually(lambda: client.socket.closed)
    ana = rest("ana")
    with pytest.raises(aiohttp.ClientError):
        await ana.get("me")
    await server.faults.accept_connections()
    assert server.url == url
    assert (await ana.get("me")).status == 200


async def test_a_frozen_server_goes_on_where_it_was(rest: As, server: RocketChatServer) -> None:
    server.faults.freeze()
    waiting = asyncio.create_task(rest("ana").get("me"))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    server.faults.thaw()
    assert (await waiting).status == 200


async def test_a_delayed_request_is_answered_late(rest: As, server: RocketChatServer) -> None:
    server.faults.delay("me", seconds=0.05)
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert (await rest("ana").get("me")).status == 200
    assert loop.time() - started >= 0.05


async def test_a_half_open_websocket_says_nothing(ddp: Connect, server: RocketChatServer) -> None:
    client = await ddp("ana")
    await client.subscribe(MESSAGES, MINE)
    server.faults.half_open_websockets()
    await client.say(msg="ping", id="lost")
    server.workspace.post("sam", "support", "unheard")
    server.faults.half_open_websockets(on=False)
    await client.say(msg="ping", id="heard")
    pongs = await eventually(
        lambda: [one["id"] for one in client.frames if one.get("msg") == "pong"]
    )
    assert pongs[-1] == "heard" or await client.wait(lambda one: one.get("id") == "heard")
    assert client.mine() == []


async def test_silent_duplicated_and_reordered_events(
    ddp: Connect, server: RocketChatServer
) -> None:
    client, workspace = await ddp("ana"), server.workspace
    await client.subscribe(MESSAGES, MINE)
    server.faults.silence_streams()
    workspace.post("sam", "support", "silent")
    server.faults.silence_streams(on=False)
    server.faults.duplicate_events()
    workspace.post("sam", "support", "twice")
    server.faults.reorder_events()
    workspace.post("sam", "support", "late")
    workspace.post("sam", "support", "early")
    await eventually(lambda: len(client.mine()) == 4)
    assert [one[0]["msg"] for one in client.mine()] == ["twice", "twice", "early", "late"]
    assert len(server.records.messages("support")) == 4


async def test_records_count_calls_and_keep_order(
    rest: As, rid: str, server: RocketChatServer
) -> None:
    ana = rest("ana")
    for text in ("one", "two"):
        await ana.send(rid, text)
    stored = server.records.messages("support", author="ana")
    assert [(one.author, one.text, one.edited_at) for one in stored] == [
        ("ana", "one", None),
        ("ana", "two", None),
    ]
    server.workspace.edit("ana", stored[0].id, "uno")
    changed = server.records.find(stored[0].id)
    assert changed is not None
    assert changed.edited_at is not None
    assert server.records.calls("chat.sendMessage") == 2
    assert server.records.requests[-1].username == "ana"
