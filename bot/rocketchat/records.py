"""What the gateway hands out: Rocket.Chat's documents as plain, frozen values.

Ids are the server's own and never change; usernames and names may. Times are aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

NO_REACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCredentials:
    """A username (or e-mail address) and its password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCredentials:
    """A personal access token and the id of the user it belongs to."""

    user_id: str
    auth_token: str = field(repr=False)


Credentials = PasswordCredentials | TokenCredentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who we are logged in as; the token is worth a password and stays out of the repr."""

    user_id: str
    auth_token: str = field(repr=False)
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """A file that came with a message.

    Attributes:
        type: the media type as the uploader declared it; may be empty.
        size: in bytes; 0 when the server does not say.
        caption: what was typed with the upload; may be empty.
    """

    id: str
    name: str
    type: str
    size: int
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """A message as the server holds it now; the same id comes again after every change to it.

    Attributes:
        room_type: `c` channel, `p` private, `d` direct, `l` omnichannel; empty if unknown.
        sent_at: as the sender's client claims, up to 10 s off.
        updated_at: the server's own time of the last change.
        edited: the text is not the first one.
        system_type: Rocket.Chat's `t`; None for what a person wrote, `e2e` for unreadable text.
        thread_id: the id of the thread's first message, if it is a reply.
        integration: it came from an incoming webhook.
        participant: we are a member of the room; True when the server does not say.
        reactions: usernames by emoji, with its colons.
    """

    id: str
    room_id: str
    room_type: str
    text: str
    sender_id: str
    sender_username: str
    sender_name: str
    sent_at: datetime
    updated_at: datetime
    edited: bool = False
    system_type: str | None = None
    thread_id: str | None = None
    integration: bool = False
    participant: bool = True
    files: tuple[MessageFile, ...] = ()
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_REACTIONS)

    @property
    def encrypted(self) -> bool:
        """Return whether only its sender's client can read it."""
        return self.system_type == "e2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room; `usernames` is filled for direct messages only.

    Attributes:
        type: as `IncomingMessage.room_type`.
        name: None for direct messages.
        people: how many may read a direct message; 0 where the server does not tell.
        updated_at: moves with every message, also a reply in a thread.
    """

    id: str
    type: str
    name: str | None = None
    usernames: tuple[str, ...] = ()
    people: int = 0
    read_only: bool = False
    archived: bool = False
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of the workspace.

    Attributes:
        active: False once deactivated: direct messages would reach nobody.
        roles: role ids; None when the server hides them from us.
        bot: known to be a program; False does not prove a person.
    """

    id: str
    username: str
    name: str
    active: bool = True
    roles: tuple[str, ...] | None = None
    bot: bool = False
