"""`/case link <id> <KEY>`: confirms with an existing Jira issue instead, several cases at once."""

from bot.cases.case import Case, Level
from bot.cases.effects import LinkIssue
from bot.cases.refusals import Refusal
from handlers.case_confirm import request_issue
from handlers.context import Context, Handler, Request
from handlers.guards import at_least, open_case, without_issue
from handlers.parsing import is_issue_key


async def preview(context: Context, request: Request) -> str | None:
    """Show which cases it is about; one case alone is linked at once."""
    key = _checked(request)
    if not request.others:
        return None
    return context.write(
        "case_link_preview", cases=request.cases, key=key, told=context.rules.confirmation
    )


async def run(context: Context, request: Request) -> str:
    """Follow an existing issue, once Jira has said that it exists."""
    key = _checked(request)
    linked = [await _link(context, case, key) for case in request.cases]
    if len(linked) == 1:
        return context.write("case_link", case=linked[0], key=key)
    return context.write("case_link_many", cases=linked, key=key)


def _checked(request: Request) -> str:
    """Return the key, if every case may follow its issue."""
    for case in request.cases:
        open_case(case)
        without_issue(case)
        # A specialist who knows the issue need not ask R&D to find it again.
        at_least(case, Level.CONFIRMATION)
    key = request.text.strip().upper()
    if not is_issue_key(key):
        raise Refusal("issue_key", word=request.text[:40], case=request.case)
    return key


async def _link(context: Context, case: Case, key: str) -> Case:
    linked = await request_issue(context, case)
    await context.owe(
        LinkIssue(case_id=case.id, issue_key=key, announce=context.here),
        key=f"case/{case.id}/issue/{context.message.id}",
        case=linked,
        about=f"link to {key}",
    )
    return linked


HANDLER = Handler(
    verb="link",
    usage="case link <id> <KEY>",
    summary="confirm with an existing Jira issue; several cases at once as 42,43",
    example="case link 42 BUG-7",
    run=run,
    preview=preview,
    several=True,
)
