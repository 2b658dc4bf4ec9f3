"""`/case search <words>`: cases with all these words in their title."""

from handlers.context import Context, Handler, Request
from handlers.parsing import one_line
from storage.base import CaseQuery

MOST = 10


async def run(context: Context, request: Request) -> str:
    """Show the newest matches; customers only ever get their own."""
    words = one_line(request.text, what="text to look for", longest=200)
    query = CaseQuery(
        customer=None if context.actor.is_staff else context.actor.person.id,
        words=tuple(words.split()),
    )
    cases, total = await context.tx.list_cases(query, limit=MOST)
    return context.write("case_list", cases=cases, total=total, page=1, pages=1, words=words)


HANDLER = Handler(
    verb="search",
    usage="case search <words>",
    summary="find cases by words of their title",
    example="case search export save",
    run=run,
    case=False,
)
