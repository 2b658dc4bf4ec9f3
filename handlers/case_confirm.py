"""`/case confirm <id>`: a product defect. Its Jira issue is owed, once."""

from dataclasses import replace

from bot.cases.case import Case, IssueLink, IssueState, Level, Owners, TimelineKind
from bot.cases.effects import CreateIssue
from handlers.context import Context, Handler, Request
from handlers.guards import at_least, open_case, without_issue
from handlers.on_issue import PRODUCT_DEFECT, tell_confirmed


async def run(context: Context, request: Request) -> str:
    """Confirm the defect; the issue is created as soon as Jira answers."""
    case = open_case(request.case)
    without_issue(case)
    at_least(case, Level.ASSESSMENT)
    confirmed = await tell_confirmed(context, await request_issue(context, case))
    await context.note(confirmed, TimelineKind.CONFIRMED, PRODUCT_DEFECT, by=context.actor.person)
    await context.owe(
        CreateIssue(case_id=case.id, announce=context.here),
        # A confirmation after a failed one is a new one: the message that asked tells them apart.
        key=f"case/{case.id}/issue/{context.message.id}",
        case=confirmed,
        about="Jira issue",
    )
    return context.write("case_confirm", case=confirmed)


async def request_issue(context: Context, case: Case) -> Case:
    """Return the case, saved, as one whose issue is on its way; nobody is told yet."""
    me = context.actor.person
    owners: Owners = case.owners
    if owners.assessor is None:
        owners = replace(owners, assessor=me)
    confirmed = replace(
        case,
        level=Level.ASSESSMENT,
        owners=owners,
        issue=IssueLink(state=IssueState.REQUESTED, requested_by=me, requested_at=context.now),
    )
    return await context.save(confirmed)


HANDLER = Handler(
    verb="confirm",
    usage="case confirm <id>",
    summary="confirm a product defect and create its Jira issue",
    example="case confirm 42",
    run=run,
)
