"""`/case ack <id>`: I have seen the Done alert and will contact the customer."""

from dataclasses import replace

from bot.cases.case import TimelineKind
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request


async def run(context: Context, request: Request) -> str:
    """Acknowledge the alert; it stays open until the contact is recorded."""
    case = request.case
    if case.alert is None or not case.alert.is_open:
        raise Refusal("no_alert", case=case)
    me = context.actor.person
    changed = await context.save(replace(case, alert=replace(case.alert, acknowledged_by=me)))
    await context.note(changed, TimelineKind.ALERT, "acknowledged", by=me, internal=True)
    return context.write("case_ack", case=changed)


HANDLER = Handler(
    verb="ack",
    usage="case ack <id>",
    summary="I will contact the customer",
    example="case ack 42",
    run=run,
)
