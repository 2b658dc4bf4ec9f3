"""`/case proof <id>`: who was told what, when, because of which change."""

from handlers.context import Context, Handler, Request


async def run(context: Context, request: Request) -> str:
    """Show the case's ledger."""
    deliveries = await context.tx.list_deliveries(request.case.id)
    return context.write("case_proof", case=request.case, deliveries=deliveries)


HANDLER = Handler(
    verb="proof",
    usage="case proof <id>",
    summary="who was told what, and what was not sent and why",
    example="case proof 42",
    run=run,
)
