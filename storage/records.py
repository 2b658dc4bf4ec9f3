"""Everything a store keeps, as plain records: what copying, exporting and checking work on.

The order is fixed: `Numbers` first, then by kind, each kind in the order of its ids or names, the
timeline of a case in the order it was written. So the same content gives the same lines.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, Self

from bot.cases.case import Case, TimelineEntry, TrackedIssue
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery
from bot.cases.profile import Profile
from storage.base import StoreError
from storage.codec import Codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The last numbers given; none of them is given again."""

    last_case: int
    last_delivery: int
    kind: Literal["numbers"] = "numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case."""

    case: Case
    kind: Literal["case"] = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry of a timeline."""

    entry: TimelineEntry
    kind: Literal["entry"] = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """What is owed or was; who has claimed it is not kept."""

    delivery: Delivery
    kind: Literal["delivery"] = "delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A chat message that was taken in."""

    id: str
    at: datetime
    kind: Literal["message"] = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """A followed issue."""

    issue: TrackedIssue
    kind: Literal["issue"] = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRecord:
    """A small fact."""

    name: str
    value: str
    kind: Literal["mark"] = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRecord:
    """A watermark."""

    name: str
    at: datetime
    kind: Literal["time"] = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRecord:
    """What somebody chose."""

    profile: Profile
    kind: Literal["profile"] = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueRecord:
    """An open question to somebody."""

    dialogue: Dialogue
    kind: Literal["dialogue"] = "dialogue"


Record = (
    Numbers
    | CaseRecord
    | EntryRecord
    | DeliveryRecord
    | MessageRecord
    | IssueRecord
    | MarkRecord
    | TimeRecord
    | ProfileRecord
    | DialogueRecord
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record, on its own so that the codec can tell which it is."""

    record: Record


LINE = Codec(Line)


class Tally:
    """Counts records and sums them up, to tell whether two stores hold the same."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._sum = hashlib.sha256()

    def add(self, record: Record) -> bytes:
        """Count a record that was read somewhere; returns its line, without a line end."""
        line = LINE.rewrite(Line(record=record))
        self.counts[record.kind] += 1
        self._sum.update(line + b"\n")
        return line

    @property
    def checksum(self) -> str:
        """Return the sum of all lines so far, as SHA-256 in hexadecimal digits."""
        return self._sum.hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether nothing but numbers was counted."""
        return self.counts.keys() <= {"numbers"}

    def is_same_as(self, other: "Tally") -> bool:
        """Tell whether the same was counted, in the same order."""
        return self.counts == other.counts and self.checksum == other.checksum


class Archive(Protocol):
    """Everything a store keeps, for programs that have it to themselves. Use with `async with`."""

    async def __aenter__(self) -> Self:
        """Open it, and keep others out as far as the store can."""
        ...

    async def __aexit__(self, *exc_info: object) -> None:
        """Close it."""
        ...

    def dump(self) -> AsyncIterator[Record]:
        """Return everything, as of one moment."""
        ...

    async def restore(
        self, records: AsyncIterator[Record], *, wanted: Tally | None = None
    ) -> Tally:
        """Put everything into an empty store: all of it or, if anything fails, nothing.

        Args:
            records: everything.
            wanted: what they have to come to.

        Returns:
            What it holds now, read back and found to be what was given.

        Raises:
            StoreError: they came to something else than was wanted; nothing was kept.
        """
        ...


def expect(given: Tally, wanted: Tally | None) -> None:
    """Raise StoreError if something else came than was wanted."""
    if wanted is not None and not given.is_same_as(wanted):
        raise StoreError(
            "The source has changed meanwhile, and nothing was kept: stop the bots and begin again."
        )


async def tally_of(records: AsyncIterator[Record]) -> Tally:
    """Return the tally of everything."""
    tally = Tally()
    async for record in records:
        tally.add(record)
    return tally


def sorted_by_id(issues: Iterable[TrackedIssue]) -> list[TrackedIssue]:
    """Return issues in the order of their ids, as texts byte by byte."""
    return sorted(issues, key=lambda issue: issue.id.encode())
