"""`/case timeline <id> [page 2]`: what happened, in order; the newest page first."""

from collections.abc import Sequence

from bot.cases.case import TimelineEntry
from bot.cases.views import NewsView, news_of
from handlers.context import Context, Handler, Request
from handlers.filters import split_page

PAGE = 30


async def run(context: Context, request: Request) -> str:
    """Show one page of the entries; internal ones only to staff in a direct message."""
    _, page = split_page(request.text)
    timeline = await context.tx.list_timeline(request.case.id)
    entries: Sequence[TimelineEntry | NewsView]
    if context.actor.is_staff:
        entries = [one for one in timeline if context.message.direct or not one.internal]
    else:
        entries = news_of(timeline, request.case)
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
