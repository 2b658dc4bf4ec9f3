"""Cases that may be the one somebody is about to report."""

from collections.abc import Sequence

from bot.cases.case import Case, CaseId, CaseState
from bot.cases.query import CaseQuery
from bot.cases.similarity import alike
from handlers.context import Context

AMONG = 200
"""So many of the newest open cases are compared; older ones are hardly reported again."""


async def find_similar(
    context: Context, title: str, product: str, *, but: CaseId | None = None
) -> Sequence[Case]:
    """Return open cases like that which the sender may see: customers their own only."""
    me = context.actor
    query = CaseQuery(state=CaseState.OPEN, customer=None if me.is_staff else me.person.id)
    cases, _ = await context.tx.list_cases(query, limit=AMONG)
    return alike(title, product, [case for case in cases if case.id != but])
