"""`/case contacted <id> <how>`: the customer knows; ends the Done alert."""

from dataclasses import replace

from bot.cases.case import Milestone, TimelineKind
from bot.cases.clocks import told
from bot.cases.milestones import tell
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.parsing import one_line
from handlers.verdict import ask

LONGEST_HOW = 500


async def run(context: Context, request: Request) -> str:
    """Record how the customer was contacted, and ask them whether it is solved."""
    case = request.case
    if case.alert is None or not case.alert.is_open:
        raise Refusal("no_alert", case=case)
    how = one_line(request.text, what="how", longest=LONGEST_HOW)
    me = context.actor.person
    contacted = replace(
        case,
        alert=replace(case.alert, contacted_by=me, contacted_at=context.now, contacted_how=how),
        progress=tell(case.progress, Milestone.DONE),
    )
    changed = await context.save(await ask(context, told(contacted, context.now)))
    await context.note(changed, TimelineKind.CONTACTED, how, by=me, internal=True)
    return context.write("case_contacted", case=changed)


HANDLER = Handler(
    verb="contacted",
    usage="case contacted <id> <how>",
    summary="the customer has been told that it is done",
    example="case contacted 42 Phoned, sent the release notes",
    run=run,
)
