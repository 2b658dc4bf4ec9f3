"""`/case reopen <id> <why>`: it is not over."""

from dataclasses import replace

from bot.cases.case import CaseState, TimelineKind
from bot.cases.clocks import restarted
from bot.cases.effects import ToPerson
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.on_transition import tell_present
from handlers.parsing import one_line

LONGEST_REASON = 500


async def run(context: Context, request: Request) -> str:
    """Open the case again where it was, and tell its owner or its level."""
    case = request.case
    if case.state is CaseState.OPEN:
        raise Refusal("already_open", case=case)
    why = one_line(request.text, what="why", longest=LONGEST_REASON)
    me = context.actor.person
    changed = await context.save(
        restarted(replace(case, state=CaseState.OPEN, closed_reason=""), context.now)
    )
    # What the team writes is for the team, as the reason of closing is.
    await context.note(changed, TimelineKind.REOPENED, why, by=me, internal=context.actor.is_staff)
    changed = await tell_present(context, changed, key=f"reopened/{context.message.id}/milestone")
    owner = changed.owners.at(changed.level)
    if owner is None or owner.id != me.id:
        await context.say(
            "staff/case_reopened",
            ToPerson(person=owner) if owner else context.room_of(changed.level),
            key=f"reopened/{context.message.id}",
            case=changed,
            about="reopened",
            by=me,
            why=why,
        )
    return context.write("case_reopen", case=changed)


HANDLER = Handler(
    verb="reopen",
    usage="case reopen <id> <why>",
    summary="open a closed case again",
    example="case reopen 42 It fails again",
    run=run,
)
