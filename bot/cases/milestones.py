"""What a status change of an issue means to a case, and to the people who wait for it.

Specifying ──► Ready ──► In Progress ──► Done
     ◄──────────── back ─────────────      │
     ◄──────────────── reopened ───────────┘
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from bot.cases.case import Milestone, Progress


class Nothing(Enum):
    """A status that is known to mean no milestone."""

    MEANS_NOTHING = "means nothing"


Meaning = Milestone | Nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMap:
    """Which Jira status means which milestone, by id or by name."""

    by_status: Mapping[str, Meaning]
    """Keys are ids, or names without regard to case."""
    as_written: Mapping[str, str] = field(default_factory=dict)
    """The same keys, with the names as whoever made the map wrote them."""

    def meaning(self, *, status_id: str, status_name: str) -> Meaning | None:
        """Return what a status means; None when nobody has said. An id wins over a name."""
        by_id = self.by_status.get(status_id)
        return by_id if by_id is not None else self.by_status.get(fold(status_name))


def fold(name: str) -> str:
    """Return a status name as it is compared: trimmed, without regard to case."""
    return " ".join(name.split()).casefold()


class Move(Enum):
    """What happened, as far as people are concerned."""

    REACHED = "reached"
    """A milestone for the first time: the customer is told."""
    AGAIN = "again"
    """A milestone the customer was told of before, after a move back."""
    BACK = "back"
    """An earlier milestone than the last one."""
    REOPENED = "reopened"
    """Away from Done."""
    DONE = "done"
    """Done: the specialist is alerted."""
    UNMAPPED = "unmapped"
    """A status nobody has given a meaning: the specialist is told."""
    SILENT = "silent"
    """No news: the same milestone under another status, or a status that means none."""


def classify(progress: Progress, meaning: Meaning | None) -> Move:
    """Tell what a change to a status of this meaning is, for a case that has come so far."""
    if meaning is None:
        return Move.UNMAPPED
    if progress.milestone is Milestone.DONE and meaning is not Milestone.DONE:
        return Move.REOPENED
    if isinstance(meaning, Nothing) or meaning is progress.milestone:
        return Move.SILENT
    if meaning is Milestone.DONE:
        return Move.DONE
    return _step(progress, meaning)


def _step(progress: Progress, meaning: Milestone) -> Move:
    if progress.behind and _is_known(progress, meaning):
        return Move.SILENT
    if progress.milestone is not None and meaning.rank < progress.milestone.rank:
        return Move.BACK
    return Move.AGAIN if meaning in progress.reached else Move.REACHED


def advance(progress: Progress, *, status: str, meaning: Meaning | None, at: datetime) -> Progress:
    """Return the progress after a change to a status of this meaning.

    A status without a milestone leaves the milestone as it was, except after Done, where it would
    claim what is no longer true.
    """
    changed = replace(progress, status=status, since=at)
    if isinstance(meaning, Milestone):
        behind = progress.behind and _is_known(progress, meaning) and meaning is not progress.told
        return replace(changed, milestone=meaning, behind=behind)
    if progress.milestone is Milestone.DONE and meaning is not None:
        return replace(changed, milestone=None)
    return changed


def moved(progress: Progress) -> Progress:
    """Return the progress of a case that follows another issue from now on.

    What the customer was told stays told: they hear of the new issue where it goes further.
    """
    return Progress(told=progress.told, reached=progress.reached, behind=progress.told is not None)


def _is_known(progress: Progress, milestone: Milestone) -> bool:
    """Tell whether the customer was told of this milestone or of one beyond it."""
    return progress.told is not None and milestone.rank <= progress.told.rank


def tell(progress: Progress, milestone: Milestone) -> Progress:
    """Return the progress after the customer was told of a milestone."""
    reached = progress.reached
    if milestone not in reached:
        reached = (*reached, milestone)
    return replace(progress, told=milestone, reached=reached)


NOT_A_FIX = frozenset(
    fold(name)
    for name in (
        "Won't Do", "Won't Fix", "Wont Do", "Wont Fix", "Duplicate", "Cannot Reproduce",
        "Incomplete", "Declined", "Rejected", "Invalid", "Not a Bug", "Known Error",
        "Works as Designed", "By Design", "Cancelled", "Canceled", "Abandoned", "Obsolete",
    )
)  # fmt: skip


DUPLICATE = frozenset({"duplicate", "duplicado"})
"""What Jira calls it, in the languages in which it says so by itself."""


def is_duplicate(resolution: str | None) -> bool:
    """Tell whether a resolution means that another issue is worked on instead."""
    return fold(resolution or "") in DUPLICATE


def is_fix(resolution: str | None) -> bool:
    """Tell whether a resolution means the defect is mended; none at all counts as mended."""
    return fold((resolution or "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")) not in NOT_A_FIX
