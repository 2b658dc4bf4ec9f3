"""Finding what a request names, or refusing it."""

from collections.abc import Sequence

from sandbox.rocketchat.errors import CodedError, PlainError
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.rest.route import Call


def find_user(call: Call, *, id_key: str = "userId", name_key: str = "username") -> User:
    """Return the user named by id or username.

    Raises:
        CodedError: neither is given, or there is no such user.
    """
    user_id, username = call.text(id_key), call.text(name_key)
    accounts = call.workspace.accounts
    if user_id is None and username is None and call.text("user") is None:
        raise CodedError(
            "error-user-param-not-provided",
            'The required "userId" or "username" param was not provided',
        )
    user = accounts.users.get(user_id) if user_id else None
    name = username or call.text("user")
    user = user or (accounts.find_by_username(name) if name else None)
    if user is None:
        raise CodedError(
            "error-invalid-user",
            'The required "userId" or "username" param provided does not match any users',
        )
    return user


def find_room(call: Call, kind: str | None = None, *, accessible: bool = False) -> Room:
    """Return the room named by `roomId` or `roomName`.

    Args:
        call: the request.
        kind: `c` or `p`; another kind counts as not found.
        accessible: whether a room the caller cannot reach counts as not found.

    Raises:
        CodedError: neither is given, or there is no such room.
    """
    room_id, name = call.text("roomId"), call.text("roomName")
    if room_id is None and name is None:
        raise CodedError(
            "error-roomid-param-not-provided",
            'The parameter "roomId" or "roomName" is required',
        )
    rooms = call.workspace.rooms
    room = rooms.rooms.get(room_id) if room_id else rooms.find_by_name(str(name))
    found = room is not None and (kind is None or room.t == kind)
    if room is None or not found or (accessible and not can_access(call, room)):
        raise CodedError(
            "error-room-not-found",
            'The required "roomId" or "roomName" param provided does not match any '
            + ("group" if kind == "p" else "channel"),
        )
    return room


def can_access(call: Call, room: Room) -> bool:
    """Tell whether the caller may see a room."""
    return call.workspace.access.can_access(room, call.user)


def find_message(call: Call, key: str) -> Document:
    """Return the message named by a parameter."""
    message = call.workspace.messages.find(str(call.params[key]))
    if message is None:
        raise CodedError(
            "error-message-not-found",
            f'The provided "{key}" does not match any existing message.',
        )
    return message


def readable_message(call: Call, key: str) -> Document:
    """Return the message named by a parameter, if its room is open to the caller."""
    message = find_message(call, key)
    if not can_access(call, call.workspace.messages.room_of(message)):
        raise CodedError("error-not-allowed", "Not allowed")
    return message


def shown(call: Call, message: Document) -> Document:
    """Return a message as one caller sees it: the stars of others are theirs."""
    if "starred" not in message:
        return message
    mine = [one for one in message["starred"] if one["_id"] == call.user.id]
    return {**message, "starred": mine}


def all_shown(call: Call, messages: Sequence[Document]) -> list[Document]:
    """Return several messages as one caller sees them."""
    return [shown(call, message) for message in messages]


def refuse_archived(room: Room) -> None:
    """Refuse a room that is archived."""
    if room.archived:
        raise CodedError("error-room-archived", f"The channel, {room.label}, is archived")


def plain_failure(text: str) -> PlainError:
    """Return the 400 of a route that answers with a text alone."""
    return PlainError(text)
