"""`settings.*`, `spotlight`, `directory` and other small routes."""

from sandbox.rocketchat.documents import public_user_document, room_document
from sandbox.rocketchat.errors import CodedError, Failure
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.login import info
from sandbox.rocketchat.rest.paging import page
from sandbox.rocketchat.rest.route import Call, Limit, Route, get, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.wire import parse_json

SEARCH_LIMIT = Limit(100, 100_000)
FOUND = 5


def public_settings(call: Call) -> Document:
    """`settings.public`: for everybody; `_id` picks some."""
    wanted = (call.text("_id") or "").split(",")
    found = [
        one
        for one in call.workspace.settings.documents(public=True)
        if wanted == [""] or one["_id"] in wanted
    ]
    return page(call, "settings", found)


def all_settings(call: Call) -> Document:
    """`settings`: also the private ones."""
    return page(call, "settings", call.workspace.settings.documents(public=False))


def get_setting(call: Call) -> Document:
    """`settings/<id>`."""
    key = _key(call)
    return {"_id": key, "value": call.workspace.settings.get(key)}


def set_setting(call: Call) -> Document:
    """`settings/<id>` with a value."""
    key, value = _key(call), call.params["value"]
    _check_value(call, key, value)
    call.workspace.set_setting(key, value)
    return {}


def _check_value(call: Call, key: str, value: object) -> None:
    if not call.workspace.settings.accepts(key, value):
        raise CodedError("error-invalid-setting-value", f"Invalid value for setting {key}")


def set_settings(call: Call) -> Document:
    """`settings` with several values."""
    for one in call.params["settings"]:
        if not isinstance(one, dict) or str(one.get("_id")) not in call.workspace.settings:
            raise CodedError("error-invalid-setting", "Invalid setting")
        _check_value(call, one["_id"], one.get("value"))
    for one in call.params["settings"]:
        call.workspace.set_setting(one["_id"], one.get("value"))
    return {}


def _key(call: Call) -> str:
    key = call.path[0]
    if key not in call.workspace.settings:
        raise Failure
    return key


def spotlight(call: Call) -> Document:
    """`spotlight`: users and rooms the caller could go to."""
    query = call.params["query"]
    text = query.lstrip("@#").lower()
    users = [] if query.startswith("#") else _users(call, text)
    rooms = [] if query.startswith("@") else _rooms(call, text)
    return {"users": users[:FOUND], "rooms": rooms[:FOUND]}


def _users(call: Call, text: str) -> list[Document]:
    keys = ("_id", "username", "name", "status", "statusText")
    return [
        {key: public_user_document(user)[key] for key in keys}
        for user in call.workspace.accounts.users.values()
        if user.active and (text in user.username.lower() or text in user.name.lower())
    ]


def _rooms(call: Call, text: str) -> list[Document]:
    workspace = call.workspace
    return [
        {"_id": room.id, "name": room.name, "fname": room.label, "t": room.t}
        for room in workspace.rooms.rooms.values()
        if room.t == "c"
        and text in room.label.lower()
        and workspace.access.can_access(room, call.user)
    ]


def directory(call: Call) -> Document:
    """`directory`: users or channels by a part of their name."""
    try:
        query = parse_json(call.text("query") or "{}")
        text = str(query.get("text", call.text("text") or "")).lower()
        kind = str(query.get("type", call.text("type") or "channels"))
    except (ValueError, AttributeError) as error:
        raise CodedError("error-invalid-query", "Invalid query") from error
    if kind == "users":
        call.demand("view-outside-room")
        return page(call, "result", _users(call, text))
    rooms = call.workspace.rooms.rooms
    wanted = {one["_id"] for one in _rooms(call, text)}
    return page(call, "result", [room_document(rooms[one]) for one in sorted(wanted)])


_READ = ("view-privileged-setting",)
_EDIT = ("edit-privileged-setting",)

ROUTES: tuple[Route, ...] = (
    get("info", info, auth=False),
    get("settings.public", public_settings, shape(page=True, _id="string"), auth=False),
    get("settings", all_settings, shape(page=True, includeDefaults="boolean"), permissions=_READ),
    post("settings", set_settings, shape(settings="array!"), permissions=_EDIT),
    get("settings", get_setting, permissions=_READ, parts=1),
    post("settings", set_setting, shape(closed=False, value="any!"), permissions=_EDIT, parts=1),
    get(
        "spotlight",
        spotlight,
        shape(query="string!", usernames="string", type="string", rid="string"),
        limit=SEARCH_LIMIT,
    ),
    get(
        "directory",
        directory,
        shape(page=True, text="string", type="string", workspace="string"),
        limit=SEARCH_LIMIT,
    ),
)
