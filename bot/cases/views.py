"""What a customer may see: values of their own, which cannot hold what is the team's.

A text for a customer is written from these only, so that a template, however it is changed, finds
neither a note nor a reason nor an owner nor anything of Jira.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.cases.access import Actor
from bot.cases.case import (
    Case,
    CaseId,
    CaseState,
    Level,
    Milestone,
    Person,
    TimelineEntry,
    TimelineKind,
)

FOR_CUSTOMERS = "customer/"
"""What the names of the texts begin with that only customers read."""


class ForCustomers:
    """Marks a value that holds nothing but what a customer may see."""

    __slots__ = ()


Shown = str | int | datetime | Person | ForCustomers | Sequence[ForCustomers] | None
"""What a text for a customer may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView(ForCustomers):
    """One item of the checklist."""

    text: str
    """As the customer wrote it; empty where the team did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView(ForCustomers):
    """A file the customer sent."""

    name: str
    size: int
    """In bytes."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView(ForCustomers):
    """What the team asked the customer."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsView(ForCustomers):
    """One thing that happened to the case."""

    kind: TimelineKind
    at: datetime
    text: str
    """As the customer wrote it, or was written to; empty where it is the team's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView(ForCustomers):
    """A case as its customer sees it."""

    id: CaseId
    title: str
    customer: Person
    opened_at: datetime
    changed_at: datetime
    """The last change they may know of."""
    level: Level
    state: CaseState
    severity: str
    product: str
    version: str
    language: str
    evidence: Mapping[str, EvidenceView]
    files: Sequence[FileView]
    question: QuestionView | None
    """Waits for their answer."""
    told: Milestone | None
    """The milestone they were told of last."""
    confirmed: bool
    """Whether it is known to be a defect of the product."""
    fixed: bool
    """Whether what they were told is done is a fix."""
    broken: bool
    """Whether they said that it is not solved."""

    @property
    def name(self) -> str:
        """Return how people call it: `CASE-42`."""
        return f"CASE-{self.id}"


def view_of(case: Case) -> CustomerView:
    """Return a case as its customer sees it."""
    mine = case.customer.id
    progress = case.progress
    known = case.state is CaseState.OPEN and progress.milestone is progress.told
    return CustomerView(
        id=case.id,
        title=case.title,
        customer=case.customer,
        opened_at=case.opened_at,
        changed_at=(progress.since if known else None) or case.updated_at,
        level=case.level,
        state=case.state,
        severity=case.severity,
        product=case.product,
        version=case.version,
        language=case.language,
        evidence={
            item: EvidenceView(text=given.text if given.by.id == mine else "")
            for item, given in case.evidence.items()
        },
        files=[
            FileView(name=file.name, size=file.size, at=file.at)
            for file in case.files
            if file.by.id == mine
        ],
        question=QuestionView(text=case.question.text, at=case.question.at)
        if case.question
        else None,
        told=progress.told,
        confirmed=case.confirmed,
        fixed=case.alert is None or case.alert.is_fix,
        broken=case.alert is not None and case.alert.broken_at is not None,
    )


_THEIR_OWN_WORDS = frozenset(
    {
        TimelineKind.OPENED,
        TimelineKind.EVIDENCE,
        TimelineKind.FILE,
        TimelineKind.REOPENED,
        TimelineKind.HEARD,
    }
)
_WRITTEN_TO_THEM = frozenset({TimelineKind.ASKED, TimelineKind.REPLIED})


def news_of(entries: Sequence[TimelineEntry], case: Case) -> list[NewsView]:
    """Return what the customer may see of a case's timeline, in its order."""
    return [
        NewsView(kind=entry.kind, at=entry.at, text=_words(entry, case))
        for entry in entries
        if not entry.internal
    ]


def _words(entry: TimelineEntry, case: Case) -> str:
    if entry.kind in _WRITTEN_TO_THEM:
        # What was written to whoever had the case before is not theirs to read.
        is_theirs = case.customer_since is None or entry.at >= case.customer_since
    else:
        own = entry.by is not None and entry.by.id == case.customer.id
        is_theirs = own and entry.kind in _THEIR_OWN_WORDS
    return entry.text if is_theirs else ""


_HARMLESS = (str, int, float, datetime, Enum, Person, Actor, ForCustomers)
_VIEWS: Mapping[type, type] = {Case: CustomerView, TimelineEntry: NewsView}
"""What customers get instead."""


def type_for_customers(kind: type) -> type | None:
    """Return the type of what customers get instead of a value; None if they get nothing."""
    if kind in _VIEWS:
        return _VIEWS[kind]
    return kind if issubclass(kind, _HARMLESS) else None


def for_customer(value: object) -> object:
    """Return a value as a customer may see it; a case becomes its view.

    Raises:
        TypeError: there is no such form of it: it is the team's.
    """
    if isinstance(value, Case):
        return view_of(value)
    if value is None or isinstance(value, _HARMLESS):
        return value
    if isinstance(value, tuple | list):
        return [for_customer(one) for one in value]
    if isinstance(value, Mapping):
        return {name: for_customer(one) for name, one in value.items()}
    raise TypeError(f"{type(value).__name__} is not for customers; give them a view of it")
