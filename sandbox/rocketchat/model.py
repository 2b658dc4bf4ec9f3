"""The things a workspace consists of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

# What `encodeURI` of JavaScript leaves as it is, besides letters and digits.
UNESCAPED = ";,/?:@&=+$-_.!~*'()#"
# A document as the server stores and sends it: open-ended by nature.
Document = dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """An account."""

    id: str
    username: str
    name: str
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    email_verified: bool = False
    password_digest: str | None = field(default=None, repr=False)
    two_factor_code: str | None = field(default=None, repr=False)
    roles: list[str] = field(default_factory=list)
    type: str = "user"
    active: bool = True
    status: str = "offline"
    status_text: str = ""
    status_default: str = "online"
    utc_offset: float = 0
    language: str | None = None
    nickname: str | None = None
    bio: str | None = None
    last_login: datetime | None = None
    federated: bool = False
    preferences: Document = field(default_factory=dict)
    custom_fields: Document = field(default_factory=dict)
    require_password_change: bool = False

    @property
    def brief(self) -> Document:
        """The author of a message, as stored in it."""
        return {"_id": self.id, "username": self.username, "name": self.name}


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    """A role; the built-in ones have their name for an identifier."""

    id: str
    name: str
    updated_at: datetime
    scope: str = "Users"
    description: str = ""
    protected: bool = False
    mandatory_2fa: bool = False

    def document(self) -> Document:
        """Return the role as `roles.list` shows it."""
        return {
            "_id": self.id,
            "name": self.name,
            "scope": self.scope,
            "description": self.description,
            "mandatory2fa": self.mandatory_2fa,
            "protected": self.protected,
            "_updatedAt": self.updated_at,
        }


@dataclass(slots=True, kw_only=True, eq=False)
class Token:
    """A login or personal access token, known by its hash only."""

    hashed: str = field(repr=False)
    user_id: str
    created_at: datetime
    expires_at: datetime | None = None
    name: str | None = None
    last_part: str = field(default="", repr=False)
    bypass_two_factor: bool = False

    @property
    def personal(self) -> bool:
        """Whether it is a personal access token."""
        return self.name is not None


@dataclass(slots=True, kw_only=True, eq=False)
class Subscription:
    """A user's membership of a room."""

    id: str
    rid: str
    user: User
    ts: datetime
    updated_at: datetime
    open: bool = True
    alert: bool = False
    unread: int = 0
    user_mentions: int = 0
    group_mentions: int = 0
    ls: datetime | None = None
    roles: list[str] = field(default_factory=list)
    archived: bool = False
    blocked: bool = False
    blocker: bool = False
    favorite: bool = False
    thread_unread: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Room:
    """A channel (c), a private group (p) or a direct message (d)."""

    id: str
    t: str
    ts: datetime
    updated_at: datetime
    name: str | None = None
    fname: str | None = None
    creator: Document | None = None
    topic: str | None = None
    description: str | None = None
    announcement: str | None = None
    read_only: bool = False
    react_when_read_only: bool = False
    archived: bool = False
    default: bool = False
    encrypted: bool = False
    join_code: str | None = field(default=None, repr=False)
    parent: str | None = None
    custom_fields: Document = field(default_factory=dict)
    muted: list[str] = field(default_factory=list)
    unmuted: list[str] = field(default_factory=list)
    hidden_system_types: list[str] = field(default_factory=list)
    participants: list[User] = field(default_factory=list)
    members: dict[str, Subscription] = field(default_factory=dict)
    messages: int = 0
    last_at: datetime | None = None
    last_message: Document | None = None

    @property
    def label(self) -> str:
        """What a person would call it."""
        return self.fname or self.name or self.id


@dataclass(slots=True, kw_only=True, eq=False)
class Upload:
    """A file; temporary until it is confirmed into a message."""

    id: str
    rid: str
    user: User
    name: str
    type: str
    content: bytes = field(repr=False)
    uploaded_at: datetime
    expires_at: datetime | None
    # Of which file this is a smaller picture.
    thumbnail_of: str | None = None

    @property
    def path(self) -> str:
        """Where it can be downloaded, relative to the server."""
        return f"/file-upload/{self.id}/{quote(self.name, safe=UNESCAPED)}"

    def document(self) -> Document:
        """Return the file as the `*.files` routes show it."""
        return {
            "_id": self.id,
            "name": self.name,
            "type": self.type,
            "size": len(self.content),
            "rid": self.rid,
            "userId": self.user.id,
            "store": "FileSystem:Uploads",
            "complete": True,
            "uploading": False,
            "progress": 1,
            "path": self.path,
            "url": self.path,
            "uploadedAt": self.uploaded_at,
            "_updatedAt": self.uploaded_at,
            "typeGroup": self.type.split("/", maxsplit=1)[0],
            "user": self.user.brief,
        }
