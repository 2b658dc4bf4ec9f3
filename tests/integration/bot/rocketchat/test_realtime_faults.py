"""The live connection against servers that misbehave."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.errors import CredentialsRefused, Retryable
from bot.rocketchat.realtime import Realtime
from bot.rocketchat.records import Session
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.listener import Recorder, running
from tests.integration.bot.rocketchat.stub import Peer, Stub, message
from tests.waiting import eventually

MESSAGES = ("stream-room-messages", "__my_messages__")


@pytest.fixture
def connect(stub: Stub, http: aiohttp.ClientSession, bot: Session) -> Callable[..., Realtime]:
    def build(
        path: str = "",
        *,
        handshake: float = 5,
        silence: float = 15,
        first_pause: float = 0.01,
        longest_pause: float = 0.05,
        stable: float = 10,
    ) -> Realtime:
        return Realtime(
            url=stub.url + path,
            session=http,
            credentials=lambda: bot,
            handshake=timedelta(seconds=handshake),
            silence=timedelta(seconds=silence),
            first_pause=timedelta(seconds=first_pause),
            longest_pause=timedelta(seconds=longest_pause),
            stable=timedelta(seconds=stable),
        )

    return build


async def stay(peer: Peer) -> None:
    await peer.handshake()
    await peer.until_closed()


async def test_what_arrives_during_the_catch_up_is_handed_over_after_it_in_order(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"server_id": "0"}, {"msg": "connected", "session": "s"})
        await peer.expect("method")
        await peer.send({"msg": "result", "id": "login", "result": {"id": "bot1"}})
        await peer.until_messages()
        # Rocket.Chat may deliver before it says that it is ready to.
        await peer.message("m1")
        await peer.send({"msg": "ready", "subs": [peer.subs[-1]["id"]]})
        await peer.message("m2")
        await peer.message("m3")
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    listener.may_finish.clear()
    realtime = connect()
    async with running(realtime, listener):
        await asyncio.wait_for(listener.catching_up.wait(), 5)
        assert realtime.connected_since is not None
        await eventually(lambda: realtime.last_frame_at is not None)
        assert listener.heard == ["connected"]
        listener.may_finish.set()
        await listener.hears("connected", "caught up", "m1", "m2", "m3")
        assert listener.heard == ["connected", "caught up", "m1", "m2", "m3"]
    assert realtime.connected_since is None


async def test_it_subscribes_to_what_it_needs_with_its_token(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    seen: list[Any] = []

    async def script(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        seen.append(await peer.expect("method"))
        await peer.send({"msg": "result", "id": "login", "result": {}})
        await peer.until_messages()
        seen.extend(peer.subs)
        await peer.send({"msg": "ready", "subs": [peer.subs[-1]["id"]]})
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(path="/chat/"), listener):
        await listener.hears("caught up")
    assert seen[0]["params"] == [{"resume": TOKEN}]
    assert {(sub["name"], sub["params"][0]) for sub in seen[1:]} == {
        MESSAGES,
        ("stream-notify-logged", "roles-change"),
        ("stream-notify-logged", "Users:NameChanged"),
    }
    assert all(sub["params"][1] == {"useCollection": False, "args": []} for sub in seen[1:])


async def test_pings_are_answered_with_their_id(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    pongs: list[Any] = []

    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.send({"msg": "ping"}, {"msg": "ping", "id": "7"})
        pongs.extend([await peer.receive(), await peer.receive()])
        await peer.until_closed()

    stub.scripts = [script]
    async with running(connect(), Recorder()):
        await eventually(lambda: len(pongs) == 2)
    assert pongs == [{"msg": "pong"}, {"msg": "pong", "id": "7"}]


async def test_a_server_that_falls_silent_is_asked_and_then_left(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    pings: list[Any] = []

    async def silent(peer: Peer) -> None:
        await peer.handshake()
        pings.append(await peer.receive())
        await peer.until_closed()

    stub.scripts = [silent, stay]
    listener = Recorder()
    async with running(connect(silence=0.1), listener):
        await listener.hears("caught up", "disconnected", "caught up")
    assert pings == [{"msg": "ping"}]
    assert "silent" in listener.reasons[0]


async def test_a_server_that_answers_the_ping_is_kept(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    answered: list[Any] = []

    async def script(peer: Peer) -> None:
        await peer.handshake()
        while True:
            answered.append(await peer.expect("ping"))
            await peer.send({"msg": "pong"})

    stub.scripts = [script]
    listener = Recorder()
    # As long as a busy machine may stand still; less would look like silence.
    async with running(connect(silence=1), listener):
        await eventually(lambda: len(answered) >= 3)
        assert stub.sockets == 1


async def test_a_lost_connection_is_told_and_made_again(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def drop(peer: Peer) -> None:
        await peer.handshake()
        await peer.message("m1")

    async def again(peer: Peer) -> None:
        await peer.handshake()
        await peer.message("m2")
        await peer.until_closed()

    stub.scripts = [drop, again]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("connected", "disconnected", "connected", "caught up", "m2")


async def test_after_a_stable_connection_there_is_no_pause(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def drop(peer: Peer) -> None:
        await peer.handshake()

    stub.scripts = [drop, drop, drop, stay]
    listener = Recorder()
    async with running(connect(stable=0, first_pause=60, longest_pause=60), listener):
        await eventually(lambda: stub.sockets == 4)


@pytest.mark.parametrize("code", [401, 403, "error-user-is-not-activated"])
async def test_a_refused_token_is_raised_and_not_tried_again(
    stub: Stub, connect: Callable[..., Realtime], code: object
) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        await peer.expect("method")
        error = {"error": code, "reason": "You've been logged out by the server."}
        await peer.send({"msg": "result", "id": "login", "error": error})
        await peer.until_closed()

    stub.scripts = [script]
    with capture_logs() as logs, pytest.raises(CredentialsRefused, match="logged out") as refused:
        await asyncio.wait_for(connect().run(Recorder()), 5)
    assert stub.sockets == 1
    assert TOKEN not in f"{refused.value!r}{logs}"


async def test_a_login_that_is_refused_for_haste_is_tried_again(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def hasty(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        await peer.expect("method")
        await peer.send({"msg": "result", "id": "login", "error": {"error": "too-many-requests"}})
        await peer.until_closed()

    stub.scripts = [hasty, stay]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("caught up")
    assert listener.reasons == []


async def test_the_older_form_of_a_subscription_is_tried_when_the_newer_is_refused(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    peers: list[Peer] = []

    async def script(peer: Peer) -> None:
        peers.append(peer)
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        await peer.expect("method")
        await peer.send({"msg": "result", "id": "login", "result": {}})
        await peer.until_messages()
        refused = {"error": 400, "reason": "Match failed"}
        await peer.send({"msg": "nosub", "id": peer.subs[-1]["id"], "error": refused})
        plain = await peer.expect("sub")
        assert plain["params"] == ["__my_messages__", False]
        await peer.send({"msg": "ready", "subs": [plain["id"]]})
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("caught up")


async def test_a_server_that_passes_over_the_newer_form_gets_the_older_one_next_time(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def deaf(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        await peer.expect("method")
        await peer.send({"msg": "result", "id": "login", "result": {}})
        await peer.until_closed()

    forms: list[Any] = []

    async def old(peer: Peer) -> None:
        await peer.handshake()
        forms.append(peer.subs[-1]["params"][1])
        await peer.until_closed()

    stub.scripts = [deaf, old]
    listener = Recorder()
    async with running(connect(handshake=0.3), listener):
        await listener.hears("caught up")
    assert forms == [False]


async def test_a_server_without_the_other_streams_will_do(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect("connect")
        await peer.send({"msg": "connected"})
        await peer.expect("method")
        await peer.send({"msg": "result", "id": "login", "result": {}})
        await peer.until_messages()
        early, late, messages = peer.subs
        await peer.send({"msg": "nosub", "id": early["id"], "error": {"error": 404}})
        await peer.send({"msg": "ready", "subs": [messages["id"]]})
        await peer.send({"msg": "nosub", "id": late["id"], "error": {"error": 404}})
        await peer.message("m1")
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("caught up", "m1")
    assert listener.reasons == []


async def test_the_end_of_the_subscription_is_the_end_of_the_connection(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def ended(peer: Peer) -> None:
        await peer.handshake()
        await peer.send({"msg": "nosub", "id": peer.subs[-1]["id"]})
        await peer.until_closed()

    stub.scripts = [ended, stay]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("disconnected", "caught up")
    assert "subscription" in listener.reasons[0]


async def test_odd_frames_are_passed_over_and_odd_messages_read(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.socket.send_str("not json")
        await peer.socket.send_bytes(b"\x00")
        await peer.send({"msg": "added", "collection": "users", "id": "u", "fields": {}})
        await peer.event("stream-unheard-of", "x", 1)
        await peer.event(*MESSAGES)
        await peer.event(*MESSAGES, {"_id": "torn"})
        await peer.event(*MESSAGES, None, None)
        # Without the second argument, and in an array of one.
        await peer.event(*MESSAGES, {**message("m1"), "rid": "bot1u1"})
        await peer.send([{**_changed(message("m2"), {"roomParticipant": False})}])
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("m1", "m2")
    first, second = listener.messages
    assert (first.participant, first.room_type) == (True, "d")
    assert (second.participant, second.room_type) == (False, "")
    assert listener.heard == ["connected", "caught up", "m1", "m2"]


def _changed(*args: object) -> dict[str, object]:
    fields = {"eventName": MESSAGES[1], "args": list(args)}
    return {"msg": "changed", "collection": MESSAGES[0], "id": "id", "fields": fields}


async def test_a_message_of_five_megabytes_is_read(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.message("big", attachments=[{"text": "x" * 5_000_000}])
        await peer.message("next")
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("big", "next")
    assert stub.sockets == 1


async def test_changes_of_roles_and_names_are_told(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.event("stream-notify-logged", "roles-change", {"type": "added", "_id": "rnd"})
        await peer.event("stream-notify-logged", "Users:NameChanged", {"_id": "u1"})
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    async with running(connect(), listener):
        await listener.hears("roles changed", "roles changed")


@pytest.mark.parametrize("failure", [Retryable("storage is away"), KeyError("a bug")])
async def test_what_the_listener_could_not_take_in_starts_everything_over(
    stub: Stub, connect: Callable[..., Realtime], failure: Exception
) -> None:
    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.message("m1")
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    listener.failures = [failure]
    async with running(connect(), listener):
        await listener.hears("connected", "caught up", "disconnected", "connected", "m1")


async def test_a_refusal_met_while_catching_up_is_raised(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    class Refused(Recorder):
        async def on_connected(self) -> None:
            raise CredentialsRefused("no longer")

    stub.scripts = [stay]
    with pytest.raises(CredentialsRefused, match="no longer"):
        await asyncio.wait_for(connect().run(Refused()), 5)


async def test_an_address_without_a_websocket_is_named_and_tried_again(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    listener = Recorder()
    with capture_logs() as logs:
        async with running(connect(), listener):
            await eventually(lambda: len(logs) >= 2)
            stub.scripts = [stay]
            await listener.hears("caught up")
    assert "HTTP 404" in logs[0]["reason"]
    assert logs[0]["event"] == "realtime_lost"
    assert TOKEN not in str(logs)


async def test_a_server_that_is_away_is_waited_for(
    http: aiohttp.ClientSession, bot: Session, closed_port: int
) -> None:
    realtime = Realtime(
        url=f"http://127.0.0.1:{closed_port}",
        session=http,
        credentials=lambda: bot,
        first_pause=timedelta(milliseconds=1),
    )
    with capture_logs() as logs:
        async with running(realtime, Recorder()):
            await eventually(lambda: len(logs) >= 3)
    assert "cannot reach" in logs[0]["reason"]


async def test_no_message_text_reaches_the_log(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.handshake()
        await peer.message("m1", msg="very private words")
        await peer.message("torn", msg="very private words", u=None)
        await peer.message("m2")
        await peer.until_closed()

    stub.scripts = [script]
    listener = Recorder()
    with capture_logs() as logs:
        async with running(connect(), listener):
            await listener.hears("m1", "m2")
    assert "private" not in str(logs)
    assert {"message_not_understood", "realtime_connected"} == {entry["event"] for entry in logs}


async def test_it_ends_although_something_fails_in_the_moment_it_is_told_to(
    stub: Stub, connect: Callable[..., Realtime]
) -> None:
    class FailsAtTheEnd(Recorder):
        async def on_connected(self) -> None:
            try:
                await super().on_connected()
            except asyncio.CancelledError:
                raise Retryable("the server does not answer any more") from None

    stub.scripts = [stay, stay]
    listener = FailsAtTheEnd()
    listener.may_finish.clear()
    listening = asyncio.ensure_future(connect().run(listener))
    await asyncio.wait_for(listener.catching_up.wait(), 5)
    listening.cancel()
    done, _ = await asyncio.wait({listening}, timeout=5)
    # Or the test itself would wait for ever.
    listening.cancel()
    assert done
    assert listening.cancelled()
