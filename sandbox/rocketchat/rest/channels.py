"""`channels.*`, `groups.*` and `im.*`, as far as they are the same."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sandbox.rocketchat.documents import member_document, room_document
from sandbox.rocketchat.errors import CodedError, Forbidden, PlainError
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.rest.find import can_access, find_room, find_user
from sandbox.rocketchat.rest.membership import bring_in, enter, go, put_out
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.room_edits import ROOM_ROLES, edit_route, role_route
from sandbox.rocketchat.rest.route import Call, Handler, Route, get, post
from sandbox.rocketchat.rest.shapes import Shape, shape


@dataclass(frozen=True, slots=True)
class Family:
    """The routes for one kind of room."""

    prefix: str
    kind: str
    key: str

    @property
    def plural(self) -> str:
        """The key of a list of such rooms."""
        return f"{self.key}s"

    def room(self, call: Call) -> Room:
        """Return the room a request names."""
        return find_room(call, self.kind, accessible=self.kind == "p")

    def answer(self, room: Room) -> Document:
        """Return a room in the form of this family."""
        return {self.key: room_document(room)}


CHANNELS = Family("channels", "c", "channel")
GROUPS = Family("groups", "p", "group")

Act = Callable[[Call, Family, Room], None]


def _acting(family: Family, act: Act, *, silent: bool = False) -> Handler:
    """Return a handler that does something to a room and answers with it."""

    def handler(call: Call) -> Document:
        room = family.room(call)
        act(call, family, room)
        return {} if silent else family.answer(room)

    return handler


def _create(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        if not call.permits(f"create-{family.kind}"):
            if call.version.forbids_with_403:
                raise CodedError("error-not-allowed", "Not allowed")
            raise Forbidden
        name = str(call.params["name"])
        if not name.strip():
            raise CodedError("error-invalid-room-name", f"{name} is not a valid room name")
        workspace = call.workspace
        extra = call.params.get("extraData") or {}
        room = workspace.rooms.create(
            name,
            call.user,
            private=family.kind == "p",
            read_only=bool(call.params.get("readOnly")),
            members=workspace.accounts.named(call.params.get("members") or ()),
            exclude_self=bool(call.params.get("excludeSelf")),
        )
        room.custom_fields = call.params.get("customFields") or {}
        room.encrypted = bool(extra.get("encrypted"))
        return family.answer(room)

    return handler


def _info_handler(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        return family.answer(room)

    return handler


def _rooms(call: Call, family: Family, rooms: Iterable[Room]) -> Document:
    documents = [room_document(room) for room in rooms if room.t == family.kind]
    documents.sort(key=lambda one: str(one["name"]).lower())
    return page(call, family.plural, documents)


def _list_joined(family: Family) -> Handler:
    return lambda call: _rooms(call, family, call.workspace.rooms.rooms_of(call.user))


def _list_all(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        rooms = call.workspace.rooms
        if family.kind == "c" and not call.permits("view-c-room"):
            if not call.permits("view-joined-room"):
                raise Forbidden
            return _rooms(call, family, rooms.rooms_of(call.user))
        return _rooms(call, family, rooms.rooms.values())

    return handler


def _members(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        return members_page(call, room)

    return handler


def members_page(call: Call, room: Room) -> Document:
    """Return a page of the members of a room, by username."""
    text = (call.text("filter") or "").lower()
    states = call.params.get("status") or []
    users = [one.user for one in room.members.values()]
    found = [
        member_document(user)
        for user in sorted(users, key=lambda user: user.username.lower())
        if (text in user.username.lower() or text in user.name.lower())
        and (not states or user.status in states)
    ]
    return page(call, "members", found)


def _invite(call: Call, _family: Family, room: Room) -> None:
    if not any(call.params.get(key) for key in _WHO):
        raise CodedError(
            "error-users-params-not-provided",
            'Please provide "userId" or "username" or "userIds" or "usernames" as param',
        )
    users = _named_users(call)
    if not users:
        users = [find_user(call)]
    bring_in(call, room, users)


def _named_users(call: Call) -> list[User]:
    accounts = call.workspace.accounts
    found = [accounts.users.get(one) for one in call.params.get("userIds") or ()]
    return [one for one in found if one] + accounts.named(call.params.get("usernames") or ())


def _kick(call: Call, _family: Family, room: Room) -> None:
    put_out(call, room, find_user(call))


def _join(call: Call, _family: Family, room: Room) -> None:
    enter(call, room)


def _leave(call: Call, _family: Family, room: Room) -> None:
    go(call, room)


def _add_all(call: Call, _family: Family, room: Room) -> None:
    users = call.workspace.accounts.users.values()
    only_active = call.params.get("activeUsersOnly")
    bring_in(call, room, [user for user in users if user.active or not only_active])


def _archive(call: Call, _family: Family, room: Room) -> None:
    call.demand("archive-room", room)
    call.workspace.rooms.archive(room, call.user, archived=True)


def _unarchive(call: Call, _family: Family, room: Room) -> None:
    call.demand("unarchive-room", room)
    if not room.archived:
        raise PlainError(f"The channel, {room.label}, is not archived")
    call.workspace.rooms.archive(room, call.user, archived=False)


def _delete(call: Call, family: Family, room: Room) -> None:
    call.demand(f"delete-{family.kind}", room)
    call.workspace.rooms.delete(room)


def _open(call: Call, _family: Family, room: Room) -> None:
    _set_open(call, room, is_open=True)


def _close(call: Call, _family: Family, room: Room) -> None:
    _set_open(call, room, is_open=False)


def _set_open(call: Call, room: Room, *, is_open: bool) -> None:
    subscription = room.members.get(call.user.id)
    if subscription is None:
        raise PlainError(f"The user/callee is not in the channel '{room.label}'.")
    if subscription.open is is_open:
        state = "already open" if is_open else "already closed"
        raise PlainError(f"The channel, {room.label}, is {state} to the sender")
    call.workspace.rooms.set_open(room, call.user, is_open=is_open)


def _rename(call: Call, _family: Family, room: Room) -> None:
    call.demand("edit-room", room)
    if call.params["name"] == room.name:
        raise PlainError("The channel name is the same as what it would be renamed to.")
    call.workspace.rooms.rename(room, call.params["name"], call.user)


def _counters(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        return counters(call, room)

    return handler


def counters(call: Call, room: Room) -> Document:
    """Return the counters of a room for the caller or, with the right, another user."""
    user_id = call.text("userId") or call.user.id
    if user_id != call.user.id and not call.permits("view-room-administration"):
        raise Forbidden
    subscription = room.members.get(user_id)
    answer: Document = {
        "joined": subscription is not None,
        "members": len(room.members),
        "unreads": subscription.unread if subscription else 0,
        "unreadsFrom": subscription.ls or subscription.ts if subscription else None,
        "msgs": room.messages,
        "latest": room.last_at or room.ts,
        "userMentions": subscription.user_mentions if subscription else 0,
    }
    return answer


def _online(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = call.workspace.rooms.rooms.get(call.params["_id"])
        if room is None or room.t != family.kind or not can_access(call, room):
            raise CodedError("error-not-allowed", "Not allowed")
        users = [one.user for one in room.members.values() if one.user.status != "offline"]
        return {"online": [{"_id": one.id, "username": one.username} for one in users]}

    return handler


def _files(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        return files_page(call, room)

    return handler


def files_page(call: Call, room: Room) -> Document:
    """Return a page of the files of a room."""
    text = call.text("name") or ""
    kind = call.text("typeGroup")
    found = [one.document() for one in call.workspace.uploads.of_room(room) if text in one.name]
    return page(call, "files", [one for one in found if kind in {None, one["typeGroup"]}])


def _staff(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        return {
            "roles": [
                {"_id": one.id, "rid": room.id, "u": one.user.brief, "roles": list(one.roles)}
                for one in room.members.values()
                if one.roles
            ]
        }

    return handler


def _moderators(family: Family) -> Handler:
    def handler(call: Call) -> Document:
        room = family.room(call)
        if not can_access(call, room):
            raise Forbidden
        staff = [one.user.brief for one in room.members.values() if "moderator" in one.roles]
        return {"moderators": staff}

    return handler


_WHO = ("userId", "username", "user", "userIds", "usernames")
_ROOM = {"roomId": "string", "roomName": "string"}
_BY_NAME = shape(_ROOM)
_PERSON = shape(_ROOM, userId="string", username="string", user="string")
_PEOPLE = shape(
    _ROOM, userId="string", username="string", user="string", userIds="strings", usernames="strings"
)
_LIST = shape(page=True, _id="string")


def _paged(**more: str) -> Shape:
    return shape({**_ROOM, **more}, page=True)


def _family(family: Family) -> Sequence[Route]:
    name = family.prefix
    acts: tuple[tuple[str, Act, Shape, bool], ...] = (
        ("invite", _invite, _PEOPLE, False),
        ("kick", _kick, _PERSON, False),
        ("leave", _leave, _BY_NAME, False),
        ("addAll", _add_all, shape(_ROOM, activeUsersOnly="boolean"), False),
        ("archive", _archive, _BY_NAME, True),
        ("unarchive", _unarchive, _BY_NAME, True),
        ("delete", _delete, _BY_NAME, True),
        ("open", _open, _BY_NAME, True),
        ("close", _close, _BY_NAME, True),
        ("rename", _rename, shape(_ROOM, name="string!"), False),
    )
    return (
        post(
            f"{name}.create",
            _create(family),
            shape(
                name="string!",
                members="strings",
                readOnly="boolean",
                excludeSelf="boolean",
                customFields="object",
                extraData="object",
            ),
        ),
        get(f"{name}.info", _info_handler(family), _BY_NAME),
        get(f"{name}.members", _members(family), _paged(filter="string", status="strings")),
        get(f"{name}.counters", _counters(family), shape(_ROOM, userId="string")),
        get(f"{name}.online", _online(family), shape(_id="string!")),
        get(f"{name}.files", _files(family), _paged(typeGroup="string", name="string")),
        get(f"{name}.roles", _staff(family), _BY_NAME),
        get(f"{name}.moderators", _moderators(family), _BY_NAME),
        *(
            post(f"{name}.{verb}", _acting(family, act, silent=silent), params)
            for verb, act, params, silent in acts
        ),
        *edit_route(family.prefix, family.room, family.answer),
        *(route for role in ROOM_ROLES for route in role_route(family.prefix, family.room, role)),
    )


ROUTES: tuple[Route, ...] = (
    *_family(CHANNELS),
    *_family(GROUPS),
    post("channels.join", _acting(CHANNELS, _join), shape(_ROOM, joinCode="any")),
    get("channels.list", _list_all(CHANNELS), _LIST),
    get("channels.list.joined", _list_joined(CHANNELS), _LIST),
    get("groups.list", _list_joined(GROUPS), _LIST),
    get(
        "groups.listAll",
        _list_all(GROUPS),
        _LIST,
        permissions=("view-room-administration",),
    ),
)
