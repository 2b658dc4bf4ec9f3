"""Which cases somebody wants to see, and how little of them may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.cases.case import CaseId, CaseState, Level, Milestone, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases to list; an empty field does not restrict."""

    customer: UserId | None = None
    owner: UserId | None = None
    """Owner at the case's current level."""
    level: Level | None = None
    state: CaseState | None = None
    words: tuple[str, ...] = ()
    """All of them, without regard to case, in the title or the name (`CASE-42`)."""
    alert_open: bool | None = None
    """Whether a Done alert waits for the contact."""
    owned_by: UserId | None = None
    """Owner at any level."""
    unowned: bool = False
    """Only those that nobody has at their current level."""
    severity: str = ""
    """Without regard to case, as the next."""
    product: str = ""
    milestone: Milestone | None = None
    with_issue: bool | None = None
    """Whether it follows an issue, or one was requested for it."""
    waiting: bool | None = None
    """Whether the customer was asked something and has not answered."""
    below: CaseId | None = None
    """Only those with a smaller number: the next page of a list that may change meanwhile."""
    ids: tuple[CaseId, ...] | None = None
    """Only these."""
    above: CaseId | None = None
    """Only those with a larger number: the newest, however many there are."""
    due_before: datetime | None = None
    """Only those whose `due_at` is then or earlier."""
    erased: bool | None = None
    """Whether what people wrote has been erased."""
    changed_before: datetime | None = None
    """Only those whose `updated_at` is earlier."""


class CaseTitle(NamedTuple):
    """What a case is about, for whoever looks through many of them."""

    id: CaseId
    title: str
    """In small letters, as the next."""
    product: str
