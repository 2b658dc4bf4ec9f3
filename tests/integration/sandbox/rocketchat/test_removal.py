"""Accounts that go, what is left of them, and the account that is always there."""

from collections.abc import Awaitable, Callable

import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest
from tests.waiting import eventually

As = Callable[[str | None], Rest]
Connect = Callable[..., Awaitable[Ddp]]


@pytest.mark.parametrize(
    ("erasure", "author", "extra"),
    [
        ("Delete", None, {}),
        (
            "Unlink",
            "rocket.cat",
            {
                "replaceByUser": {
                    "_id": "rocket.cat",
                    "username": "rocket.cat",
                    "alias": "Removed User",
                }
            },
        ),
        ("Keep", "sam", {}),
    ],
)
async def test_the_setting_says_what_becomes_of_the_messages(
    rest: As,
    ddp: Connect,
    server: RocketChatServer,
    erasure: str,
    author: str | None,
    extra: dict[str, object],
) -> None:
    workspace = server.workspace
    workspace.set_setting("Message_ErasureType", erasure)
    sam, direct = workspace.user("sam"), workspace.direct_room("ana", "sam")
    workspace.post("sam", "support", "x", message_id="of sam")
    workspace.post("ana", "support", "x", message_id="of ana")
    client = await ddp("ana")
    await client.subscribe("stream-notify-logged", "Users:Deleted")

    assert (await rest("admin").post("users.delete", userId=sam.id)).status == 200
    await eventually(lambda: client.events("stream-notify-logged", "Users:Deleted"))
    assert client.events("stream-notify-logged", "Users:Deleted") == [
        [{"userId": sam.id, "messageErasureType": erasure, **extra}]
    ]
    left = workspace.messages.find("of sam")
    assert (left and left["u"]["username"]) == author
    assert workspace.messages.find("of ana") is not None
    assert direct.id not in workspace.rooms.rooms


async def test_the_cat_is_an_account_nobody_logs_in_to(rest: As) -> None:
    cat = (await rest("ana").get("users.info", userId="rocket.cat")).body["user"]
    assert (cat["username"], cat["type"], cat["active"]) == ("rocket.cat", "bot", True)
    assert (await rest(None).post("login", user="rocket.cat", password="")).status == 401


async def test_a_message_is_deleted_by_its_file(rest: As, server: RocketChatServer) -> None:
    workspace = server.workspace
    ana, room = workspace.user("ana"), workspace.room("support")
    upload = workspace.uploads.take_in(room, ana, name="a", kind="text/plain", content=b"x")
    path = f"rooms.mediaConfirm/{room.id}/{upload.id}"
    message = (await rest("ana").post(path)).body["message"]["_id"]
    assert (await rest("sam").post("chat.delete", fileId=upload.id)).status == 400
    assert (await rest("ana").post("chat.delete", fileId=upload.id)).status == 200
    assert workspace.messages.find(message) is None
    assert (await rest("ana").post("chat.delete", fileId=upload.id)).status == 400


async def test_presence_takes_several_ids_in_either_form(
    rest: As, server: RocketChatServer
) -> None:
    workspace = server.workspace
    ids = [workspace.user(one).id for one in ("sam", "carla")]
    for one in ids:
        workspace.set_status(one, "busy")
    ana = rest("ana")
    comma = await ana.get("users.presence", ids=",".join(ids))
    query = "&".join(f"ids[]={one}" for one in ids)
    listed = await ana.call("GET", f"/api/v1/users.presence?{query}")
    for answer in (comma, listed):
        assert {one["_id"] for one in answer.body["users"]} == set(ids)
        assert answer.body["full"] is False
