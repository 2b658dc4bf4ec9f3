"""What is over, so that it may be put into an archive: the rule, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cases.case import Case, CaseState, IssueState, Milestone, TimelineEntry
from bot.cases.effects import Delivery, DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A case with everything that was written down about it."""

    case: Case
    timeline: Sequence[TimelineEntry] = ()
    ledger: Sequence[Delivery] = ()


def is_over(dossier: Dossier, *, before: datetime) -> bool:
    """Tell whether a case may be put away: closed, untouched since then, nothing to come.

    A closed case that follows an issue still owes a Done alert one day; only when that has come and
    the customer was contacted is the process at its end.
    """
    case = dossier.case
    return (
        case.state is CaseState.CLOSED
        and not (case.alert is not None and case.alert.is_open)
        and case.due_at is None
        and _issue_is_over(case)
        and all(delivery.state is not DeliveryState.PENDING for delivery in dossier.ledger)
        and last_touched(dossier) < before
    )


def last_touched(dossier: Dossier) -> datetime:
    """Return when anything last happened to a case: to itself, on its timeline, in its ledger."""
    case = dossier.case
    times = [case.updated_at, case.opened_at, case.told_at, case.heard_at, case.answered_at]
    if case.alert is not None:
        times += [case.alert.opened_at, case.alert.contacted_at]
    times += [entry.at for entry in dossier.timeline]
    for delivery in dossier.ledger:
        times += [delivery.owed_at, delivery.finished_at]
    return max(at for at in times if at is not None)


def is_past(delivery: Delivery, *, before: datetime) -> bool:
    """Tell whether a delivery of no case was finished, and longer ago than that."""
    finished_at = delivery.finished_at or delivery.owed_at
    return (
        delivery.state is not DeliveryState.PENDING
        and delivery.owed.case_id is None
        and max(delivery.owed_at, finished_at) < before
    )


def _issue_is_over(case: Case) -> bool:
    if case.issue is None:
        return True
    return case.issue.state is IssueState.LINKED and case.progress.milestone is Milestone.DONE
