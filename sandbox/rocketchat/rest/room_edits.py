"""Changing what a room is like, and who has which role in it."""

from collections.abc import Callable, Sequence

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document, Room
from sandbox.rocketchat.rest.find import find_user
from sandbox.rocketchat.rest.route import Call, Handler, Route, post
from sandbox.rocketchat.rest.shapes import shape

FindRoom = Callable[[Call], Room]
Answer = Callable[[Room], Document]
ROOM_ROLES = ("owner", "moderator", "leader")
_ROOM = {"roomId": "string", "roomName": "string"}
# Route and attribute, parameter, system message.
_TEXTS = (
    ("Topic", "topic", "topic", "room_changed_topic"),
    ("Description", "description", "description", "room_changed_description"),
    ("Purpose", "description", "purpose", "room_changed_description"),
    ("Announcement", "announcement", "announcement", "room_changed_announcement"),
)


def edit_route(prefix: str, find: FindRoom, answer: Answer) -> Sequence[Route]:
    """Return the routes that change a room of one family."""
    return (
        *(
            post(
                f"{prefix}.set{name}",
                _text_handler(find, attribute, key, kind),
                shape({**_ROOM, key: "string!"}),
            )
            for name, attribute, key, kind in _TEXTS
        ),
        post(
            f"{prefix}.setReadOnly",
            _read_only(find, answer),
            shape(_ROOM, readOnly="boolean!"),
        ),
        post(f"{prefix}.setType", _type(find, answer), shape(_ROOM, type="string!")),
        post(
            f"{prefix}.setCustomFields",
            _custom_fields(find, answer),
            shape(_ROOM, customFields="object!"),
        ),
        post(f"{prefix}.setDefault", _default(find, answer), shape(_ROOM, default="any!")),
        post(f"{prefix}.setJoinCode", _join_code(find, answer), shape(_ROOM, joinCode="string!")),
        post(
            f"{prefix}.setEncrypted", _encrypted(find, answer), shape(_ROOM, encrypted="boolean!")
        ),
    )


def _text_handler(find: FindRoom, attribute: str, key: str, kind: str) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        text = str(call.params[key])
        if (getattr(room, attribute) or "") != text:
            setattr(room, attribute, text)
            call.workspace.messages.system(kind, room, call.user, text)
            call.workspace.rooms.touch(room)
        return {key: text}

    return handler


def _editable(call: Call, find: FindRoom) -> Room:
    room = find(call)
    if not call.permits("edit-room", room):
        raise CodedError("error-action-not-allowed", "Editing room is not allowed")
    return room


def _read_only(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        room.read_only = call.params["readOnly"]
        kind = "room-set-read-only" if room.read_only else "room-removed-read-only"
        call.workspace.messages.system(kind, room, call.user, "")
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def _type(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        kind = call.params["type"]
        if kind not in {"c", "p"}:
            raise CodedError("error-invalid-room-type", f"{kind} is not a valid room type")
        if kind == room.t:
            raise CodedError("error-room-type-same", "The room type is the same")
        room.t = kind
        call.workspace.messages.system("room_changed_privacy", room, call.user, kind)
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def _custom_fields(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        room.custom_fields = call.params["customFields"]
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def _default(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        room.default = str(call.params["default"]).lower() in {"true", "1"}
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def _join_code(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        room.join_code = call.params["joinCode"] or None
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def _encrypted(find: FindRoom, answer: Answer) -> Handler:
    def handler(call: Call) -> Document:
        room = _editable(call, find)
        room.encrypted = call.params["encrypted"]
        kind = "room_e2e_enabled" if room.encrypted else "room_e2e_disabled"
        call.workspace.messages.system(kind, room, call.user, "")
        call.workspace.rooms.touch(room)
        return answer(room)

    return handler


def role_route(prefix: str, find: FindRoom, role: str) -> Sequence[Route]:
    """Return the routes that give and take one role in a room."""
    params = shape(_ROOM, userId="string", username="string")
    title = role.capitalize()
    return (
        post(f"{prefix}.add{title}", _role_handler(find, role, give=True), params),
        post(f"{prefix}.remove{title}", _role_handler(find, role, give=False), params),
    )


def _role_handler(find: FindRoom, role: str, *, give: bool) -> Handler:
    def handler(call: Call) -> Document:
        room, user = find(call), find_user(call)
        call.demand(f"set-{role}", room)
        subscription = room.members.get(user.id)
        if subscription is None:
            raise CodedError("error-user-not-in-room", "User is not in this room")
        if (role in subscription.roles) is give:
            article = "an" if role == "owner" else "a"
            code = f"error-user-already-{role}" if give else f"error-user-not-{role}"
            raise CodedError(code, f"User is {'already' if give else 'not'} {article} {role}")
        if give:
            subscription.roles.append(role)
        else:
            subscription.roles.remove(role)
        kind = "subscription-role-added" if give else "subscription-role-removed"
        call.workspace.messages.system(kind, room, call.user, user.username, role=role)
        call.workspace.rooms.touch_subscription(room, subscription)
        return {}

    return handler
