"""The gateway against the sandbox server, in each of the versions it stands for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.faults import NotFound
from bot.rocketchat.realtime import Realtime
from bot.rocketchat.records import PasswordCredentials, Session, TokenCredentials
from bot.rocketchat.rest import RestGateway
from bot.rocketchat.sender import Sender
from bot.rocketchat.text import escape
from sandbox.rocketchat.server import RocketChatServer
from tests.integration.bot.rocketchat.listener import Recorder, running
from tests.waiting import eventually

LOGIN = PasswordCredentials(username="casebot", password="casebot-password")


@dataclass
class World:
    server: RocketChatServer
    rest: RestGateway
    session: Session
    sender: Sender
    live: Callable[[], Realtime]

    def room_id(self, name: str) -> str:
        return self.server.workspace.room(name).id


@pytest.fixture(params=["7.7", "8.8", "9.0"])
async def world(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession
) -> AsyncIterator[World]:
    server = RocketChatServer(version=request.param)
    workspace = server.workspace
    workspace.add_role("rnd")
    workspace.add_user("casebot", password=LOGIN.password, roles=["bot"])
    workspace.add_user("jane", name="Jane Doe", password="jane-password")
    workspace.add_user("dev", roles=["user", "rnd"])
    workspace.add_channel("support", members=["casebot", "jane", "dev"])
    workspace.add_channel("elsewhere", members=["jane"])
    await server.start(port=0)
    rest = RestGateway(
        url=server.url, timeout=timedelta(seconds=5), roles_of_interest=["rnd", "admin"]
    )
    session = await rest.login(LOGIN)
    sender = Sender(
        url=server.url,
        session=http,
        credentials=lambda: session,
        timeout=timedelta(seconds=2),
    )

    def live() -> Realtime:
        return Realtime(
            url=server.url,
            session=http,
            credentials=lambda: session,
            first_pause=timedelta(milliseconds=10),
            longest_pause=timedelta(milliseconds=50),
            silence=timedelta(milliseconds=500),
        )

    yield World(server, rest, session, sender, live)
    await rest.close()
    await server.stop()


def bot_texts(world: World, room: str = "support") -> list[str]:
    return [one.text for one in world.server.records.messages(room, author="casebot")]


# --- REST -------------------------------------------------------------------------------------


async def test_logging_in_and_being_refused(world: World) -> None:
    assert world.session.username == "casebot"
    assert (await world.rest.me()).bot
    token = world.server.workspace.personal_access_token("casebot")
    pat = TokenCredentials(user_id=world.session.user_id, auth_token=token)
    assert (await world.rest.login(pat)).username == "casebot"
    for wrong in (
        PasswordCredentials(username="casebot", password="wrong"),
        TokenCredentials(user_id=world.session.user_id, auth_token="wrong"),
    ):
        with pytest.raises(CredentialsRefused, match=r"check|make a new one"):
            await world.rest.login(wrong)


async def test_a_second_factor_is_named_where_the_server_names_it(world: World) -> None:
    world.server.workspace.add_user("second", password="pw", two_factor_code="123456")
    with pytest.raises(CredentialsRefused) as refused:
        await world.rest.login(PasswordCredentials(username="second", password="pw"))
    if world.server.version.major < 9:
        assert "second factor" in str(refused.value)


async def test_rooms_and_users_are_found(world: World) -> None:
    room = await world.rest.find_room("#support")
    assert room is not None
    assert (room.id, room.type, room.name) == (world.room_id("support"), "c", "support")
    assert await world.rest.find_room("nowhere") is None
    assert [one.id for one in await world.rest.list_rooms()] == [room.id]
    assert (await world.rest.get_room(room.id)).name == "support"
    user = await world.rest.get_user(username="jane")
    assert (user.name, user.active) == ("Jane Doe", True)
    assert (await world.rest.get_user(user_id=user.id)).username == "jane"
    world.server.workspace.deactivate("jane")
    assert not (await world.rest.get_user(user_id=user.id)).active
    with pytest.raises(NotFound):
        await world.rest.get_user(username="nobody")
    with pytest.raises(NotFound):
        await world.rest.open_direct("nobody")


async def test_only_changed_rooms_are_listed(world: World) -> None:
    later = datetime.now(UTC) + timedelta(milliseconds=5)
    await eventually(lambda: datetime.now(UTC) > later)
    assert await world.rest.list_rooms(later) == []
    world.server.workspace.post("jane", "support", "hello")
    assert [room.name for room in await world.rest.list_rooms(later)] == ["support"]


async def test_a_channel_is_joined_once_and_again(world: World) -> None:
    room = await world.rest.find_room("elsewhere")
    assert room is not None
    await world.rest.join_room(room)
    await world.rest.join_room(room)
    assert {one.name for one in await world.rest.list_rooms()} == {"support", "elsewhere"}


async def test_roles_are_known_only_with_a_permission(world: World) -> None:
    dev = world.server.workspace.user("dev").id
    assert await world.rest.user_roles(dev) is None
    world.server.workspace.grant("access-permissions", "bot")
    world.rest.forget_roles()
    roles = await world.rest.user_roles(dev)
    assert roles is not None
    assert "rnd" in roles
    jane = await world.rest.user_roles(world.server.workspace.user("jane").id)
    assert jane == frozenset()
    world.server.workspace.grant("view-full-other-user-info", "bot")
    shown = await world.rest.user_roles(dev)
    assert shown is not None
    assert {"rnd", "user"} <= shown


async def test_the_active_members_of_roles_are_listed_where_the_server_shows_them(
    world: World,
) -> None:
    assert await world.rest.list_members(["rnd"]) == []
    world.server.workspace.grant("access-permissions", "bot")
    assert [user.username for user in await world.rest.list_members(["rnd"])] == ["dev"]
    world.server.workspace.deactivate("dev")
    assert await world.rest.list_members(["rnd"]) == []


async def test_settings_are_listed(world: World) -> None:
    name = "Message_AllowUnrecognizedSlashCommand"
    assert await world.rest.public_settings([name, "No_Such"]) == {name: False}


async def test_a_file_goes_up_and_comes_down(world: World, tmp_path: Path) -> None:
    source = tmp_path / "a log.txt"
    source.write_bytes(b"line\n" * 1000)
    room_id = world.room_id("support")
    message_id = await world.rest.upload_file(
        room_id=room_id, source=source, name=source.name, caption="see here"
    )
    message = await world.rest.read_message(message_id)
    assert message is not None
    (file,) = message.files
    assert (file.name, file.size, file.caption) == ("a log.txt", 5000, "see here")
    to = tmp_path / "down"
    assert await world.rest.download_file(file_id=file.id, name=file.name, to=to, limit=10**6)
    assert to.read_bytes() == source.read_bytes()
    with pytest.raises(Rejected):
        await world.rest.download_file(file_id="none", name="x", to=tmp_path / "x", limit=10)


async def test_everything_since_is_read_with_threads_over_many_pages(world: World) -> None:
    workspace = world.server.workspace
    workspace.post("jane", "support", "long ago")
    room = await world.rest.find_room("support")
    assert room is not None
    mark = datetime.now(UTC) + timedelta(milliseconds=2)
    await eventually(lambda: datetime.now(UTC) > mark)
    root = workspace.post("jane", "support", "a thread")
    sent = [root["_id"]]
    sent += [
        workspace.post("jane", "support", f"n{n}", thread=root["_id"] if n % 9 == 0 else None)[
            "_id"
        ]
        for n in range(330)
    ]
    found = await world.rest.messages_since(room, mark)
    texts = [message.id for message in found if message.system_type is None]
    assert sorted(texts) == sorted(sent)
    assert [m.sent_at for m in found] == sorted(m.sent_at for m in found)


@pytest.mark.parametrize("version", ["7.7", "8.8", "9.0"])
async def test_more_than_a_page_within_one_millisecond_is_read(version: str) -> None:
    """As after an import, or a change that touches every message of a room at once."""
    moment = datetime.now(UTC)
    server = RocketChatServer(version=version, now=lambda: moment)
    workspace = server.workspace
    workspace.add_user("casebot", password=LOGIN.password, roles=["bot"])
    workspace.add_user("jane")
    room_id = workspace.add_channel("support", members=["casebot", "jane"]).id
    await server.start(port=0)
    rest = RestGateway(url=server.url, timeout=timedelta(seconds=10))
    try:
        await rest.login(LOGIN)
        since, sent = moment, []
        for crowd in (3, 250, 3):
            moment += timedelta(seconds=1)
            sent += [workspace.post("jane", "support", f"n{n}")["_id"] for n in range(crowd)]
        found = await rest.messages_since(await rest.get_room(room_id), since)
        assert sorted(one.id for one in found if one.system_type is None) == sorted(sent)
    finally:
        await rest.close()
        await server.stop()


# --- sending ----------------------------------------------------------------------------------


async def test_a_message_sent_twice_is_there_once(world: World) -> None:
    room_id = world.room_id("support")
    for _ in range(3):
        await world.sender.send(message_id="m1", room_id=room_id, text="Hello *there*")
    assert bot_texts(world) == ["Hello *there*"]
    assert await world.sender.was_stored("m1", room_id)
    assert not await world.sender.was_stored("m2", room_id)


async def test_after_a_lost_answer_there_is_still_one(world: World) -> None:
    room_id = world.room_id("support")
    world.server.faults.drop_after("chat.sendMessage")
    with pytest.raises(OutcomeUnknown):
        await world.sender.send(message_id="m1", room_id=room_id, text="once")
    assert await world.sender.was_stored("m1", room_id)
    await world.sender.send(message_id="m1", room_id=room_id, text="once")
    world.server.faults.drop_before("chat.sendMessage")
    with pytest.raises(OutcomeUnknown):
        await world.sender.send(message_id="m2", room_id=room_id, text="twice")
    assert not await world.sender.was_stored("m2", room_id)
    assert bot_texts(world) == ["once"]


async def test_an_id_in_use_by_somebody_else_is_a_refusal(world: World) -> None:
    world.server.workspace.post("jane", "support", "mine", message_id="m1")
    with pytest.raises(Rejected):
        await world.sender.send(message_id="m1", room_id=world.room_id("support"), text="mine")
    assert bot_texts(world) == []


async def test_a_customer_who_is_deactivated_is_a_reason(world: World) -> None:
    room_id = await world.rest.open_direct("jane")
    assert await world.rest.open_direct("@jane") == room_id
    await world.sender.send(message_id="m1", room_id=room_id, text="hello")
    world.server.workspace.deactivate("jane")
    with pytest.raises(Rejected, match="deactivated"):
        await world.sender.send(message_id="m2", room_id=room_id, text="hello?")
    # What was stored before stays sent, whatever has become of the room.
    await world.sender.send(message_id="m1", room_id=room_id, text="hello")


async def test_refusals_and_limits_are_told_apart(world: World) -> None:
    with pytest.raises(NotFound, match="room"):
        await world.sender.send(message_id="m1", room_id="no-such-room", text="x")
    room_id = world.room_id("support")
    with pytest.raises(Rejected, match="longer"):
        await world.sender.send(message_id="m1", room_id=room_id, text="x" * 5001)
    world.server.faults.too_many_requests("chat.sendMessage", seconds=1)
    with pytest.raises(Retryable) as limited:
        await world.sender.send(message_id="m1", room_id=room_id, text="x")
    assert limited.value.retry_after is not None
    assert timedelta(0) < limited.value.retry_after <= timedelta(seconds=1)
    world.server.faults.unavailable("chat.sendMessage")
    with pytest.raises(Retryable):
        await world.sender.send(message_id="m1", room_id=room_id, text="x")
    world.server.workspace.end_sessions(world.server.workspace.user("casebot"))
    with pytest.raises(CredentialsRefused):
        await world.sender.send(message_id="m1", room_id=room_id, text="x")


@pytest.mark.parametrize("text", ["@all", "x @here y", "```\n@all\n```", "#support", ">@all"])
async def test_text_of_others_mentions_nobody_even_where_the_bot_may(
    world: World, text: str
) -> None:
    world.server.workspace.grant("mention-all", "bot")
    world.server.workspace.grant("mention-here", "bot")
    room_id = world.room_id("support")
    await world.sender.send(message_id="m1", room_id=room_id, text=f"They say: {escape(text)}")
    (stored,) = world.server.records.messages("support", author="casebot")
    assert not stored.document.get("mentions")
    assert not stored.document.get("channels")


async def test_a_reaction_stays_however_often(world: World) -> None:
    posted = world.server.workspace.post("jane", "support", "hello")
    for _ in range(2):
        await world.sender.react(message_id=posted["_id"], emoji=":eyes:")
    message = await world.rest.read_message(posted["_id"])
    assert message is not None
    assert message.reactions == {":eyes:": ("casebot",)}
    with pytest.raises(Rejected):
        await world.sender.react(message_id="no-such-message", emoji=":eyes:")


# --- live -------------------------------------------------------------------------------------


async def test_messages_are_heard_with_what_the_room_is(world: World) -> None:
    listener = Recorder()
    workspace = world.server.workspace
    async with running(world.live(), listener):
        await listener.hears("caught up")
        first = workspace.post("jane", "support", "hello")["_id"]
        other = workspace.post("jane", "elsewhere", "not for the bot")["_id"]
        workspace.direct_room("jane", "casebot")
        direct = workspace.post("jane", workspace.direct_room("jane", "casebot").id, "psst")["_id"]
        await eventually(lambda: {first, other, direct} <= set(listener.heard))
    heard = {message.id: message for message in listener.messages}
    assert (heard[first].room_type, heard[first].participant) == ("c", True)
    assert heard[first].sender_username == "jane"
    assert not heard[other].participant
    assert heard[direct].room_type == "d"


async def test_changes_to_a_message_come_as_such(world: World) -> None:
    listener = Recorder()
    workspace = world.server.workspace
    async with running(world.live(), listener):
        await listener.hears("caught up")
        posted = workspace.post("jane", "support", "helo")["_id"]
        workspace.react("dev", posted, ":+1:")
        workspace.edit("jane", posted, "hello")
        await eventually(lambda: any(message.edited for message in listener.messages))
        await eventually(lambda: any(message.reactions for message in listener.messages))
    assert {message.id for message in listener.messages} == {posted}


async def test_changed_roles_are_told(world: World) -> None:
    listener = Recorder()
    async with running(world.live(), listener):
        await listener.hears("caught up")
        world.server.workspace.give_role("jane", "rnd")
        await listener.hears("roles changed")
        listener.heard.clear()
        world.server.workspace.rename_user("jane", to="jane2")
        await listener.hears("roles changed")


async def test_every_kind_of_loss_is_survived(world: World) -> None:
    listener = Recorder()
    faults = world.server.faults
    realtime = world.live()
    async with running(realtime, listener):
        await listener.hears("caught up")
        faults.close_websockets()
        await listener.hears("caught up", "disconnected", "caught up")
        listener.heard.clear()
        faults.half_open_websockets()
        await listener.hears("disconnected")
        faults.half_open_websockets(on=False)
        faults.close_websockets()
        await listener.hears("disconnected", "caught up")
        listener.heard.clear()
        await faults.refuse_connections()
        await listener.hears("disconnected")
        assert realtime.connected_since is None
        await faults.accept_connections()
        await listener.hears("disconnected", "caught up")
        posted = world.server.workspace.post("jane", "support", "still there?")["_id"]
        await listener.hears(posted)


async def test_a_new_connection_can_be_asked_for(world: World) -> None:
    listener = Recorder()
    realtime = world.live()
    async with running(realtime, listener):
        await listener.hears("caught up")
        realtime.reconnect()
        await listener.hears("caught up", "disconnected", "connected", "caught up")
        posted = world.server.workspace.post("jane", "support", "heard again")["_id"]
        await listener.hears(posted)


async def test_a_revoked_session_is_raised_for_a_new_login(world: World) -> None:
    listener = Recorder()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_outcome(world.live(), listener))
        await listener.hears("caught up")
        world.server.workspace.end_sessions(world.server.workspace.user("casebot"))
    assert isinstance(task.result(), CredentialsRefused)


async def _outcome(realtime: Realtime, listener: Recorder) -> Exception:
    try:
        await asyncio.wait_for(realtime.run(listener), 10)
    except CredentialsRefused as refused:
        return refused
    raise AssertionError("it ended without a reason")


async def test_nothing_is_lost_in_a_burst(world: World) -> None:
    listener = Recorder()
    async with running(world.live(), listener):
        await listener.hears("caught up")
        sent = {
            world.server.workspace.post("jane", "support", f"!case {n}")["_id"] for n in range(500)
        }
        await eventually(lambda: sent <= set(listener.heard))
    assert listener.reasons == []
