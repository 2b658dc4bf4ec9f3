"""How an issue changes: one history entry per save, newest state in the index, event sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.jira.changes import describe
from sandbox.jira.events import Event
from sandbox.jira.model import (
    Account,
    ChangeItem,
    Comment,
    History,
    Issue,
    Project,
    Resolution,
    RichText,
    Status,
    Visibility,
)
from sandbox.jira.times import to_millisecond

if TYPE_CHECKING:
    from sandbox.jira.site import Site

_UPDATED = "issue_updated"


def save(
    site: "Site",
    issue: Issue,
    values: Mapping[str, Any],
    *,
    by: Account | None,
    at: datetime | None = None,
    extra: Sequence[ChangeItem] = (),
    type_name: str = _UPDATED,
    touches: bool = True,
) -> History | None:
    """Give attributes new values in one history entry, and tell the listeners.

    Args:
        site: the issue's.
        issue: to change.
        values: by attribute; `custom` holds only the custom fields that change.
        by: whoever did it.
        at: when; now if left out. An issue's `updated` never goes back.
        extra: further history items, for what is not an attribute.
        type_name: what the webhook calls this kind of change.
        touches: whether the issue counts as updated.

    Returns:
        The history entry, or None when nothing worth one changed.
    """
    names = {field.id: field.name for field in site.fields if field.custom}
    cloud = site.deployment == "cloud"
    items = [
        item
        for attribute, value in values.items()
        for item in describe(issue, attribute, value, cloud=cloud, field_names=names)
    ]
    items.extend(extra)
    if not items:
        return None
    moment = to_millisecond(at) if at else site.now()
    _assign(issue, values, moment)
    if type_name == _UPDATED and any(item.field_id == "assignee" for item in items):
        type_name = "issue_assigned"
    history = History(id=site.next_id("history"), author=by, created=moment, items=tuple(items))
    issue.histories = (*issue.histories, history)
    touch(site, issue, moment if touches else issue.updated)
    site.announce(
        Event(
            name="jira:issue_updated",
            type_name=type_name,
            at=moment,
            user=by,
            issue=issue,
            history=history,
        )
    )
    return history


def _assign(issue: Issue, values: Mapping[str, Any], moment: datetime) -> None:
    for attribute, value in values.items():
        if attribute == "custom":
            merged = {**issue.custom, **value}
            issue.custom = {key: kept for key, kept in merged.items() if kept is not None}
            continue
        if attribute == "status" and value.category is not issue.status.category:
            issue.category_changed = moment
        if attribute == "resolution":
            issue.resolved = moment if value else None
        setattr(issue, attribute, value)


def touch(site: "Site", issue: Issue, moment: datetime) -> None:
    """Note that an issue was changed, and let searches see it."""
    issue.updated = max(issue.updated, moment)
    site.index.put(issue)


def creation_entry(site: "Site", issue: Issue) -> History:
    """Return what the webhook of a creation carries as its changelog; it is not kept."""
    return History(
        id=site.next_id("history"),
        author=issue.creator,
        created=issue.created,
        # The capital letter is what Cloud sends here, and only here.
        items=(
            ChangeItem(
                field="Status",
                field_id="status",
                to_id=issue.status.id,
                to_text=issue.status.name,
            ),
        ),
    )


_WORKFLOW_EVENTS = {"done": "issue_resolved", "indeterminate": "issue_work_started"}


def _workflow_event(site: "Site", issue: Issue, target: Status) -> str:
    # Data Center's built-in workflow events have names of their own; Cloud says "generic".
    if site.deployment == "cloud":
        return "issue_generic"
    if target.name.casefold() == "closed":
        return "issue_closed"
    if issue.status.category.key == "done" != target.category.key:
        return "issue_reopened"
    return _WORKFLOW_EVENTS.get(target.category.key, "issue_generic")


def transition(
    site: "Site",
    issue: Issue,
    target: Status,
    *,
    resolution: Resolution | None,
    by: Account | None,
    at: datetime | None = None,
    values: Mapping[str, Any] | None = None,
) -> History | None:
    """Move an issue along its workflow."""
    changes: dict[str, Any] = dict(values or {})
    if target is not issue.status:
        reopened = issue.status.category.key == "done" != target.category.key
        if reopened and issue.project.clears_resolution and issue.resolution:
            changes["resolution"] = None
        changes["status"] = target
    if resolution is not None:
        changes["resolution"] = resolution
    named = _workflow_event(site, issue, target)
    return save(site, issue, changes, by=by, at=at, type_name=named)


def move(
    site: "Site", issue: Issue, project: Project, *, by: Account | None, at: datetime | None
) -> History | None:
    """Take an issue to another project."""
    names = {status.name: status for status in project.statuses}
    types = {kind.name: kind for kind in project.issue_types}
    project.last_number += 1
    issue.number = project.last_number
    return save(
        site,
        issue,
        {
            "project": project,
            "key": f"{project.key}-{project.last_number}",
            "status": names.get(issue.status.name, project.statuses[0]),
            "issue_type": types.get(issue.issue_type.name, project.issue_types[0]),
            "fix_versions": (),
            "versions": (),
            "components": (),
        },
        by=by,
        at=at,
        type_name="issue_moved",
    )


def new_comment(
    site: "Site",
    body: RichText,
    *,
    by: Account | None,
    at: datetime | None = None,
    visibility: Visibility | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Comment:
    """Return a comment that is not on any issue yet."""
    moment = to_millisecond(at) if at else site.now()
    return Comment(
        id=str(site.next_id("comment")),
        author=by,
        update_author=by,
        body=body,
        created=moment,
        updated=moment,
        visibility=visibility,
        properties=properties or {},
    )


def comment(
    site: "Site",
    issue: Issue,
    body: RichText,
    *,
    by: Account | None,
    at: datetime | None = None,
    visibility: Visibility | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Comment:
    """Add a comment to an issue."""
    added = new_comment(site, body, by=by, at=at, visibility=visibility, properties=properties)
    attach_comment(site, issue, added)
    return added


def attach_comment(site: "Site", issue: Issue, added: Comment) -> None:
    """Put a new comment on an issue and tell the listeners."""
    issue.comments = (*issue.comments, added)
    touch(site, issue, added.created)
    site.announce(
        Event(
            name="comment_created",
            at=added.created,
            user=added.author,
            issue=issue,
            comment=added,
        )
    )
    if site.deployment == "datacenter":
        site.announce(
            Event(
                name="jira:issue_updated",
                type_name="issue_commented",
                at=added.created,
                user=added.author,
                issue=issue,
                comment=added,
            )
        )


def replace_comment(
    site: "Site", issue: Issue, old: Comment, new: Comment | None, *, by: Account | None
) -> None:
    """Put another comment in the place of one, or take it away."""
    kept = (new if comment is old else comment for comment in issue.comments)
    issue.comments = tuple(comment for comment in kept if comment is not None)
    now = site.now()
    touch(site, issue, now)
    site.announce(
        Event(
            name="comment_updated" if new else "comment_deleted",
            at=now,
            user=by,
            issue=issue,
            comment=new or old,
        )
    )
