"""The issue of a case was resolved as a duplicate: the case follows the other one.

duplicate ─► FollowOriginal owed ─┬─ found ─────► follows it; staff are told
                                  └─ refused ───► a person explains it: Done alert
no duplicate after all ─► follows its own issue again; staff are told
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.cases.case import (
    Alert,
    Case,
    IssueId,
    IssueLink,
    Milestone,
    TimelineKind,
    TrackedIssue,
)
from bot.cases.effects import Audience, FollowOriginal
from bot.cases.milestones import moved
from bot.desk import Desk, remember_project
from handlers.drafts import solution
from handlers.files import owe_to_issue
from handlers.on_issue import FoundIssue
from handlers.on_reminder import told_of
from handlers.on_transition import specialist_of

RESOLUTION = "Duplicate"


async def on_duplicate(
    desk: Desk, case: Case, original: tuple[IssueId, str], *, reference: str
) -> None:
    """Owe the look for the issue that counts instead.

    Args:
        desk: what to work with.
        case: follows the duplicate.
        original: id and key of what it is a duplicate of.
        reference: names the change that made it one; the same change is acted on once.
    """
    link = case.issue
    if link is None or link.id is None or case.erased_at is not None:
        return
    original_id, original_key = original
    # A case that came back has a link of its own, made when it did.
    since = f"{link.requested_at:%Y%m%d%H%M%S%f}"
    key = f"case/{case.id}/duplicate/{link.id}/{original_id}/{reference}/{since}"
    if case.alert is not None and not case.alert.is_open:
        await desk.say(
            "staff/duplicate_known",
            specialist_of(desk, case),
            key=key,
            case=case,
            about="duplicate",
            original=original_key,
        )
        return
    await desk.owe(
        FollowOriginal(
            case_id=case.id,
            issue_id=link.id,
            issue_key=link.key,
            original_id=original_id,
            original_key=original_key,
        ),
        key=key,
        case=case,
        about=f"duplicate of {original_key}",
    )


async def on_original_found(
    desk: Desk,
    effect: FollowOriginal,
    issue: FoundIssue,
    *,
    passed: Sequence[FoundIssue],
    key: str,
) -> Case | None:
    """Let the case follow the issue that counts; the customer hears where it goes further.

    Args:
        desk: what to work with.
        effect: what was owed.
        issue: the one that counts.
        passed: those in between, each a duplicate of the next.
        key: of what was owed.

    Returns:
        The case as saved, or None if it no longer follows the duplicate.
    """
    case = await desk.tx.find_case(effect.case_id)
    if case is None or case.issue is None or case.issue.id != effect.issue_id:
        return None
    via = _before(case.issue, issue.id, (effect.issue_id, *(one.id for one in passed)))
    await _keep_looking_at(desk, effect.issue_id, passed, issue)
    changed = await _follow(desk, case, issue, via=via)
    await desk.note(changed, TimelineKind.MOVED, f"{effect.issue_key} → {issue.key}", internal=True)
    await desk.say(
        "staff/duplicate_followed",
        specialist_of(desk, changed),
        key=f"{key}/found",
        case=changed,
        about="follows the original",
        duplicate=effect.issue_key,
        alert_was_open=case.alert is not None,
    )
    return changed


async def on_original_missing(desk: Desk, effect: FollowOriginal, detail: str, *, key: str) -> None:
    """Open the Done alert: nothing more comes of the issue, and a person has to explain that."""
    case = await desk.tx.find_case(effect.case_id)
    if case is None or case.issue is None or case.issue.id != effect.issue_id:
        return
    await desk.say(
        "staff/duplicate_lost",
        specialist_of(desk, case),
        key=f"{key}/missing",
        case=case,
        about="duplicate",
        duplicate=effect.issue_key,
        original=effect.original_key,
        detail=detail,
    )
    if case.alert is not None:
        return
    alert = Alert(opened_at=desk.now, resolution=RESOLUTION, is_fix=False, reminded_at=desk.now)
    changed = await desk.save(
        replace(case, alert=alert, progress=replace(case.progress, milestone=Milestone.DONE))
    )
    await desk.note(changed, TimelineKind.ALERT, "opened", internal=True)
    said = await desk.say(
        "staff/done",
        specialist_of(desk, changed),
        key=f"{key}/alert",
        case=changed,
        about="alert Done",
        audience=Audience.CONTACT,
        alert=alert,
        draft=await solution(desk, changed, alert),
    )
    await desk.save(told_of(changed, said), quietly=True)


async def on_distinct(desk: Desk, case: Case, issue: TrackedIssue) -> Case:
    """Let a case follow its own issue again, which is no duplicate after all.

    Returns:
        The case as saved.
    """
    left = case.issue.key if case.issue else ""
    via = _before(case.issue, issue.id, ()) if case.issue else ()
    changed = await _follow(desk, case, issue, via=via)
    await desk.note(changed, TimelineKind.MOVED, f"{left} → {issue.key}", internal=True)
    await desk.say(
        "staff/duplicate_undone",
        specialist_of(desk, changed),
        key=f"case/{case.id}/distinct/{issue.id}/{desk.now.isoformat()}",
        case=changed,
        about="follows its own issue again",
        left=left,
        alert_was_open=case.alert is not None and case.alert.is_open,
    )
    return changed


async def _follow(
    desk: Desk, case: Case, issue: FoundIssue | TrackedIssue, *, via: tuple[IssueId, ...]
) -> Case:
    if case.issue is None:
        raise ValueError(f"{case.name} follows no issue")
    link = replace(
        case.issue,
        id=issue.id, key=issue.key, url=issue.url, via=via, requested_at=desk.now,
    )  # fmt: skip
    if await desk.tx.find_issue(issue.id) is None:
        await desk.tx.save_issue(
            TrackedIssue(id=issue.id, key=issue.key, url=issue.url, project=issue.project)
        )
    await remember_project(desk.tx, issue.project)
    kept = await desk.save(replace(case, issue=link, progress=moved(case.progress), alert=None))
    # What is at the duplicate stays there, one click away; what is not goes where it counts.
    waiting = [file for file in kept.files if not file.attachment_id]
    key = f"case/{kept.id}/followed/{link.requested_at:%Y%m%d%H%M%S%f}"
    await owe_to_issue(desk, kept, waiting, key=key)
    return kept


async def _keep_looking_at(
    desk: Desk, duplicate_id: IssueId, passed: Sequence[FoundIssue], issue: FoundIssue
) -> None:
    """Remember where the cases of each duplicate went, in case it proves to be none."""
    originals = [*passed, issue]
    for duplicate, original in zip([None, *passed], originals, strict=True):
        known = await desk.tx.find_issue(duplicate.id if duplicate else duplicate_id)
        if known is None and duplicate is not None:
            known = _tracked(duplicate)
            await remember_project(desk.tx, duplicate.project)
        if known is not None:
            await desk.tx.save_issue(replace(known, duplicate_of=original.id))


def _tracked(issue: FoundIssue) -> TrackedIssue:
    return TrackedIssue(id=issue.id, key=issue.key, url=issue.url, project=issue.project)


def _before(link: IssueLink, issue_id: IssueId, further: Sequence[IssueId]) -> tuple[IssueId, ...]:
    """Return the way to an issue; what leads back to it is no part of the way."""
    way = (*link.via, *further)
    return way[: way.index(issue_id)] if issue_id in way else way
