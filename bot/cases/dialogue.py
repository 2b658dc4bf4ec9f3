"""What the bot is waiting to be told: one open question per person and place.

A dialogue is stored, so it survives a restart; two people's never mix, nor do one person's in two
places.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NewType

from bot.cases.case import CaseFile, CaseId, MessageId, Person, RoomId

DialogueKey = NewType("DialogueKey", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A command that is carried out on `yes`, as it was shown."""

    verb: str
    case_id: CaseId | None = None
    others: tuple[CaseId, ...] = ()
    """What was named besides."""
    text: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    """What commands were typed with."""
    message_id: MessageId | None = None
    """The message that asked for it."""
    shown: str = ""
    """The fingerprint of what was shown; empty: nothing that may change meanwhile."""
    kind: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseCase:
    """Words or files of a customer with several open cases: which one are they for?"""

    cases: tuple[CaseId, ...]
    text: str = ""
    files: tuple[CaseFile, ...] = ()
    message_id: MessageId
    opening: bool = False
    """They want a new case for their files, and are asked what goes wrong."""
    kind: Literal["choose_case"] = "choose_case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A case being opened, or its checklist filled, one question at a time."""

    asked: str
    """What the next plain words answer: `title`, `similar`, an item of the checklist."""
    case_id: CaseId | None = None
    """None: there is no case yet."""
    title: str = ""
    customer: Person | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Severity, version, product as far as they are given."""
    skipped: tuple[str, ...] = ()
    similar: tuple[CaseId, ...] = ()
    """Open cases that were offered."""
    kind: Literal["intake"] = "intake"


Step = Confirm | ChooseCase | Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """An open question to one person, in one room or thread."""

    person: Person
    room_id: RoomId
    thread_id: MessageId | None = None
    step: Step
    begun_at: datetime
    """By the chat server's clock; what was sent earlier is no answer."""
    until: datetime
    """Forgotten then, without a word."""
    threads: tuple[MessageId, ...] = ()
    """Messages in whose threads it may be answered, too."""
    asked_at: datetime | None = None
    """When they were asked last."""

    @property
    def key(self) -> DialogueKey:
        """Return what it is found by."""
        return dialogue_key(self.person, self.room_id, self.thread_id)


def dialogue_key(person: Person, room_id: RoomId, thread_id: MessageId | None) -> DialogueKey:
    """Return what names the dialogue of a person in a place; there is one at a time."""
    return DialogueKey(f"{room_id}/{thread_id or ''}/{person.id}")
