"""What a message must be for the server to take it.

After Rocket.Chat 7.7.1 `canSendMessage.ts`, `sendMessage.ts` and `BeforeSavePreventMention.ts`.
"""

from datetime import datetime, timedelta

from sandbox.rocketchat.access import Access
from sandbox.rocketchat.attachments import check_attachments
from sandbox.rocketchat.errors import CodedError, PlainError
from sandbox.rocketchat.mentions import EVERYBODY, mentioned
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.settings import Settings
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.wire import parse_iso

TEXTS = ("_id", "rid", "tmid", "msg", "alias", "emoji", "avatar")
READ_ONLY = "You can't send messages because the room is readonly."
# A client may give the time itself: close enough is kept, further away is replaced or refused.
KEPT = timedelta(seconds=10)
REFUSED = timedelta(seconds=60)
NOTIFY = {
    "all": ("Notify all in this room not allowed", "Notify_all_in_this_room"),
    "here": ("Notify active users in this room not allowed", "Notify_active_in_this_room"),
}


def is_encrypted(message: Document) -> bool:
    """Tell whether the server cannot read a message."""
    return message.get("t") == "e2e"


def text_length(text: str) -> int:
    """Return the length the server counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class PostingRules:
    """The checks a message passes before it is stored."""

    def __init__(self, access: Access, settings: Settings, version: Version) -> None:
        self._access = access
        self._settings = settings
        self._version = version

    def check_texts(self, message: Document) -> None:
        """Refuse identifiers and a text that are no texts."""
        for key in TEXTS:
            if message.get(key) is not None and not isinstance(message[key], str):
                raise CodedError("invalid-params", f"{key} must be string")

    def check_length(self, text: str) -> None:
        """Refuse a text longer than `Message_MaxAllowedSize`."""
        if text_length(text) > self._settings.number("Message_MaxAllowedSize"):
            raise CodedError(
                "error-message-size-exceeded", "Message size exceeds Message_MaxAllowedSize"
            )

    def chosen_time(self, given: object, now: datetime) -> datetime:
        """Return the time of the message: the client's where it is close to ours."""
        moment = given if isinstance(given, datetime) else _date(given)
        if moment is None:
            return now
        distance = abs(moment - now)
        if distance > REFUSED:
            raise CodedError("error-message-ts-out-of-sync", "Message timestamp is out of sync")
        return now if distance > KEPT else moment

    def check_room(self, room: Room | None, user: User, *, encrypted: bool = False) -> Room:
        """Refuse a room the user may not write to; return it otherwise.

        Args:
            room: None if there is none.
            user: the author.
            encrypted: whether the message is unreadable for the server.
        """
        if room is None:
            raise PlainError("error-invalid-room")
        if not self._access.can_access(room, user):
            raise PlainError("error-not-allowed")
        if room.archived and self._version.checks_archived:
            raise PlainError("room_is_archived")
        membership = room.members.get(user.id)
        if room.t == "d" and membership and (membership.blocked or membership.blocker):
            raise PlainError("room_is_blocked")
        self.check_voice(room, user)
        if (
            room.encrypted
            and not encrypted
            and not self._settings.on("E2E_Allow_Unencrypted_Messages")
        ):
            raise CodedError("error-not-allowed", "Not allowed to send un-encrypted messages")
        return room

    def check_voice(self, room: Room, user: User) -> None:
        """Refuse a reader of a read-only room and a muted member."""
        if (
            room.read_only
            and user.username not in room.unmuted
            and not self._access.permits(user, "post-readonly", room)
        ):
            raise PlainError(READ_ONLY)
        if user.username in room.muted:
            raise PlainError("You_have_been_muted")

    def check_content(self, message: Document, user: User, room: Room) -> None:
        """Refuse impersonation, custom fields and malformed attachments without the right."""
        if ("alias" in message or "avatar" in message) and not self._access.permits(
            user, "message-impersonate", room
        ):
            raise PlainError("Not enough permission")
        if "customFields" in message and not self._settings.on("Message_CustomFields_Enabled"):
            raise PlainError("Custom fields not enabled")
        if message.get("attachments") is not None:
            check_attachments(message["attachments"])
        if self._version.refuses_empty and not (
            str(message.get("msg") or "").strip()
            or message.get("attachments")
            or message.get("blocks")
            or message.get("file")
            or is_encrypted(message)
        ):
            raise CodedError("error-invalid-message", "Invalid message")

    def check_mentions(self, message: Document, user: User, room: Room) -> None:
        """Refuse `@all` and `@here` from somebody who may not notify everybody."""
        for name in self.mentioned(message):
            if name in EVERYBODY and not self._access.permits(user, f"mention-{name}", room):
                reason, action = NOTIFY[name]
                raise CodedError("error-action-not-allowed", reason, {"action": action})

    def mentioned(self, message: Document) -> list[str]:
        """Return the names after `@` in what the server scans of a message."""
        texts = [str(message.get("msg") or "")]
        if self._version.since(8):
            # 8.x also looks at the captions of files, still not at `text` and `fields`.
            texts += [
                str(attachment["description"])
                for attachment in message.get("attachments") or ()
                if attachment.get("description")
            ]
        names = self._settings.text("UTF8_User_Names_Validation")
        return list(mentioned(texts, sigil="@", names=names))

    def linked_rooms(self, message: Document) -> list[str]:
        """Return the names after `#`."""
        names = self._settings.text("UTF8_Channel_Names_Validation")
        return list(mentioned([str(message.get("msg") or "")], sigil="#", names=names))


def _date(given: object) -> datetime | None:
    return parse_iso(given) if isinstance(given, str) else None
