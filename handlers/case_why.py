"""`/case why <id>`: what was not sent, or has not been yet, and why."""

from bot.cases.effects import DeliveryState
from handlers.case_proof import MOST, line_of
from handlers.context import Context, Handler, Request


async def run(context: Context, request: Request) -> str:
    """Show what the newest part of the case's ledger still lacks, with the reasons."""
    deliveries = await context.tx.list_deliveries(request.case.id)
    unsent = [line_of(one) for one in deliveries if one.state is not DeliveryState.SENT]
    return context.write("case_why", case=request.case, lines=unsent[-MOST:])


HANDLER = Handler(
    verb="why",
    usage="case why <id>",
    summary="why something was not sent",
    example="case why 42",
    run=run,
)
