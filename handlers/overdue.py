"""The cases whose time is over: that follows from the policy, so no store knows it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cases.case import Case
from bot.cases.clocks import is_overdue
from bot.cases.query import CaseQuery
from bot.desk import Desk

MOST = 5_000
"""How many are looked at; more are open nowhere, and nobody shall wait longer for a list."""
_PAGE = 500


async def list_overdue(desk: Desk, query: CaseQuery) -> tuple[Sequence[Case], bool]:
    """Return which cases of a query are overdue, newest first, and whether all were looked at."""
    found: list[Case] = []
    policy = desk.rules.policy
    for _ in range(MOST // _PAGE):
        cases, _ = await desk.tx.list_cases(query, limit=_PAGE, count_to=_PAGE + 1)
        found += (case for case in cases if is_overdue(case, policy, desk.now))
        if len(cases) < _PAGE:
            return found, True
        query = replace(query, below=cases[-1].id)
    return found, False
