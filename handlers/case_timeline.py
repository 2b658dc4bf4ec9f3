"""`/case timeline <id> [page 2]`: what happened, in order; the newest page first."""

from handlers.context import Context, Handler, Request
from handlers.filters import split_page

PAGE = 30


async def run(context: Context, request: Request) -> str:
    """Show one page of the entries; internal ones only to staff in a direct message."""
    _, page = split_page(request.text)
    internal = context.actor.is_staff and context.message.direct
    entries = [
        entry
        for entry in await context.tx.list_timeline(request.case.id)
        if internal or not entry.internal
    ]
    last = max(0, len(entries) - (page - 1) * PAGE)
    first = max(0, last - PAGE)
    return context.write(
        "case_timeline",
        case=request.case,
        entries=entries[first:last],
        earlier=first,
        page=page,
    )


HANDLER = Handler(
    verb="timeline",
    usage="case timeline <id> [page 2]",
    summary="what happened, in order",
    example="case timeline 42",
    run=run,
)
