"""`im.*`, also spelt `dm.*`: direct messages."""

from collections.abc import Sequence

from sandbox.rocketchat.documents import room_document
from sandbox.rocketchat.errors import CodedError, Forbidden
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.rest.channels import counters, files_page, members_page
from sandbox.rocketchat.rest.find import all_shown, can_access
from sandbox.rocketchat.rest.history import find_direct
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape
from sandbox.rocketchat.rest.targets import direct_with
from sandbox.rocketchat.rooms import MAX_DIRECT


def create(call: Call) -> Document:
    """`im.create`: the room with these users, the same each time."""
    given = call.params.get("username") or call.params.get("usernames") or ""
    names = [name.strip() for name in str(given).split(",") if name.strip()]
    users = _users(call, names)
    room = direct_with(call, users, exclude_self=bool(call.params.get("excludeSelf")))
    return {"room": {**room_document(room), "rid": room.id}}


def _users(call: Call, names: list[str]) -> list[User]:
    users = call.workspace.accounts.named(names)
    if not names or len(users) < len(names):
        raise CodedError("error-invalid-user", "Invalid user", {"method": "createDirectMessage"})
    if len(users) > MAX_DIRECT:
        raise CodedError(
            "error-direct-message-max-user-exceeded",
            f"You cannot add more than {MAX_DIRECT} users to a direct message",
        )
    return users


def open_room(call: Call) -> Document:
    """`im.open`: puts the room back into the caller's list."""
    return _set_open(call, is_open=True)


def close_room(call: Call) -> Document:
    """`im.close`: takes the room out of the caller's list."""
    return _set_open(call, is_open=False)


def _set_open(call: Call, *, is_open: bool) -> Document:
    room = call.workspace.rooms.rooms.get(call.params["roomId"])
    if room is None or room.t != "d" or call.user.id not in room.members:
        raise CodedError(
            "error-room-not-found",
            'The required "roomId" param provided does not match any direct message',
        )
    call.workspace.rooms.set_open(room, call.user, is_open=is_open)
    return {}


def list_rooms(call: Call) -> Document:
    """`im.list`: the caller's direct rooms, the liveliest first."""
    mine = [room for room in call.workspace.rooms.rooms_of(call.user) if room.t == "d"]
    return _page(call, mine)


def list_everyone(call: Call) -> Document:
    """`im.list.everyone`."""
    return _page(call, [one for one in call.workspace.rooms.rooms.values() if one.t == "d"])


def _page(call: Call, rooms: Sequence[Room]) -> Document:
    ordered = sorted(rooms, key=lambda room: room.last_at or room.ts, reverse=True)
    return page(call, "ims", [room_document(room) for room in ordered])


def members(call: Call) -> Document:
    """`im.members`."""
    return members_page(call, find_direct(call))


def files(call: Call) -> Document:
    """`im.files`."""
    return files_page(call, find_direct(call))


def count(call: Call) -> Document:
    """`im.counters`."""
    room = call.workspace.rooms.rooms.get(call.params["roomId"])
    if room is None or room.t != "d" or not can_access(call, room):
        raise Forbidden
    return counters(call, room)


def others_messages(call: Call) -> Document:
    """`im.messages.others`: the messages of a room the caller is not in."""
    if not call.workspace.settings.on("API_Enable_Direct_Message_History_EndPoint"):
        raise CodedError("error-endpoint-disabled", "This endpoint is disabled")
    room = call.workspace.rooms.rooms.get(call.params["roomId"])
    if room is None or room.t != "d":
        wanted = call.params["roomId"]
        raise CodedError(
            "error-room-not-found", f"No direct message room found by the id of: {wanted}"
        )
    found = list(call.workspace.rooms.timelines[room.id].newest_first())
    return page(call, "messages", all_shown(call, found))


def set_topic(call: Call) -> Document:
    """`im.setTopic`."""
    room = find_direct(call)
    room.topic = call.params["topic"]
    call.workspace.rooms.touch(room)
    return {"topic": room.topic}


def block(call: Call) -> Document:
    """`im.blockUser`: the other can no longer write, and neither can the caller."""
    room = find_direct(call)
    call.workspace.rooms.block(room, call.user, blocked=call.params["block"])
    return {}


def delete(call: Call) -> Document:
    """`im.delete`."""
    room = call.workspace.rooms.rooms.get(str(call.text("roomId")))
    if room is None or room.t != "d":
        raise CodedError("error-room-not-found", "The room was not found")
    call.workspace.rooms.delete(room)
    return {}


_ROOM = shape(roomId="string!")
_NAMED = {"roomId": "string", "username": "string"}
_ADMIN = ("view-room-administration",)


def _routes(prefix: str) -> Sequence[Route]:
    return (
        post(
            f"{prefix}.create",
            create,
            either(
                shape(username="string!", excludeSelf="boolean"),
                shape(usernames="string!", excludeSelf="boolean"),
            ),
        ),
        post(f"{prefix}.open", open_room, _ROOM),
        post(f"{prefix}.close", close_room, _ROOM),
        post(f"{prefix}.delete", delete, shape(_NAMED), permissions=_ADMIN),
        post(f"{prefix}.setTopic", set_topic, shape(roomId="string!", topic="string!")),
        post(f"{prefix}.blockUser", block, shape(roomId="string!", block="boolean!")),
        get(f"{prefix}.list", list_rooms, shape(page=True)),
        get(f"{prefix}.list.everyone", list_everyone, shape(page=True), permissions=_ADMIN),
        get(
            f"{prefix}.members",
            members,
            shape(_NAMED, page=True, filter="string", status="strings"),
        ),
        get(
            f"{prefix}.files",
            files,
            shape(_NAMED, page=True, typeGroup="string", name="string"),
        ),
        get(f"{prefix}.counters", count, shape(roomId="string!", userId="string")),
        get(
            f"{prefix}.messages.others",
            others_messages,
            shape(page=True, roomId="string!"),
            permissions=_ADMIN,
        ),
    )


ROUTES: tuple[Route, ...] = (*_routes("im"), *_routes("dm"))
