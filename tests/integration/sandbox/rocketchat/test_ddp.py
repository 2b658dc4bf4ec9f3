from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from sandbox.rocketchat.ddp.heartbeat import Heartbeat
from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp
from tests.waiting import eventually

Connect = Callable[..., Awaitable[Ddp]]
MakeServer = Callable[..., Awaitable[RocketChatServer]]


@pytest.fixture
async def raw(session: aiohttp.ClientSession, server: RocketChatServer) -> AsyncIterator[Ddp]:
    client = Ddp(session, server)
    await client.open()
    yield client
    await client.close()


async def test_a_wrong_version_fails_and_ends_the_connection(raw: Ddp) -> None:
    await raw.say(msg="connect", version="pre1", support=["pre1"])
    failed = await raw.wait(lambda frame: frame.get("msg") == "failed")
    assert failed["version"] == "1"
    await eventually(lambda: raw.socket.closed)


async def test_frames_before_connect_and_malformed_ones_are_errors(raw: Ddp) -> None:
    await raw.say(msg="sub", id="1", name="stream-notify-all", params=["x"])
    await raw.wait(lambda frame: frame.get("reason") == "Must connect first")
    await raw.socket.send_str("{nonsense")
    await raw.wait(lambda frame: frame.get("reason") == "Parse error")
    await raw.socket.send_str('{"no":"msg"}')
    await raw.wait(lambda frame: frame.get("reason") == "Bad request")
    await raw.socket.send_str('[{"msg":"connect","version":"1","support":["1"]}]')
    await raw.wait(lambda frame: frame.get("msg") == "connected")


async def test_a_method_without_an_id_ends_the_connection(ddp: Connect) -> None:
    client = await ddp("ana")
    await client.say(msg="method", method="login", params=[])
    await eventually(lambda: client.socket.closed)
    assert client.socket.close_code == 1002


async def test_a_ping_is_answered_with_its_id(ddp: Connect) -> None:
    client = await ddp()
    await client.say(msg="ping", id="p1")
    assert await client.wait(lambda frame: frame.get("msg") == "pong") == {
        "msg": "pong",
        "id": "p1",
    }
    await client.say(msg="ping")
    await client.wait(lambda frame: frame == {"msg": "pong"})


async def test_the_server_pings_and_gives_a_silent_client_up(
    ddp: Connect, make_server: MakeServer
) -> None:
    heartbeat = Heartbeat(interval=0.05, timeout=0.1, at_once=False)
    server = await make_server(heartbeat=heartbeat)
    silent = await ddp(to=server)
    await silent.wait(lambda frame: frame.get("msg") == "ping")
    await eventually(lambda: silent.socket.closed)
    assert silent.socket.close_code == 4000
    assert silent.farewell == "TIMEOUT"


async def test_a_client_that_answers_stays(ddp: Connect, make_server: MakeServer) -> None:
    heartbeat = Heartbeat(interval=0.02, timeout=0.2, at_once=False)
    server = await make_server(heartbeat=heartbeat)
    client = await ddp(to=server)
    for number in range(1, 20):
        await eventually(
            lambda number=number: sum(one.get("msg") == "ping" for one in client.frames) >= number  # type: ignore[misc]
        )
        await client.say(msg="pong")
    assert not client.socket.closed


async def test_9_0_has_no_methods_but_login(ddp: Connect, server: RocketChatServer) -> None:
    client = await ddp("ana")
    rid = server.workspace.room("support").id
    for name in ("sendMessage", "rooms/get", "logout", "nonsense"):
        answer = await client.method(name, {"rid": rid, "msg": "x"})
        assert answer["error"]["error"] == 404
        assert answer["error"]["reason"] == f"Method '{name}' not found"
    assert server.records.messages("support") == []


@pytest.mark.parametrize("version", ["7.7", "8.8"])
async def test_older_releases_answer_the_methods(
    ddp: Connect, make_server: MakeServer, version: str
) -> None:
    server = await make_server(version=version)
    client = await ddp("ana", to=server)
    rid = server.workspace.room("support").id
    sent = await client.method("sendMessage", {"_id": "m", "rid": rid, "msg": "by method"})
    assert sent["result"]["u"]["username"] == "ana"
    twice = await client.method("sendMessage", {"_id": "m", "rid": rid, "msg": "again"})
    assert "result" not in twice
    assert "error" not in twice
    await client.method("setReaction", ":eyes:", "m", *[True])
    history = (await client.method("loadHistory", rid, None, 10))["result"]["messages"]
    assert history[0]["reactions"][":eyes:"]["usernames"] == ["ana"]
    since = {"$date": history[0]["ts"]["$date"] - 1}
    missed = (await client.method("loadMissedMessages", rid, since))["result"]
    assert [one["_id"] for one in missed] == ["m"]
    direct = (await client.method("createDirectMessage", "sam"))["result"]
    assert direct["rid"] in server.workspace.rooms.rooms
    roles = await client.method("getUserRoles")
    assert ("result" in roles) is (version == "7.7")


async def test_too_many_calls_of_a_method_are_refused(
    ddp: Connect, make_server: MakeServer
) -> None:
    client = await ddp("ana", to=await make_server(version="8.8"))
    answers = [await client.method("rooms/get") for _ in range(11)]
    assert all("error" not in one for one in answers[:10])
    error = answers[10]["error"]
    assert error["error"] == "too-many-requests"
    assert error["details"]["timeToReset"] > 0


async def test_more_than_forty_subscriptions_in_a_row_trip_the_limiter(ddp: Connect) -> None:
    client = await ddp("ana")
    answers = [await client.subscribe("stream-notify-all", f"e{one}") for one in range(41)]
    assert [one["msg"] for one in answers[:40]] == ["ready"] * 40
    assert answers[40]["error"]["error"] == "too-many-requests"


async def test_nothing_of_a_user_reaches_who_logged_out(
    ddp: Connect, make_server: MakeServer
) -> None:
    server = await make_server(version="8.8")
    workspace = server.workspace
    client = await ddp("ana", to=server)
    ana, room = workspace.user("ana"), workspace.room("support").id
    await client.subscribe("stream-notify-user", f"{ana.id}/message")
    await client.subscribe("stream-notify-all", "public-settings-changed")
    await client.method("logout")
    assert ana.status == "offline"
    workspace.messages.whisper(ana, room, "secret")
    workspace.set_setting("Message_MaxAllowedSize", 10)
    await eventually(lambda: client.events("stream-notify-all", "public-settings-changed"))
    assert client.events("stream-notify-user", f"{ana.id}/message") == []


async def test_a_second_login_takes_over_the_connection(
    ddp: Connect, server: RocketChatServer
) -> None:
    workspace = server.workspace
    client = await ddp("ana")
    ana, sam = workspace.user("ana"), workspace.user("sam")
    await client.subscribe("stream-notify-user", f"{ana.id}/message")
    await client.method("login", {"resume": workspace.accounts.open_session(sam)[0]})
    assert (ana.status, sam.status) == ("offline", "online")
    await client.subscribe("stream-notify-user", f"{sam.id}/message")
    for user in (ana, sam):
        workspace.messages.whisper(user, workspace.room("support").id, "for one")
    await eventually(lambda: client.events("stream-notify-user", f"{sam.id}/message"))
    assert client.events("stream-notify-user", f"{ana.id}/message") == []
