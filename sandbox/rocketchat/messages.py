"""Storing messages, and what a stored message does to its thread, room and readers."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sandbox.rocketchat.accounts import Accounts
from sandbox.rocketchat.documents import room_name_for
from sandbox.rocketchat.errors import CodedError, PlainError, Refused
from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.mentions import EVERYBODY
from sandbox.rocketchat.model import Document, Room, User
from sandbox.rocketchat.notices import Notices
from sandbox.rocketchat.posting_rules import PostingRules, is_encrypted
from sandbox.rocketchat.rooms import Rooms
from sandbox.rocketchat.settings import Settings

URL = re.compile(r"https?://[^\s<>\"')\]]+")
# What a message may carry besides what the server sets itself.
CARRIED = (
    "alias",
    "emoji",
    "avatar",
    "attachments",
    "blocks",
    "customFields",
    "tmid",
    "tshow",
    "groupable",
    "file",
    "files",
    "parseUrls",
    "bot",
    "t",
    "content",
    "e2eMentions",
)
CAT = {"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}


class AlreadyStored(PlainError):
    """The `_id` exists already: nothing is written, nothing is compared.

    The real handler returns nothing and the answer's normaliser trips over it;
    the text comes from the JavaScript engine.
    """

    def __init__(self) -> None:
        super().__init__("Cannot read properties of undefined (reading 'starred')")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What messages need of the rest of the workspace."""

    ids: Ids
    now: Callable[[], datetime]
    accounts: Accounts
    rooms: Rooms
    rules: PostingRules
    notices: Notices
    settings: Settings


class Messages:
    """All messages by identifier, and the two ways in which one comes about."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.all: dict[str, Document] = {}
        # Told about every new message with links whose previews are wanted.
        self.on_links: Callable[[Document], None] = lambda _: None

    def find(self, message_id: str) -> Document | None:
        """Return a message by its identifier."""
        return self.all.get(message_id)

    def room_of(self, message: Document) -> Room:
        """Return the room a message is in."""
        return self._parts.rooms.rooms[message["rid"]]

    def forget(self, message_ids: Iterable[str]) -> None:
        """Drop messages whose room is gone."""
        for message_id in message_ids:
            del self.all[message_id]

    # New ones

    def send(
        self, user: User, given: Document, *, previews: Sequence[str] | None = None
    ) -> Document:
        """Carry out `chat.sendMessage`: check, store, tell. Safe to repeat with an own `_id`.

        Raises:
            AlreadyStored: a message with this `_id` exists; nothing was written.
            Refused: a rule forbids it; where the room let the user in so far,
                they are also told by a line of their own.
        """
        parts = self._parts
        message = dict(given)
        parts.rules.check_texts(message)
        if message.get("tshow") and not message.get("tmid"):
            raise CodedError("invalid-params", "tshow provided but missing tmid")
        if message.get("tmid") and not parts.settings.on("Threads_enabled"):
            raise CodedError("error-not-allowed", "not-allowed")
        message["ts"] = parts.rules.chosen_time(message.get("ts"), parts.now())
        parts.rules.check_length(str(message.get("msg") or ""))
        self._follow_thread(message)
        if not message.get("rid"):
            raise PlainError("The 'rid' property on the message object is missing.")
        try:
            room = parts.rules.check_room(
                parts.rooms.rooms.get(message["rid"]), user, encrypted=is_encrypted(message)
            )
            parts.rules.check_content(message, user, room)
            parts.rules.check_mentions(message, user, room)
        except Refused as refused:
            self.whisper(user, str(message["rid"]), str(refused))
            raise
        if message.get("_id") in self.all:
            raise AlreadyStored
        return self.store(user, room, message, previews=previews)

    def _follow_thread(self, message: Document) -> None:
        """A reply to a reply belongs to the root, and to the root's room."""
        parent = self.all.get(str(message.get("tmid")))
        if parent is not None:
            message["tmid"] = parent.get("tmid") or parent["_id"]
            message["rid"] = parent["rid"]

    def store(
        self,
        user: User,
        room: Room,
        given: Document,
        *,
        previews: Sequence[str] | None = None,
    ) -> Document:
        """Store a message that has passed the checks, and tell everybody."""
        parts = self._parts
        now = parts.now()
        message: Document = {
            "_id": given.get("_id") or parts.ids.new(),
            "rid": room.id,
            "msg": str(given.get("msg") or ""),
            "ts": given.get("ts") or now,
            "u": user.brief,
            **{key: given[key] for key in CARRIED if given.get(key) is not None},
            "_updatedAt": now,
        }
        message["urls"] = self._urls(message, previews)
        self._mark(message)
        if message.get("tshow") is not True:
            message.pop("tshow", None)
        self._insert(message, room)
        self._follow_up(message, room, user)
        if any("ignoreParse" not in url for url in message["urls"]):
            self.on_links(message)
        return message

    def system(self, kind: str, room: Room, user: User, text: str, **extra: object) -> Document:
        """Store a message of a system type."""
        now = self._parts.now()
        message: Document = {
            "_id": self._parts.ids.new(),
            "t": kind,
            "rid": room.id,
            "ts": now,
            "msg": text,
            "u": user.brief,
            "groupable": False,
            **extra,
            "_updatedAt": now,
        }
        self._insert(message, room)
        room.last_at = now
        room.updated_at = now
        self._parts.notices.message(message, room)
        return message

    def _insert(self, message: Document, room: Room) -> None:
        self.all[message["_id"]] = message
        self._parts.rooms.timelines[room.id].add(message)
        room.messages += 1

    def _urls(self, message: Document, previews: Sequence[str] | None) -> list[Document]:
        if message.get("parseUrls") is False:
            return []
        urls = dict.fromkeys(URL.findall(message["msg"]))
        return [
            {"url": url, "meta": {}}
            | ({"ignoreParse": True} if previews is not None and url not in previews else {})
            for url in urls
        ]

    def _mark(self, message: Document) -> None:
        """Note whom and which rooms the text mentions."""
        mentions: list[Document] = []
        for name in self._parts.rules.mentioned(message):
            user = self._parts.accounts.find_by_username(name)
            if name in EVERYBODY:
                mentions.append({"_id": name, "username": name})
            elif user is not None and user.username == name:
                mentions.append({**user.brief, "type": "user"})
        linked = (
            self._parts.rooms.find_by_name(n) for n in self._parts.rules.linked_rooms(message)
        )
        message["mentions"] = mentions
        message["channels"] = [
            {"_id": one.id, "name": one.name, "fname": one.label} for one in linked if one
        ]

    # What follows

    def _follow_up(self, message: Document, room: Room, user: User) -> None:
        now = message["_updatedAt"]
        room.updated_at = now
        in_timeline = "tmid" not in message or message.get("tshow") is True
        if in_timeline:
            room.last_at = message["ts"]
            room.last_message = message
        self._parts.notices.message(message, room)
        if "tmid" in message:
            self._grow_thread(message, room)
        for subscription in room.members.values():
            self._note_unread(message, room, subscription.user, user, in_timeline=in_timeline)
        self._parts.notices.room_updated(room)

    def _grow_thread(self, reply: Document, room: Room) -> None:
        """Count a reply on its parent, which is told again."""
        parent = self.all.get(reply["tmid"])
        if parent is None:
            return
        followers = dict.fromkeys(parent.get("replies", [parent["u"]["_id"]]))
        followers[reply["u"]["_id"]] = None
        parent["replies"] = list(followers)
        parent["tcount"] = parent.get("tcount", 0) + 1
        parent["tlm"] = reply["ts"]
        self.changed(parent, room)

    def _note_unread(
        self, message: Document, room: Room, member: User, author: User, *, in_timeline: bool
    ) -> None:
        subscription = room.members[member.id]
        if member is author:
            subscription.ls = message["ts"]
            subscription.alert = False
            return
        mention_ids = {mention["_id"] for mention in message.get("mentions", ())}
        mentioned = member.id in mention_ids
        for_all = bool(mention_ids & {"all", "here"})
        if not in_timeline:
            self._note_thread_unread(message, room, member)
        else:
            subscription.alert = True
            subscription.open = True
            subscription.unread += room.t == "d" or mentioned or for_all
            subscription.user_mentions += mentioned
            subscription.group_mentions += for_all
        self._parts.rooms.touch_subscription(room, subscription, message["_updatedAt"])
        if room.t == "d" or mentioned or for_all:
            self._parts.notices.notification(member, _notification(message, room, member))

    def _note_thread_unread(self, message: Document, room: Room, member: User) -> None:
        parent = self.all.get(message["tmid"])
        if parent and member.id in parent.get("replies", ()):
            unread = room.members[member.id].thread_unread
            if parent["_id"] not in unread:
                unread.append(parent["_id"])

    def changed(self, message: Document, room: Room) -> None:
        """Note that a message changed, and send it whole once more."""
        message["_updatedAt"] = self._parts.now()
        self._parts.rooms.timelines[room.id].touch(message)
        room.updated_at = message["_updatedAt"]
        self._parts.notices.message(message, room)

    def whisper(self, user: User, rid: str, text: str) -> None:
        """Show a user a line nobody else sees; it is not stored."""
        document: Document = {
            "_id": self._parts.ids.new(),
            "ts": self._parts.now(),
            "u": CAT,
            "groupable": False,
        }
        self._parts.notices.ephemeral(user, rid, text, document)

    def attach_previews(self, message_id: str, meta: Document) -> Document:
        """Fill in the previews of the links in a message, and send it whole once more.

        Raises:
            KeyError: there is no such message.
        """
        message = self.all[message_id]
        for url in message["urls"]:
            if "ignoreParse" in url:
                continue
            parts = urlsplit(url["url"])
            url["meta"] = dict(meta)
            url["parsedUrl"] = {"host": parts.netloc, "pathname": parts.path}
        self.changed(message, self.room_of(message))
        return message


def _notification(message: Document, room: Room, member: User) -> Document:
    sender = message["u"]
    name, _ = room_name_for(room, member)
    payload: Document = {
        "_id": message["_id"],
        "rid": room.id,
        "sender": sender,
        "type": room.t,
        "message": {"msg": message["msg"]},
    }
    if "tmid" in message:
        payload["tmid"] = message["tmid"]
    if room.t != "d":
        payload["name"] = name
    title = f"#{name}" if room.t != "d" else sender["name"]
    return {"title": title, "text": message["msg"], "payload": payload}
