"""Entering rooms and bringing others in: the rules shared by several routes."""

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Room, User
from sandbox.rocketchat.rest.find import refuse_archived
from sandbox.rocketchat.rest.route import Call


def enter(call: Call, room: Room) -> None:
    """Let the caller join a public room, with the code where it has one."""
    if call.user.id in room.members:
        return
    refuse_archived(room)
    if room.t != "c" or not call.workspace.access.can_access(room, call.user):
        raise CodedError("error-not-allowed", "Not allowed")
    if (
        room.join_code
        and not call.permits("join-without-join-code")
        and call.text("joinCode") != room.join_code
    ):
        raise CodedError("error-code-required", "Code required")
    call.workspace.rooms.join(room, call.user)


def bring_in(call: Call, room: Room, users: list[User]) -> None:
    """Let the caller add users to a room."""
    refuse_archived(room)
    member = call.user.id in room.members
    allowed = (member and call.permits("add-user-to-joined-room", room)) or (
        room.t in "cp" and call.permits(f"add-user-to-any-{room.t}-room")
    )
    if not allowed:
        raise CodedError("error-not-allowed", "Not allowed", {"method": "addUsersToRoom"})
    for user in users:
        call.workspace.rooms.invite(room, user, call.user)


def put_out(call: Call, room: Room, user: User) -> None:
    """Let the caller remove a user from a room."""
    allowed = call.permits("remove-user", room) or (
        room.t in "cp" and call.permits(f"kick-user-from-any-{room.t}-room")
    )
    if not allowed:
        raise CodedError("error-not-allowed", "Not allowed", {"method": "removeUserFromRoom"})
    call.workspace.rooms.kick(room, user, call.user)


def go(call: Call, room: Room) -> None:
    """Let the caller leave a room."""
    if not call.permits(f"leave-{room.t}", room):
        raise CodedError("error-not-allowed", "Not allowed")
    call.workspace.rooms.leave(room, call.user)
