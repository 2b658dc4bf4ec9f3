"""Further lists about rooms: staff, members by role, pictures, discussions, changed threads."""

from sandbox.rocketchat.documents import member_document, room_document
from sandbox.rocketchat.errors import CodedError, Forbidden
from sandbox.rocketchat.model import Document, Room
from sandbox.rocketchat.rest.find import all_shown, can_access, find_room
from sandbox.rocketchat.rest.history import THREAD_LIMIT
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.room_edits import ROOM_ROLES
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.rest.subscriptions import read_since


def _room(call: Call, room_id: str) -> Room:
    room = call.workspace.rooms.rooms.get(room_id)
    if room is None or not can_access(call, room):
        raise Forbidden
    return room


def staff(call: Call) -> Document:
    """`rooms.roles`: who has a role in the room."""
    room = _room(call, call.params["rid"])
    return {
        "roles": [
            {"_id": one.id, "rid": room.id, "u": one.user.brief, "roles": list(one.roles)}
            for one in room.members.values()
            if one.roles
        ]
    }


def members_by_role(call: Call) -> Document:
    """`rooms.membersOrderedByRole`: owners first."""
    room = find_room(call)
    if not can_access(call, room):
        raise Forbidden
    text = (call.text("filter") or "").lower()
    members = [one for one in room.members.values() if text in one.user.username.lower()]
    members.sort(key=lambda one: (_rank(one.roles), one.user.username.lower()))
    found = [{**member_document(one.user), "roles": list(one.roles)} for one in members]
    return page(call, "members", found)


def _rank(roles: list[str]) -> int:
    return min(
        (ROOM_ROLES.index(one) for one in roles if one in ROOM_ROLES), default=len(ROOM_ROLES)
    )


def images(call: Call) -> Document:
    """`rooms.images`: the pictures of a room, newest first."""
    room = _room(call, call.params["roomId"])
    found = [one.document() for one in call.workspace.uploads.of_room(room)]
    return page(call, "files", [one for one in found if one["typeGroup"] == "image"])


def discussions(call: Call) -> Document:
    """`rooms.getDiscussions`: the rooms that belong to a room."""
    room = find_room(call)
    if not can_access(call, room):
        raise Forbidden
    rooms = call.workspace.rooms.rooms.values()
    return page(call, "discussions", [room_document(one) for one in rooms if one.parent == room.id])


def admin_room(call: Call) -> Document:
    """`rooms.adminRooms.getRoom`."""
    room = call.workspace.rooms.rooms.get(call.params["rid"])
    if room is None:
        raise CodedError("not-authorized", "Not Authorized")
    return room_document(room)


def delete_upload(call: Call) -> Document:
    """`uploads.delete`: one's own file."""
    upload = call.workspace.uploads.find(call.params["fileId"])
    if upload is None:
        raise CodedError("error-invalid-file", "Invalid file")
    if upload.user is not call.user and not call.permits("force-delete-message"):
        raise Forbidden
    call.workspace.uploads.forget(upload.id)
    return {"deletedFiles": [upload.id]}


def ignore_user(call: Call) -> Document:
    """`chat.ignoreUser`: taken; the sandbox shows everything all the same."""
    room = _room(call, call.params["rid"])
    if call.user.id not in room.members or call.params["userId"] not in room.members:
        raise CodedError("error-invalid-subscription", "Invalid subscription")
    return {}


def sync_threads(call: Call) -> Document:
    """`chat.syncThreadsList`: the threads of a room changed since."""
    room = _room(call, call.params["rid"])
    since = read_since(call, "error-updatedSince-param-invalid")
    timeline = call.workspace.rooms.timelines[room.id]
    found = [
        one
        for one in timeline.newest_first()
        if one.get("tcount") and (since is None or one["_updatedAt"] > since)
    ]
    return {"threads": {"update": all_shown(call, found), "remove": []}}


ROUTES: tuple[Route, ...] = (
    get("rooms.roles", staff, shape(rid="string!")),
    get(
        "rooms.membersOrderedByRole",
        members_by_role,
        shape(page=True, roomId="string", roomName="string", filter="string", status="strings"),
    ),
    get("rooms.images", images, shape(page=True, roomId="string!", startingFromId="string")),
    get(
        "rooms.getDiscussions",
        discussions,
        shape(page=True, roomId="string", roomName="string"),
    ),
    get(
        "rooms.adminRooms.getRoom",
        admin_room,
        shape(rid="string!"),
        permissions=("view-room-administration",),
    ),
    post("uploads.delete", delete_upload, shape(fileId="string!")),
    get(
        "chat.ignoreUser",
        ignore_user,
        shape(rid="string!", userId="string!", ignore="boolean!"),
    ),
    get(
        "chat.syncThreadsList",
        sync_threads,
        shape(page=True, rid="string!", updatedSince="string!"),
        limit=THREAD_LIMIT,
    ),
)
