"""Users, roles, direct messages, membership and files."""

from collections.abc import Callable

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Answer, Rest

As = Callable[[str | None], Rest]


async def test_roles_and_e_mails_of_others_are_hidden_without_the_permission(rest: As) -> None:
    seen = (await rest("ana").get("users.info", username="SAM")).body["user"]
    assert seen["username"] == "sam"
    assert not {"roles", "emails", "createdAt", "lastLogin", "language"} & set(seen)
    full = (await rest("casebot").get("users.info", username="sam")).body["user"]
    assert full["emails"][0]["address"] == "sam@example.org"
    own = (await rest("sam").get("users.info", username="sam")).body["user"]
    assert "roles" in own
    unknown = await rest("ana").get("users.info", username="who")
    assert unknown.error == (400, "User not found.", None)
    assert (await rest("ana").get("users.info")).status == 400


async def test_custom_roles_have_generated_ids(rest: As, server: RocketChatServer) -> None:
    roles = {one["name"]: one for one in (await rest("carla").get("roles.list")).body["roles"]}
    analyst = roles["support-analyst"]["_id"]
    assert analyst != "support-analyst"
    assert len(analyst) == 17
    assert roles["admin"]["_id"] == "admin"
    assert analyst in server.workspace.user("ana").roles


async def test_roles_are_given_by_id_since_8_0(
    rest: As, make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    by_name = await rest("admin").post("roles.addUserToRole", roleId="rnd", username="ana")
    assert by_name.body["errorType"] == "error-role-not-found"
    old = Rest(session, await make_server(version="7.7"), "admin")
    given = await old.post("roles.addUserToRole", roleName="rnd", username="ana")
    assert given.status == 200


async def test_the_direct_room_has_the_sorted_ids_and_is_made_once(
    rest: As, server: RocketChatServer
) -> None:
    ana, carla = (server.workspace.user(one).id for one in ("ana", "carla"))
    first = (await rest("ana").post("im.create", username="Carla")).body["room"]
    second = (await rest("carla").post("dm.create", usernames="ana")).body["room"]

    assert first["_id"] == first["rid"] == second["_id"] == "".join(sorted((ana, carla)))
    assert (first["t"], sorted(first["usernames"])) == ("d", ["ana", "carla"])
    unknown = await rest("ana").post("im.create", username="who")
    assert unknown.body["errorType"] == "error-invalid-user"
    many = ",".join(server.workspace.add_user(f"u{one}").username for one in range(9))
    too_many = await rest("ana").post("im.create", usernames=many)
    assert too_many.body["errorType"] == "error-direct-message-max-user-exceeded"
    myself = (await rest("ana").post("im.create", username="ana")).body["room"]
    assert myself["_id"] == ana


async def test_who_may_not_make_direct_rooms_still_finds_existing_ones(
    rest: As, server: RocketChatServer
) -> None:
    server.workspace.add_user("gus", roles=["guest"])
    gus = rest("gus")
    refused = await gus.post("im.create", username="ana")
    assert refused.error[::2] == (403, "error-forbidden")
    room = server.workspace.direct_room("ana", "gus")
    found = await gus.post("im.create", username="ana")
    assert found.body["room"]["_id"] == room.id
    assert (await gus.send(room.id, "hello")).status == 200


async def test_a_deactivated_user_has_read_only_rooms_but_new_ones_take_messages(
    rest: As, server: RocketChatServer
) -> None:
    old = server.workspace.direct_room("ana", "carla")
    server.workspace.deactivate("carla")
    server.workspace.deactivate("carlos")
    ana = rest("ana")

    assert (await ana.send(old.id, "x")).error == (
        400,
        "You can't send messages because the room is readonly.",
        None,
    )
    new = (await ana.post("im.create", username="carlos")).body["room"]["_id"]
    assert (await ana.send(new, "x")).status == 200
    info = (await ana.get("users.info", username="carla")).body["user"]
    assert info["active"] is False
    server.workspace.activate("carla")
    assert (await ana.send(old.id, "x")).status == 200


async def test_a_blocked_room_refuses_both(rest: As, server: RocketChatServer) -> None:
    room = server.workspace.direct_room("ana", "carla")
    await rest("carla").post("im.blockUser", roomId=room.id, block=True)
    for username in ("ana", "carla"):
        answer = await rest(username).send(room.id, "x")
        assert answer.error == (400, "room_is_blocked", None)


async def test_the_first_message_opens_the_room_of_the_other(
    rest: As, server: RocketChatServer
) -> None:
    room = (await rest("ana").post("im.create", username="carla")).body["room"]["_id"]
    carla = rest("carla")

    async def subscription() -> dict[str, object]:
        answer = await carla.get("subscriptions.getOne", roomId=room)
        found: dict[str, object] = answer.body["subscription"]
        return found

    assert (await subscription())["open"] is False
    await rest("ana").send(room, "hello")
    assert (await subscription())["open"] is True
    assert (await subscription())["unread"] == 1
    await carla.post("subscriptions.read", rid=room)
    assert (await subscription())["unread"] == 0
    assert (await subscription())["name"] == "ana"


async def test_joining_inviting_and_kicking_leave_system_messages(
    rest: As, server: RocketChatServer
) -> None:
    room = server.workspace.add_channel("lobby", owner="ana")
    await rest("carla").post("channels.join", roomId=room.id)
    carlos = server.workspace.user("carlos").id
    await rest("ana").post("channels.invite", roomId=room.id, userId=carlos)
    await rest("ana").post("channels.kick", roomId=room.id, userId=carlos)
    await rest("carla").post("channels.leave", roomId=room.id)
    stored = server.records.messages("lobby", system=True)
    assert [(one.kind, one.text) for one in stored] == [
        ("uj", "carla"),
        ("au", "carlos"),
        ("ru", "carlos"),
        ("ul", "carla"),
    ]
    refused = await rest("carla").post("channels.kick", roomId=room.id, userId=carlos)
    assert refused.status == 403
    last = await rest("ana").post("channels.leave", roomId=room.id)
    assert last.status == 200
    member = await rest("sam").get("rooms.isMember", roomId=room.id, username="carla")
    assert member.body["isMember"] is False


@pytest.mark.parametrize(("version", "status"), [("7.7", 400), ("9.0", 403)])
async def test_a_room_without_access_is_not_shown(
    make_server: MakeServer, session: aiohttp.ClientSession, version: str, status: int
) -> None:
    server = await make_server(version=version)
    group = server.workspace.add_channel("secret", private=True)
    answer = await Rest(session, server, "carla").get("rooms.info", roomId=group.id)
    assert answer.status == status
    assert "not-allowed" in answer.body["error"]


async def test_reactions(rest: As, server: RocketChatServer) -> None:
    message = server.workspace.post("ana", "support", "x")["_id"]
    bot = rest("casebot")

    async def react(emoji: str, **more: object) -> Answer:
        return await bot.post("chat.react", messageId=message, emoji=emoji, **more)

    for _ in range(2):
        assert (await react("eyes", shouldReact=True)).status == 200
    stored = server.workspace.messages.all[message]
    assert stored["reactions"] == {":eyes:": {"usernames": ["casebot"]}}
    await react(":eyes:")
    assert "reactions" not in stored
    unknown = await react("no-such-emoji")
    assert unknown.error == (403, "Invalid emoji provided. [error-not-allowed]", "error-forbidden")
    gone = await bot.post("chat.react", messageId="gone", emoji="eyes", shouldReact=True)
    assert gone.body["errorType"] == "error-message-not-found"


async def test_bots_may_not_delete_what_they_wrote(rest: As, server: RocketChatServer) -> None:
    room = server.workspace.room("support").id
    for username, status in (("casebot", 400), ("ana", 200)):
        message = server.workspace.post(username, "support", "x")["_id"]
        answer = await rest(username).post("chat.delete", roomId=room, msgId=message)
        assert answer.status == status
    mine = server.workspace.post("ana", "support", "x")["_id"]
    edited = await rest("sam").post("chat.update", roomId=room, msgId=mine, text="y")
    assert edited.body["errorType"] == "error-action-not-allowed"


async def test_files_are_for_members_of_the_room(rest: As, server: RocketChatServer) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    form = aiohttp.FormData()
    form.add_field("file", b"log line", filename="a.log", content_type="text/plain")
    file = (await ana.call("POST", f"/api/v1/rooms.media/{room}", data=form)).body["file"]
    confirmed = await ana.post(f"rooms.mediaConfirm/{room}/{file['_id']}", description="the log")
    message = confirmed.body["message"]

    assert message["file"]["name"] == "a.log"
    assert message["attachments"][0]["description"] == "the log"
    path = message["attachments"][0]["title_link"]
    assert path == file["url"]
    assert (await ana.call("GET", path)).body == "log line"
    query = f"?rc_uid={ana.headers['X-User-Id']}&rc_token={ana.token}"
    assert (await rest(None).call("GET", path + query)).status == 200
    # May read the public room, but is no member of it.
    assert (await rest("carla").call("GET", path)).status == 403
    assert (await rest(None).call("GET", path)).status == 403
    assert (await ana.call("GET", "/file-upload/x/y")).status == 404
    twice = await ana.post(f"rooms.mediaConfirm/{room}/{file['_id']}")
    assert twice.body["errorType"] == "invalid-file"


async def test_what_uploads_refuse(rest: As, server: RocketChatServer) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    server.workspace.set_setting("FileUpload_MaxFileSize", 10)

    async def upload(field: str, content: bytes, kind: str) -> str:
        form = aiohttp.FormData()
        form.add_field(field, content, filename="a", content_type=kind)
        answer = await ana.call("POST", f"/api/v1/rooms.media/{room}", data=form)
        return str(answer.body.get("errorType"))

    assert await upload("file", b"x" * 11, "text/plain") == "error-file-too-large"
    assert await upload("file", b"x", "image/svg+xml") == "error-invalid-file-type"
    assert await upload("other", b"x", "text/plain") == "invalid-field"
    nothing = await ana.post(f"rooms.media/{room}")
    assert nothing.body["errorType"] == "error-no-file-uploaded"


async def test_users_are_created_changed_and_switched_off(
    rest: As, server: RocketChatServer
) -> None:
    admin = rest("admin")
    profile = {"name": "New", "email": "n@example.org", "username": "new", "password": "p"}
    user = (await admin.post("users.create", profile)).body["user"]
    assert user["roles"] == ["user"]
    taken = await admin.post("users.create", {**profile, "email": "m@example.org"})
    assert taken.body["errorType"] == "error-field-unavailable"
    changed = await admin.post("users.update", userId=user["_id"], data={"username": "newer"})
    assert changed.body["user"]["username"] == "newer"
    off = await admin.post("users.setActiveStatus", userId=user["_id"], activeStatus=False)
    assert off.body["user"] == {"_id": user["_id"], "active": False}
    assert (await rest("ana").post("users.create", profile)).status == 403
    await admin.post("users.delete", username="newer")
    assert server.workspace.accounts.find_by_username("newer") is None


async def test_the_language_is_for_oneself_only(rest: As) -> None:
    ana = rest("ana")
    await ana.post("users.setPreferences", data={"language": "de"})
    assert (await ana.get("users.getPreferences")).body["preferences"]["language"] == "de"
    me = (await ana.get("me")).body
    assert (me["language"], me["settings"]["preferences"]["language"]) == ("de", "de")
    assert "language" not in (await rest("casebot").get("users.info", username="ana")).body["user"]


async def test_permissions_list_tells_what_each_role_has(rest: As) -> None:
    listed = (await rest("carla").get("permissions.listAll")).body["update"]
    holders = {one["_id"]: one["roles"] for one in listed}
    assert holders["api-bypass-rate-limit"] == ["admin", "bot", "app"]
    assert "bot" not in holders["mention-all"]
    assert "bot" not in holders["delete-own-message"]


async def test_roles_of_a_room_are_held_in_the_room(rest: As, server: RocketChatServer) -> None:
    room, admin = server.workspace.room("support"), rest("admin")
    sam = server.workspace.user("sam")
    given = {"roleId": "moderator", "username": "sam"}
    assert (await admin.post("roles.addUserToRole", given)).status == 400
    for _ in range(2):
        answer = await admin.post("roles.addUserToRole", {**given, "roomId": room.id})
    assert answer.body["errorType"] == "error-user-already-in-role"
    assert room.members[sam.id].roles == ["moderator"]
    assert "moderator" not in sam.roles
    found = await admin.get("roles.getUsersInRole", role="moderator", roomId=room.id)
    assert [one["username"] for one in found.body["users"]] == ["sam"]
    taken = await admin.post("roles.removeUserFromRole", {**given, "roomId": room.id})
    assert (taken.status, room.members[sam.id].roles) == (200, [])


async def test_nobody_is_found_by_e_mail_before_8_8(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    for version, status in (("7.7", 400), ("8.8", 200)):
        admin = Rest(session, await make_server(version=version), "admin")
        answer = await admin.get("users.info", email="sam@example.org")
        assert answer.status == status
    assert answer.body["user"]["username"] == "sam"
