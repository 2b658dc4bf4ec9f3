"""`/case show <id>`: everything about a case that the reader may see."""

from bot.cases.case import TimelineKind
from bot.cases.evidence import missing
from handlers.context import Context, Handler, Request
from handlers.siblings import shared, siblings


async def run(context: Context, request: Request) -> str:
    """Show the case; customers get the safe view, and notes are shown in direct messages only."""
    if request.others:
        return shared(context, request)
    case = request.case
    if not context.actor.is_staff:
        return context.write("customer/case_show", case=case, missing=missing(case))
    notes = [
        entry
        for entry in await context.tx.list_timeline(case.id)
        if entry.kind is TimelineKind.NOTE
    ]
    return context.write(
        "case_show",
        case=case,
        missing=missing(case),
        notes=notes,
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
