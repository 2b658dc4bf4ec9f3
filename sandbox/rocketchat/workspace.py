"""The state of the server, and direct access to it for programs in the same process."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sandbox.rocketchat.access import Access
from sandbox.rocketchat.accounts import Accounts, digest_password
from sandbox.rocketchat.changes import Changes
from sandbox.rocketchat.ids import Ids
from sandbox.rocketchat.integrations import Integrations
from sandbox.rocketchat.messages import Messages, Parts
from sandbox.rocketchat.model import Document, Role, Room, User
from sandbox.rocketchat.notices import Notices
from sandbox.rocketchat.posting_rules import PostingRules
from sandbox.rocketchat.rooms import Rooms
from sandbox.rocketchat.settings import Settings
from sandbox.rocketchat.streams import Streams
from sandbox.rocketchat.uploads import Uploads
from sandbox.rocketchat.version import Version

# What an author is called who is gone while the messages stay.
REMOVED = "Removed User"


def _to_milliseconds(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    def now() -> datetime:
        moment = clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    return now


class Workspace:
    """Users, roles, rooms and messages.

    Names in the methods are usernames and room names; an identifier works as
    well. Must be used in the thread the server runs in: changes are told to
    the listeners at once.
    """

    def __init__(
        self,
        *,
        version: Version,
        settings: Mapping[str, object],
        rng: random.Random,
        clock: Callable[[], datetime],
        create_token_secret: str | None = None,
    ) -> None:
        self.create_token_secret = create_token_secret
        self.version = version
        self.now = _to_milliseconds(clock)
        self.started_at = self.now()
        self.ids = Ids(rng)
        self.settings = Settings(settings, self.started_at)
        self.streams = Streams()
        rooms: dict[str, Room] = {}
        self.access = Access(self.ids, rooms, self.started_at)
        self.notices = Notices(self.streams, self.access, self.settings)
        self.accounts = Accounts(self.ids, self.now)
        self.accounts.login_days = self.settings.number("Accounts_LoginExpiration")
        self.accounts.add(_cat(self.started_at))
        self.rooms = Rooms(rooms, self.ids, self.now, self.notices)
        self.rules = PostingRules(self.access, self.settings, version)
        parts = Parts(
            ids=self.ids,
            now=self.now,
            accounts=self.accounts,
            rooms=self.rooms,
            rules=self.rules,
            notices=self.notices,
            settings=self.settings,
        )
        self.messages = Messages(parts)
        self.uploads = Uploads(self.ids, self.now, self.settings)
        self.integrations = Integrations(self.ids, self.now)
        self.changes = Changes(parts, self.messages, self.access, self.uploads)
        self.rooms.say = self.messages.system
        self.rooms.forget = self.messages.forget

    # People

    def add_user(
        self,
        username: str,
        *,
        name: str | None = None,
        password: str | None = None,
        roles: Sequence[str] = ("user",),
        email: str | None = None,
        email_verified: bool = False,
        language: str | None = None,
        two_factor_code: str | None = None,
        kind: str = "user",
        federated: bool = False,
    ) -> User:
        """Add an account.

        Args:
            username: unique whatever its case.
            name: the username if not given.
            password: nobody can log in with a password if not given.
            roles: identifiers or names.
            email: none if not given.
            email_verified: whether the address counts as verified.
            language: the preference of the user.
            two_factor_code: a password login needs this second factor, if given.
            kind: `user`, `bot` (internal) or `app`.
            federated: whether the account lives on another server.
        """
        now = self.now()
        user = User(
            id=self.ids.new(),
            username=username,
            name=name or username,
            password_digest=digest_password(password) if password is not None else None,
            roles=[self.get_role(role).id for role in roles],
            email=email,
            email_verified=email_verified,
            language=language,
            two_factor_code=two_factor_code,
            type=kind,
            federated=federated,
            created_at=now,
            updated_at=now,
        )
        return self.accounts.add(user)

    def user(self, username: str) -> User:
        """Return a user; KeyError if there is none of that name or identifier."""
        user = self.accounts.users.get(username) or self.accounts.find_by_username(username)
        if user is None:
            raise KeyError(f"there is no user {username!r}")
        return user

    def personal_access_token(self, username: str, name: str = "token") -> str:
        """Create a personal access token for a user, whatever their permissions."""
        return self.accounts.create_personal_token(self.user(username), name, bypass=True)

    def rename_user(self, username: str, *, to: str | None = None, name: str | None = None) -> User:
        """Change username, name or both, and tell."""
        user = self.user(username)
        if to is not None:
            self.accounts.rename(user, username=to)
        user.name = name or user.name
        user.updated_at = self.now()
        self.notices.name_changed(user)
        return user

    def deactivate(self, username: str) -> None:
        """Switch an account off: tokens die, direct rooms become read-only."""
        self.set_active(self.user(username), active=False)

    def activate(self, username: str) -> None:
        """Switch an account on again."""
        self.set_active(self.user(username), active=True)

    def set_active(self, user: User, *, active: bool) -> None:
        """Switch an account on or off."""
        user.active = active
        user.updated_at = self.now()
        if not active:
            self.end_sessions(user)
        self.rooms.follow_activation(user, lambda other: other.active)

    def remove_user(self, user: User) -> None:
        """Remove an account with its direct rooms; `Message_ErasureType` says what is left."""
        erasure = self.settings.text("Message_ErasureType")
        for room in self.rooms.rooms_of(user):
            if room.t == "d":
                self.rooms.delete(room)
            else:
                self.rooms.unsubscribe(room, user)
        if erasure == "Delete":
            self.changes.erase_author(user)
        elif erasure == "Unlink":
            self.changes.replace_author(user, self.user("rocket.cat"), REMOVED)
        self.accounts.remove(user)
        self.notices.user_deleted(user, erasure, REMOVED)

    def end_sessions(self, user: User) -> None:
        """End all tokens of a user and tell their clients."""
        self.accounts.revoke_all(user)
        self.notices.force_logout(user)

    def set_status(self, username: str, status: str, text: str = "") -> None:
        """Change a user's presence and tell it."""
        user = self.user(username)
        user.status, user.status_text, user.updated_at = status, text, self.now()
        self.notices.status(user)

    def connected(self, user: User) -> None:
        """Show a user as present: a client of theirs is there."""
        if user.status != user.status_default:
            self.set_status(user.id, user.status_default, user.status_text)

    def disconnected(self, user: User) -> None:
        """Show a user as gone: their last client is."""
        if user.status != "offline":
            self.set_status(user.id, "offline", user.status_text)

    # Roles

    def add_role(self, name: str) -> Role:
        """Add a custom role; its identifier is generated, as on the real server."""
        return self.access.add_role(name, now=self.now())

    def get_role(self, role: str) -> Role:
        """Return a role by identifier or name; KeyError if there is none."""
        found = self.access.find_role(role)
        if found is None:
            raise KeyError(f"there is no role {role!r}")
        return found

    def grant(self, permission: str, role: str) -> None:
        """Give a permission to a role."""
        self.access.grant(permission, self.get_role(role).id, self.now())

    def revoke(self, permission: str, role: str) -> None:
        """Take a permission from a role."""
        self.access.revoke(permission, self.get_role(role).id, self.now())

    def give_role(self, username: str, role: str) -> None:
        """Give a user a role and tell it."""
        user, found = self.user(username), self.get_role(role)
        if found.id not in user.roles:
            user.roles.append(found.id)
            user.updated_at = self.now()
            self.notices.role_changed("added", found, user)

    def take_role(self, username: str, role: str) -> None:
        """Take a role from a user and tell it."""
        user, found = self.user(username), self.get_role(role)
        if found.id in user.roles:
            user.roles.remove(found.id)
            user.updated_at = self.now()
            self.notices.role_changed("removed", found, user)

    # Rooms

    def room(self, name: str) -> Room:
        """Return a room by identifier or name; KeyError if there is none."""
        room = self.rooms.find(name)
        if room is None:
            raise KeyError(f"there is no room {name!r}")
        return room

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] = (),
        private: bool = False,
        read_only: bool = False,
        owner: str | None = None,
    ) -> Room:
        """Add a channel or private group.

        Args:
            name: unique whatever its case.
            members: usernames.
            private: a group instead of a public channel.
            read_only: only its staff may write.
            owner: who owns it; nobody if not given.
        """
        creator = self.user(owner or "rocket.cat")
        return self.rooms.create(
            name,
            creator,
            private=private,
            read_only=read_only,
            members=[self.user(member) for member in members],
            exclude_self=owner is None,
        )

    def direct_room(self, first: str, second: str) -> Room:
        """Return the direct room of two users, made by the first if there is none yet."""
        users = list(dict.fromkeys((self.user(first), self.user(second))))
        return self.rooms.create_direct(users, users[0])

    def add_member(self, room: str, username: str) -> None:
        """Let a user enter a room."""
        self.rooms.join(self.room(room), self.user(username))

    def remove_member(self, room: str, username: str) -> None:
        """Let a user leave a room."""
        self.rooms.leave(self.room(room), self.user(username))

    # Messages

    def post(
        self,
        username: str,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        message_id: str | None = None,
        attachments: Sequence[Document] | None = None,
    ) -> Document:
        """Post as a person would: the same checks, the same broadcasts.

        Raises:
            Refused: a rule of the server forbids it.
        """
        message: Document = {"rid": self.room(room).id, "msg": text}
        message |= {"_id": message_id} if message_id else {}
        message |= {"tmid": thread} if thread else {}
        message |= {"attachments": list(attachments)} if attachments else {}
        return self.messages.send(self.user(username), message)

    def edit(self, username: str, message_id: str, text: str) -> Document:
        """Edit a message as a person would."""
        return self.changes.edit(self.user(username), self.messages.all[message_id], text)

    def delete(self, username: str, message_id: str) -> None:
        """Delete a message as a person would."""
        self.changes.delete(self.user(username), self.messages.all[message_id])

    def react(self, username: str, message_id: str, emoji: str) -> None:
        """Set a reaction as a person would."""
        message = self.messages.all[message_id]
        self.changes.react(self.user(username), message, emoji, should_react=True)

    # Settings

    def set_setting(self, key: str, value: object) -> None:
        """Change a setting and tell it; KeyError for one that does not exist."""
        self.settings.set(key, value, self.now())
        self.notices.setting_changed(key, value)


def _cat(now: datetime) -> User:
    """The account every server comes with; it speaks for the server and owns what nobody does."""
    return User(
        id="rocket.cat",
        username="rocket.cat",
        name="Rocket.Cat",
        type="bot",
        roles=["bot"],
        status="online",
        created_at=now,
        updated_at=now,
    )
