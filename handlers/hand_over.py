"""The hand-over card: what was tried, what was found, what is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.cases.case import Case, Level, Person, TimelineEntry, TimelineKind
from bot.cases.effects import ToPerson
from bot.cases.evidence import missing
from bot.cases.next_steps import unanswered
from bot.desk import Desk

NOTES = 10
ANSWERS = 10
UNREAD = 10
_SENT = frozenset({TimelineKind.HEARD, TimelineKind.FILE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the customer was asked, and what they wrote then."""

    question: str
    answer: str


async def notes_of(desk: Desk, case: Case) -> list[TimelineEntry]:
    """Return the internal notes of a case, oldest first."""
    timeline = await desk.tx.list_timeline(case.id)
    return [entry for entry in timeline if entry.kind is TimelineKind.NOTE]


async def answers_of(desk: Desk, case: Case) -> list[Answered]:
    """Return the newest questions that the customer has answered, oldest first."""
    return _answered(await desk.tx.list_timeline(case.id))[-ANSWERS:]


def _answered(timeline: Iterable[TimelineEntry]) -> list[Answered]:
    found: list[Answered] = []
    question = ""
    for entry in timeline:
        if entry.kind is TimelineKind.ASKED:
            question = entry.text
        elif entry.kind is TimelineKind.HEARD and question:
            found.append(Answered(question=question, answer=entry.text))
            question = ""
    return found


async def unread_of(desk: Desk, case: Case) -> list[TimelineEntry]:
    """Return what the customer wrote since they were last written to, oldest first."""
    if not unanswered(case):
        return []
    return [
        one
        for one in await desk.tx.list_timeline(case.id)
        if one.kind in _SENT
        and (one.by and one.by.id == case.customer.id)
        and (case.told_at is None or one.at > case.told_at)
    ][-UNREAD:]


def beside(unread: Sequence[TimelineEntry], answers: Sequence[Answered]) -> list[TimelineEntry]:
    """Return what is not shown as the answer to a question already."""
    shown = {one.answer for one in answers}
    return [one for one in unread if one.text not in shown]


async def give_card(desk: Desk, case: Case, person: Person, *, key: str) -> None:
    """Give somebody who has a case from another level all that is known, notes included.

    In a direct message, because notes are shown nowhere else, nor what the customer wrote. Of a new
    case nothing more is known than everybody sees, unless its customer wrote to nobody.
    """
    unread = await unread_of(desk, case)
    if case.level is Level.ANALYSIS and case.level_since is None and not unread:
        return
    answers = await answers_of(desk, case)
    await desk.say(
        "staff/card",
        ToPerson(person=person),
        key=f"{key}/card",
        case=case,
        about="hand-over card",
        missing=missing(case, desk.rules.policy),
        notes=(await notes_of(desk, case))[-NOTES:],
        answers=answers,
        unread=beside(unread, answers),
    )
