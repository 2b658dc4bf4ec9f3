"""Which cases are over."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.cases.archiving import Dossier, is_over, is_past
from bot.cases.case import CaseId, CaseState, IssueState, Milestone, Progress
from bot.cases.effects import DeliveryState
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_delivery,
    build_entry,
    build_issue_link,
    build_owed,
)

CLOSED = build_case(1, state=CaseState.CLOSED)
DONE = replace(
    CLOSED,
    issue=build_issue_link(),
    progress=Progress(milestone=Milestone.DONE),
    alert=build_alert(contacted_at=after(1)),
)
SENT = build_delivery(
    1,
    owed=build_owed(case_id=CaseId(1)),
    state=DeliveryState.SENT,
    finished_at=after(2),
)
LATER = after(100)


def over(dossier: Dossier, *, before: datetime = LATER) -> bool:
    return is_over(dossier, before=before)


@pytest.mark.parametrize("case", [CLOSED, DONE, replace(DONE, alert=None)])
def test_what_is_closed_and_at_its_end_is_over(case: object) -> None:
    assert over(Dossier(case=case, timeline=[build_entry()], ledger=[SENT]))  # type: ignore[arg-type]


STAYS = {
    "open": replace(CLOSED, state=CaseState.OPEN),
    "an open alert": replace(DONE, alert=build_alert()),
    "the clock has something to say": replace(CLOSED, due_at=after(5)),
    "an issue on its way": replace(
        CLOSED, issue=build_issue_link(state=IssueState.REQUESTED, id=None)
    ),
    "an issue that may still be done": replace(
        CLOSED, issue=build_issue_link(), progress=Progress(milestone=Milestone.IN_PROGRESS)
    ),
    "an issue without a milestone": replace(CLOSED, issue=build_issue_link()),
    "changed since": replace(CLOSED, updated_at=LATER),
    "told since": replace(CLOSED, told_at=LATER),
    "heard since": replace(CLOSED, heard_at=LATER),
    "contacted since": replace(DONE, alert=build_alert(contacted_at=LATER)),
}


@pytest.mark.parametrize("name", STAYS)
def test_what_may_still_matter_stays(name: str) -> None:
    assert not over(Dossier(case=STAYS[name]))


def test_a_case_that_still_owes_something_stays() -> None:
    owing = replace(SENT, state=DeliveryState.PENDING, finished_at=None)
    assert not over(Dossier(case=CLOSED, ledger=[SENT, owing]))


def test_timeline_and_ledger_count_as_the_case_itself() -> None:
    assert not over(Dossier(case=CLOSED, timeline=[build_entry(at=LATER)]))
    assert not over(Dossier(case=CLOSED, ledger=[replace(SENT, finished_at=LATER)]))
    assert not over(Dossier(case=CLOSED, ledger=[replace(SENT, owed_at=LATER)]))


def test_the_age_is_exact() -> None:
    assert not over(Dossier(case=CLOSED), before=NOW)
    assert over(Dossier(case=CLOSED), before=after(0.000001))


def test_a_delivery_of_no_case_is_past_once_it_is_finished() -> None:
    failed = build_delivery(1, state=DeliveryState.FAILED, finished_at=after(2))
    assert is_past(failed, before=LATER)
    assert not is_past(failed, before=after(2))
    assert not is_past(build_delivery(1), before=LATER)
    assert not is_past(SENT, before=LATER)
