"""`/case list [filters] [page 2]`: cases, newest first."""

from collections.abc import Sequence

from bot.cases.case import Case
from bot.cases.refusals import Refusal
from handlers import on_words
from handlers.context import Context, Handler, Request
from handlers.filters import COUNTED, LISTING_FLAGS, PAGE, PERSON_AFTER, Listing, read_listing
from handlers.overdue import list_overdue
from handlers.requests import typed_as_words


async def run(context: Context, request: Request) -> str:
    """Show one page of the cases asked for; customers only ever get their own."""
    return await show(context, request, "list", request.text)


async def show(context: Context, request: Request, verb: str, text: str) -> str:
    """Show one page of the cases asked for, and how to ask for the next one."""
    try:
        listing = read_listing(context, text, request.flags)
    except Refusal as refusal:
        first, *others = request.text.split() or [""]
        if others and refusal.values.get("word") == first and typed_as_words(context, verb):
            # "List is empty" asks for none.
            return await on_words.run(context, context.message.text.strip())
        raise
    cases, total, counted = await _page(context, listing)
    words = listing.words.removeprefix("mine").strip() if verb == "mine" else listing.words
    return context.write(
        "case_list",
        cases=cases,
        total=total,
        counted=counted,
        page=listing.page,
        pages=-(-total // PAGE),
        words=words,
        verb=verb,
    )


async def _page(context: Context, listing: Listing) -> tuple[Sequence[Case], int, int]:
    """Return the cases of the page, how many there are, and up to how many were counted."""
    if listing.overdue:
        found, all_seen = await list_overdue(context, listing.query)
        page = found[listing.offset : listing.offset + PAGE]
        return page, len(found), len(found) + 1 if all_seen else len(found)
    cases, total = await context.tx.list_cases(
        listing.query, limit=PAGE, offset=listing.offset, count_to=COUNTED
    )
    return cases, total, COUNTED


HANDLER = Handler(
    verb="list",
    usage="case list [mine | level 2 | @name | done | due | closed | all …]"
    " [--product p] [--severity s] [page 2]",
    customer_usage="case list [waiting | closed | all] [page 2]",
    summary="list cases",
    example="case list mine",
    run=run,
    case=False,
    flags=LISTING_FLAGS,
    names_person=True,
    person_after=PERSON_AFTER,
)
