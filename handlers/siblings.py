"""The cases of one issue: each has its own customer."""

from collections.abc import Sequence

from bot.cases.case import Case
from handlers.context import Context, Request


async def siblings(context: Context, case: Case) -> Sequence[Case]:
    """Return the other cases that follow the same issue."""
    if case.issue is None or case.issue.id is None:
        return ()
    cases = await context.tx.list_cases_by_issue(case.issue.id)
    return [other for other in cases if other.id != case.id]


def shared(context: Context, request: Request) -> str:
    """Show several cases, a line each: what their customers were told so far."""
    keys = {case.issue.key if case.issue else "" for case in request.cases}
    issue = request.case.issue if len(keys) == 1 and context.actor.is_staff else None
    return context.write(
        "cases_named",
        cases=request.cases,
        key=issue.key if issue else "",
        status=request.case.progress.status if issue else "",
    )
