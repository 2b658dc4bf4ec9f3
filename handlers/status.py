"""`/status [id]`: level, milestone with its meaning, last change, and as of when."""

from bot.cases.case import Case, CaseState, Milestone
from bot.cases.query import CaseQuery
from bot.cases.refusals import Refusal
from bot.desk import JIRA_READ
from handlers.context import Context, Handler, Request
from handlers.siblings import shared

MOST = 10


async def run(context: Context, request: Request) -> str:
    """Show how one case stands, or one line for each of mine."""
    if request.found is None and request.text:
        raise Refusal("which_case")
    if request.others:
        return shared(context, request)
    as_of = await context.tx.get_time(JIRA_READ)
    if request.found is not None:
        return context.write(
            "status",
            case=request.case,
            milestone=_visible_milestone(request.case, staff=context.actor.is_staff),
            as_of=as_of,
        )
    me = context.actor.person.id
    if context.actor.is_staff:
        query = CaseQuery(owner=me, state=CaseState.OPEN)
    else:
        query = CaseQuery(customer=me, state=CaseState.OPEN)
    cases, total = await context.tx.list_cases(query, limit=MOST)
    rows = [(case, _visible_milestone(case, staff=context.actor.is_staff)) for case in cases]
    return context.write("status_list", rows=rows, total=total, as_of=as_of)


def _visible_milestone(case: Case, *, staff: bool) -> Milestone | None:
    """Return the milestone a reader may know of: a person tells the customer of Done."""
    if staff or (case.alert is not None and not case.alert.is_open):
        return case.progress.milestone
    return case.progress.told


HANDLER = Handler(
    verb="status",
    usage="status [id]",
    summary="how your case stands",
    example="status 42",
    run=run,
    top=True,
    case_optional=True,
    several=True,
)
