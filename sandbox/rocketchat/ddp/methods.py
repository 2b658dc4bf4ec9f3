"""The DDP methods that 7.x and 8.x still answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sandbox.rocketchat.ddp.errors import MethodError
from sandbox.rocketchat.documents import room_document, subscription_document
from sandbox.rocketchat.errors import CodedError, PlainError
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.notices import STATUS_NUMBERS
from sandbox.rocketchat.slash import COMMANDS, Invocation
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.wire import to_ms
from sandbox.rocketchat.workspace import Workspace

HISTORY = 20
LONGEST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCall:
    """A method call of somebody who is logged in."""

    workspace: Workspace
    user: User
    params: Sequence[Any]

    def param(self, index: int, kind: type, default: Any = None) -> Any:  # noqa: ANN401 - as sent
        """Return a parameter of that type; refuse another type."""
        value = self.params[index] if index < len(self.params) else None
        if value is None:
            if default is not None:
                return default
            raise MethodError(400, "Match failed")
        if not isinstance(value, kind):
            raise MethodError(400, "Match failed")
        return value

    def room(self, index: int = 0) -> Room:
        """Return the room a parameter names, if the caller may see it."""
        room = self.workspace.rooms.rooms.get(self.param(index, str))
        if room is None:
            raise MethodError("error-invalid-room", "Invalid room")
        if not self.workspace.access.can_access(room, self.user):
            raise MethodError("error-not-allowed", "Not allowed")
        return room


Method = Callable[[MethodCall], object]


def _send_message(call: MethodCall) -> object:
    message = dict(call.param(0, dict))
    if message.get("t") not in (None, "e2e"):
        raise PlainError("Cannot send system messages using 'sendMessage'")
    if call.workspace.messages.find(str(message.get("_id"))) is not None:
        # Over DDP the silence of the handler stays silence.
        return None
    return call.workspace.messages.send(call.user, message)


def _update_message(call: MethodCall) -> object:
    given = call.param(0, dict)
    message = call.workspace.messages.find(str(given.get("_id")))
    if message is not None:
        call.workspace.changes.edit(call.user, message, str(given.get("msg", "")))
    return None


def _delete_message(call: MethodCall) -> object:
    message = call.workspace.messages.find(str(call.param(0, dict).get("_id")))
    if message is None:
        raise MethodError("error-action-not-allowed", "Not allowed")
    call.workspace.changes.delete(call.user, message)
    return None


def _set_reaction(call: MethodCall) -> object:
    message = call.workspace.messages.find(call.param(1, str))
    if message is None:
        raise MethodError("error-not-allowed", "Not allowed")
    should = call.params[2] if len(call.params) > 2 else None  # noqa: PLR2004 - the third one
    call.workspace.changes.react(call.user, message, call.param(0, str), should_react=should)
    return None


def _create_direct(call: MethodCall) -> object:
    names = [str(name) for name in call.params if isinstance(name, str)]
    users = call.workspace.accounts.named(names)
    if not names or len(users) < len(names):
        raise MethodError("error-invalid-user", "Invalid user")
    if not call.workspace.access.permits(call.user, "create-d"):
        raise MethodError("error-not-allowed", "Not allowed")
    everybody = list(dict.fromkeys((call.user, *users)))
    room = call.workspace.rooms.create_direct(everybody, call.user)
    return {"t": "d", "rid": room.id, "usernames": [user.username for user in room.participants]}


def _slash_command(call: MethodCall) -> object:
    given = call.param(0, dict)
    command = COMMANDS.get(str(given.get("cmd")))
    if command is None:
        raise MethodError("invalid-command", "Invalid Command Provided")
    message = given.get("msg")
    if not isinstance(message, dict):
        raise MethodError("invalid-command", "Invalid Command Provided")
    room = call.workspace.rooms.rooms.get(str(message.get("rid")))
    if room is None or not call.workspace.access.can_access(room, call.user):
        raise MethodError("unauthorized", "Unauthorized")
    command.run(
        Invocation(
            workspace=call.workspace,
            user=call.user,
            room=room,
            params=str(given.get("params") or ""),
            thread=message.get("tmid"),
        )
    )
    return None


def _load_history(call: MethodCall) -> object:
    room = call.room()
    end = call.params[1] if len(call.params) > 1 else None
    before = to_ms(end) if isinstance(end, datetime) else None
    found = call.workspace.rooms.timelines[room.id].newest_first(before=before)
    limit = min(max(call.param(2, int, HISTORY), 0), LONGEST)
    return {"messages": list(islice(found, limit)), "unreadNotLoaded": 0}


def _load_missed(call: MethodCall) -> object:
    room, start = call.room(), call.param(1, datetime)
    found = call.workspace.rooms.timelines[room.id].newest_first(after=to_ms(start))
    return list(found)


def _rooms_get(call: MethodCall) -> object:
    since = call.params[0] if call.params else None
    rooms = call.workspace.rooms.rooms_of(call.user)
    if not isinstance(since, datetime):
        return [room_document(room) for room in rooms]
    update = [room_document(room) for room in rooms if room.updated_at > since]
    return {"update": update, "remove": call.workspace.rooms.removed_since(since)}


def _subscriptions_get(call: MethodCall) -> object:
    since = call.params[0] if call.params else None
    rooms = call.workspace.rooms
    mine = rooms.subscriptions(call.user)
    if not isinstance(since, datetime):
        return [subscription_document(one, rooms.rooms[one.rid]) for one in mine]
    changed = [one for one in mine if one.updated_at > since]
    update = [subscription_document(one, rooms.rooms[one.rid]) for one in changed]
    return {"update": update, "remove": []}


def _room_id(call: MethodCall) -> object:
    room = call.workspace.rooms.find(call.param(0, str))
    if room is None or not call.workspace.access.can_access(room, call.user):
        raise MethodError("error-not-allowed", "Not allowed")
    return room.id


def _room_name(call: MethodCall) -> object:
    room = call.room()
    return room.name or room.id


def _join_room(call: MethodCall) -> object:
    room = call.room()
    if room.t != "c":
        raise MethodError("error-not-allowed", "Not allowed")
    call.workspace.rooms.join(room, call.user)
    return True


def _leave_room(call: MethodCall) -> object:
    call.workspace.rooms.leave(call.room(), call.user)
    return None


def _read_messages(call: MethodCall) -> object:
    room = call.room()
    subscription = room.members.get(call.user.id)
    if subscription is not None:
        subscription.alert, subscription.unread = False, 0
        subscription.ls = call.workspace.now()
        call.workspace.rooms.touch_subscription(room, subscription)
    return None


def _set_status(call: MethodCall) -> object:
    status = call.params[0] if call.params else None
    text = call.params[1] if len(call.params) > 1 else None
    if status is not None and str(status) not in STATUS_NUMBERS:
        raise CodedError("error-invalid-status", "Invalid status")
    call.workspace.set_status(
        call.user.id,
        str(status or call.user.status),
        call.user.status_text if text is None else str(text),
    )
    return None


def _be_online(call: MethodCall) -> object:
    call.workspace.set_status(call.user.id, "online", call.user.status_text)
    return None


def _be_away(call: MethodCall) -> object:
    call.workspace.set_status(call.user.id, "away", call.user.status_text)
    return None


def _public_settings(call: MethodCall) -> object:
    return call.workspace.settings.documents(public=True)


def _user_roles(call: MethodCall) -> object:
    users: list[Document] = []
    for user in call.workspace.accounts.users.values():
        roles = [r for r in user.roles if call.workspace.access.roles[r].description]
        if roles:
            users.append({"_id": user.id, "username": user.username, "roles": roles})
    return users


def _can_access(call: MethodCall) -> object:
    return room_document(call.room())


def _type(call: MethodCall) -> object:
    """Write on stream-notify-room: only one's own activity."""
    rid, _, event = call.param(0, str).partition("/")
    room = call.workspace.rooms.rooms.get(rid)
    named = call.params[1] if len(call.params) > 1 else None
    if (
        room is None
        or event != "user-activity"
        or named not in (call.user.username, call.user.name)
        or not call.workspace.access.can_access(room, call.user)
    ):
        raise MethodError("not-allowed", "Not allowed")
    call.workspace.notices.activity(room, str(named), list(call.params[2:]))
    return None


# Since 9.0 only the writes on streams are left, besides `login`.
LASTING: Mapping[str, Method] = {"stream-notify-room": _type}

# Went with 8.0.
UNTIL_8: Mapping[str, Method] = {"getUserRoles": _user_roles, "canAccessRoom": _can_access}

UNTIL_9: Mapping[str, Method] = {
    "UserPresence:away": _be_away,
    "UserPresence:online": _be_online,
    "UserPresence:setDefaultStatus": _set_status,
    "createDirectMessage": _create_direct,
    "deleteMessage": _delete_message,
    "getRoomIdByNameOrId": _room_id,
    "getRoomNameById": _room_name,
    "joinRoom": _join_room,
    "leaveRoom": _leave_room,
    "loadHistory": _load_history,
    "loadMissedMessages": _load_missed,
    "public-settings/get": _public_settings,
    "readMessages": _read_messages,
    "rooms/get": _rooms_get,
    "sendMessage": _send_message,
    "setReaction": _set_reaction,
    "setUserStatus": _set_status,
    "slashCommand": _slash_command,
    "subscriptions/get": _subscriptions_get,
    "updateMessage": _update_message,
}


def methods_of(version: Version) -> Mapping[str, Method]:
    """Return the methods a release answers, `login` and `logout` aside."""
    if not version.has_methods:
        return LASTING
    return {**LASTING, **UNTIL_9, **({} if version.since(8) else UNTIL_8)}
