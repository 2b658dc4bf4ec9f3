"""`/case search <words> [page 2]`: cases with all these words in their title."""

from bot.cases.query import CaseQuery
from handlers.context import Context, Handler, Request
from handlers.filters import COUNTED, PAGE, split_page
from handlers.parsing import one_line, unquoted


async def run(context: Context, request: Request) -> str:
    """Show one page of the matches; customers only ever get their own."""
    text, page = split_page(request.text)
    words = one_line(unquoted(text), what="text to look for", longest=200)
    query = CaseQuery(
        customer=None if context.actor.is_staff else context.actor.person.id,
        words=tuple(words.split()),
    )
    cases, total = await context.tx.list_cases(
        query, limit=PAGE, offset=(page - 1) * PAGE, count_to=COUNTED
    )
    return context.write(
        "case_list",
        cases=cases,
        total=total,
        counted=COUNTED,
        page=page,
        pages=-(-total // PAGE),
        words=words,
        verb="search",
    )


HANDLER = Handler(
    verb="search",
    usage="case search <words> [page 2]",
    summary="find cases by words of their title",
    example="case search export save",
    run=run,
    case=False,
)
