"""Stores with cases in them, as they are after some months of use."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cases.case import (
    Case,
    CaseId,
    Evidence,
    IssueId,
    IssueLink,
    IssueState,
    Level,
    MessageId,
    Owners,
    Person,
    Progress,
    TimelineEntry,
    TimelineKind,
    TrackedIssue,
    UserId,
)
from bot.cases.effects import Delivery, DeliveryId, DeliveryState, Owed, Say, ToPerson
from bot.cases.policy import CHECKLIST
from bot.desk import JIRA_PROJECTS, JIRA_READ
from bot.start import INSTALLATION
from storage.base import Store, Transaction

INSTALLED_AS = "benchmark"
PROJECT = "BUG"
BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANALYST = Person(id=UserId("analystanalyst000"), username="ana", name="Ana Analyst")
SPECIALIST = Person(id=UserId("specialist0000000"), username="sam", name="Sam Specialist")

_PER_TRANSACTION = 500
ENTRIES = (
    (TimelineKind.OPENED, "Export of the monthly report fails on save"),
    (TimelineKind.ESCALATED, "Reproduced with the customer's own data on a fresh installation"),
    (TimelineKind.CONFIRMED, "A product defect: the writer closes the archive twice"),
    (TimelineKind.STATUS, "Backlog"),
)
TOLD = ("receipt", "confirmed as a defect", "milestone Specifying")


async def fill(
    store: Store, count: int, *, issues: Sequence[tuple[str, str]] | None = None
) -> None:
    """Add cases, each with evidence, a timeline, kept deliveries and an issue.

    Args:
        store: open and empty.
        count: how many.
        issues: id and key of each one's issue; made up if there is no Jira to have them.
    """
    linked = issues or [(str(10_000 + number), f"{PROJECT}-{number}") for number in range(count)]
    numbers = iter(range(count))
    deliveries = itertools.count(1)
    while batch := list(itertools.islice(numbers, _PER_TRANSACTION)):
        async with store.transaction() as tx:
            for number in batch:
                await _add(tx, *linked[number], deliveries)
    async with store.transaction() as tx:
        await tx.set_mark(INSTALLATION, INSTALLED_AS)
        if count:
            await tx.set_mark(JIRA_PROJECTS, PROJECT)
            await tx.advance_mark(JIRA_READ, datetime.now(UTC))


async def _add(
    tx: Transaction, issue_id: str, key: str, deliveries: "itertools.count[int]"
) -> None:
    case_id = await tx.allocate_case_id()
    case = case_of(case_id, issue_id=issue_id, key=key)
    await tx.add_case(case)
    for kind, text in ENTRIES:
        await tx.add_timeline(
            TimelineEntry(case_id=case_id, at=BEGAN, kind=kind, text=text, by=ANALYST)
        )
    for about in TOLD:
        owed = Owed(
            key=f"case/{case_id}/{about}",
            effect=Say(to=ToPerson(person=case.customer), text=f"*CASE-{case_id}* {about}. " * 4),
            case_id=case_id,
            about=about,
        )
        await tx.owe(owed, at=BEGAN)
        kept = Delivery(id=DeliveryId(next(deliveries)), owed=owed, owed_at=BEGAN, attempts=1)
        await tx.finish(replace(kept, state=DeliveryState.SENT, finished_at=BEGAN))
    await tx.save_issue(
        TrackedIssue(
            id=IssueId(issue_id),
            key=key,
            url=f"https://jira.example.org/browse/{key}",
            project=PROJECT,
            updated_at=BEGAN,
            handled_at=BEGAN,
            handled_id="",
            status="Backlog",
        )
    )


def case_of(case_id: CaseId, *, issue_id: str, key: str) -> Case:
    """Return a case at Level 3 that follows an issue."""
    customer = Person(
        id=UserId(f"customer{case_id % 500:09d}"),
        username=f"customer-{case_id % 500}",
        name=f"Customer {case_id % 500}",
    )
    return Case(
        id=case_id,
        title=f"Export of report {case_id} fails on save",
        customer=customer,
        opened_by=ANALYST,
        opened_at=BEGAN + timedelta(minutes=case_id),
        updated_at=BEGAN + timedelta(minutes=case_id),
        level=Level.ASSESSMENT,
        owners=Owners(analyst=ANALYST, specialist=SPECIALIST),
        evidence={
            item: Evidence(
                text=f"{meaning}: as the customer described it on the phone", by=ANALYST, at=BEGAN
            )
            for item, meaning in CHECKLIST.items()
        },
        severity="high",
        version="7.1.0",
        product="reports",
        issue=IssueLink(
            state=IssueState.LINKED,
            requested_by=SPECIALIST,
            requested_at=BEGAN,
            id=IssueId(issue_id),
            key=key,
            url=f"https://jira.example.org/browse/{key}",
        ),
        progress=Progress(status="Backlog"),
        threads=(MessageId(f"command{case_id:010d}"), MessageId(f"answer{case_id:011d}")),
    )
