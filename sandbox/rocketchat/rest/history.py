"""Reading the messages of a room: histories, lists, threads, search and what was missed."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sandbox.rocketchat.errors import CodedError, Forbidden
from sandbox.rocketchat.model import Document, Room
from sandbox.rocketchat.rest.find import all_shown, can_access, find_room
from sandbox.rocketchat.rest.paging import cut, page, page_bounds, sort_by
from sandbox.rocketchat.rest.route import Call, Limit, Route, get
from sandbox.rocketchat.rest.shapes import Shape, shape
from sandbox.rocketchat.rest.targets import direct_with
from sandbox.rocketchat.timeline import Timeline
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.wire import parse_iso, to_ms

THREAD_LIMIT = Limit(20, 10_000)
GROUP_COUNT = 20
CURSOR_COUNT = 20
CURSOR = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How the history of one kind of room differs from the others."""

    find: Callable[[Call], Room]
    default: int | None
    capped: bool
    threads: bool


def find_direct(call: Call) -> Room:
    """Return a direct room by its identifier, or by the other's name, which may make it."""
    wanted = call.text("roomId") or call.text("username")
    if wanted is None:
        raise CodedError(
            "error-room-param-not-provided", 'Query param "roomId" or "username" is required'
        )
    room = call.workspace.rooms.rooms.get(wanted)
    if room is None:
        other = call.workspace.accounts.find_by_username(wanted)
        room = direct_with(call, [other]) if other else None
    if room is None or room.t != "d" or not can_access(call, room):
        raise CodedError(
            "error-room-not-found",
            'The required "roomId" or "username" param provided does not match any direct message',
        )
    return room


def find_channel(call: Call) -> Room:
    """Return a public channel."""
    return find_room(call, "c")


def find_group(call: Call) -> Room:
    """Return a private group the caller can reach."""
    return find_room(call, "p", accessible=True)


CHANNEL = Kind(find=find_channel, default=None, capped=True, threads=False)
GROUP = Kind(find=find_group, default=GROUP_COUNT, capped=False, threads=True)
DIRECT = Kind(find=find_direct, default=None, capped=True, threads=False)


def _timeline(call: Call, room: Room) -> Timeline:
    return call.workspace.rooms.timelines[room.id]


def _demand_reading(call: Call, room: Room) -> None:
    if not call.workspace.access.can_read(room, call.user):
        raise Forbidden


def _visible(call: Call, room: Room, messages: Iterator[Document]) -> Iterator[Document]:
    hidden = {*room.hidden_system_types, *call.workspace.settings.texts("Hide_System_Messages")}
    return (one for one in messages if not one.get("_hidden") and one.get("t") not in hidden)


def _without_threads(messages: Iterator[Document]) -> Iterator[Document]:
    return (one for one in messages if "tmid" not in one or one.get("tshow"))


def history(kind: Kind) -> Callable[[Call], Document]:
    """Return the handler of `*.history`: by `ts`, newest first."""

    def handler(call: Call) -> Document:
        room = kind.find(call)
        _demand_reading(call, room)
        latest, oldest = _date(call, "latest"), _date(call, "oldest")
        inclusive = call.text("inclusive")
        threads = call.text("showThreadMessages") or str(kind.threads).lower()
        found = _timeline(call, room).newest_first(
            after=oldest,
            before=to_ms(call.workspace.now()) + 1 if latest is None else latest,
            # 7.7.1 of groups.history takes any text for true.
            inclusive=bool(inclusive) if kind is GROUP else inclusive == "true",
        )
        found = _visible(call, room, found)
        # Whatever is no clear word leaves it as it is.
        if threads == "false" or (threads != "true" and not kind.threads):
            found = _without_threads(found)
        bounds = page_bounds(call, default=kind.default, capped=kind.capped)
        answer: Document = {"messages": all_shown(call, cut(found, bounds))}
        return answer | _unread(call, room, answer["messages"])

    return handler


def _unread(call: Call, room: Room, messages: list[Document]) -> Document:
    membership = room.members.get(call.user.id)
    if call.text("unreads") in {None, "false"} or membership is None or membership.ls is None:
        return {}
    unread = [one for one in messages if one["ts"] > membership.ls]
    return {"firstUnread": unread[-1], "unreadNotLoaded": 0} if unread else {"unreadNotLoaded": 0}


def _date(call: Call, name: str) -> int | None:
    text = call.text(name)
    if text is None:
        return None
    moment = parse_iso(text)
    if moment is None:
        raise CodedError("error-invalid-date", f'The "{name}" query parameter must be a date')
    return to_ms(moment)


def messages(kind: Kind) -> Callable[[Call], Document]:
    """Return the handler of `*.messages`: pages, any order, no time."""

    def handler(call: Call) -> Document:
        room = kind.find(call)
        # A public room the caller can only reach as a member refuses everybody else.
        if not can_access(call, room):
            raise Forbidden
        found = [one for one in _timeline(call, room).newest_first() if _wanted(call, one)]
        return page(call, "messages", all_shown(call, found))

    return handler


def _wanted(call: Call, message: Document) -> bool:
    mentioned, starred = call.text("mentionIds"), call.text("starredIds")
    return (
        not message.get("_hidden")
        and (mentioned is None or _has(message, "mentions", mentioned))
        and (starred is None or _has(message, "starred", starred))
        and (call.text("pinned") is None or bool(message.get("pinned")))
    )


def _has(message: Document, key: str, ids: str) -> bool:
    wanted = ids.split(",")
    return any(one["_id"] in wanted for one in message.get(key) or ())


# rooms.history


def rooms_history(call: Call) -> Document:
    """`rooms.history`: one history for all kinds of rooms, with cursors of `ts`."""
    room = find_room(call)
    if not can_access(call, room):
        raise Forbidden
    following, preceding, around = (call.text(one) for one in ("next", "previous", "around"))
    if sum(one is not None for one in (following, preceding, around)) > 1:
        raise CodedError("error-cursor-conflict", "Only one cursor can be given")
    for given in (following, preceding):
        check_cursor(given)
    _, count = page_bounds(call, default=CURSOR_COUNT)
    if around is not None:
        return _around(call, room, around, count)
    if following is not None:
        found = _chosen(call, room, _timeline(call, room).oldest_first(after=int(following)))
    else:
        before = int(preceding) if preceding is not None else None
        found = _chosen(call, room, _timeline(call, room).newest_first(before=before))
    taken = list(islice(found, count or None))
    more = next(found, None) is not None
    newest_first = taken[::-1] if following is not None else taken
    cursor: Document = {"next": None, "previous": None}
    if more:
        side = "next" if following is not None else "previous"
        cursor[side] = str(to_ms(taken[-1]["ts"]))
    return {"messages": all_shown(call, newest_first), "cursor": cursor}


def check_cursor(given: str | None) -> None:
    """Refuse a cursor that is not the milliseconds since the epoch."""
    if given is not None and not CURSOR.fullmatch(given):
        raise CodedError("error-invalid-cursor", "The cursor must be a number")


def _chosen(call: Call, room: Room, found: Iterator[Document]) -> Iterator[Document]:
    found = _visible(call, room, found)
    return found if call.params.get("showThreadMessages", True) else _without_threads(found)


def _around(call: Call, room: Room, message_id: str, count: int) -> Document:
    middle = call.workspace.messages.find(message_id)
    if middle is None or middle["rid"] != room.id:
        raise CodedError("error-message-not-found", "The message was not found")
    moment = to_ms(middle["ts"])
    timeline, half = _timeline(call, room), max(count // 2, 1)
    older = _chosen(call, room, timeline.newest_first(before=moment))
    newer = _chosen(call, room, timeline.oldest_first(after=moment))
    before, after = list(islice(older, half)), list(islice(newer, half))
    is_newer, is_older = any(True for _ in newer), any(True for _ in older)
    cursor = {
        "next": str(to_ms(after[-1]["ts"])) if is_newer else None,
        "previous": str(to_ms(before[-1]["ts"])) if is_older else None,
    }
    return {"messages": all_shown(call, [*after[::-1], middle, *before]), "cursor": cursor}


# Threads and search


def thread_messages(call: Call) -> Document:
    """`chat.getThreadMessages`: the replies, oldest first."""
    return page(call, "messages", all_shown(call, _replies(call)))


def sync_thread(call: Call) -> Document:
    """`chat.syncThreadMessages`: the replies changed since."""
    since = parse_iso(call.params["updatedSince"])
    if since is None:
        raise CodedError(
            "error-updatedSince-param-invalid",
            'The "updatedSince" query parameter must be a valid date',
        )
    update = [one for one in _replies(call) if one["_updatedAt"] > since]
    return {"messages": {"update": all_shown(call, update), "remove": []}}


def _replies(call: Call) -> list[Document]:
    if not call.workspace.settings.on("Threads_enabled"):
        raise CodedError("error-not-allowed", "Threads Disabled")
    root = call.workspace.messages.find(call.params["tmid"])
    if root is None:
        raise CodedError("error-invalid-message", "Invalid Message")
    room = call.workspace.messages.room_of(root)
    if not can_access(call, room):
        raise CodedError("error-not-allowed", "Not Allowed")
    return _timeline(call, room).thread(root["_id"])


def threads_list(call: Call) -> Document:
    """`chat.getThreadsList`: the roots of a room's threads, the liveliest first."""
    room = _reachable(call, call.params["rid"])
    text = (call.text("text") or "").lower()
    roots = [
        one
        for one in _timeline(call, room).newest_first()
        if one.get("tcount") and text in one["msg"].lower()
    ]
    roots.sort(key=lambda one: to_ms(one["tlm"]), reverse=True)
    return page(call, "threads", all_shown(call, roots))


def search(call: Call) -> Document:
    """`chat.search`: by a part of the text."""
    room = _reachable(call, call.params["roomId"])
    text = call.params["searchText"].lower()
    found = (one for one in _timeline(call, room).newest_first() if text in one["msg"].lower())
    return {"messages": all_shown(call, cut(found, page_bounds(call)))}


def marked(key: str, test: Callable[[Call, Document], bool]) -> Callable[[Call], Document]:
    """Return a handler that lists the messages of a room that pass a test."""

    def handler(call: Call) -> Document:
        room = _reachable(call, call.params["roomId"])
        found = [one for one in _timeline(call, room).newest_first() if test(call, one)]
        return page(call, key, all_shown(call, list(sort_by(call, found))))

    return handler


def deleted_messages(call: Call) -> Document:
    """`chat.getDeletedMessages`."""
    room = _reachable(call, call.params["roomId"])
    since = parse_iso(call.params["since"])
    if since is None:
        raise CodedError("error-since-param-invalid", 'The "since" parameter must be a date')
    found = _timeline(call, room).deleted_after(to_ms(since))
    return page(call, "messages", [{"_id": one["_id"]} for one in found])


def _reachable(call: Call, room_id: str) -> Room:
    room = call.workspace.rooms.rooms.get(room_id)
    if room is None or not can_access(call, room):
        raise CodedError("error-not-allowed", "Not allowed")
    return room


def _is_mention(call: Call, message: Document) -> bool:
    return _has(message, "mentions", call.user.id)


def _is_starred(call: Call, message: Document) -> bool:
    return _has(message, "starred", call.user.id)


def _is_pinned(_call: Call, message: Document) -> bool:
    return bool(message.get("pinned"))


def _is_discussion(_call: Call, message: Document) -> bool:
    return "drid" in message


_PERIOD = {
    "latest": "string",
    "oldest": "string",
    "inclusive": "string",
    "unreads": "string",
    "showThreadMessages": "string",
}
_NAMED = {"roomId": "string", "roomName": "string"}
_MARKS = {"mentionIds": "string", "starredIds": "string", "pinned": "string"}
_IN_ROOM = shape(page=True, roomId="string!")


def _of_room(more: Mapping[str, str]) -> Shape:
    return shape({**_NAMED, **more}, page=True)


def _of_direct(more: Mapping[str, str]) -> Shape:
    return shape(more, page=True, roomId="string", username="string")


def _has_room_history(version: Version) -> bool:
    return version.has_room_history


ROUTES: tuple[Route, ...] = (
    get("channels.history", history(CHANNEL), _of_room(_PERIOD)),
    get("groups.history", history(GROUP), _of_room(_PERIOD)),
    *(get(f"{one}.history", history(DIRECT), _of_direct(_PERIOD)) for one in ("im", "dm")),
    get("channels.messages", messages(CHANNEL), _of_room(_MARKS)),
    get("groups.messages", messages(GROUP), _of_room(_MARKS)),
    *(get(f"{one}.messages", messages(DIRECT), _of_direct(_MARKS)) for one in ("im", "dm")),
    get(
        "rooms.history",
        rooms_history,
        shape(
            roomId="string!",
            next="string",
            previous="string",
            around="string",
            count="integer",
            showThreadMessages="boolean",
            lastSeen="string",
        ),
        open_to=_has_room_history,
    ),
    get(
        "chat.getThreadMessages",
        thread_messages,
        shape(page=True, tmid="string!"),
        limit=THREAD_LIMIT,
    ),
    get(
        "chat.syncThreadMessages",
        sync_thread,
        shape(page=True, tmid="string!", updatedSince="string!"),
        limit=THREAD_LIMIT,
    ),
    get(
        "chat.getThreadsList",
        threads_list,
        shape(page=True, rid="string!", type="string", text="string"),
        limit=THREAD_LIMIT,
    ),
    get("chat.search", search, shape(page=True, roomId="string!", searchText="string!")),
    get("chat.getMentionedMessages", marked("messages", _is_mention), _IN_ROOM),
    get("chat.getStarredMessages", marked("messages", _is_starred), _IN_ROOM),
    get("chat.getPinnedMessages", marked("messages", _is_pinned), _IN_ROOM),
    get(
        "chat.getDiscussions",
        marked("messages", _is_discussion),
        shape(page=True, roomId="string!", text="string"),
    ),
    get("channels.getAllUserMentionsByChannel", marked("mentions", _is_mention), _IN_ROOM),
    get(
        "chat.getDeletedMessages",
        deleted_messages,
        shape(page=True, roomId="string!", since="string!"),
    ),
)
