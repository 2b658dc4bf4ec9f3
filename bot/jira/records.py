"""What the gateway returns: plain facts about Jira, free of any deployment's shape."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

Deployment = Literal["cloud", "datacenter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCredentials:
    """An account's e-mail address and its API token; never shown by repr."""

    email: str
    api_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalToken:
    """A Data Center personal access token, or a Cloud bearer token; never shown by repr."""

    token: str = field(repr=False)


Credentials = CloudCredentials | PersonalToken


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """Which Jira answers, and where people open it."""

    deployment: Deployment
    version: str
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are to Jira.

    Attributes:
        id: the account id on Cloud, the user key on Data Center.
        name: what the server calls the account in its answers: the account id on Cloud,
            the user name on Data Center.
    """

    id: str
    name: str
    display_name: str
    time_zone: str
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """A status that issues of a project can have.

    Attributes:
        category: Jira's category key: `new`, `indeterminate`, `done`, `undefined`, or empty.
        issue_types: the names of the types of issue that can have it; empty where Jira tells none.
    """

    id: str
    name: str
    category: str
    issue_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FixVersion:
    """A version in which an issue is solved."""

    name: str
    released: bool
    released_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIssue:
    """Another issue, as a link names it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as it was when read; `id` never changes, `key` may.

    Attributes:
        resolution: None until somebody resolves the issue.
        url: where a person opens it.
        duplicates: the issues it is said to be a duplicate of; those we cannot see are not there.
    """

    id: str
    key: str
    summary: str
    status_id: str
    status_name: str
    resolution: str | None
    fix_versions: tuple[FixVersion, ...]
    updated_at: datetime
    created_at: datetime
    url: str
    project_key: str
    labels: tuple[str, ...]
    duplicates: tuple[LinkedIssue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedIssue:
    """What Jira tells about an issue it has just created."""

    id: str
    key: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of an issue; name and size are what tells whether it is already there."""

    id: str
    filename: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """One entry of an issue's changelog that moved its status.

    Attributes:
        history_id: unique per site; what makes the change handled once.
        from_id: empty when the server did not say, as are the others.
    """

    issue_id: str
    history_id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    at: datetime


class InitialStatus(NamedTuple):
    """The status an issue was created in."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanges:
    """An issue with the complete history of its status.

    Attributes:
        changes: oldest first, entries of the same second in the order of their ids.
    """

    issue: Issue
    initial_status: InitialStatus
    changes: tuple[StatusChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in Jira's answer that could not be understood and was left out.

    Attributes:
        issue_id: None when not even that could be read.
    """

    issue_id: str | None
    reason: str
