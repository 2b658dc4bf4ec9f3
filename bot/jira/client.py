"""Jira for the rest of the program: one class, asynchronous, the same for both deployments."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import aiohttp

from bot.clock import Clock
from bot.jira.documents import Document
from bot.jira.records import (
    Account,
    Attachment,
    CreatedIssue,
    Credentials,
    Issue,
    ProjectStatus,
    ServerInfo,
)


class JiraClient:
    """Interface; the implementation follows."""

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeout: timedelta = timedelta(seconds=60),
    ) -> None:
        raise NotImplementedError

    async def connect(self) -> ServerInfo:
        """Find out which Jira answers and that it accepts the credentials."""
        raise NotImplementedError

    async def whoami(self) -> Account:
        """Return the account behind the credentials."""
        raise NotImplementedError

    async def list_statuses(self, project: str) -> tuple[ProjectStatus, ...]:
        """Return the statuses of a project."""
        raise NotImplementedError

    async def get_issue(self, id_or_key: str) -> Issue:
        """Return an issue; raises NotVisible."""
        raise NotImplementedError

    async def find_issues_by_label(self, project: str, label: str) -> tuple[Issue, ...]:
        """Return the issues of a project with a label, lowest id first."""
        raise NotImplementedError

    async def create_issue(
        self,
        *,
        project: str,
        issue_type: str,
        summary: str,
        description: Document,
        labels: tuple[str, ...] = (),
        property: tuple[str, Mapping[str, object]] | None = None,  # noqa: A002 - the name Jira gives it
    ) -> CreatedIssue:
        """Create an issue."""
        raise NotImplementedError

    async def add_comment(self, issue_id: str, document: Document, *, internal: bool = True) -> str:
        """Add a comment and return its id."""
        raise NotImplementedError

    async def list_attachments(self, issue_id: str) -> tuple[Attachment, ...]:
        """Return the files of an issue."""
        raise NotImplementedError

    async def attach(
        self,
        issue_id: str,
        filename: str,
        content: bytes | AsyncIterator[bytes],
        content_type: str,
    ) -> Attachment:
        """Attach a file."""
        raise NotImplementedError

    async def add_remote_link(
        self, issue_id: str, *, global_id: str, url: str, title: str, summary: str = ""
    ) -> None:
        """Link the issue to a page elsewhere; the same `global_id` again updates it."""
        raise NotImplementedError
