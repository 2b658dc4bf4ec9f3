"""A Done alert is still open: the specialist is reminded, later the deputy too, then the lead."""

from dataclasses import replace

from bot.cases.case import Case, Level, MessageId
from bot.cases.effects import Audience, Recipient, ToPerson
from bot.desk import Desk
from handlers import standing_in
from handlers.on_transition import specialist_of


async def remind(desk: Desk, case: Case) -> Case:
    """Remind of the open alert of a case.

    Returns:
        The case with the reminder counted, still to be saved.
    """
    alert = case.alert
    if alert is None or not alert.is_open:
        return case
    number = alert.reminders + 1
    key = f"case/{case.id}/reminder/{alert.opened_at.isoformat()}/{number}"
    reminder = await desk.say(
        "staff/done_reminder",
        specialist_of(desk, case),
        key=key,
        case=case,
        about="reminder Done",
        audience=Audience.CONTACT,
    )
    said = [reminder]
    for name, to in _besides(desk, case, number).items():
        if to.lane != specialist_of(desk, case).lane:
            further = await desk.say(
                "staff/done_overdue",
                to,
                key=f"{key}/{name}",
                case=case,
                about=f"reminder Done to the {name}",
                number=number,
                acknowledged=alert.acknowledged_by,
            )
            said.append(further)
    counted = replace(alert, reminders=number, reminded_at=desk.now, snoozed_until=None)
    return told_of(replace(case, alert=counted), *said)


def told_of(case: Case, *message_ids: MessageId) -> Case:
    """Return the case with more messages that tell of its alert."""
    if case.alert is None:
        return case
    return replace(
        case,
        alert=replace(case.alert, messages=(*case.alert.messages, *message_ids)),
        threads=(*case.threads, *message_ids),
    )


def _besides(desk: Desk, case: Case, number: int) -> dict[str, Recipient]:
    """Return who else is told, once so many reminders went unheeded."""
    alerts = desk.rules.policy.alerts
    others: dict[str, Recipient] = {}
    deputy = standing_in.deputy_for(desk, case)
    if deputy is not None and number > alerts.deputy_after:
        others["deputy"] = ToPerson(person=deputy)
    if number > alerts.lead_after:
        others["lead"] = lead_of(desk)
    return others


def lead_of(desk: Desk) -> Recipient:
    """Return whom the last call goes to: the lead, or the specialists' room."""
    lead = standing_in.lead(desk)
    return ToPerson(person=lead) if lead else desk.room_of(Level.CONFIRMATION)
