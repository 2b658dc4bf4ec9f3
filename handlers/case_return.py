"""`/case return <id> <reason>`: one level down, with a reason."""

from dataclasses import replace

from bot.cases.case import Level, Returned, TimelineKind
from bot.cases.clocks import at_level
from bot.cases.effects import ToPerson
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.guards import open_case, without_issue, works_at_level_of
from handlers.parsing import one_line

LONGEST_REASON = 500


async def run(context: Context, request: Request) -> str:
    """Give the case back to the level below and tell its owner there."""
    case = open_case(request.case)
    if case.level is Level.ANALYSIS:
        raise Refusal("bottom_level", case=case)
    works_at_level_of(context.actor, case, command="return")
    without_issue(case)
    reason = one_line(request.text, what="reason", longest=LONGEST_REASON)
    level = Level(case.level - 1)
    why = Returned(reason=reason, by=context.actor.person, at=context.now)
    below = at_level(case, level, context.now, by=context.actor.person)
    returned = replace(below, returned=why)
    key = f"return/{context.message.id}"
    card = await context.say(
        "staff/returned",
        context.room_of(level),
        key=key,
        case=returned,
        about=f"return to level {int(level)}",
        by=context.actor.person,
        reason=reason,
    )
    returned = replace(returned, threads=(*returned.threads, card))
    returned = await context.save(returned)
    await context.note(
        returned,
        TimelineKind.RETURNED,
        f"level {int(case.level)} to {int(level)}: {reason}",
        by=context.actor.person,
        internal=True,
    )
    owner = returned.owners.at(level)
    if owner is not None and owner.id != context.actor.person.id:
        await context.say(
            "staff/returned",
            ToPerson(person=owner),
            key=f"{key}/owner",
            case=returned,
            about=f"return to level {int(level)}",
            by=context.actor.person,
            reason=reason,
        )
    return context.write("case_return", case=returned, owner=owner)


HANDLER = Handler(
    verb="return",
    usage="case return <id> <reason>",
    summary="give a case back one level",
    example="case return 42 Please add the server log",
    run=run,
)
