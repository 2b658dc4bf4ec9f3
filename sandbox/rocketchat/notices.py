"""Tells the listeners what has changed in the workspace."""

from collections.abc import Sequence
from typing import Literal

from sandbox.rocketchat.access import Access
from sandbox.rocketchat.documents import room_document, subscription_document
from sandbox.rocketchat.model import Document, Role, Room, Subscription, User
from sandbox.rocketchat.settings import Settings
from sandbox.rocketchat.streams import (
    MY_MESSAGES,
    NOTIFY_ALL,
    NOTIFY_LOGGED,
    NOTIFY_ROOM,
    NOTIFY_USER,
    ROOM_DATA,
    ROOM_MESSAGES,
    Listener,
    Streams,
    changed,
    send,
)
from sandbox.rocketchat.wire import ddp_json

Action = Literal["inserted", "updated", "removed"]
STATUS_NUMBERS = {"offline": 0, "online": 1, "away": 2, "busy": 3}


class Notices:
    """One method per thing that listeners are told."""

    def __init__(self, streams: Streams, access: Access, settings: Settings) -> None:
        self._streams = streams
        self._access = access
        self._settings = settings

    # Messages

    def message(self, message: Document, room: Room) -> None:
        """Send a new or changed message to everybody who may see it."""
        if self._hidden(message, room):
            return
        mine = self._streams.listeners(ROOM_MESSAGES, MY_MESSAGES)
        readers = self._streams.listeners(ROOM_MESSAGES, room.id)
        if not mine and not readers:
            return
        written = ddp_json(message)
        self._send_mine(mine, written, room)
        allowed = [one for one in readers if self._access.can_read(room, one.user)]
        if allowed:
            send(allowed, changed(ROOM_MESSAGES, room.id, f"[{written}]"), message=True)

    def _send_mine(self, listeners: Sequence[Listener], written: str, room: Room) -> None:
        inside: list[Listener] = []
        outside: list[Listener] = []
        for listener in listeners:
            # Access decides, not membership: the second argument tells which it is.
            if self._access.can_access(room, listener.user):
                member = listener.user is not None and listener.user.id in room.members
                (inside if member else outside).append(listener)
        for group, member in ((inside, True), (outside, False)):
            if group:
                extra: Document = {"roomParticipant": member, "roomType": room.t}
                if room.name is not None:
                    extra["roomName"] = room.name
                args = f"[{written},{ddp_json(extra)}]"
                send(group, changed(ROOM_MESSAGES, MY_MESSAGES, args), message=True)

    def _hidden(self, message: Document, room: Room) -> bool:
        kind = message.get("t")
        return bool(message.get("_hidden")) or (
            kind is not None
            and (
                kind in room.hidden_system_types
                or kind in self._settings.texts("Hide_System_Messages")
            )
        )

    def deleted(self, message_id: str, room: Room) -> None:
        """Tell that a message is gone; nothing is said on the message streams."""
        self._to_room(room, "deleteMessage", {"_id": message_id})

    def deleted_bulk(self, room: Room, criteria: Document) -> None:
        """Tell that messages of a time range are gone."""
        self._to_room(room, "deleteMessageBulk", criteria)

    def activity(self, room: Room, username: str, args: list[object]) -> None:
        """Tell that somebody is typing."""
        self._to_room(room, "user-activity", username, *args)

    def read(self, room: Room, until: object) -> None:
        """Tell that everybody has read up to here."""
        self._to_room(room, "messagesRead", {"until": until})

    def _to_room(self, room: Room, event: str, *args: object) -> None:
        name = f"{room.id}/{event}"
        listeners = [
            one
            for one in self._streams.listeners(NOTIFY_ROOM, name)
            if self._access.can_access(room, one.user)
        ]
        if listeners:
            send(listeners, changed(NOTIFY_ROOM, name, ddp_json(list(args))))

    # One user

    def ephemeral(self, user: User, rid: str, text: str, message: Document) -> None:
        """Show a user a line nobody else sees."""
        self.to_user(user, "message", {**message, "rid": rid, "msg": text, "private": True})

    def notification(self, user: User, notification: Document) -> None:
        """Show a desktop notification."""
        self.to_user(user, "notification", notification)

    def force_logout(self, user: User) -> None:
        """Tell the clients of a user that their session is over."""
        self.to_user(user, "force_logout")

    def room_changed(self, action: Action, room: Room, user: User) -> None:
        """Tell one member that a room was added, changed or lost."""
        if self._streams.wanted(NOTIFY_USER, f"{user.id}/rooms-changed"):
            self.to_user(user, "rooms-changed", action, room_document(room))

    def room_updated(self, room: Room) -> None:
        """Tell all members, and who follows the room itself, that it changed."""
        for subscription in room.members.values():
            self.room_changed("updated", room, subscription.user)
        if self._streams.wanted(ROOM_DATA, room.id):
            self._streams.publish(ROOM_DATA, room.id, [room_document(room)])

    def subscription_changed(self, action: Action, subscription: Subscription, room: Room) -> None:
        """Tell a member that their membership changed."""
        event = f"{subscription.user.id}/subscriptions-changed"
        if self._streams.wanted(NOTIFY_USER, event):
            document = subscription_document(subscription, room)
            self._streams.publish(NOTIFY_USER, event, [action, document])

    def to_user(self, user: User, event: str, *args: object) -> None:
        """Publish an event of one user."""
        self._streams.publish(NOTIFY_USER, f"{user.id}/{event}", args)

    # Everybody

    def status(self, user: User) -> None:
        """Tell a user's presence; the roles leak with it, as they do on the real server."""
        number = STATUS_NUMBERS[user.status]
        entry = [user.id, user.username, number, user.status_text, user.name, list(user.roles)]
        self._streams.publish(NOTIFY_LOGGED, "user-status", [entry])

    def name_changed(self, user: User) -> None:
        """Tell a user's new name."""
        self._streams.publish(NOTIFY_LOGGED, "Users:NameChanged", [user.brief])

    def user_deleted(self, user: User, erasure: str, alias: str) -> None:
        """Tell that an account is gone, and what becomes of its messages."""
        entry: Document = {"userId": user.id, "messageErasureType": erasure}
        if erasure == "Unlink":
            cat = {"_id": "rocket.cat", "username": "rocket.cat"}
            entry["replaceByUser"] = {**cat, "alias": alias}
        self._streams.publish(NOTIFY_LOGGED, "Users:Deleted", [entry])

    def role_changed(self, kind: Literal["added", "removed"], role: Role, user: User) -> None:
        """Tell that a user got or lost a role."""
        entry = {
            "type": kind,
            "_id": role.id,
            "u": {"_id": user.id, "username": user.username, "name": user.name},
        }
        self._streams.publish(NOTIFY_LOGGED, "roles-change", [entry])

    def permission_changed(self, permission: Document) -> None:
        """Tell that a permission has other holders now."""
        self._streams.publish(NOTIFY_LOGGED, "permissions-changed", ["updated", permission])

    def setting_changed(self, key: str, value: object) -> None:
        """Tell the new value of a public setting."""
        if self._settings.is_public(key):
            entry = {"_id": key, "value": value}
            self._streams.publish(NOTIFY_ALL, "public-settings-changed", ["updated", entry])
