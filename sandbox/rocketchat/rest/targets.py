"""Where `chat.postMessage` posts to."""

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Room, User
from sandbox.rocketchat.rest.find import refuse_archived
from sandbox.rocketchat.rest.route import Call


def find_targets(call: Call) -> list[Room]:
    """Return the rooms named by `roomId` or `channel`, each one text or a list of them.

    A public channel by name is joined, a direct room by `@username` is made.
    """
    given = call.params.get("roomId", call.params.get("channel"))
    names = given if isinstance(given, list) else [given]
    return [_target(call, str(name), by_id="roomId" in call.params) for name in names]


def _target(call: Call, name: str, *, by_id: bool) -> Room:
    rooms = call.workspace.rooms
    room = rooms.rooms.get(name)
    if room is None and not by_id:
        room = _by_name(call, name)
    if room is None:
        raise CodedError("invalid-channel", f"[invalid-channel] {name}")
    refuse_archived(room)
    if not by_id and room.t == "c" and call.user.id not in room.members:
        if not call.workspace.access.can_access(room, call.user):
            raise CodedError("error-not-allowed", "Not allowed")
        rooms.join(room, call.user)
    return room


def _by_name(call: Call, name: str) -> Room | None:
    accounts, rooms = call.workspace.accounts, call.workspace.rooms
    user: User | None
    if name.startswith("@"):
        user = accounts.find_by_username(name[1:])
    elif name.startswith("#"):
        return rooms.find_by_name(name[1:])
    else:
        room = rooms.find_by_name(name)
        if room is not None:
            return room
        user = accounts.users.get(name) or accounts.find_by_username(name)
    if user is None:
        return None
    return direct_with(call, [user])


def direct_with(call: Call, others: list[User], *, exclude_self: bool = False) -> Room:
    """Return the caller's direct room with others, made if there is none and they may.

    Raises:
        CodedError: there is none yet and the caller lacks `create-d`.
    """
    # Only who administers rooms may make one without themselves.
    alone = exclude_self and call.permits("view-room-administration")
    me = [] if alone else [call.user]
    users = list(dict.fromkeys((*me, *others)))
    existing = call.workspace.rooms.find_direct(users)
    if not call.permits("create-d"):
        if existing is not None and call.permits("view-d-room"):
            return existing
        raise CodedError("error-not-allowed", "Not allowed", {"method": "createDirectMessage"})
    return call.workspace.rooms.create_direct(users, call.user)
