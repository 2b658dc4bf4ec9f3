"""The messages of a room since a moment, in whichever way this server offers.

`rooms.history` came in 8.8 or 8.9; `chat.syncMessages` is older and slow on big rooms; the
`*.history` endpoints are oldest. The first that answers is remembered. The first two go by a cursor
that cannot point into a millisecond; the third counts, and helps out where one holds a whole page.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import structlog

from bot.errors import Rejected
from bot.rocketchat.api import Api
from bot.rocketchat.documents import iso, items, message_from, milliseconds
from bot.rocketchat.faults import Unsupported
from bot.rocketchat.records import IncomingMessage, Room

log = structlog.get_logger(__name__)

_PAGE: Final = 100
_BY_TYPE: Final = {"c": "channels.history", "p": "groups.history", "d": "im.history"}

Page = tuple[list[Any], int | None]
Read = Callable[[int], Awaitable[Page]]
Way = Callable[[Room, datetime], Awaitable[list[Any]]]


class History:
    """Reads rooms, and remembers what the server can do."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ways: tuple[Way, ...] = (self._by_room, self._by_change, self._by_type)
        self._first = 0

    async def since(self, room: Room, since: datetime) -> list[IncomingMessage]:
        """Return the messages sent at or after the millisecond of `since`, oldest first."""
        documents = await self._read(room, since)
        found: dict[str, IncomingMessage] = {}
        for document in documents:
            message = message_from(document, room_type=room.type)
            if message is not None and milliseconds(message.sent_at) >= milliseconds(since):
                found[message.id] = message
        return sorted(found.values(), key=lambda message: (message.sent_at, message.id))

    async def _read(self, room: Room, since: datetime) -> list[Any]:
        refusal: Unsupported | None = None
        for number in range(self._first, len(self._ways)):
            try:
                documents = await self._ways[number](room, since)
            except Unsupported as error:
                refusal = refusal or error
            else:
                # Only now is it certain that the endpoint was missing, and not the room.
                self._first = max(self._first, number)
                return documents
        raise refusal or Unsupported("this server offers no history")

    async def _by_room(self, room: Room, since: datetime) -> list[Any]:
        async def page(after: int) -> Page:
            answer = await self._api.get_patiently(
                "rooms.history", roomId=room.id, next=after, count=_PAGE
            )
            return items(answer.get("messages")), _next(answer.get("cursor"))

        return await self._all_after(room, since, page)

    async def _by_change(self, room: Room, since: datetime) -> list[Any]:
        async def page(after: int) -> Page:
            answer = await self._api.get_patiently(
                "chat.syncMessages", roomId=room.id, type="UPDATED", next=after, count=_PAGE
            )
            result = answer.get("result")
            if not isinstance(result, dict):
                raise Unsupported("chat.syncMessages answers without a result")
            return items(result.get("updated")), _next(result.get("cursor"))

        return await self._all_after(room, since, page)

    async def _by_type(self, room: Room, since: datetime) -> list[Any]:
        """Read newest first by offset; what arrives meanwhile only makes some come twice."""
        method = _BY_TYPE.get(room.type)
        if method is None:
            raise Unsupported(f"this server offers no history of rooms of type {room.type!r}")
        return await self._api.get_all(
            method,
            "messages",
            roomId=room.id,
            oldest=iso(since),
            inclusive=True,
            showThreadMessages=True,
        )

    async def _all_after(self, room: Room, since: datetime, read: Read) -> list[Any]:
        """Follow a cursor in milliseconds to its end.

        The cursors are exclusive, so what shares its millisecond with the last of a page would be
        lost: every next page begins one millisecond earlier. One that brings nothing new lies
        within a millisecond, and what else that holds is out of the cursor's reach.
        """
        found: dict[str, Any] = {}
        cursor = milliseconds(since) - 1
        while True:
            page, following = await read(cursor)
            known = len(found)
            found |= {str(item.get("_id")): item for item in page if isinstance(item, dict)}
            if following is None:
                return list(found.values())
            if len(found) > known:
                cursor = max(following - 1, cursor)
                continue
            try:
                counted = await self._by_type(room, since)
            except Rejected as refusal:
                # Better all that can be had than nothing of this room, again and again.
                log.warning("history_crowded", room=room.id, at=following, reason=str(refusal))
                cursor = max(following, cursor + 1)
            else:
                return [*found.values(), *counted]


def _next(cursor: object) -> int | None:
    value = cursor.get("next") if isinstance(cursor, dict) else None
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        return None
