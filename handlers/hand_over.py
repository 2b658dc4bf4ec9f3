"""The hand-over card: what was tried, what was found, what is open."""

from bot.cases.case import Case, Level, Person, TimelineEntry, TimelineKind
from bot.cases.effects import ToPerson
from bot.cases.evidence import missing
from bot.desk import Desk

NOTES = 10


async def notes_of(desk: Desk, case: Case) -> list[TimelineEntry]:
    """Return the internal notes of a case, oldest first."""
    timeline = await desk.tx.list_timeline(case.id)
    return [entry for entry in timeline if entry.kind is TimelineKind.NOTE]


async def give_card(desk: Desk, case: Case, person: Person, *, key: str) -> None:
    """Give somebody who has a case from another level all that is known, notes included.

    In a direct message, because notes are shown nowhere else.
    """
    if case.level is Level.ANALYSIS and case.level_since is None:
        return
    await desk.say(
        "staff/card",
        ToPerson(person=person),
        key=f"{key}/card",
        case=case,
        about="hand-over card",
        missing=missing(case, desk.rules.policy),
        notes=(await notes_of(desk, case))[-NOTES:],
    )
