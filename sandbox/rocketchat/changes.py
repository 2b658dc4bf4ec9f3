"""Changing messages that exist: edit, delete, react, pin, star, follow."""

from datetime import timedelta

from sandbox.rocketchat.access import Access
from sandbox.rocketchat.emoji import emoji_key
from sandbox.rocketchat.errors import CodedError, PlainError
from sandbox.rocketchat.messages import Messages, Parts
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.posting_rules import READ_ONLY
from sandbox.rocketchat.uploads import Uploads


class Changes:
    """What may be done to a stored message, and by whom."""

    def __init__(self, parts: Parts, messages: Messages, access: Access, uploads: Uploads) -> None:
        self._parts = parts
        self._messages = messages
        self._access = access
        self._uploads = uploads

    def edit(
        self, user: User, message: Document, text: str, custom_fields: Document | None = None
    ) -> Document:
        """Replace the text of a message; the same text changes nothing and tells nobody.

        The guard against `@all` does not look at edits.
        """
        room = self._messages.room_of(message)
        caption = _caption(message)
        if text == (message["msg"] if caption is None else caption["description"]):
            return message
        self._check_editing(user, message, room)
        self._parts.rules.check_length(text)
        self._parts.rules.check_room(room, user)
        if custom_fields is not None:
            self._parts.rules.check_content(
                {"msg": text, "customFields": custom_fields}, user, room
            )
        if caption is not None:
            caption["description"] = text
        else:
            message["msg"] = text
        message["editedAt"] = self._parts.now()
        message["editedBy"] = {"_id": user.id, "username": user.username}
        self._messages.changed(message, room)
        return message

    def _check_editing(self, user: User, message: Document, room: Room) -> None:
        settings = self._parts.settings
        own = message["u"]["_id"] == user.id
        if self._access.permits(user, "edit-message", room):
            return
        if not own or not settings.on("Message_AllowEditing"):
            raise CodedError(
                "error-action-not-allowed",
                "Message editing not allowed",
                {"method": "updateMessage", "action": "Message_editing"},
            )
        minutes = settings.number("Message_AllowEditing_BlockEditInMinutes")
        if self._too_late(user, message, room, minutes):
            raise CodedError("error-message-editing-blocked", "Message editing is blocked")

    def _too_late(self, user: User, message: Document, room: Room, minutes: int) -> bool:
        if not minutes or self._access.permits(user, "bypass-time-limit-edit-and-delete", room):
            return False
        age: timedelta = self._parts.now() - message["ts"]
        return age > timedelta(minutes=minutes)

    def delete(self, user: User, message: Document) -> None:
        """Remove a message, or blank it where the server shows what was removed."""
        room = self._messages.room_of(message)
        if not self._may_delete(user, message, room):
            raise CodedError(
                "error-action-not-allowed", "Not allowed", {"action": "Delete_message"}
            )
        for file in message.get("files", ()):
            # A message takes its files along (7.7.1 `deleteMessage.ts`).
            self._uploads.forget(file["_id"])
        if self._parts.settings.on("Message_ShowDeletedStatus") or message.get("tcount"):
            self._blank(user, message, room)
        else:
            self.remove(message, room)

    def _may_delete(self, user: User, message: Document, room: Room) -> bool:
        if self._access.permits(user, "force-delete-message", room):
            return True
        settings = self._parts.settings
        own = message["u"]["_id"] == user.id
        allowed = self._access.permits(user, "delete-message", room) or (
            own and self._access.permits(user, "delete-own-message", room)
        )
        if not allowed or not settings.on("Message_AllowDeleting"):
            return False
        minutes = settings.number("Message_AllowDeleting_BlockDeleteInMinutes")
        if self._too_late(user, message, room, minutes):
            return False
        if room.read_only and not self._access.permits(user, "post-readonly", room):
            raise PlainError("You can't delete messages because the room is readonly.")
        return True

    def _blank(self, user: User, message: Document, room: Room) -> None:
        for key in ("attachments", "file", "files", "reactions", "blocks", "alias"):
            message.pop(key, None)
        message |= {
            "t": "rm",
            "msg": "",
            "urls": [],
            "mentions": [],
            "editedAt": self._parts.now(),
            "editedBy": {"_id": user.id, "username": user.username},
        }
        self._messages.changed(message, room)

    def remove(self, message: Document, room: Room) -> None:
        """Take a message out for good; its thread parent counts one reply less."""
        del self._messages.all[message["_id"]]
        self._parts.rooms.timelines[room.id].remove(message["_id"], self._parts.now())
        room.messages -= 1
        parent = self._messages.find(str(message.get("tmid")))
        if parent is not None and parent.get("tcount"):
            parent["tcount"] -= 1
            self._messages.changed(parent, room)
        if room.last_message is message:
            timeline = self._parts.rooms.timelines[room.id]
            room.last_message = next(timeline.newest_first(), None)
        self._parts.notices.deleted(message["_id"], room)
        self._parts.rooms.touch(room)

    def erase_author(self, user: User) -> None:
        """Take out everything somebody wrote."""
        for message in self._written_by(user):
            self.remove(message, self._messages.room_of(message))

    def replace_author(self, user: User, by: User, alias: str) -> None:
        """Let somebody else have written what a user wrote; it is told to nobody."""
        for message in self._written_by(user):
            message["u"] = by.brief
            message["alias"] = alias

    def _written_by(self, user: User) -> list[Document]:
        return [one for one in self._messages.all.values() if one["u"]["_id"] == user.id]

    def react(
        self, user: User, message: Document, emoji: str, *, should_react: bool | None = None
    ) -> None:
        """Set or unset a reaction; without `should_react` it is switched over."""
        room = self._messages.room_of(message)
        if not self._access.can_access(room, user):
            raise CodedError("not-authorized", "Not Authorized")
        key = emoji_key(emoji)
        if key is None:
            raise CodedError("error-not-allowed", "Invalid emoji provided.")
        self._check_reacting(user, room)
        reactions = message.setdefault("reactions", {})
        names = reactions.get(key, {"usernames": []})["usernames"]
        reacted = user.username in names
        if should_react is None or should_react is not reacted:
            names = [name for name in names if name != user.username]
            if not reacted:
                names.append(user.username)
            self._put_reaction(message, key, names)
            self._messages.changed(message, room)
        elif not reactions:
            del message["reactions"]

    def _put_reaction(self, message: Document, key: str, names: list[str]) -> None:
        if names:
            message["reactions"][key] = {"usernames": names}
            return
        message["reactions"].pop(key)
        if not message["reactions"]:
            del message["reactions"]

    def _check_reacting(self, user: User, room: Room) -> None:
        if (
            room.read_only
            and not room.react_when_read_only
            and user.username not in room.unmuted
            and not self._access.permits(user, "post-readonly", room)
        ):
            raise PlainError(READ_ONLY)
        if user.username in room.muted:
            raise CodedError("error-not-allowed", "You have been muted")

    def pin(self, user: User, message: Document, *, pinned: bool) -> Document | None:
        """Pin a message or unpin it; pinning leaves a system message, which is returned."""
        room = self._messages.room_of(message)
        if not self._parts.settings.on("Message_AllowPinning"):
            raise CodedError("error-action-not-allowed", "Message pinning not allowed")
        if user.id not in room.members or not self._access.permits(user, "pin-message", room):
            raise CodedError("not-authorized", "Not Authorized")
        if bool(message.get("pinned")) is pinned:
            return None
        message["pinned"] = pinned
        if pinned:
            message["pinnedAt"] = self._parts.now()
            message["pinnedBy"] = {"_id": user.id, "username": user.username}
        self._messages.changed(message, room)
        if not pinned:
            return None
        attachment = {
            "text": message["msg"],
            "author_name": message["u"]["username"],
            "author_icon": f"/avatar/{message['u']['username']}",
            "ts": message["ts"],
            "attachments": [],
        }
        return self._messages.system("message_pinned", room, user, "", attachments=[attachment])

    def star(self, user: User, message: Document, *, starred: bool) -> None:
        """Star a message for oneself, or take the star away."""
        room = self._messages.room_of(message)
        if user.id not in room.members:
            raise CodedError("not-authorized", "Not Authorized")
        others = [one for one in message.get("starred", ()) if one["_id"] != user.id]
        message["starred"] = [*others, {"_id": user.id}] if starred else others
        self._messages.changed(message, room)

    def follow(self, user: User, message: Document, *, following: bool) -> None:
        """Follow a thread or cease to."""
        room = self._messages.room_of(message)
        if not self._access.can_access(room, user):
            raise CodedError("error-not-allowed", "not-allowed")
        replies = [one for one in message.get("replies", ()) if one != user.id]
        message["replies"] = [*replies, user.id] if following else replies
        self._messages.changed(message, room)


def _caption(message: Document) -> Document | None:
    """Return the attachment that carries the text of a message with a file."""
    attachments = message.get("attachments") or ()
    first: Document | None = attachments[0] if attachments else None
    return first if first is not None and "description" in first else None
