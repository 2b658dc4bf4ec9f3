"""When what was written in closed cases is forgotten by age: the rule, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bot.cases.archiving import Dossier, last_touched
from bot.cases.case import CaseState, IssueState
from bot.cases.effects import DeliveryState

AHEAD = timedelta(days=30)
"""An announcement covers what comes of age within this."""
GRACE = timedelta(days=1)
"""Nothing is erased sooner after its announcement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the administrators were told last."""

    at: datetime
    until: datetime
    """Cases last touched before this were counted."""

    @classmethod
    def now(cls, now: datetime, age: timedelta) -> Self:
        """Return what is announced at a time."""
        return cls(at=now, until=now + AHEAD - age)


def erasable_before(announced: Announced | None, now: datetime, age: timedelta) -> datetime | None:
    """Return before which a case must have been touched last to be erased now; None: none is."""
    if announced is None or now < announced.at + GRACE:
        return None
    return min(now - age, announced.until)


def is_to_be_announced(announced: Announced | None, now: datetime, age: timedelta) -> bool:
    """Tell whether cases have come of age that nobody was told of."""
    return announced is None or announced.until < now - age


def may_be_erased(dossier: Dossier, *, before: datetime) -> bool:
    """Tell whether nothing can come of a case any more, and nothing has for so long."""
    case = dossier.case
    return (
        case.state is CaseState.CLOSED
        and case.erased_at is None
        and not (case.alert is not None and case.alert.is_open)
        and not (case.issue is not None and case.issue.state is IssueState.REQUESTED)
        and all(one.state is not DeliveryState.PENDING for one in dossier.ledger)
        and last_touched(dossier) < before
    )
