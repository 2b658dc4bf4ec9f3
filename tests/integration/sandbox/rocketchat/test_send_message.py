from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Answer, Ddp, Rest

As = Callable[[str | None], Rest]
MakeServer = Callable[..., Awaitable[RocketChatServer]]
Connect = Callable[..., Awaitable[Ddp]]
READ_ONLY = "You can't send messages because the room is readonly."


@pytest.fixture
def support(server: RocketChatServer) -> str:
    return server.workspace.room("support").id


async def test_the_stored_message_comes_back_whole(rest: As, support: str) -> None:
    answer = await rest("ana").send(support, "hello @sam, see #general", _id="mine")

    message = answer.body["message"]
    assert answer.status == 200
    assert message["_id"] == "mine"
    assert message["u"]["username"] == "ana"
    assert [one["username"] for one in message["mentions"]] == ["sam"]
    assert [one["name"] for one in message["channels"]] == ["general"]
    assert message["ts"].endswith("Z")


async def test_an_id_that_exists_is_refused_without_a_type_and_nothing_is_written(
    rest: As, support: str, server: RocketChatServer
) -> None:
    await rest("ana").send(support, "first", _id="same")
    again = await rest("sam").send(support, "second", _id="same")

    assert again.error == (
        400,
        "Cannot read properties of undefined (reading 'starred')",
        None,
    )
    assert "errorType" not in again.body
    assert [one.text for one in server.records.messages("support")] == ["first"]
    kept = await rest("ana").get("chat.getMessage", msgId="same")
    assert kept.body["message"]["u"]["username"] == "ana"


async def test_access_is_checked_before_the_id(rest: As, support: str) -> None:
    await rest("ana").send(support, "first", _id="same")
    answer = await rest("ana").send("nowhere", "second", _id="same")
    assert answer.error == (400, "error-invalid-room", None)


@pytest.mark.parametrize(
    ("units", "status"),
    [("a" * 5000, 200), ("a" * 5001, 400), ("😀" * 2500, 200), ("😀" * 2501, 400)],
)
async def test_the_limit_counts_utf_16_units(
    rest: As, support: str, units: str, status: int
) -> None:
    answer = await rest("ana").send(support, units)
    assert answer.status == status
    if status == 400:
        assert answer.body["errorType"] == "error-message-size-exceeded"


async def _refused(call: Awaitable[Answer]) -> tuple[int, str | None, str | None]:
    return (await call).error


async def test_refusals_have_the_texts_of_the_server(rest: As, support: str) -> None:
    ana = rest("ana")
    assert await _refused(ana.post("chat.sendMessage", message={"msg": "x"})) == (
        400,
        "The 'rid' property on the message object is missing.",
        None,
    )
    assert await _refused(ana.send(support, "x", t="uj")) == (
        400,
        "Cannot send system messages using 'chat.sendMessage'",
        None,
    )
    assert await _refused(ana.send(support, "x", alias="Boss")) == (
        400,
        "Not enough permission",
        None,
    )
    assert (await rest("casebot").send(support, "x", alias="Boss")).status == 200
    assert await _refused(ana.send(support, "x", customFields={"a": 1})) == (
        400,
        "Custom fields not enabled",
        None,
    )
    assert (await ana.send(support, "")).body["errorType"] == "error-invalid-message"
    assert (await ana.send(support, "x", tshow=True)).body["errorType"] == "invalid-params"


@pytest.mark.parametrize(
    ("attachment", "error"),
    [
        ({"fields": [{"title": "t", "value": ""}]}, "Invalid attachment field, title and value"),
        ({"fields": [{"value": "v"}]}, "Invalid attachment field, title and value"),
        ({"title_link": "javascript:alert(1)"}, "Invalid href value provided"),
        ({"text": 1}, "Match error: Expected string, got number"),
    ],
)
async def test_a_malformed_attachment_is_refused(
    rest: As, support: str, attachment: dict[str, object], error: str
) -> None:
    answer = await rest("ana").send(support, "x", attachments=[attachment])
    assert answer.status == 400
    assert answer.body["error"].startswith(error)
    assert "errorType" not in answer.body


async def test_a_good_attachment_is_kept(rest: As, support: str) -> None:
    attachment = {
        "color": "#fff",
        "title": "t",
        "title_link": "/file-upload/x/y",
        "fields": [{"short": True, "title": "t", "value": "v"}],
    }
    answer = await rest("ana").send(support, "", attachments=[attachment])
    assert answer.body["message"]["attachments"] == [attachment]


@pytest.mark.parametrize("text", ["@all", "see\n@all now", "```\n@here\n```", "> @all"])
async def test_a_bot_may_not_notify_everybody(rest: As, support: str, text: str) -> None:
    answer = await rest("casebot").send(support, text)
    assert answer.status == 400
    assert answer.body["errorType"] == "error-action-not-allowed"
    assert (await rest("ana").send(support, text)).status == 200


@pytest.mark.parametrize("text", ["`@all`", '"@all"', "a@all", "@\u200ball", "[@all](http://x.y)"])
async def test_what_does_not_notify_passes(rest: As, support: str, text: str) -> None:
    answer = await rest("casebot").send(support, text)
    assert answer.status == 200
    assert answer.body["message"]["mentions"] == []


async def test_an_edit_is_not_guarded(rest: As, support: str) -> None:
    bot = rest("casebot")
    await bot.send(support, "x", _id="m")
    answer = await bot.post("chat.update", roomId=support, msgId="m", text="@all")
    assert answer.status == 200
    assert answer.body["message"]["editedBy"]["username"] == "casebot"


async def test_read_only_muted_and_archived_rooms_refuse(
    rest: As, support: str, server: RocketChatServer
) -> None:
    room = server.workspace.room("support")
    room.read_only = True
    assert (await rest("ana").send(support, "x")).error == (400, READ_ONLY, None)
    assert (await rest("admin").send(support, "x")).status == 200
    room.read_only = False
    room.muted.append("ana")
    assert (await rest("ana").send(support, "x")).error == (400, "You_have_been_muted", None)
    room.muted.clear()
    room.archived = True
    assert (await rest("ana").send(support, "x")).error == (400, "room_is_archived", None)


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("7.7", (400, "error-not-allowed", None)),
        ("9.0", (403, "error-not-allowed", "error-forbidden")),
    ],
)
async def test_a_stranger_is_refused_in_the_way_of_the_release(
    make_server: MakeServer,
    session: aiohttp.ClientSession,
    version: str,
    error: tuple[int, str, str | None],
) -> None:
    server = await make_server(version=version)
    group = server.workspace.add_channel("secret", private=True, members=["sam"])
    answer = await Rest(session, server, "carla").send(group.id, "x")
    assert answer.error == error


async def test_access_to_a_public_room_is_enough_to_post(
    rest: As, server: RocketChatServer
) -> None:
    room = server.workspace.room("support")
    assert (await rest("carla").send(room.id, "x")).status == 200
    assert server.workspace.user("carla").id not in room.members


async def test_a_reply_to_a_reply_goes_to_the_root_and_its_room(rest: As, support: str) -> None:
    ana = rest("ana")
    await ana.send(support, "root", _id="root")
    await ana.send(support, "reply", _id="reply", tmid="root")
    answer = await rest("sam").send("elsewhere", "nested", tmid="reply")

    assert answer.body["message"]["tmid"] == "root"
    assert answer.body["message"]["rid"] == support
    root = (await ana.get("chat.getMessage", msgId="root")).body["message"]
    assert root["tcount"] == 2
    assert len(root["replies"]) == 2
    thread = (await ana.get("chat.getThreadMessages", tmid="root")).body["messages"]
    assert [one["msg"] for one in thread] == ["reply", "nested"]


async def test_a_thread_that_does_not_exist_is_stored_as_given(rest: As, support: str) -> None:
    answer = await rest("ana").send(support, "x", tmid="ghost")
    assert answer.body["message"]["tmid"] == "ghost"


async def test_post_message_is_another_route_with_other_rules(
    rest: As, server: RocketChatServer
) -> None:
    carla, room = rest("carla"), server.workspace.room("support")
    posted = await carla.post("chat.postMessage", channel="#support", text="  x  ")
    assert posted.body["message"]["msg"] == "x"
    assert isinstance(posted.body["ts"], int)
    assert server.workspace.user("carla").id in room.members

    direct = await carla.post("chat.postMessage", channel="@sam", text="x")
    ids = sorted(server.workspace.user(one).id for one in ("carla", "sam"))
    assert direct.body["channel"] == "".join(ids)

    unknown = await carla.post("chat.postMessage", channel="#nowhere", text="x")
    assert unknown.body["errorType"] == "invalid-channel"
    long = await carla.post(
        "chat.postMessage", roomId=room.id, text="x", attachments=[{"text": "a" * 5001}]
    )
    assert long.error == (400, "error-message-size-exceeded", None)
    extra = await carla.post("chat.postMessage", roomId=room.id, text="x", _id="mine")
    assert extra.body["errorType"] == "invalid-params"


async def test_a_refusal_is_whispered_to_the_sender(
    rest: As, server: RocketChatServer, support: str
) -> None:
    server.workspace.room("support").muted.append("ana")
    heard: list[str] = []

    class Listener:
        user = server.workspace.user("ana")

        def deliver(self, frame: str, *, message: bool = False) -> None:  # noqa: ARG002 - as called
            heard.append(frame)

    ana = server.workspace.user("ana")
    server.workspace.streams.add("stream-notify-user", f"{ana.id}/message", Listener())
    await rest("ana").send(support, "x")
    assert len(heard) == 1
    assert "You_have_been_muted" in heard[0]


async def test_an_encrypted_message_is_carried_unread(rest: As, server: RocketChatServer) -> None:
    workspace = server.workspace
    room = workspace.add_channel("vault", private=True, members=["ana", "sam"])
    room.encrypted = True
    ana = rest("ana")
    plain = await ana.send(room.id, "in the clear")
    assert plain.status == 403
    content = {"algorithm": "rc.v1.aes-sha2", "ciphertext": "x"}
    sent = await ana.send(room.id, "", t="e2e", content=content)
    assert (sent.body["message"]["t"], sent.body["message"]["content"]) == ("e2e", content)
    read = await rest("sam").get("chat.getMessage", msgId=sent.body["message"]["_id"])
    assert (read.body["message"]["msg"], read.body["message"]["content"]) == ("", content)


async def test_no_client_sends_system_messages(
    make_server: MakeServer, session: aiohttp.ClientSession, ddp: Connect
) -> None:
    server = await make_server(version="8.8")
    room = server.workspace.room("support").id
    answer = await Rest(session, server, "ana").send(room, "x", t="uj")
    assert answer.error == (400, "Cannot send system messages using 'chat.sendMessage'", None)
    client = await ddp("ana", to=server)
    refused = await client.method("sendMessage", {"rid": room, "msg": "x", "t": "uj"})
    assert refused["error"]["error"] == 500
    assert server.records.messages("support") == []
