"""From Rocket.Chat's documents to records, the same for both ways they arrive.

Over the websocket dates are `{"$date": ms}`, over REST ISO 8601. Nothing in a document is
trusted: one that lacks what a record needs gives None, never an exception.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from bot.rocketchat.records import NO_REACTIONS, IncomingMessage, MessageFile, Room, User

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BOT_TYPES = frozenset({"bot", "app"})
_THUMBNAIL = "thumb-"
_EXACT = 2**53
_FILE_LINK = re.compile(r"/file-upload/([^/]+)/")

Document = Mapping[str, Any]


def message_from(
    document: object, *, room_type: str = "", participant: bool = True, own_id: str = ""
) -> IncomingMessage | None:
    """Return the message, or None if the document is not one.

    Args:
        document: as the server sent it.
        room_type: what is known of the room; when empty, a room id that contains `own_id`
            is taken for a direct message, since those are named after their two users.
        participant: whether we are a member of the room.
        own_id: our user id.
    """
    if not isinstance(document, dict):
        return None
    sender = document.get("u")
    sent_at = instant(document.get("ts"))
    message_id, room_id = document.get("_id"), document.get("rid")
    if not (isinstance(sender, dict) and sent_at and _is_id(message_id) and _is_id(room_id)):
        return None
    sender_id = sender.get("_id")
    if not _is_id(sender_id):
        return None
    username = clean(sender.get("username"))
    text = clean(document.get("msg"))
    thread_id, system_type = document.get("tmid"), document.get("t")
    return IncomingMessage(
        id=message_id,
        room_id=room_id,
        room_type=room_type or ("d" if own_id and own_id in room_id else ""),
        text=text,
        sender_id=sender_id,
        sender_username=username,
        sender_name=clean(sender.get("name")) or username,
        sent_at=sent_at,
        updated_at=instant(document.get("_updatedAt")) or sent_at,
        edited=document.get("editedAt") is not None,
        system_type=system_type if isinstance(system_type, str) and system_type else None,
        thread_id=thread_id if _is_id(thread_id) else None,
        integration=bool(document.get("bot")),
        participant=participant,
        files=_files(document, text) if "files" in document or "file" in document else (),
        reactions=_reactions(document["reactions"]) if "reactions" in document else NO_REACTIONS,
    )


def room_from(document: object) -> Room | None:
    """Return the room, or None if the document is not one."""
    if not isinstance(document, dict):
        return None
    # A subscription has an id of its own, and its room's besides.
    room_id = document.get("rid") or document.get("_id")
    if not _is_id(room_id):
        return None
    usernames = _strings(document.get("usernames"))
    return Room(
        id=room_id,
        type=clean(document.get("t")),
        name=clean(document.get("name")) or None,
        usernames=usernames,
        people=len(usernames or _strings(document.get("uids"))),
        read_only=document.get("ro") is True,
        archived=document.get("archived") is True,
        updated_at=instant(document.get("_updatedAt")),
    )


def user_from(document: object) -> User | None:
    """Return the user, or None if the document is not one."""
    if not isinstance(document, dict) or not _is_id(document.get("_id")):
        return None
    username = clean(document.get("username"))
    roles = _strings(document["roles"]) if isinstance(document.get("roles"), list) else None
    return User(
        id=document["_id"],
        username=username,
        name=clean(document.get("name")) or username,
        active=document.get("active") is not False,
        roles=roles,
        bot=document.get("type") in _BOT_TYPES or bool(_BOT_TYPES.intersection(roles or ())),
    )


def instant(value: object) -> datetime | None:
    """Return the point in time that either notation means, or None."""
    try:
        if isinstance(value, dict):
            return _EPOCH + timedelta(milliseconds=value["$date"])
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return None


def milliseconds(at: datetime) -> int:
    """Return the whole milliseconds since 1970 up to `at`, as the server's cursors count."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def iso(at: datetime) -> str:
    """Return a point in time as REST parameters take it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def items(value: object) -> list[Any]:
    """Return a list, empty if it is none."""
    return value if isinstance(value, list) else []


def clean(value: object) -> str:
    """Return a string that can be encoded and stored; empty if it is none.

    JSON can carry half of a surrogate pair, which no encoding takes, and a NUL, which
    PostgreSQL does not.
    """
    if not isinstance(value, str):
        return ""
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and clean(value) == value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(clean(item) for item in items(value) if isinstance(item, str))


def _files(document: Document, text: str) -> tuple[MessageFile, ...]:
    """Return the uploads without the previews the server makes of them.

    The caption is an attachment's description in 7.x and the message's text later.
    """
    found = items(document.get("files")) or [document.get("file")]
    captions = _captions(document.get("attachments"))
    return tuple(
        MessageFile(
            id=file["_id"],
            name=clean(file.get("name")),
            type=clean(file.get("type")),
            size=_size(file.get("size")),
            caption=captions.get(file["_id"]) or captions.get("") or text,
        )
        for file in found
        if isinstance(file, dict)
        and _is_id(file.get("_id"))
        and not clean(file.get("name")).startswith(_THUMBNAIL)
    )


def _captions(attachments: object) -> dict[str, str]:
    """Return descriptions by file id, and the first one by the empty id."""
    captions: dict[str, str] = {}
    for attachment in items(attachments):
        if not isinstance(attachment, dict):
            continue
        description = clean(attachment.get("description"))
        if not description:
            continue
        captions.setdefault("", description)
        file_id = _FILE_LINK.match(clean(attachment.get("title_link")))
        if file_id:
            captions.setdefault(file_id.group(1), description)
    return captions


def _size(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < _EXACT else 0


def _reactions(value: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return NO_REACTIONS
    return {
        clean(emoji): _strings(given.get("usernames"))
        for emoji, given in value.items()
        if isinstance(given, dict)
    }
