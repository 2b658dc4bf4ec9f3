"""`/case confirm <id>`: a product defect. Its Jira issue is owed, once."""

from dataclasses import replace

from bot.cases.case import Case, IssueLink, IssueState, Level, Owners, TimelineKind
from bot.cases.clocks import told
from bot.cases.effects import CreateIssue
from handlers.context import Context, Handler, Request
from handlers.guards import at_least, open_case, without_issue
from handlers.relay import with_threads


async def run(context: Context, request: Request) -> str:
    """Confirm the defect; the issue is created as soon as Jira answers."""
    case = open_case(request.case)
    without_issue(case)
    at_least(case, Level.ASSESSMENT)
    confirmed = await request_issue(context, case)
    await context.owe(
        CreateIssue(case_id=case.id, announce=context.here),
        # A confirmation after a failed one is a new one: the message that asked tells them apart.
        key=f"case/{case.id}/issue/{context.message.id}",
        case=confirmed,
        about="Jira issue",
    )
    return context.write("case_confirm", case=confirmed)


async def request_issue(context: Context, case: Case) -> Case:
    """Return the case, saved, as one whose issue is on its way; the customer is told."""
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
    if context.rules.confirmation:
        sent = await context.tell_customer(
            "customer/confirmed",
            confirmed,
            key=f"case/{case.id}/confirmed/{case.customer.id}",
            about="confirmed",
        )
        confirmed = with_threads(told(confirmed, context.now), sent)
    confirmed = await context.save(confirmed)
    await context.note(confirmed, TimelineKind.CONFIRMED, "product defect", by=me)
    return confirmed


HANDLER = Handler(
    verb="confirm",
    usage="case confirm <id>",
    summary="confirm a product defect and create its Jira issue",
    example="case confirm 42",
    run=run,
)
