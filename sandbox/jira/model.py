"""What a Jira site holds: accounts, projects, workflows, issues and their histories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Deployment = Literal["cloud", "datacenter"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusCategory:
    """One of the four fixed groups every status belongs to."""

    id: int
    key: str
    name: str
    color: str


CATEGORIES = {
    category.key: category
    for category in (
        StatusCategory(id=1, key="undefined", name="No Category", color="medium-gray"),
        StatusCategory(id=2, key="new", name="To Do", color="blue-gray"),
        StatusCategory(id=4, key="indeterminate", name="In Progress", color="yellow"),
        StatusCategory(id=3, key="done", name="Done", color="green"),
    )
}


@dataclass(eq=False, kw_only=True, slots=True)
class Account:
    """A user; `name` and `key` exist on Data Center, `account_id` on Cloud."""

    account_id: str
    name: str
    key: str
    email: str
    display_name: str
    time_zone: str
    locale: str = "en_US"
    password: str | None = field(default=None, repr=False)
    api_token: str | None = field(default=None, repr=False)
    personal_token: str | None = field(default=None, repr=False)
    token_expires_at: datetime | None = None
    scoped: bool = False
    admin: bool = False
    active: bool = True
    shows_email: bool = True
    failed_logins: int = 0


@dataclass(eq=False, kw_only=True, slots=True)
class Status:
    """A workflow step; the id survives a rename."""

    id: str
    name: str
    category: StatusCategory
    project_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IssueType:
    """A kind of issue, such as Bug or Task."""

    id: str
    name: str
    subtask: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Priority:
    """How urgent an issue is; `rank` 1 is the most urgent."""

    id: str
    name: str
    color: str
    rank: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """Why an issue counts as finished."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A part of a project."""

    id: str
    name: str
    description: str = ""
    lead: Account | None = None


@dataclass(eq=False, kw_only=True, slots=True)
class Version:
    """A release of a project."""

    id: str
    name: str
    project_id: str
    description: str = ""
    archived: bool = False
    released: bool = False
    release_date: date | None = None
    start_date: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowTransition:
    """An arrow of a workflow; `source` is None when it leads from every status."""

    id: str
    name: str
    target: Status
    source: Status | None = None
    has_screen: bool = False


@dataclass(eq=False, kw_only=True, slots=True)
class Project:
    """A project with its workflow, versions and issue types."""

    id: str
    key: str
    name: str
    lead: Account | None
    issue_types: tuple[IssueType, ...]
    statuses: tuple[Status, ...]
    transitions: tuple[WorkflowTransition, ...]
    team_managed: bool = False
    clears_resolution: bool = True
    versions: list[Version] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    last_number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RichText:
    """A long text: as plain text, and as the document it was written in, if it was one."""

    text: str
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeItem:
    """One field's part of a history entry."""

    field: str
    field_id: str
    from_id: str | None = None
    from_text: str | None = None
    to_id: str | None = None
    to_text: str | None = None
    custom: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """One saved change of an issue."""

    id: int
    author: Account | None
    created: datetime
    items: tuple[ChangeItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Visibility:
    """Restricts a comment to a role or a group."""

    type: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """A comment on an issue."""

    id: str
    author: Account | None
    update_author: Account | None
    body: RichText
    created: datetime
    updated: datetime
    visibility: Visibility | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """An entry of the work log of an issue."""

    id: str
    author: Account | None
    update_author: Account | None
    body: RichText | None
    started: datetime
    created: datetime
    updated: datetime
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file on an issue."""

    id: str
    filename: str
    author: Account | None
    created: datetime
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteLink:
    """A link from an issue to something elsewhere."""

    id: int
    global_id: str | None
    application: Mapping[str, Any]
    relationship: str | None
    object: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkType:
    """How two issues may be related, read in both directions."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IssueLink:
    """A relation: `source` "blocks" `target`."""

    id: str
    type: LinkType
    source_id: int
    target_id: int


@dataclass(eq=False, kw_only=True, slots=True)
class Issue:
    """An issue as it is now.

    The object lives as long as the site and always shows the current state; its
    values are immutable, so a shallow copy is a snapshot.
    """

    id: int
    number: int
    project: Project
    key: str
    issue_type: IssueType
    summary: str
    status: Status
    created: datetime
    updated: datetime
    category_changed: datetime
    creator: Account | None = None
    reporter: Account | None = None
    assignee: Account | None = None
    priority: Priority | None = None
    resolution: Resolution | None = None
    resolved: datetime | None = None
    description: RichText | None = None
    environment: RichText | None = None
    due: date | None = None
    labels: tuple[str, ...] = ()
    fix_versions: tuple[Version, ...] = ()
    versions: tuple[Version, ...] = ()
    components: tuple[Component, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    histories: tuple[History, ...] = ()
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    work: tuple[Work, ...] = ()
    remote_links: tuple[RemoteLink, ...] = ()
    links: tuple[IssueLink, ...] = ()
    watchers: tuple[Account, ...] = ()
    voters: tuple[Account, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    archived: bool = False
    doc: int = 0
