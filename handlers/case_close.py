"""`/case close <id> <reason>`: nothing is left to do."""

from dataclasses import replace

from bot.cases.case import CaseState, TimelineKind
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.parsing import one_line
from handlers.relay import with_threads

LONGEST_REASON = 500


async def run(context: Context, request: Request) -> str:
    """Close the case and tell the customer; the reason stays internal."""
    case = open_case(request.case)
    if case.alert is not None and case.alert.is_open:
        raise Refusal("alert_open", case=case)
    reason = one_line(request.text, what="reason", longest=LONGEST_REASON)
    me = context.actor.person
    key = f"closed/{context.message.id}"
    closed = replace(case, state=CaseState.CLOSED, closed_reason=reason)
    changed = await context.save(with_threads(closed, context.message_id(key)))
    await context.note(changed, TimelineKind.CLOSED, reason, by=me, internal=True)
    if case.customer.id != me.id:
        await context.tell_customer(
            "customer/closed",
            changed,
            key=key,
            about="closed",
        )
    return context.write("case_close", case=changed)


HANDLER = Handler(
    verb="close",
    usage="case close <id> <reason>",
    summary="close a case",
    example="case close 42 Works after the update",
    run=run,
)
