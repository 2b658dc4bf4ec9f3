"""`/case search <words> [page 2]`: cases with all these words in their title, or of an issue."""

from collections.abc import Sequence

from bot.cases.case import Case
from bot.cases.query import CaseQuery
from handlers import on_words
from handlers.context import Context, Handler, Request
from handlers.filters import COUNTED, PAGE, split_page
from handlers.parsing import is_issue_key, one_line, unquoted
from handlers.requests import typed_as_words


async def run(context: Context, request: Request) -> str:
    """Show one page of the matches; customers only ever get their own."""
    text, page = split_page(request.text)
    words = one_line(unquoted(text), what="text to look for", longest=200)
    offset = (page - 1) * PAGE
    found = await _of_issue(context, words)
    cases, total = found[offset : offset + PAGE], len(found)
    if not found:
        query = CaseQuery(
            customer=None if context.actor.is_staff else context.actor.person.id,
            words=tuple(words.split()),
        )
        cases, total = await context.tx.list_cases(
            query, limit=PAGE, offset=offset, count_to=COUNTED
        )
    if not total and len(words.split()) > 1 and typed_as_words(context, "search"):
        # "Search is slow" looks for nothing.
        return await on_words.run(context, context.message.text.strip())
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


async def _of_issue(context: Context, words: str) -> Sequence[Case]:
    """Return the cases of the issue that was asked for by its key, the newest first."""
    if not is_issue_key(words):
        return ()
    found = await context.tx.list_cases_by_issue_key(words.upper())
    mine = [case for case in found if context.actor.may_reach(case)]
    return sorted(mine, key=lambda case: case.id, reverse=True)


HANDLER = Handler(
    verb="search",
    usage="case search <words> [page 2]",
    summary="find cases by words of their title, or the key of their Jira issue",
    customer_summary="find cases by words of their title",
    example="case search export save",
    run=run,
    case=False,
)
