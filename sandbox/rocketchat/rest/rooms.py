"""`rooms.*`."""

from sandbox.rocketchat.documents import room_document
from sandbox.rocketchat.errors import CodedError, Failure, Forbidden
from sandbox.rocketchat.model import Document, Room
from sandbox.rocketchat.rest.find import can_access, find_room, find_user
from sandbox.rocketchat.rest.membership import enter, go
from sandbox.rocketchat.rest.paging import MOST, page
from sandbox.rocketchat.rest.route import Call, Route, get, post
from sandbox.rocketchat.rest.shapes import either, shape
from sandbox.rocketchat.rest.subscriptions import SINCE, read_since
from sandbox.rocketchat.rest.targets import direct_with
from sandbox.rocketchat.wire import parse_iso, to_ms


def rooms_get(call: Call) -> Document:
    """`rooms.get`: the caller's rooms, or those changed since."""
    rooms = call.workspace.rooms
    since = read_since(call, "error-updatedSince-param-invalid")
    if since is None:
        return {"update": [room_document(one) for one in rooms.rooms_of(call.user)], "remove": []}
    changed = [one for one in rooms.rooms_of(call.user) if one.updated_at > since]
    # Every room deleted on the server, whoever was in it.
    return {
        "update": [room_document(one) for one in changed],
        "remove": rooms.removed_since(since),
    }


def rooms_info(call: Call) -> Document:
    """`rooms.info`: one room, if the caller may see it."""
    room = find_room(call)
    if not can_access(call, room):
        raise Failure(error="not-allowed", errorType="Not Allowed")
    if room.archived and not call.version.since(8):
        raise CodedError("error-room-archived", f"The room, {room.label}, is archived")
    answer: Document = {"room": room_document(room)}
    parent = call.workspace.rooms.rooms.get(room.parent) if room.parent else None
    if parent is not None:
        answer["parent"] = room_document(parent)
    return answer


def is_member(call: Call) -> Document:
    """`rooms.isMember`."""
    room = find_room(call)
    if not can_access(call, room):
        raise Forbidden
    return {"isMember": find_user(call).id in room.members}


def join(call: Call) -> Document:
    """`rooms.join`."""
    room = find_room(call)
    enter(call, room)
    return {"room": room_document(room)}


def leave(call: Call) -> Document:
    """`rooms.leave`."""
    room = find_room(call)
    go(call, room)
    return {}


def delete(call: Call) -> Document:
    """`rooms.delete`."""
    room = find_room(call)
    call.demand(f"delete-{room.t}", room)
    call.workspace.rooms.delete(room)
    return {}


def favorite(call: Call) -> Document:
    """`rooms.favorite`."""
    room = find_room(call)
    subscription = room.members.get(call.user.id)
    if subscription is None:
        raise CodedError("error-invalid-subscription", "You must be part of a room to favorite it")
    subscription.favorite = call.params["favorite"]
    call.workspace.rooms.touch_subscription(room, subscription)
    return {}


def name_exists(call: Call) -> Document:
    """`rooms.nameExists`."""
    found = call.workspace.rooms.find_by_name(call.params["roomName"])
    return {"exists": found is not None}


def mute(call: Call) -> Document:
    """`rooms.muteUser`."""
    return _mute(call, muted=True)


def unmute(call: Call) -> Document:
    """`rooms.unmuteUser`."""
    return _mute(call, muted=False)


def _mute(call: Call, *, muted: bool) -> Document:
    room, user = find_room(call), find_user(call)
    call.demand("mute-user", room)
    if room.t not in "cp":
        raise CodedError("error-invalid-room-type", f"{room.t} is not a valid room type")
    if user.id not in room.members:
        raise CodedError("error-user-not-in-room", "User is not in this room")
    call.workspace.rooms.mute(room, user, call.user, muted=muted)
    return {}


def change_archivation(call: Call) -> Document:
    """`rooms.changeArchivationState`."""
    room = _by_rid(call)
    archived = call.params["action"] == "archive"
    call.demand("archive-room" if archived else "unarchive-room", room)
    call.workspace.rooms.archive(room, call.user, archived=archived)
    return {}


def save_settings(call: Call) -> Document:
    """`rooms.saveRoomSettings`: those the sandbox knows; the rest is taken and forgotten."""
    room = _by_rid(call)
    call.demand("edit-room", room)
    given = call.params
    if "roomName" in given and given["roomName"] != room.name:
        call.workspace.rooms.rename(room, given["roomName"], call.user)
    room.topic = given.get("roomTopic", room.topic)
    room.description = given.get("roomDescription", room.description)
    room.announcement = given.get("roomAnnouncement", room.announcement)
    room.read_only = given.get("readOnly", room.read_only)
    room.react_when_read_only = given.get("reactWhenReadOnly", room.react_when_read_only)
    room.default = given.get("default", room.default)
    room.join_code = given.get("joinCode", room.join_code) or None
    room.encrypted = given.get("encrypted", room.encrypted)
    room.custom_fields = given.get("roomCustomFields", room.custom_fields)
    room.hidden_system_types = given.get("systemMessages", room.hidden_system_types)
    call.workspace.rooms.touch(room)
    return {"rid": room.id}


def _by_rid(call: Call) -> Room:
    room = call.workspace.rooms.rooms.get(call.params["rid"])
    if room is None:
        raise CodedError("error-invalid-room", "Invalid room")
    return room


def create_discussion(call: Call) -> Document:
    """`rooms.createDiscussion`."""
    workspace = call.workspace
    parent = workspace.rooms.rooms.get(call.params["prid"])
    if parent is None or not can_access(call, parent):
        raise CodedError("error-not-allowed", "Not allowed")
    if not workspace.access.permits_any(
        call.user, ("start-discussion", "start-discussion-other-user"), parent
    ):
        raise CodedError("error-action-not-allowed", "You are not allowed to create a discussion")
    if call.version.since(9) and call.user.id not in parent.members:
        raise CodedError("error-not-allowed", "You are not a member of the room")
    discussion = workspace.rooms.create(
        # What people call it is its `fname`; the name is made up, and so never taken.
        workspace.ids.new(),
        call.user,
        private=parent.t != "c",
        members=workspace.accounts.named(call.params.get("users") or ()),
        parent=parent.id,
        fname=call.params["t_name"],
    )
    discussion.topic = call.text("topic")
    discussion.encrypted = bool(call.params.get("encrypted"))
    workspace.messages.system(
        "discussion-created", parent, call.user, call.params["t_name"], drid=discussion.id, dcount=0
    )
    if call.text("reply"):
        first = {"rid": discussion.id, "msg": call.params["reply"]}
        workspace.messages.send(call.user, first)
    return {"discussion": {**room_document(discussion), "rid": discussion.id}}


def set_open(call: Call, *, is_open: bool) -> Document:
    """Show or hide a room in the caller's list."""
    room = find_room(call)
    if call.user.id not in room.members:
        raise CodedError("error-not-allowed", "Not allowed")
    call.workspace.rooms.set_open(room, call.user, is_open=is_open)
    return {}


def open_room(call: Call) -> Document:
    """`rooms.open`."""
    return set_open(call, is_open=True)


def hide_room(call: Call) -> Document:
    """`rooms.hide`."""
    return set_open(call, is_open=False)


def admin_rooms(call: Call) -> Document:
    """`rooms.adminRooms`."""
    text = (call.text("filter") or "").lower()
    kinds = call.params.get("types") or []
    found = [
        room_document(one)
        for one in call.workspace.rooms.rooms.values()
        if text in one.label.lower() and (not kinds or one.t in kinds)
    ]
    return page(call, "rooms", found)


def clean_history(call: Call) -> Document:
    """`rooms.cleanHistory`: removes the messages of a time range."""
    room = find_room(call)
    call.demand("clean-channel-history", room)
    latest, oldest = parse_iso(call.params["latest"]), parse_iso(call.params["oldest"])
    if latest is None or oldest is None:
        raise CodedError("error-invalid-date", "Invalid date")
    workspace = call.workspace
    inclusive = call.params.get("inclusive") is True
    found = workspace.rooms.timelines[room.id].oldest_first(
        after=to_ms(oldest), before=to_ms(latest), inclusive=inclusive
    )
    chosen = [one for one in found if _is_to_go(call, one)][: int(call.params.get("limit") or MOST)]
    for message in chosen:
        workspace.changes.remove(message, room)
    after, before = ("$gte", "$lte") if inclusive else ("$gt", "$lt")
    workspace.notices.deleted_bulk(
        room,
        {
            "rid": room.id,
            "ts": {after: oldest, before: latest},
            "excludePinned": call.params.get("excludePinned", False),
            "ignoreDiscussion": call.params.get("ignoreDiscussion", True),
            "users": call.params.get("users") or [],
        },
    )
    return {"_id": room.id, "count": len(chosen)}


def _is_to_go(call: Call, message: Document) -> bool:
    users = call.params.get("users")
    return (
        not (call.params.get("excludePinned") and message.get("pinned"))
        and not (call.params.get("filesOnly") and "file" not in message)
        and not (call.params.get("ignoreThreads") and ("tmid" in message or "tcount" in message))
        and not (call.params.get("ignoreDiscussion", True) and "drid" in message)
        and (not users or message["u"]["username"] in users)
    )


def get_or_create(call: Call) -> Document:
    """`rooms.getOrCreate` of the 8.9 line: a room by type and name."""
    name, kind = call.params["name"], call.params["type"]
    if kind == "d":
        user = call.workspace.accounts.find_by_username(name)
        if user is None:
            raise CodedError("error-invalid-user", "Invalid user")
        return {"room": room_document(direct_with(call, [user]))}
    room = call.workspace.rooms.find(name)
    if room is None or not can_access(call, room):
        raise CodedError("error-room-not-found", "Room not found")
    return {"room": room_document(room)}


_ROOM = shape(roomId="string!")
_NAMED = shape(roomId="string", roomName="string")
_MUTE = shape(roomId="string!", userId="string", username="string")
_SETTINGS = shape(
    rid="string!",
    roomAvatar="string",
    featured="boolean",
    roomName="string",
    roomTopic="string",
    roomAnnouncement="string",
    roomDescription="string",
    roomCustomFields="object",
    roomType="string",
    readOnly="boolean",
    reactWhenReadOnly="boolean",
    systemMessages="strings",
    default="boolean",
    joinCode="string",
    encrypted="boolean",
    favorite="object",
    retentionEnabled="boolean",
    retentionMaxAge="number",
    retentionExcludePinned="boolean",
    retentionFilesOnly="boolean",
    retentionIgnoreThreads="boolean",
    retentionOverrideGlobal="boolean",
    # Of 7.x.
    streamingOptions="object",
    sidepanel="object",
)

ROUTES: tuple[Route, ...] = (
    get("rooms.get", rooms_get, SINCE),
    get("rooms.info", rooms_info, shape(roomId="string", roomName="string", fields="string")),
    get(
        "rooms.isMember",
        is_member,
        shape(roomId="string", roomName="string", userId="string", username="string"),
    ),
    post(
        "rooms.join",
        join,
        either(
            shape(roomId="string!", joinCode="string"),
            shape(roomName="string!", joinCode="string"),
        ),
    ),
    post("rooms.leave", leave, _ROOM),
    post("rooms.delete", delete, _ROOM),
    post(
        "rooms.favorite",
        favorite,
        shape(roomId="string", roomName="string", favorite="boolean!"),
    ),
    get("rooms.nameExists", name_exists, shape(roomName="string!")),
    post("rooms.muteUser", mute, _MUTE),
    post("rooms.unmuteUser", unmute, _MUTE),
    post(
        "rooms.changeArchivationState", change_archivation, shape(rid="string!", action="string!")
    ),
    post("rooms.saveRoomSettings", save_settings, _SETTINGS),
    post(
        "rooms.createDiscussion",
        create_discussion,
        shape(
            prid="string!",
            t_name="string!",
            topic="string",
            users="strings",
            pmid="string",
            reply="string",
            encrypted="boolean",
        ),
    ),
    post("rooms.open", open_room, _ROOM),
    post("rooms.hide", hide_room, _NAMED),
    get(
        "rooms.adminRooms",
        admin_rooms,
        shape(page=True, filter="string", types="strings"),
        permissions=("view-room-administration",),
    ),
    post(
        "rooms.cleanHistory",
        clean_history,
        shape(
            roomId="string!",
            latest="string!",
            oldest="string!",
            inclusive="boolean",
            excludePinned="boolean",
            filesOnly="boolean",
            users="strings",
            limit="number",
            ignoreDiscussion="boolean",
            ignoreThreads="boolean",
        ),
    ),
    get(
        "rooms.getOrCreate",
        get_or_create,
        shape(type="string!", name="string!"),
        open_to=lambda version: version.has_room_history,
    ),
)
