"""`/case link <id> <KEY>`: confirms with an existing Jira issue instead."""

from bot.cases.case import Level
from bot.cases.effects import LinkIssue
from bot.cases.refusals import Refusal
from handlers.case_confirm import request_issue
from handlers.context import Context, Handler, Request
from handlers.guards import at_least, open_case, without_issue
from handlers.parsing import is_issue_key


async def run(context: Context, request: Request) -> str:
    """Follow an existing issue, once Jira has said that it exists."""
    case = open_case(request.case)
    without_issue(case)
    # A specialist who knows the issue need not ask R&D to find it again.
    at_least(case, Level.CONFIRMATION)
    key = request.text.strip().upper()
    if not is_issue_key(key):
        raise Refusal("issue_key", word=request.text[:40], case=case)
    linked = await request_issue(context, case)
    await context.owe(
        LinkIssue(case_id=case.id, issue_key=key, announce=context.here),
        key=f"case/{case.id}/issue/{context.message.id}",
        case=linked,
        about=f"link to {key}",
    )
    return context.write("case_link", case=linked, key=key)


HANDLER = Handler(
    verb="link",
    usage="case link <id> <KEY>",
    summary="confirm with an existing Jira issue",
    example="case link 42 BUG-7",
    run=run,
)
