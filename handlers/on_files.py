"""Files came without a command: from the team, or in the thread of a case.

They are for the case in the caption (`CASE-42 the log`), that of the thread, or the only open one
somebody has; where several may be meant, they say which.
"""

from collections.abc import Sequence

from bot.cases.case import Case, CaseId, CaseState
from bot.cases.query import CaseQuery
from handlers import choose_case
from handlers.arrival import arrive
from handlers.context import Context
from handlers.files import sort_out
from handlers.parsing import CaseReference, split_reference
from handlers.requests import case_of_thread, find_named

SHOWN = 10


async def run(context: Context, words: str) -> str:
    """Keep the files with their case, or ask which that is."""
    reference, caption = split_reference(words)
    if reference.case_id is not None and words[:1].isdigit() and caption:
        reference, caption = CaseReference(), words  # "2 users see it"
    case = await find_named(context, reference) or await case_of_thread(context)
    if case is None:
        cases = await _own_cases(context)
        if len(cases) != 1:
            return await choose_case.ask(context, cases, words, sort_out(context))
        case = cases[0]
    return await arrive(context, case, caption, sort_out(context))


async def _own_cases(context: Context) -> Sequence[Case]:
    """Return the cases somebody has, and those whose question waits for them."""
    me = context.actor.person.id
    found: dict[CaseId, Case] = {}
    for query in (
        CaseQuery(customer=me, state=CaseState.OPEN, waiting=True),
        CaseQuery(owner=me, state=CaseState.OPEN),
    ):
        cases, _ = await context.tx.list_cases(query, limit=SHOWN)
        found |= {case.id: case for case in cases}
    return list(found.values())[:SHOWN]
