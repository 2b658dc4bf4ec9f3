"""`chat.syncMessages`: what changed and what was deleted since a moment or a cursor."""

from collections.abc import Iterable
from itertools import islice

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.find import all_shown
from sandbox.rocketchat.rest.history import check_cursor
from sandbox.rocketchat.rest.route import Call, Route, get
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.timeline import Timeline
from sandbox.rocketchat.wire import parse_iso, to_ms

DEFAULT_COUNT = 20
TYPES = ("UPDATED", "DELETED")


def sync_messages(call: Call) -> Document:
    """`chat.syncMessages`: by `lastUpdate`, or by cursor and type."""
    last_update, kind = call.text("lastUpdate"), call.text("type")
    cursors = {name: call.text(name) for name in ("next", "previous")}
    _check(call, last_update, kind, cursors)
    room = call.workspace.rooms.rooms.get(str(call.text("roomId")))
    if room is None or not call.workspace.access.can_access(room, call.user):
        raise CodedError("error-not-allowed", "Not allowed")
    timeline = call.workspace.rooms.timelines[room.id]
    if last_update is not None:
        return {"result": _since(call, timeline, last_update)}
    return {"result": _by_cursor(call, timeline, str(kind), cursors)}


def _check(
    call: Call, last_update: str | None, kind: str | None, cursors: dict[str, str | None]
) -> None:
    given = [cursor for cursor in cursors.values() if cursor is not None]
    if call.text("roomId") is None:
        raise CodedError("error-param-required", 'The required "roomId" query param is missing')
    if last_update is None and kind is None and not given:
        raise CodedError(
            "error-param-required", "The required 'lastUpdate' or cursor query params is missing"
        )
    if last_update is not None and parse_iso(last_update) is None:
        raise CodedError(
            "error-lastUpdate-param-invalid",
            'The "lastUpdate" query parameter must be a valid date',
        )
    if kind is not None and kind not in TYPES:
        raise CodedError(
            "error-type-param-not-supported",
            'The "type" parameter must be either "UPDATED" or "DELETED"',
        )
    if given and last_update is not None:
        raise CodedError(
            "error-cursor-and-lastUpdate-conflict",
            "The attributes 'next', 'previous' and 'lastUpdate' cannot be used together",
        )
    if len(given) > 1:
        raise CodedError("error-cursor-conflict", "You cannot provide both 'next' and 'previous'")
    if given and kind is None:
        raise CodedError(
            "error-type-param-required", 'The "type" parameter is required with a cursor'
        )


def _since(call: Call, timeline: Timeline, last_update: str) -> Document:
    moment = parse_iso(last_update)
    after = to_ms(moment) if moment else 0
    updated = sorted(timeline.changed_after(after), key=lambda one: to_ms(one["ts"]), reverse=True)
    return {"updated": all_shown(call, updated), "deleted": timeline.deleted_after(after)}


def _by_cursor(
    call: Call, timeline: Timeline, kind: str, cursors: dict[str, str | None]
) -> Document:
    field = "_updatedAt" if kind == "UPDATED" else "_deletedAt"
    found = _found(timeline, kind, cursors)
    if found is None:
        # A type without a cursor silently finds nothing.
        return {"updated": [], "deleted": [], "cursor": {"next": None, "previous": None}}
    count = int(call.params.get("count") or DEFAULT_COUNT)
    taken = list(islice(found, count))
    more = next(found, None) is not None
    forward = cursors["next"] is not None
    items = taken if forward else taken[::-1]
    cursor: Document = {"next": None, "previous": None}
    if items:
        if more or not forward:
            cursor["next"] = str(to_ms(items[-1][field]))
        if more or forward:
            cursor["previous"] = str(to_ms(items[0][field]))
    answer: Document = {"updated": [], "deleted": [], "cursor": cursor}
    answer["updated" if kind == "UPDATED" else "deleted"] = (
        all_shown(call, items) if kind == "UPDATED" else items
    )
    return answer


def _found(
    timeline: Timeline, kind: str, cursors: dict[str, str | None]
) -> "islice[Document] | None":
    following, preceding = _number(cursors["next"]), _number(cursors["previous"])
    found: Iterable[Document]
    if following is not None:
        reader = timeline.changed_after if kind == "UPDATED" else timeline.deleted_after
        found = reader(following)
    elif preceding is not None:
        reader = timeline.changed_before if kind == "UPDATED" else timeline.deleted_before
        found = reader(preceding)
    else:
        return None
    return islice(found, None)


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    check_cursor(cursor)
    return int(cursor)


ROUTES: tuple[Route, ...] = (
    get(
        "chat.syncMessages",
        sync_messages,
        shape(
            page=True,
            roomId="string",
            lastUpdate="string",
            next="string",
            previous="string",
            type="string",
            fromTs="string",
        ),
    ),
)
