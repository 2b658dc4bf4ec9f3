"""`/case timeline <id>`: what happened, in order."""

from handlers.context import Context, Handler, Request

MOST = 30


async def run(context: Context, request: Request) -> str:
    """Show the newest entries; internal ones only to staff in a direct message."""
    internal = context.actor.is_staff and context.message.direct
    entries = [
        entry
        for entry in await context.tx.list_timeline(request.case.id)
        if internal or not entry.internal
    ]
    return context.write(
        "case_timeline",
        case=request.case,
        entries=entries[-MOST:],
        earlier=max(0, len(entries) - MOST),
    )


HANDLER = Handler(
    verb="timeline",
    usage="case timeline <id>",
    summary="what happened, in order",
    example="case timeline 42",
    run=run,
)
