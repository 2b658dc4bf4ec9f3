"""What can be owed to the outside world, and how far it has come.

A handler only ever writes these down, in the same transaction as the change that caused them;
the dispatcher carries them out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NewType

from bot.cases.case import CaseId, FileId, IssueId, MessageId, Person, RoomId
from bot.cases.query import CaseQuery

# Meteor's alphabet and length, so that no server can tell these ids from its own.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 17

DeliveryId = NewType("DeliveryId", int)
Lane = NewType("Lane", str)
"""One recipient: what is owed on a lane goes out in the order it was owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRoom:
    """A room the bot is in, and the thread in it, if any."""

    room_id: RoomId
    thread_id: MessageId | None = None
    kind: Literal["room"] = "room"

    @property
    def lane(self) -> Lane:
        """Return the lane of the room; its threads share it."""
        return Lane(f"room:{self.room_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPerson:
    """A direct message; `room_id` where the direct room is already known."""

    person: Person
    room_id: RoomId | None = None
    thread_id: MessageId | None = None
    kind: Literal["person"] = "person"

    @property
    def lane(self) -> Lane:
        """Return the lane of the person, the same whether the room is known or not."""
        return Lane(f"person:{self.person.id}")


Recipient = ToRoom | ToPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A chat message."""

    to: Recipient
    text: str
    kind: Literal["say"] = "say"

    @property
    def lane(self) -> Lane:
        """Return the recipient's lane."""
        return self.to.lane


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """A reaction of the bot on somebody's message."""

    to: Recipient
    message_id: MessageId
    emoji: str
    kind: Literal["react"] = "react"

    @property
    def lane(self) -> Lane:
        """Return the recipient's lane."""
        return self.to.lane


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIssue:
    """A Jira issue to create from a case, once; its text is taken from the case when it is sent."""

    case_id: CaseId
    announce: Recipient
    """Where the outcome is told."""
    kind: Literal["create_issue"] = "create_issue"

    @property
    def lane(self) -> Lane:
        """Return the lane of the case's issue."""
        return Lane(f"issue:{self.case_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssue:
    """An existing Jira issue to look up and to follow."""

    case_id: CaseId
    issue_key: str
    announce: Recipient
    """Where the outcome is told."""
    kind: Literal["link_issue"] = "link_issue"

    @property
    def lane(self) -> Lane:
        """Return the lane of the case's issue."""
        return Lane(f"issue:{self.case_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachFile:
    """A file of a case, to be copied from the chat to the issue, once."""

    case_id: CaseId
    file_id: FileId
    issue_id: IssueId
    kind: Literal["attach_file"] = "attach_file"

    @property
    def lane(self) -> Lane:
        """Return the lane of the case's issue."""
        return Lane(f"issue:{self.case_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowOriginal:
    """The issue that a case's own was resolved as a duplicate of, to look up and to follow."""

    case_id: CaseId
    issue_id: IssueId
    """The duplicate."""
    issue_key: str
    original_id: IssueId
    original_key: str
    kind: Literal["follow_original"] = "follow_original"

    @property
    def lane(self) -> Lane:
        """Return the lane of the case's issue."""
        return Lane(f"issue:{self.case_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a customer wrote, or somebody gave as evidence, on its way to R&D."""

    text: str
    at: datetime
    question: str = ""
    """What they had been asked, if anything."""
    evidence: bool = False
    """Whether it is an item of the checklist, by whomever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentIssue:
    """A comment on an issue for the team alone: what the customer of a case wrote."""

    case_id: CaseId
    issue_id: IssueId
    said: tuple[Said, ...]
    announce: Recipient
    """Where a refusal is told."""
    kind: Literal["comment_issue"] = "comment_issue"

    @property
    def lane(self) -> Lane:
        """Return the lane of the case's issue."""
        return Lane(f"issue:{self.case_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """Cases as a table."""

    query: CaseQuery
    format: Literal["csv", "jsonl"]
    overdue: bool = False
    """Whether only those whose time is over then."""
    kind: Literal["cases"] = "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExport:
    """Everything kept about one person."""

    person: Person
    kind: Literal["person"] = "person"


Content = CaseExport | PersonExport


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFile:
    """A file in a direct message, made when it is sent from what is kept then."""

    to: ToPerson
    name: str
    """Of the file; unlike any other's, since it is found again by it."""
    caption: str
    content: Content
    kind: Literal["send_file"] = "send_file"

    @property
    def lane(self) -> Lane:
        """Return the recipient's lane."""
        return self.to.lane


Effect = (
    Say | React | CreateIssue | LinkIssue | FollowOriginal | CommentIssue | AttachFile | SendFile
)
ToJira = CreateIssue | LinkIssue | FollowOriginal | CommentIssue | AttachFile
"""What Jira is asked for; everything else goes to the chat."""
Repeatable = Say | React
"""What does no harm if it is done again: the server keeps one."""


class DeliveryState(StrEnum):
    """How an outbox entry ended, or that it has not."""

    PENDING = "pending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class Audience(StrEnum):
    """Who a message is meant for, looked at again when it is sent: people change."""

    ANYBODY = "anybody"
    """Whoever it is addressed to."""
    CUSTOMER = "customer"
    """The customer of its case, and nobody who was."""
    CONTACT = "contact"
    """Somebody whose role lets them record that the customer was contacted."""
    TEAM = "team"
    """Somebody who still is one of the team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An effect as a handler writes it down.

    The key says what the effect is, not when it was written (`reply/<message id>/0`,
    `case/42/status/10001/10228/customer`): the same effect has the same key for ever, so owing it
    again adds nothing, and the chat message's `_id` derived from it is the same too.
    """

    key: str
    effect: Effect
    case_id: CaseId | None = None
    """The case whose ledger it belongs to; None: forgotten once it is sent."""
    about: str = ""
    """What it tells, for the ledger, as `milestone Specifying`."""
    because: str = ""
    """The transition that caused it, as `10001/10228`, or empty."""
    skipped: str = ""
    """Not to be sent at all, and why: recorded in the ledger only."""
    audience: Audience = Audience.ANYBODY
    """Skipped if its recipient no longer is one of these when its turn comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One outbox entry's way to its recipient."""

    id: DeliveryId
    owed: Owed
    owed_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    not_before: datetime | None = None
    """Not to be tried earlier than this."""
    doubtful: bool = False
    """An earlier try may have been carried out: look before asking again."""
    doubtful_since: datetime | None = None
    finished_at: datetime | None = None
    detail: str = ""
    """The reason of the last failure, of skipping or failing."""

    @property
    def lane(self) -> Lane:
        """Return the lane it waits on."""
        return self.owed.effect.lane


@lru_cache(maxsize=256)
def message_id_of(installation: str, key: str) -> MessageId:
    """Return the `_id` of the chat message that says what is owed under a key.

    Always the same for the same installation and key, so that sending it again is harmless: the
    server keeps one.
    """
    number = int.from_bytes(hashlib.sha256(f"{installation}\n{key}".encode()).digest())
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return MessageId("".join(digits))
