"""The nouns: a case, who it belongs to, how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NewType

CaseId = NewType("CaseId", int)
UserId = NewType("UserId", str)
RoomId = NewType("RoomId", str)
MessageId = NewType("MessageId", str)
IssueId = NewType("IssueId", str)
FileId = NewType("FileId", str)


class Level(IntEnum):
    """Where a case is being worked on."""

    ANALYSIS = 1
    """Support analysts collect evidence and try to reproduce."""
    CONFIRMATION = 2
    """Support specialists analyse again and gather what R&D needs."""
    ASSESSMENT = 3
    """R&D confirms a product defect, or returns the case."""


class CaseState(StrEnum):
    """Whether anybody still has to do something."""

    OPEN = "open"
    CLOSED = "closed"


class Milestone(StrEnum):
    """What a Jira status means to the process, in the order of the process."""

    SPECIFYING = "Specifying"
    """R&D checks and validates the context; questions may come back."""
    READY = "Ready"
    """Everything is gathered; the issue waits to be taken."""
    IN_PROGRESS = "In Progress"
    """Somebody works on it; it will be in one of the next releases."""
    DONE = "Done"
    """Solved and released; the specialist tells the customer."""

    @property
    def rank(self) -> int:
        """Position in the process, from 0."""
        return list(Milestone).index(self)


class IssueState(StrEnum):
    """How far the way from a case to its Jira issue has come."""

    REQUESTED = "requested"
    """Owed: the issue is still to be created or looked up in Jira."""
    LINKED = "linked"
    """The case follows this issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account on the chat server, as they were called when last seen."""

    id: UserId
    username: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One item of the checklist, as somebody gave it."""

    text: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file somebody sent for the case; its bytes stay on the chat server."""

    id: FileId
    """As the chat server knows it."""
    name: str
    """Cleaned: no path, nothing invisible."""
    size: int
    """In bytes, as the chat server says."""
    media_type: str
    message_id: MessageId
    by: Person
    at: datetime
    attachment_id: str = ""
    """Jira's id of the copy at the issue; empty: not there, or not yet."""
    internal: bool = False
    """Whether somebody of the team sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the customer was asked and has not answered yet."""

    text: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Why a case came back to its level."""

    reason: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Who answers for the case at each level; None where nobody has taken it."""

    analyst: Person | None = None
    specialist: Person | None = None
    assessor: Person | None = None

    def at(self, level: Level) -> Person | None:
        """Return the owner at `level`."""
        return (self.analyst, self.specialist, self.assessor)[level - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """The Jira issue a case follows. Known by its immutable id; the key is for display."""

    state: IssueState
    requested_by: Person
    requested_at: datetime
    id: IssueId | None = None
    key: str = ""
    url: str = ""
    via: tuple[IssueId, ...] = ()
    """The issues it followed before, each a duplicate of the next, the last of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the issue of a case has come, and what the customer was told of it."""

    status: str = ""
    """The Jira status by name, for display."""
    milestone: Milestone | None = None
    """What that status means; None before the first and for a status that means none."""
    since: datetime | None = None
    """When the issue entered the status."""
    told: Milestone | None = None
    """The newest milestone the customer was told of."""
    reached: tuple[Milestone, ...] = ()
    """Every milestone the customer was told of, each once, in order of telling."""
    behind: bool = False
    """Whether the issue has still to come to what the customer was told of a former one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The Done task of a specialist: open until the contact is recorded."""

    opened_at: datetime
    resolution: str = ""
    is_fix: bool = True
    fix_versions: tuple[str, ...] = ()
    acknowledged_by: Person | None = None
    reminded_at: datetime | None = None
    reminders: int = 0
    """How often it was repeated."""
    snoozed_until: datetime | None = None
    messages: tuple[MessageId, ...] = ()
    """Those that tell of it; a reaction on one of them acknowledges it."""
    contacted_by: Person | None = None
    contacted_at: datetime | None = None
    contacted_how: str = ""
    broken_at: datetime | None = None
    """When the customer said, after it, that the problem is still there."""

    @property
    def is_open(self) -> bool:
        """Whether the customer still has to be contacted."""
        return self.contacted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One reported defect; belongs to one customer."""

    id: CaseId
    title: str
    customer: Person
    opened_by: Person
    opened_at: datetime
    updated_at: datetime
    level: Level = Level.ANALYSIS
    state: CaseState = CaseState.OPEN
    owners: Owners = field(default_factory=Owners)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    severity: str = ""
    version: str = ""
    product: str = ""
    language: str = "en"
    issue: IssueLink | None = None
    progress: Progress = field(default_factory=Progress)
    alert: Alert | None = None
    closed_reason: str = ""
    files: tuple[CaseFile, ...] = ()
    question: Question | None = None
    """Waits for the customer."""
    customer_since: datetime | None = None
    """When it was given to its customer; None: it always was theirs."""
    told_at: datetime | None = None
    """When the customer was last written to by a person or by a milestone."""
    heard_at: datetime | None = None
    """When the customer last wrote."""
    answered_at: datetime | None = None
    """When the team first answered: took the case or wrote to the customer."""
    level_since: datetime | None = None
    """When it came to its level; None: when it was opened."""
    handed_by: Person | None = None
    """Who had it before it came to its level."""
    returned: Returned | None = None
    """Why it came down to its level; None once it goes up again."""
    waited: timedelta = timedelta()
    """How long at this level, in working time, it has waited for its customer."""
    resumed_at: datetime | None = None
    """When the customer last answered a question, or the case was taken up again."""
    offered_at: datetime | None = None
    """When its owner was last offered a draft, because the customer hears nothing."""
    warned: tuple[str, ...] = ()
    """What has been warned of, each once; see `bot.cases.clocks.Moment.name`."""
    due_at: datetime | None = None
    """When the clock has something to say about it next; None: nothing."""
    erased_at: datetime | None = None
    """When what people wrote was erased; numbers, times and states stayed."""
    threads: tuple[MessageId, ...] = ()
    """Messages whose threads belong to this case, so that its number can be left out there."""

    @property
    def responsible(self) -> Person | None:
        """Return who answers for it: the owner at its level, after Done the specialist."""
        specialist = self.owners.specialist if self.alert is not None else None
        return specialist or self.owners.at(self.level)

    @property
    def name(self) -> str:
        """Return how people call it: `CASE-42`."""
        return f"CASE-{self.id}"

    @property
    def confirmed(self) -> bool:
        """Whether it is a defect of the product, with a Jira issue or one on its way."""
        return self.issue is not None


class TimelineKind(StrEnum):
    """What a timeline entry records."""

    OPENED = "opened"
    EVIDENCE = "evidence"
    NOTE = "note"
    TAKEN = "taken"
    ESCALATED = "escalated"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    LINKED = "linked"
    STATUS = "status"
    TOLD = "told"
    ALERT = "alert"
    CONTACTED = "contacted"
    CLOSED = "closed"
    REOPENED = "reopened"
    CHANGED = "changed"
    ASSIGNED = "assigned"
    FILE = "file"
    ASKED = "asked"
    REPLIED = "replied"
    HEARD = "heard"
    """The customer wrote."""
    SNOOZED = "snoozed"
    WARNED = "warned"
    MOVED = "moved"
    """It follows another issue now, as a duplicate."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened to a case."""

    case_id: CaseId
    at: datetime
    kind: TimelineKind
    text: str
    by: Person | None = None
    """None: the bot, because of Jira or the clock."""
    internal: bool = False
    """Never shown to a customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedIssue:
    """A Jira issue that at least one case follows, and how far its changelog has been handled."""

    id: IssueId
    key: str
    url: str
    project: str
    updated_at: datetime | None = None
    """Jira's own `updated` when the issue was last handled; None: not yet read."""
    handled_at: datetime | None = None
    handled_id: str = ""
    """Time and history id of the newest status change that was handled."""
    status: str = ""
    misses: int = 0
    """How many sweeps in a row did not find it."""
    duplicate_of: IssueId | None = None
    """The issue that its cases follow instead, for as long as it is a duplicate of that one."""
