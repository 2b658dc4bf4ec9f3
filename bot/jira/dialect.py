"""How Cloud (REST v3) and Data Center (REST v2) are asked: requests as values, no I/O."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bot.jira.adf import to_adf
from bot.jira.documents import Document, one_line
from bot.jira.records import Deployment
from bot.jira.wiki import to_wiki

ISSUE_FIELDS = (
    "summary", "status", "resolution", "fixVersions", "updated", "created", "project", "labels",
    "issuelinks",
)  # fmt: skip
CHANGELOG_CHUNK = 1000
ISSUE_CHUNK = 100
ID_LIST = 200
_PAGE = 1000
_CHANGELOG_PAGE = 100
_COMMENTS_PAGE = 100
_SUMMARY = 250

LENIENT = "validateQuery"
"""The option of a search that makes it pass over what does not exist."""

# Whoever may be asked first for `serverInfo`: v2 exists on both, a small stand-in may lack it.
SERVER_INFO_PATHS = ("/rest/api/2/serverInfo", "/rest/api/3/serverInfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on its way to an issue."""

    filename: str
    content: bytes | AsyncIterator[bytes] | Path = field(repr=False)
    """Itself, piece by piece, or where it is on disk."""
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request.

    Attributes:
        path: below the base address, with its variable parts escaped.
        is_write: whether doing it twice would do harm; a search by POST is no write.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = field(default=None, repr=False)
    upload: Upload | None = None
    is_write: bool = False


def quoted(value: str) -> str:
    """Return `value` as a JQL string that nothing can break out of."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    plain = (c if c.isprintable() else f"\\u{min(ord(c), 0xFFFF):04x}" for c in escaped)
    return f'"{"".join(plain)}"'


def changed_jql(projects: Collection[str], *, minutes: int) -> str:
    """Ask for what was updated in the last `minutes`; relative, so no time zone matters."""
    names = ", ".join(quoted(project) for project in sorted(set(projects)))
    return f"project in ({names}) AND updated >= -{minutes}m ORDER BY updated ASC, key ASC"


def label_jql(project: str, label: str) -> str:
    """Ask for the issues of a project that carry a label, oldest first."""
    return f"project = {quoted(project)} AND labels = {quoted(label)} ORDER BY key ASC"


def ids_jql(ids: Collection[str]) -> str:
    """Ask for issues by their ids, at most `ID_LIST`; an id survives moves, a key does not."""
    names = ", ".join(one if one.isascii() and one.isdigit() else quoted(one) for one in ids)
    return f"id in ({names}) ORDER BY key ASC"


class Dialect:
    """What both deployments share, below their own API path."""

    deployment: Deployment
    api: str

    def rich_text(self, document: Document, *, is_comment: bool = False) -> object:
        """Render a document the way this deployment stores text."""
        raise NotImplementedError

    def search_by_offset(
        self,
        jql: str,
        *,
        start: int,
        expand: Sequence[str] = (),
        fields: Sequence[str] = (),
        lenient: bool = True,
    ) -> Request:
        """One page from a position: Data Center, and small stand-ins for Cloud.

        Args:
            jql: what is searched for.
            start: how many issues come before the page.
            expand: what comes with each issue.
            fields: of each issue; the usual ones if none.
            lenient: leave unknown ids and projects out instead of failing the whole query.
        """
        body: dict[str, object] = {
            "jql": jql,
            "startAt": start,
            "maxResults": _PAGE,
            "fields": list(fields or ISSUE_FIELDS),
        }
        if lenient:
            body[LENIENT] = False
        if expand:
            body["expand"] = list(expand)
        return Request(method="POST", path=f"{self.api}/search", json=body)

    def search_by_token(self, jql: str, *, token: str | None) -> Request:
        """One page after a token; only Cloud knows it."""
        body: dict[str, object] = {"jql": jql, "maxResults": _PAGE, "fields": list(ISSUE_FIELDS)}
        if token:
            body["nextPageToken"] = token
        return Request(method="POST", path=f"{self.api}/search/jql", json=body)

    def myself(self) -> Request:
        """Ask who we are."""
        return Request(method="GET", path=f"{self.api}/myself")

    def project_statuses(self, project: str) -> Request:
        """Ask for a project's statuses, grouped by issue type."""
        return Request(method="GET", path=f"{self.api}/project/{_part(project)}/statuses")

    def my_permissions(self, project: str, permissions: Collection[str]) -> Request:
        """Ask which of these we have in a project; Data Center tells of all of them."""
        query = {"permissions": ",".join(permissions), "projectKey": project}
        return Request(method="GET", path=f"{self.api}/mypermissions", query=query)

    def all_statuses(self) -> Request:
        """Ask for every status there is, where a project's own cannot be had."""
        return Request(method="GET", path=f"{self.api}/status")

    def issue(self, id_or_key: str, *, with_history: bool = False) -> Request:
        """Ask for one issue as it is now, not as the search index remembers it."""
        query = {"fields": ",".join(ISSUE_FIELDS)}
        if with_history:
            query["expand"] = "changelog"
        return Request(method="GET", path=self._issue(id_or_key), query=query)

    def attachments(self, issue_id: str) -> Request:
        """Ask for the files of an issue."""
        return Request(method="GET", path=self._issue(issue_id), query={"fields": "attachment"})

    def bulk_issues(self, ids: Sequence[str]) -> Request:
        """Ask for at most `ISSUE_CHUNK` issues at once (Cloud)."""
        body = {"issueIdsOrKeys": list(ids), "fields": list(ISSUE_FIELDS)}
        return Request(method="POST", path=f"{self.api}/issue/bulkfetch", json=body)

    def bulk_changelogs(self, ids: Sequence[str], *, token: str | None) -> Request:
        """Ask for the status changes of at most `CHANGELOG_CHUNK` issues at once (Cloud)."""
        body: dict[str, object] = {
            "issueIdsOrKeys": list(ids),
            "fieldIds": ["status"],
            "maxResults": _PAGE,
        }
        if token:
            body["nextPageToken"] = token
        return Request(method="POST", path=f"{self.api}/changelog/bulkfetch", json=body)

    def changelog(self, issue_id: str, *, start: int) -> Request:
        """Ask for a page of one issue's changelog; some Data Centers do not have it."""
        query = {"startAt": str(start), "maxResults": str(_CHANGELOG_PAGE)}
        return Request(method="GET", path=f"{self._issue(issue_id)}/changelog", query=query)

    def create_issue(
        self,
        *,
        project: str,
        issue_type: str,
        summary: str,
        description: Document,
        labels: Sequence[str],
        issue_property: tuple[str, Mapping[str, object]] | None,
    ) -> Request:
        """Create an issue; label and property are part of it from its first moment."""
        fields: dict[str, object] = {
            "project": {"key": project},
            "issuetype": {"name": issue_type},
            "summary": one_line(summary, limit=_SUMMARY) or "-",
            "description": self.rich_text(description),
            "labels": list(labels),
        }
        body: dict[str, object] = {"fields": fields}
        if issue_property is not None:
            key, value = issue_property
            body["properties"] = [{"key": key, "value": dict(value)}]
        return Request(method="POST", path=f"{self.api}/issue", json=body, is_write=True)

    def comment(self, issue_id: str, document: Document, *, internal: bool) -> Request:
        """Add a comment; without the property a service project shows it to its customers."""
        body: dict[str, object] = {"body": self.rich_text(document, is_comment=True)}
        if internal:
            body["properties"] = [{"key": "sd.public.comment", "value": {"internal": True}}]
        path = f"{self._issue(issue_id)}/comment"
        return Request(method="POST", path=path, json=body, is_write=True)

    def comments(self, issue_id: str, *, start: int) -> Request:
        """Ask for a page of the comments of an issue."""
        query = {"startAt": str(start), "maxResults": str(_COMMENTS_PAGE)}
        return Request(method="GET", path=f"{self._issue(issue_id)}/comment", query=query)

    def attach(self, issue_id: str, upload: Upload) -> Request:
        """Attach a file; the same name twice is two files."""
        path = f"{self._issue(issue_id)}/attachments"
        return Request(method="POST", path=path, upload=upload, is_write=True)

    def attachment_settings(self) -> Request:
        """Ask whether files may be attached, and how long they may be."""
        return Request(method="GET", path=f"{self.api}/attachment/meta")

    def remote_link(
        self, issue_id: str, *, global_id: str, url: str, title: str, summary: str
    ) -> Request:
        """Link to a page elsewhere; the same `global_id` updates, so it is safe to repeat."""
        target = {"url": url, "title": one_line(title, limit=_SUMMARY)}
        if summary:
            target["summary"] = one_line(summary, limit=_SUMMARY)
        body = {"globalId": global_id, "object": target}
        return Request(method="POST", path=f"{self._issue(issue_id)}/remotelink", json=body)

    def _issue(self, id_or_key: str) -> str:
        return f"{self.api}/issue/{_part(id_or_key)}"


class Cloud(Dialect):
    """Jira Cloud: rich text is a tree, pages are reached by token."""

    deployment: Deployment = "cloud"
    api = "/rest/api/3"

    def rich_text(self, document: Document, *, is_comment: bool = False) -> object:
        """Render to Atlassian Document Format."""
        return to_adf(document, headings=not is_comment)


class DataCenter(Dialect):
    """Jira Data Center and Server: rich text is wiki markup, pages are reached by position."""

    deployment: Deployment = "datacenter"
    api = "/rest/api/2"

    def rich_text(self, document: Document, *, is_comment: bool = False) -> object:  # noqa: ARG002 - wiki markup knows no difference
        """Render to wiki markup."""
        return to_wiki(document)


def dialect_of(deployment: Deployment) -> Dialect:
    """Return how to speak to a deployment."""
    return Cloud() if deployment == "cloud" else DataCenter()


def _part(value: str) -> str:
    # A lone dot or two would be taken for a step up the path, escaped or not.
    return quote(value, safe="") if value.strip(".") else "-"
