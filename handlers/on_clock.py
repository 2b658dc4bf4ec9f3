"""The clock has something to say about a case: who is told, each count once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.cases.calendar import calendar_of
from bot.cases.case import Case, CaseId, TimelineKind
from bot.cases.clocks import Clock, Moment, to_tell, warned
from bot.cases.effects import Recipient, ToPerson
from bot.desk import Desk
from handlers.on_reminder import lead_of, remind
from handlers.on_transition import specialist_of

_LATE = timedelta(minutes=15)
"""What is found later than that was missed; before, the working day may just have ended."""


async def on_clock(desk: Desk, case_id: CaseId) -> bool:
    """Say what is due about a case.

    What is due is read from the case as it is now, and what was said is kept with it, so neither a
    restart nor a second bot loses or repeats it.

    Returns:
        Whether anybody is told something.
    """
    case = await desk.tx.find_case(case_id)
    if case is None or case.due_at is None or case.due_at > desk.now:
        return False
    passed = [moment for moment in to_tell(case, desk.rules.policy) if moment.at <= desk.now]
    due = [moment for moment in passed if not _is_for_working_hours(desk, moment)]
    if not due:
        # Found after an outage, at night or on a Sunday: there is somebody to read it then.
        begins = calendar_of(desk.rules.policy.hours).add(desk.now, timedelta())
        await desk.tx.save_case(replace(case, due_at=begins))
        return False
    for moment in _last_of_each(due):
        case = await _tell(desk, case, moment)
    await desk.save(warned(case, due), quietly=True)
    return bool(due)


def _is_for_working_hours(desk: Desk, moment: Moment) -> bool:
    """Tell whether something that is repeated in working hours only was missed, and it is night."""
    policy = desk.rules.policy
    if moment.clock is not Clock.ALERT or policy.alerts.every is not None:
        return False
    if desk.now - moment.at < _LATE:
        return False
    return not calendar_of(policy.hours).is_working(desk.now)


def _last_of_each(due: Iterable[Moment]) -> Sequence[Moment]:
    """Return the moments without the warnings whose limit is due as well."""
    return list({moment.count: moment for moment in due}.values())


async def _tell(desk: Desk, case: Case, moment: Moment) -> Case:
    if moment.clock is Clock.ALERT:
        return await remind(desk, case)
    if moment.clock is Clock.SILENCE:
        return await _offer_draft(desk, case, moment)
    if moment.clock is Clock.UNTAKEN:
        to = [desk.room_of(case.level)]
        await _say(desk, case, moment, "staff/untaken", [*to, *_before(case)])
    else:
        await _say(desk, case, moment, "staff/due", _concerned(desk, case, moment))
    if not moment.near:
        await desk.note(case, TimelineKind.WARNED, f"{moment.clock} overdue", internal=True)
    return case


def _before(case: Case) -> list[Recipient]:
    return [ToPerson(person=case.handed_by)] if case.handed_by is not None else []


def _concerned(desk: Desk, case: Case, moment: Moment) -> list[Recipient]:
    owner = case.responsible
    first: Recipient = ToPerson(person=owner) if owner else desk.room_of(case.level)
    return [first] if moment.near else [first, lead_of(desk)]


async def _say(
    desk: Desk, case: Case, moment: Moment, name: str, recipients: Iterable[Recipient]
) -> None:
    for to in {recipient.lane: recipient for recipient in recipients}.values():
        await desk.say(
            name,
            to,
            key=f"case/{case.id}/clock/{moment.name.replace(' ', '/')}/{to.lane}",
            case=case,
            about=f"{moment.clock} {'near' if moment.near else 'overdue'}",
            moment=moment,
            owner=case.responsible,
        )


async def _offer_draft(desk: Desk, case: Case, moment: Moment) -> Case:
    """Offer the owner something to send that holds only what the customer may know."""
    draft = await desk.letter("customer/still_working", case)
    to = specialist_of(desk, case)
    await desk.say(
        "staff/silence",
        to,
        key=f"case/{case.id}/clock/{moment.name.replace(' ', '/')}",
        case=case,
        about="silence",
        since=case.told_at or moment.since,
        draft=draft,
    )
    await desk.note(case, TimelineKind.WARNED, "the customer hears nothing", internal=True)
    return replace(case, offered_at=desk.now)
