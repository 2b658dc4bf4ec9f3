"""`/case show <id>`: everything about a case that the reader may see."""

from bot.cases.clocks import shown
from handlers.checklists import lacking
from handlers.context import Context, Handler, Request
from handlers.hand_over import answers_of, beside, notes_of, unread_of
from handlers.siblings import shared, siblings


async def run(context: Context, request: Request) -> str:
    """Show the case; customers get the safe view, and notes are shown in direct messages only."""
    if request.others:
        return shared(context, request)
    case = request.case
    if not context.actor.is_staff:
        return context.write("customer/case_show", case=case, missing=lacking(context, case))
    answers = await answers_of(context, case)
    return context.write(
        "case_show",
        case=case,
        missing=lacking(context, case),
        notes=await notes_of(context, case),
        answers=answers,
        unread=beside(await unread_of(context, case), answers),
        limits=shown(case, context.rules.policy),
        now=context.now,
        siblings=await siblings(context, case),
    )


HANDLER = Handler(
    verb="show",
    usage="case show <id>",
    summary="show a case",
    example="case show 42",
    run=run,
    several=True,
)
