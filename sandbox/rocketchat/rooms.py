"""Rooms and who is in them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.model import Document, Room, Subscription, User
from sandbox.rocketchat.notices import Notices
from sandbox.rocketchat.timeline import Timeline

Clock = Callable[[], datetime]
# Puts a system message into a room: type, room, actor, text.
SystemMessage = Callable[[str, Room, User, str], object]
MAX_DIRECT = 8
PAIR = 2


class Rooms:
    """All rooms, found by id and name; memberships, found by room and by user."""

    def __init__(self, rooms: dict[str, Room], ids: Ids, now: Clock, notices: Notices) -> None:
        self._ids = ids
        self._now = now
        self._notices = notices
        self.rooms = rooms
        self.timelines: dict[str, Timeline] = {}
        self.removed: list[tuple[datetime, str]] = []
        self.removed_subscriptions: list[tuple[datetime, str, str]] = []
        self._by_name: dict[str, Room] = {}
        self._of_user: dict[str, dict[str, Subscription]] = {}
        self._direct: dict[tuple[str, ...], Room] = {}
        self.say: SystemMessage = lambda *_: None
        # Told which messages went with a room.
        self.forget: Callable[[Iterable[str]], None] = lambda _: None

    # Finding

    def find(self, id_or_name: str) -> Room | None:
        """Return the room with that identifier, else the one with that name."""
        return self.rooms.get(id_or_name) or self.find_by_name(id_or_name)

    def find_by_name(self, name: str) -> Room | None:
        """Return the channel or group of that name."""
        return self._by_name.get(name.lower())

    def find_direct(self, users: Iterable[User]) -> Room | None:
        """Return the direct room of exactly these users."""
        return self._direct.get(_key(users))

    def subscriptions(self, user: User) -> Sequence[Subscription]:
        """Return the memberships of a user."""
        return tuple(self._of_user.get(user.id, {}).values())

    def rooms_of(self, user: User) -> Sequence[Room]:
        """Return the rooms a user is a member of."""
        return tuple(self.rooms[rid] for rid in self._of_user.get(user.id, {}))

    # Making

    def create(
        self,
        name: str,
        creator: User,
        *,
        private: bool,
        members: Iterable[User] = (),
        read_only: bool = False,
        parent: str | None = None,
        fname: str | None = None,
        exclude_self: bool = False,
    ) -> Room:
        """Create a channel or group; its creator owns it.

        Raises:
            CodedError: the name is taken.
        """
        if self.find_by_name(name):
            raise CodedError("error-duplicate-channel-name", f"A channel with name '{name}' exists")
        now = self._now()
        room = Room(
            id=self._ids.new(),
            t="p" if private else "c",
            name=name,
            fname=fname,
            creator=creator.brief,
            read_only=read_only,
            parent=parent,
            ts=now,
            updated_at=now,
        )
        self._keep(room)
        if not exclude_self:
            self.subscribe(room, creator, roles=["owner"])
        for member in members:
            if member.id not in room.members:
                self.subscribe(room, member)
        return room

    def create_direct(self, users: Sequence[User], creator: User) -> Room:
        """Return the direct room of these users, made if there is none yet.

        The identifier of a room of two is their sorted identifiers in a row.
        Nobody but the creator has it open until something is said in it.
        """
        existing = self.find_direct(users)
        if existing is not None:
            for user in users:
                if user.id not in existing.members:
                    self.subscribe(existing, user, is_open=user is creator)
            if creator.id in existing.members:
                self.reopen(existing, creator)
            return existing
        ids = _key(users)
        now = self._now()
        room = Room(
            id="".join(ids) if len(ids) <= PAIR else self._ids.new(),
            t="d",
            participants=sorted(users, key=lambda user: user is not creator),
            ts=now,
            updated_at=now,
        )
        self._keep(room)
        self._direct[ids] = room
        for user in users:
            self.subscribe(room, user, is_open=user is creator)
        return room

    def _keep(self, room: Room) -> None:
        self.rooms[room.id] = room
        self.timelines[room.id] = Timeline()
        if room.name is not None:
            self._by_name[room.name.lower()] = room

    def delete(self, room: Room) -> None:
        """Remove a room with everything in it."""
        for subscription in list(room.members.values()):
            self.unsubscribe(room, subscription.user)
        del self.rooms[room.id]
        gone = self.timelines.pop(room.id)
        self.forget([message["_id"] for message in gone.oldest_first()])
        if room.name is not None:
            self._by_name.pop(room.name.lower(), None)
        self._direct = {ids: one for ids, one in self._direct.items() if one is not room}
        self.removed.append((self._now(), room.id))

    # Memberships

    def subscribe(
        self, room: Room, user: User, *, roles: Sequence[str] = (), is_open: bool = True
    ) -> Subscription:
        """Make a user a member, without a message about it."""
        now = self._now()
        subscription = Subscription(
            id=self._ids.new(),
            rid=room.id,
            user=user,
            ts=now,
            updated_at=now,
            ls=now if is_open else None,
            open=is_open,
            roles=list(roles),
        )
        room.members[user.id] = subscription
        room.updated_at = now
        self._of_user.setdefault(user.id, {})[room.id] = subscription
        self._notices.subscription_changed("inserted", subscription, room)
        self._notices.room_changed("inserted", room, user)
        return subscription

    def unsubscribe(self, room: Room, user: User) -> None:
        """End a membership, without a message about it."""
        subscription = room.members.pop(user.id)
        del self._of_user[user.id][room.id]
        now = self._now()
        room.updated_at = now
        self.removed_subscriptions.append((now, user.id, subscription.id))
        self._notices.subscription_changed("removed", subscription, room)
        self._notices.room_changed("removed", room, user)

    def join(self, room: Room, user: User) -> None:
        """Let a user enter; `uj` says so."""
        if user.id not in room.members:
            self.subscribe(room, user)
            self.say("uj", room, user, user.username)

    def invite(self, room: Room, user: User, by: User) -> None:
        """Bring a user in; `au` says so."""
        if user.id not in room.members:
            self.subscribe(room, user)
            self.say("au", room, by, user.username)

    def leave(self, room: Room, user: User) -> None:
        """Let a user go; `ul` says so."""
        if user.id not in room.members:
            raise CodedError("error-user-not-in-room", "You are not in this room")
        self._check_not_last_owner(room, user)
        self.unsubscribe(room, user)
        self.say("ul", room, user, user.username)

    def kick(self, room: Room, user: User, by: User) -> None:
        """Put a user out; `ru` says so."""
        if user.id not in room.members:
            raise CodedError("error-user-not-in-room", "User is not in this room")
        self._check_not_last_owner(room, user)
        self.unsubscribe(room, user)
        self.say("ru", room, by, user.username)

    def _check_not_last_owner(self, room: Room, user: User) -> None:
        owners = [one for one in room.members.values() if "owner" in one.roles]
        if len(room.members) > 1 and [one.user for one in owners] == [user]:
            raise CodedError(
                "error-you-are-last-owner",
                "You are the last owner. Please set new owner before leaving the room.",
            )

    def reopen(self, room: Room, user: User) -> None:
        """Put a room back into a member's list."""
        self.set_open(room, user, is_open=True)

    def set_open(self, room: Room, user: User, *, is_open: bool) -> None:
        """Show or hide a room in a member's list."""
        subscription = room.members[user.id]
        if subscription.open is not is_open:
            subscription.open = is_open
            self.touch_subscription(room, subscription)

    def touch_subscription(
        self, room: Room, subscription: Subscription, at: datetime | None = None
    ) -> None:
        """Note and tell that a membership changed, now or at a time known already."""
        subscription.updated_at = at or self._now()
        self._notices.subscription_changed("updated", subscription, room)

    # Changing

    def touch(self, room: Room) -> None:
        """Note and tell that a room changed."""
        room.updated_at = self._now()
        self._notices.room_updated(room)

    def rename(self, room: Room, name: str, by: User) -> None:
        """Give a room another name; `r` says so."""
        if room.parent is None and self.find_by_name(name):
            raise CodedError("error-duplicate-channel-name", f"A channel with name '{name}' exists")
        if room.parent is not None:
            room.fname = name
        else:
            self._by_name.pop((room.name or "").lower(), None)
            room.name = name
            self._by_name[name.lower()] = room
        self.say("r", room, by, name)
        self.touch(room)

    def archive(self, room: Room, by: User, *, archived: bool) -> None:
        """Archive a room or take it back; a system message says so."""
        room.archived = archived
        for subscription in room.members.values():
            subscription.archived = archived
            self.touch_subscription(room, subscription)
        self.say("room-archived" if archived else "room-unarchived", room, by, "")
        self.touch(room)

    def mute(self, room: Room, user: User, by: User, *, muted: bool) -> None:
        """Silence a member or let them speak again; a system message says so."""
        if muted and user.username not in room.muted:
            room.muted.append(user.username)
        if not muted and user.username in room.muted:
            room.muted.remove(user.username)
        self.say("user-muted" if muted else "user-unmuted", room, by, user.username)
        self.touch(room)

    def block(self, room: Room, by: User, *, blocked: bool) -> None:
        """Let one side of a direct room block the other."""
        for subscription in room.members.values():
            if subscription.user is by:
                subscription.blocker = blocked
            else:
                subscription.blocked = blocked
            self.touch_subscription(room, subscription)

    def follow_activation(self, user: User, active: Callable[[User], bool]) -> None:
        """Close or reopen the direct rooms of a user whose account was switched.

        A room of two is read-only while one of them is deactivated.
        """
        for room in self.rooms_of(user):
            if room.t != "d":
                continue
            everybody = all(active(other) for other in room.participants)
            if len(room.participants) <= PAIR:
                room.read_only = not everybody
            for subscription in room.members.values():
                subscription.archived = not everybody
            self.touch(room)

    def removed_since(self, moment: datetime) -> list[Document]:
        """Return every room deleted later, whoever was in it."""
        return [{"_id": rid, "_deletedAt": at} for at, rid in self.removed if at > moment]


def _key(users: Iterable[User]) -> tuple[str, ...]:
    return tuple(sorted({user.id for user in users}))
