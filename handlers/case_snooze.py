"""`/case snooze <id> <until>`: the Done alert is quiet until then."""

from dataclasses import replace
from datetime import timedelta

from bot.cases.calendar import calendar_of
from bot.cases.case import TimelineKind
from bot.cases.refusals import Refusal
from bot.cases.until import find_until
from handlers.context import Context, Handler, Request

LONGEST = timedelta(days=60)


async def run(context: Context, request: Request) -> str:
    """Put the reminders of the alert off; it stays open until the contact is recorded."""
    case = request.case
    if case.alert is None or not case.alert.is_open:
        raise Refusal("no_alert", case=case)
    if not request.text.strip():
        raise Refusal("empty", what="time")
    hours = context.rules.policy.hours
    until = find_until(
        request.text, now=context.now, calendar=calendar_of(hours), begin=hours.begin
    )
    if until is None:
        raise Refusal("not_a_time", case=case, word=request.text[:40])
    if until <= context.now:
        raise Refusal("time_is_past", case=case, at=until)
    if until > context.now + LONGEST:
        raise Refusal("time_too_far", case=case, days=LONGEST.days)
    me = context.actor.person
    snoozed = replace(case.alert, snoozed_until=until, acknowledged_by=me)
    changed = await context.save(replace(case, alert=snoozed))
    await context.note(
        changed, TimelineKind.SNOOZED, f"until {until:%Y-%m-%d %H:%M} UTC", by=me, internal=True
    )
    return context.write("case_snooze", case=changed, at=changed.due_at)


HANDLER = Handler(
    verb="snooze",
    usage="case snooze <id> <2h | 3d | tomorrow | date>",
    summary="put off the reminders of a Done alert",
    example="case snooze 42 tomorrow",
    run=run,
)
