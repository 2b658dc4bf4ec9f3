"""Cases to make many of: complete ones, with marks where each of many has a number of its own."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.seed import BEGAN, ENTRIES, INSTALLED_AS, PROJECT, TOLD, case_of
from bot.cases.case import (
    Case,
    CaseId,
    CaseState,
    IssueId,
    Level,
    Owners,
    Person,
    TimelineEntry,
    TrackedIssue,
    UserId,
)
from bot.cases.effects import Delivery, DeliveryId, DeliveryState, Owed, Say, ToPerson
from bot.desk import JIRA_PROJECTS, JIRA_READ
from bot.start import INSTALLATION
from storage.records import (
    CaseRecord,
    DeliveryRecord,
    EntryRecord,
    IssueRecord,
    MarkRecord,
    Numbers,
    Record,
    TimeRecord,
)

OPEN_EVERY = 20
"""One in so many cases is open; the others were closed in the course of time."""
CUSTOMERS = 10_000
STAFF = 50
TOPICS = (
    "login", "invoice", "printer", "import", "backup", "calendar", "search", "archive", "layout",
    "password", "update", "licence", "network", "barcode", "currency", "signature", "template",
    "language", "schedule", "warehouse",
)  # fmt: skip
"""One of them is in the title of each case."""
PER_CASE = len(TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number that stands for another one, which follows from that of the case.

    Attributes:
        text: how it is found; no digits before or behind it belong to it.
        value: the number that takes its place.
        sql: the same as an expression of `n`.
    """

    text: str
    value: Callable[[int], object]
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One kind of case.

    Attributes:
        case: the number that stands for the case's own.
        issue: the number that stands for that of its issue.
        state: open or closed.
    """

    case: int
    issue: int
    state: CaseState

    def covers(self, number: int) -> bool:
        """Tell whether the case of that number is of this kind."""
        return (number % OPEN_EVERY == 0) is (self.state is CaseState.OPEN)

    @property
    def condition(self) -> str:
        """Return the same as an SQL expression of `n`."""
        return f"(n % {OPEN_EVERY} = 0) = {self.state is CaseState.OPEN}"

    @property
    def marks(self) -> Mapping[str, Mark]:
        """Return what is put in place of what."""
        told = {
            str(self.delivery(at)): (lambda n, at=at: PER_CASE * n + at, f"{PER_CASE} * n + {at}")
            for at in range(PER_CASE)
        }
        topics = ", ".join(f"'{topic}'" for topic in TOPICS)
        by_text: dict[str, tuple[Callable[[int], object], str]] = {
            str(self.case): (lambda n: n, "n"),
            str(self.issue): (lambda n: 10_000 + n, "10000 + n"),
            _CUSTOMER: (lambda n: n % CUSTOMERS, f"n % {CUSTOMERS}"),
            _STAFF: (lambda n: n % STAFF, f"n % {STAFF}"),
            _TOPIC: (
                lambda n: TOPICS[n // OPEN_EVERY % len(TOPICS)],
                f"(ARRAY[{topics}])[1 + n / {OPEN_EVERY} % {len(TOPICS)}]",
            ),
            **told,
        }
        return {
            text: Mark(text=text, value=value, sql=sql) for text, (value, sql) in by_text.items()
        }

    def delivery(self, at: int) -> int:
        """Return the number that stands for one of its deliveries."""
        return self.case + 100 + at


def shape_of(text: str, marks: Mapping[str, Mark]) -> tuple[str, list[Mark]]:
    """Return a text with `%s` where its marks are, and the marks in order."""
    found: list[Mark] = []

    def leave_room(match: re.Match[str]) -> str:
        found.append(marks[match[0]])
        return "%s"

    return re.sub("|".join(marks), leave_room, text.replace("%", "%%")), found


OPEN = Pattern(case=700_000_000, issue=710_000_000, state=CaseState.OPEN)
CLOSED = Pattern(case=800_000_000, issue=810_000_000, state=CaseState.CLOSED)
PATTERNS = (OPEN, CLOSED)
_CUSTOMER, _STAFF, _TOPIC = "600000000", "500000000", "400000000"


LAST = Numbers(last_case=CLOSED.case, last_delivery=CLOSED.delivery(PER_CASE - 1))
"""The last numbers given, while there is one of each kind."""


def last_of(count: int) -> Numbers:
    """Return the last numbers given when there are so many cases."""
    return Numbers(last_case=count, last_delivery=PER_CASE * (count + 1))


async def records() -> AsyncIterator[Record]:
    """Return one case of each kind with all that belongs to it, as an archive takes it."""
    yield LAST
    for pattern in PATTERNS:
        yield CaseRecord(case=_case(pattern))
    for pattern in PATTERNS:
        for kind, text in ENTRIES:
            yield EntryRecord(
                entry=TimelineEntry(
                    case_id=CaseId(pattern.case), at=BEGAN, kind=kind, text=text, by=_STAFF_MEMBER
                )
            )
    for pattern in PATTERNS:
        for at, about in enumerate(TOLD):
            yield DeliveryRecord(delivery=_delivery(pattern, at, about))
    for pattern in PATTERNS:
        yield IssueRecord(issue=_issue(pattern))
    yield MarkRecord(name=INSTALLATION, value=INSTALLED_AS)
    yield MarkRecord(name=JIRA_PROJECTS, value=PROJECT)
    yield TimeRecord(name=JIRA_READ, at=datetime.now(UTC))


_STAFF_MEMBER = Person(id=UserId(f"staff{_STAFF}"), username=f"staff-{_STAFF}", name="Staff")
_CUSTOMER_MEMBER = Person(
    id=UserId(f"customer{_CUSTOMER}"), username=f"customer-{_CUSTOMER}", name=f"Nr {_CUSTOMER}"
)


def _case(pattern: Pattern) -> Case:
    whole = case_of(CaseId(pattern.case), issue_id=str(pattern.issue), key=_key(pattern))
    return replace(
        whole,
        title=f"Export {pattern.case} fails: {_TOPIC}",
        customer=_CUSTOMER_MEMBER,
        level=Level.ASSESSMENT,
        owners=Owners(analyst=_STAFF_MEMBER, specialist=_STAFF_MEMBER, assessor=_STAFF_MEMBER),
        state=pattern.state,
    )


def _delivery(pattern: Pattern, at: int, about: str) -> Delivery:
    owed = Owed(
        key=f"case/{pattern.case}/{about}",
        effect=Say(
            to=ToPerson(person=_CUSTOMER_MEMBER), text=f"*CASE-{pattern.case}* {about}. " * 4
        ),
        case_id=CaseId(pattern.case),
        about=about,
    )
    return Delivery(
        id=DeliveryId(pattern.delivery(at)),
        owed=owed,
        owed_at=BEGAN,
        attempts=1,
        state=DeliveryState.SENT,
        finished_at=BEGAN,
    )


def _issue(pattern: Pattern) -> TrackedIssue:
    return TrackedIssue(
        id=IssueId(str(pattern.issue)),
        key=_key(pattern),
        url=f"https://jira.example.org/browse/{_key(pattern)}",
        project=PROJECT,
        updated_at=BEGAN,
        handled_at=BEGAN,
        status="Backlog",
    )


def _key(pattern: Pattern) -> str:
    return f"{PROJECT}-{pattern.issue}"
