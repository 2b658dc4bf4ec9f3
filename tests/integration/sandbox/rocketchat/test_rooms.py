"""Discussions, room settings, cleaning up, and what may be null."""

from collections.abc import Callable

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from sandbox.rocketchat.wire import iso
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Rest

As = Callable[[str | None], Rest]


async def test_a_discussion_never_takes_the_name_of_a_room(
    rest: As, server: RocketChatServer
) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    for _ in range(2):
        made = await ana.post("rooms.createDiscussion", prid=room, t_name="support", topic="why")
        discussion = made.body["discussion"]
        assert (discussion["fname"], discussion["prid"]) == ("support", room)
        assert discussion["topic"] == "why"
        assert discussion["name"] != "support"
    found = await ana.get("rooms.info", roomName="support")
    assert found.body["room"]["_id"] == room
    mine = (await ana.get("subscriptions.getOne", roomId=discussion["_id"])).body["subscription"]
    assert (mine["name"], mine["fname"]) == (discussion["name"], "support")


@pytest.mark.parametrize(
    ("version", "status", "kind"), [("7.7", 400, "Not Allowed"), ("9.0", 403, "error-forbidden")]
)
async def test_a_closed_room_is_refused_in_the_words_of_the_server(
    make_server: MakeServer, session: aiohttp.ClientSession, version: str, status: int, kind: str
) -> None:
    server = await make_server(version=version)
    room = server.workspace.add_channel("closed", private=True, members=["sam"])
    answer = await Rest(session, server, "ana").get("rooms.info", roomId=room.id)
    assert answer.error == (status, "not-allowed", kind)


async def test_room_settings_are_a_closed_list(rest: As, server: RocketChatServer) -> None:
    admin, room = rest("admin"), server.workspace.room("support")
    saved = await admin.post("rooms.saveRoomSettings", rid=room.id, readOnly=True, roomTopic="t")
    assert saved.body["rid"] == room.id
    assert (room.read_only, room.topic) == (True, "t")
    for given in ({"systemMessages": 5}, {"roomName": 5}, {"readOnly": "yes"}, {"zz": 1}):
        answer = await admin.post("rooms.saveRoomSettings", {"rid": room.id, **given})
        assert answer.body["errorType"] == "invalid-params", given


async def test_a_room_is_joined_by_its_name_too(rest: As, server: RocketChatServer) -> None:
    server.workspace.add_channel("open")
    joined = await rest("carla").post("rooms.join", roomName="open")
    assert joined.body["room"]["name"] == "open"


async def test_cleaning_up_spares_what_is_named(rest: As, server: RocketChatServer) -> None:
    workspace = server.workspace
    room, admin = workspace.room("support"), rest("admin")
    workspace.post("sam", "support", "x", message_id="of sam")
    workspace.post("ana", "support", "x", message_id="pinned")
    workspace.messages.all["pinned"]["pinned"] = True
    workspace.post("ana", "support", "x", message_id="root")
    workspace.post("ana", "support", "x", message_id="reply", thread="root")
    workspace.post("ana", "support", "x", message_id="plain")
    period = {"oldest": "2020-01-01T00:00:00Z", "latest": iso(workspace.now()), "inclusive": True}
    spared = {"excludePinned": True, "ignoreThreads": True, "users": ["ana"]}
    cleaned = await admin.post("rooms.cleanHistory", {"roomId": room.id, **period, **spared})
    assert cleaned.body["count"] == 1
    assert set(workspace.messages.all) == {"of sam", "pinned", "root", "reply"}
    cleaned = await admin.post("rooms.cleanHistory", {"roomId": room.id, **period, "limit": 2})
    assert cleaned.body["count"] == 2


async def test_what_may_be_left_out_may_be_null(rest: As, server: RocketChatServer) -> None:
    ana, room = rest("ana"), server.workspace.room("support").id
    message = {"rid": room, "msg": "x", "tmid": None, "attachments": None, "customFields": None}
    sent = await ana.post("chat.sendMessage", message=message, previewUrls=None)
    assert sent.status == 200
    assert "tmid" not in sent.body["message"]
    mid = sent.body["message"]["_id"]
    for body in (
        {"messageId": mid, "emoji": "eyes", "shouldReact": None},
        {"messageId": mid, "emoji": None},
    ):
        answer = await ana.post("chat.react", body)
        assert answer.status == (400 if body["emoji"] is None else 200)
    posted = await ana.post("chat.postMessage", roomId=room, text="y", tmid=None, alias=None)
    assert "tmid" not in posted.body["message"]


async def test_refusals_have_the_words_of_the_server(rest: As, server: RocketChatServer) -> None:
    workspace, admin = server.workspace, rest("admin")
    room, sam = workspace.room("support").id, workspace.user("sam").id
    direct = workspace.direct_room("ana", "sam").id
    workspace.post("ana", direct, "between us")

    async def text(path: str, **body: object) -> str:
        answer = await admin.post(path, body)
        assert answer.status == 400
        return str(answer.body["error"])

    assert (await text("channels.removeOwner", roomId=room, userId=sam)).startswith(
        "User is not an owner ["
    )
    assert (await text("channels.removeLeader", roomId=room, userId=sam)).startswith(
        "User is not a leader ["
    )
    assert "does not match any group" in await text("groups.close", roomId=room)
    assert "[error-users-params-not-provided]" in await text("channels.invite", roomId=room)

    # Reading what others write to each other has to be switched on.
    closed = await admin.get("im.messages.others", roomId=direct)
    assert closed.body["errorType"] == "error-endpoint-disabled"
    workspace.set_setting("API_Enable_Direct_Message_History_EndPoint", value=True)
    opened = await admin.get("im.messages.others", roomId=direct)
    assert [one["msg"] for one in opened.body["messages"]] == ["between us"]
    unknown = await admin.get("im.messages.others", roomId="x")
    assert "by the id of: x" in unknown.body["error"]
