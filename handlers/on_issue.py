"""What came of creating or looking up the Jira issue of a case."""

from dataclasses import dataclass, replace

from bot.cases.case import (
    Case,
    CaseId,
    CaseState,
    IssueId,
    IssueState,
    TimelineKind,
    TrackedIssue,
)
from bot.cases.clocks import restarted, told
from bot.cases.effects import Recipient, ToRoom
from bot.desk import JIRA_READ, Desk, remember_project
from handlers.files import owe_to_issue
from handlers.on_transition import specialist_of
from handlers.relay import with_threads

PRODUCT_DEFECT = "product defect"
"""What the timeline says of a confirmed case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssue:
    """The issue, as far as the process needs to know it."""

    id: IssueId
    key: str
    url: str
    project: str


async def on_issue_ready(
    desk: Desk, case_id: CaseId, issue: FoundIssue, *, announce: Recipient, linked: bool, key: str
) -> Case | None:
    """Let the case follow its issue and say so where it was asked for.

    Args:
        desk: what to work with.
        case_id: the case.
        issue: the issue it follows from now on.
        announce: where it was asked for.
        linked: whether the issue existed before.
        key: of the request, which is what the answer to it is owed under.

    Returns:
        The case as saved, or None if it no longer waits for an issue.
    """
    case = await desk.tx.find_case(case_id)
    if case is None or case.issue is None or case.issue.state is IssueState.LINKED:
        return None
    changed = replace(
        case,
        issue=replace(
            case.issue, state=IssueState.LINKED, id=issue.id, key=issue.key, url=issue.url
        ),
        # They may have been copied to an issue it followed before.
        files=tuple(replace(file, attachment_id="") for file in case.files),
    )
    if await desk.tx.find_issue(issue.id) is None:
        await desk.tx.save_issue(
            TrackedIssue(id=issue.id, key=issue.key, url=issue.url, project=issue.project)
        )
    await remember_project(desk.tx, issue.project)
    if await desk.tx.get_time(JIRA_READ) is None:
        # Or an outage before the very first poll would end with a search from its end on.
        await desk.tx.advance_mark(JIRA_READ, desk.now)
    announced = await desk.say(
        "staff/issue_created",
        announce,
        key=f"{key}/ready",
        case=changed,
        about=f"issue {issue.key}",
        issue=issue,
        linked=linked,
    )
    if isinstance(announce, ToRoom) and announce.thread_id is None:
        changed = replace(changed, threads=(*changed.threads, announced))
    changed = await desk.save(changed)
    if linked:
        # Whoever typed the key may have mistyped it: only now it is known to be true.
        changed = await tell_confirmed(desk, changed)
        await desk.note(changed, TimelineKind.CONFIRMED, PRODUCT_DEFECT, by=case.issue.requested_by)
    await desk.note(changed, TimelineKind.LINKED, issue.key, internal=True)
    await owe_to_issue(desk, changed, changed.files, key=key)
    return changed


async def tell_confirmed(desk: Desk, case: Case) -> Case:
    """Tell the customer, once, that their case is a confirmed defect; return it as saved."""
    if not desk.rules.confirmation or case.state is CaseState.CLOSED:
        return case
    sent = await desk.tell_customer(
        "customer/confirmed",
        case,
        key=f"case/{case.id}/confirmed/{case.customer.id}",
        about="confirmed",
    )
    return await desk.save(with_threads(told(case, desk.now), sent))


async def on_issue_refused(
    desk: Desk, case_id: CaseId, detail: str, *, announce: Recipient, linked: bool, key: str
) -> None:
    """Take the request back, so that it can be made again, and say why where it was made."""
    case = await desk.tx.find_case(case_id)
    if case is None or case.issue is None or case.issue.state is IssueState.LINKED:
        return
    changed = await desk.save(restarted(replace(case, issue=None), desk.now))
    await desk.note(changed, TimelineKind.CHANGED, f"Jira refused: {detail}", internal=True)
    await desk.say(
        "staff/issue_refused",
        announce,
        key=f"{key}/refused",
        case=changed,
        about="Jira refused",
        detail=detail,
        linked=linked,
    )


async def on_issue_delayed(desk: Desk, case_id: CaseId, *, announce: Recipient, key: str) -> None:
    """Say once that Jira does not answer and that the issue is still coming."""
    case = await desk.tx.find_case(case_id)
    if case is not None:
        await desk.say(
            "staff/issue_delayed",
            announce,
            key=f"{key}/delayed",
            case=case,
            about="Jira does not answer",
        )


async def on_comment_refused(
    desk: Desk, case_id: CaseId, detail: str, *, announce: Recipient, key: str
) -> None:
    """Say where it was asked for that Jira does not take what the customer wrote."""
    case = await desk.tx.find_case(case_id)
    if case is not None:
        await desk.say(
            "staff/comment_refused",
            announce,
            key=f"{key}/refused",
            case=case,
            about="comment refused",
            detail=detail,
        )


async def on_issue_gone(desk: Desk, case: Case) -> None:
    """Tell the specialist, once, that the issue can no longer be seen; never the customer."""
    if case.issue is not None:
        await desk.say(
            "staff/issue_gone",
            specialist_of(desk, case),
            key=f"case/{case.id}/gone/{case.issue.id}",
            case=case,
            about="issue no longer visible",
        )
