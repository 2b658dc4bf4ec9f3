"""`/case unlink <id>`: stops following a Jira issue."""

from dataclasses import replace

from bot.cases.case import IssueState, Progress, TimelineKind
from bot.cases.clocks import restarted
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.issue_care import let_go
from handlers.on_transition import specialist_of


async def run(context: Context, request: Request) -> str:
    """Take the case off its issue; the issue itself stays as it is."""
    case = open_case(request.case)
    if case.issue is None:
        raise Refusal("no_issue", case=case)
    if case.issue.state is IssueState.REQUESTED:
        raise Refusal("issue_on_its_way", case=case)
    unlinked = await context.save(
        restarted(replace(case, issue=None, progress=Progress(), alert=None), context.now)
    )
    await context.note(
        unlinked,
        TimelineKind.CHANGED,
        f"no longer follows {case.issue.key}",
        by=context.actor.person,
        internal=True,
    )
    if case.alert is not None and case.alert.is_open:
        # Whoever was to contact the customer must not do it because of the wrong issue.
        await context.say(
            "staff/unlinked",
            specialist_of(context, case),
            key=f"unlinked/{context.message.id}",
            case=unlinked,
            about="alert off",
            by=context.actor.person,
            issue=case.issue,
        )
    await let_go(context.tx, case.issue)
    return context.write("case_unlink", case=unlinked, key=case.issue.key)


HANDLER = Handler(
    verb="unlink",
    usage="case unlink <id>",
    summary="stop following the Jira issue",
    example="case unlink 42",
    run=run,
)
