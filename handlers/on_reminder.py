"""A Done alert is still open: the specialist is reminded."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.case import CaseState
from bot.cases.effects import Audience
from bot.cases.query import CaseQuery
from bot.desk import Desk
from handlers.on_transition import specialist_of

_PAGE = 100


async def on_reminder(desk: Desk, *, every: timedelta) -> int:
    """Remind of each open alert that was last spoken of longer than `every` ago.

    What is due is read from the store, so a restart neither loses a reminder nor repeats one.

    Returns:
        How many reminders were owed.
    """
    reminded = 0
    offset = 0
    while True:
        cases, total = await desk.tx.list_cases(
            CaseQuery(alert_open=True, state=CaseState.OPEN), limit=_PAGE, offset=offset
        )
        for case in cases:
            alert = case.alert
            if alert is None or desk.now - (alert.reminded_at or alert.opened_at) < every:
                continue
            await desk.say(
                "staff/done_reminder",
                specialist_of(desk, case),
                key=f"case/{case.id}/reminder/{desk.now.isoformat()}",
                case=case,
                about="reminder Done",
                audience=Audience.CONTACT,
            )
            await desk.tx.save_case(replace(case, alert=replace(alert, reminded_at=desk.now)))
            reminded += 1
        offset += _PAGE
        if offset >= total:
            return reminded
