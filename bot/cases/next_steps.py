"""What is to be done about a case next, and by whom: what `/case` alone shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from bot.cases.case import Case, CaseState, Level


class Task(IntEnum):
    """What somebody of the team does next, the most urgent first."""

    CONTACT = 1
    """Done, and the customer does not know."""
    ANSWER = 2
    """The customer wrote, and nobody has answered."""
    RETURNED = 3
    """It came back from the level above, and nothing was asked or raised since."""
    TAKE = 4
    COMPLETE = 5
    """Evidence is missing."""
    ESCALATE = 6
    CONFIRM = 7
    WAIT_FOR_CUSTOMER = 8
    WAIT_FOR_ISSUE = 9
    """It is in development: nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The next step of a case."""

    case: Case
    task: Task
    item: str = ""
    """The first item of evidence that is missing."""
    overdue: bool = False

    @property
    def urgency(self) -> tuple[bool, int, datetime, int]:
        """Return what to sort by: overdue first, then by task, then by age."""
        return not self.overdue, self.task, self.case.updated_at, self.case.id


def next_step(case: Case, *, missing: Sequence[str], overdue: bool) -> NextStep | None:
    """Return what the team does next about a case; None if it is closed and nothing is left.

    Args:
        case: the case.
        missing: the items of evidence it lacks.
        overdue: whether it should have been done already.
    """
    task = _task(case, missing)
    if task is None:
        return None
    return NextStep(
        case=case,
        task=task,
        item=missing[0] if task is Task.COMPLETE else "",
        overdue=overdue,
    )


def _task(case: Case, missing: Sequence[str]) -> Task | None:
    if case.alert is not None and case.alert.is_open:
        return Task.CONTACT
    if case.state is CaseState.CLOSED:
        return None
    assessed = case.level is Level.ASSESSMENT
    tasks = (
        (Task.ANSWER, unanswered(case)),
        (Task.RETURNED, _is_returned(case)),
        (Task.WAIT_FOR_CUSTOMER, case.question is not None),
        (Task.WAIT_FOR_ISSUE, case.issue is not None),
        (Task.TAKE, case.owners.at(case.level) is None),
        (Task.CONFIRM, assessed),
        (Task.COMPLETE, bool(missing)),
    )
    return next((task for task, applies in tasks if applies), Task.ESCALATE)


def _is_returned(case: Case) -> bool:
    """Tell whether it came back and the customer was asked nothing because of it."""
    if case.returned is None or case.issue is not None:
        return False
    return case.question is None or case.question.at < case.returned.at


def unanswered(case: Case) -> bool:
    """Tell whether the customer wrote after they were last written to."""
    return case.heard_at is not None and (case.told_at is None or case.told_at < case.heard_at)
