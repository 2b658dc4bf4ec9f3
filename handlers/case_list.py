"""`/case list [all|mine|level 2|closed] [page 2]`: cases, newest first."""

import re

from bot.cases.case import CaseState, Level
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from storage.base import CaseQuery

PAGE = 10
_PAGE = re.compile(r"(?:^|\s)page\s+(\d{1,4})\s*$", re.IGNORECASE)
_LEVEL = re.compile(r"level\s*([123])", re.IGNORECASE)


async def run(context: Context, request: Request) -> str:
    """Show one page of the cases asked for; customers only ever get their own."""
    words = request.text.strip()
    page = 1
    if found := _PAGE.search(words):
        page = max(1, int(found[1]))
        words = words[: found.start()].strip()
    cases, total = await context.tx.list_cases(
        _query(context, words), limit=PAGE, offset=(page - 1) * PAGE
    )
    return context.write(
        "case_list", cases=cases, total=total, page=page, pages=-(-total // PAGE), words=words
    )


def _query(context: Context, words: str) -> CaseQuery:
    me = context.actor.person.id
    customer = None if context.actor.is_staff else me
    asked = words.casefold()
    queries = {
        "": CaseQuery(customer=customer, state=CaseState.OPEN),
        "open": CaseQuery(customer=customer, state=CaseState.OPEN),
        "mine": CaseQuery(customer=customer, owner=None if customer else me, state=CaseState.OPEN),
        "closed": CaseQuery(customer=customer, state=CaseState.CLOSED),
        "all": CaseQuery(customer=customer),
    }
    if context.actor.is_staff:
        # A customer hears of Done from a person, not from a list.
        queries["done"] = CaseQuery(alert_open=True)
    if level := _LEVEL.fullmatch(asked):
        return CaseQuery(customer=customer, state=CaseState.OPEN, level=Level(int(level[1])))
    if asked not in queries:
        raise Refusal("unknown_filter", word=words[:40])
    return queries[asked]


HANDLER = Handler(
    verb="list",
    usage="case list [mine | level 2 | done | closed | all] [page 2]",
    customer_usage="case list [closed | all] [page 2]",
    summary="list cases",
    example="case list mine",
    run=run,
    case=False,
)
