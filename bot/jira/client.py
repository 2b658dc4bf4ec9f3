"""Jira for the rest of the program: one class, asynchronous, the same for both deployments."""

import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.clock import Clock
from bot.errors import OutcomeUnknown, Rejected, Retryable
from bot.jira import parsing
from bot.jira.answers import NotVisible
from bot.jira.connection import Connection
from bot.jira.dialect import Request, Upload, label_jql
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
from bot.jira.searching import search

__all__ = ["JiraClient", "NotVisible"]


class JiraClient:
    """Speaks with one Jira, Cloud or Data Center.

    Every method may raise `Retryable` (nothing was done), `CredentialsRefused` (stop asking
    and tell a person) and `Rejected`. Methods that write may raise `OutcomeUnknown` as well:
    look before repeating. Nothing is asked before the first call, so Jira may be down while
    the program starts. Safe to share between tasks.

    Args:
        url: base address, with a context path if there is one.
        session: stays the caller's, who closes it; best without a cookie jar.
        clock: for dates in headers, and for how far the server's clock is from ours.
        timeout: for a whole answer.
        upload_timeout: the same for sending a file.

    Raises:
        ValueError: the address is not a plain http(s) address.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        session: aiohttp.ClientSession,
        clock: Clock,
        timeout: timedelta = timedelta(seconds=60),
        upload_timeout: timedelta = timedelta(minutes=5),
    ) -> None:
        self.connection = Connection(
            url=url,
            credentials=credentials,
            session=session,
            clock=clock,
            timeout=timeout,
            upload_timeout=upload_timeout,
        )

    async def connect(self) -> ServerInfo:
        """Find out which Jira this is, and that it accepts our credentials.

        Raises:
            CredentialsRefused: it does not, or it is no Jira.
            Retryable: it cannot be reached.
        """
        return await self.connection.connect()

    async def whoami(self) -> Account:
        """Return the account behind our credentials, asked anew."""
        return await self.connection.whoami()

    async def list_statuses(self, project: str) -> tuple[ProjectStatus, ...]:
        """Return the statuses that issues of a project can have, in the server's order.

        Where a server cannot tell by project, all of its statuses.

        Raises:
            NotVisible: there is no such project, or we may not see it.
        """
        dialect = await self.connection.dialect()
        request = dialect.project_statuses(project)
        answer = await self.connection.ask_if_present(request)
        if answer is None:
            request = dialect.all_statuses()
            answer = await self.connection.ask(request)
        return parsing.statuses(self.connection.data(answer, request))

    async def lacking_permissions(
        self, project: str, permissions: Collection[str]
    ) -> tuple[str, ...]:
        """Return those that we are known not to have in a project, in the order given."""
        request = (await self.connection.dialect()).my_permissions(project, permissions)
        answer = await self.connection.ask_if_present(request)
        told = parsing.mapping(self.connection.data(answer, request)) if answer else {}
        ours = parsing.mapping(told.get("permissions"))
        told_of = {one: parsing.mapping(ours.get(one)) for one in permissions}
        return tuple(key for key, one in told_of.items() if one.get("havePermission") is False)

    async def get_issue(self, id_or_key: str) -> Issue:
        """Return an issue as it is now; a key from before a move finds it under its new one.

        Raises:
            NotVisible: it does not exist or we may not see it, and we are still logged in.
        """
        dialect = await self.connection.dialect()
        return await self._issue(await self.connection.read(dialect.issue(id_or_key)))

    async def find_issues_by_label(self, project: str, label: str) -> tuple[Issue, ...]:
        """Return the issues of a project with a label, lowest id first.

        The search index lags, by minutes at worst: nothing found soon after a create proves
        nothing.
        """
        found = await search(self.connection, label_jql(project, label))
        return parsing.in_order([await self._issue(raw) for raw in found.values()])

    async def create_issue(
        self,
        *,
        project: str,
        issue_type: str,
        summary: str,
        description: Document,
        labels: Sequence[str] = (),
        property: tuple[str, Mapping[str, object]] | None = None,  # noqa: A002 - Jira's word
    ) -> CreatedIssue:
        """Create an issue.

        Args:
            project: its key.
            issue_type: by name.
            summary: put on one line and cut.
            description: cut to what Jira takes; see `documents.is_too_long`.
            labels: without spaces. Jira cannot recognise a repeated create: give one that is
                unique to what this issue stands for, and search for it after a doubt.
            property: key and value, part of the issue from its first moment.

        Raises:
            OutcomeUnknown: it may have been created; do not repeat before having searched.
            Retryable: it was not created, and asking again later is safe.
            Rejected: it was not created; the message names every field that Jira complains of.
        """
        dialect = await self.connection.dialect()
        # A connection that died while idle, or a server that is down, shows here: a plain
        # "not now" instead of a doubt that takes minutes to settle.
        await self.connection.whoami()

        async def create(with_property: tuple[str, Mapping[str, object]] | None) -> CreatedIssue:
            request = dialect.create_issue(
                project=project,
                issue_type=issue_type,
                summary=summary,
                description=description,
                labels=labels,
                issue_property=with_property,
            )
            server = await self.connection.server()
            try:
                return parsing.created_issue(await self._write(request), base_url=server.base_url)
            except parsing.Unreadable as error:
                raise OutcomeUnknown(f"Jira answered a create, but {error}") from error

        try:
            return await create(property)
        except Rejected as fault:
            # A server that knows no properties at create names the key it does not know. The
            # label is what finds the issue again, so it is created without.
            if property is None or "properties" not in str(fault):
                raise
        return await create(None)

    async def add_comment(self, issue_id: str, document: Document, *, internal: bool = True) -> str:
        """Add a comment and return its id.

        Args:
            issue_id: an id or a key.
            document: cut to what Jira takes. Jira cannot recognise a repeated comment: give it a
                mark, and look with `has_comment` after a doubt.
            internal: keep it from the customers of a service project; elsewhere it changes
                nothing.
        """
        dialect = await self.connection.dialect()
        answer = await self._write(dialect.comment(issue_id, document, internal=internal))
        return parsing.issue_id(answer)

    async def has_comment(self, issue_id: str, mark: str) -> bool:
        """Tell whether an issue has a comment with this mark: look here before adding it again.

        Args:
            issue_id: an id or a key.
            mark: letters and digits, unlike any other's; part of the comment's text.
        """
        dialect = await self.connection.dialect()
        start = 0
        while True:
            page = parsing.mapping(
                await self.connection.read(dialect.comments(issue_id, start=start))
            )
            found = parsing.items(page.get("comments"))
            if any(parsing.contains(parsing.mapping(one).get("body"), mark) for one in found):
                return True
            start += len(found)
            if not found or start >= (parsing.number(page.get("total")) or 0):
                return False

    async def list_attachments(self, issue_id: str) -> tuple[Attachment, ...]:
        """Return the files of an issue: look here before attaching again after a doubt."""
        dialect = await self.connection.dialect()
        found = parsing.mapping(await self.connection.read(dialect.attachments(issue_id)))
        return parsing.attachments(parsing.mapping(found.get("fields")).get("attachment"))

    async def attach(
        self,
        issue_id: str,
        filename: str,
        content: bytes | AsyncIterator[bytes] | Path,
        content_type: str = "application/octet-stream",
    ) -> Attachment:
        """Attach a file; the same name twice makes two files.

        Args:
            issue_id: an id or a key.
            filename: what it is called there.
            content: itself, piece by piece, or where it is on disk: then its length is told first.
            content_type: its media type; one that is none is left out.

        Raises:
            Rejected: too big, too many, or attachments are off.
            OutcomeUnknown: compare with `list_attachments` before repeating.
        """
        dialect = await self.connection.dialect()
        upload = Upload(filename=filename, content=content, content_type=content_type)
        found = parsing.attachments(await self._write(dialect.attach(issue_id, upload)))
        if not found:
            raise OutcomeUnknown("Jira answered an upload without naming the file")
        return found[0]

    async def largest_attachment(self) -> int:
        """Return how long a file may be, in bytes.

        Raises:
            Rejected: this Jira takes no files.
        """
        request = (await self.connection.dialect()).attachment_settings()
        try:
            answer = await self.connection.ask_if_present(request)
        except NotVisible:
            answer = None
        found = parsing.mapping(self.connection.data(answer, request)) if answer else {}
        if found.get("enabled") is False:
            raise Rejected("attachments are turned off in Jira")
        return parsing.number(found.get("uploadLimit")) or sys.maxsize

    async def add_remote_link(
        self, issue_id: str, *, global_id: str, url: str, title: str, summary: str = ""
    ) -> None:
        """Link an issue to a page elsewhere; idempotent: the same `global_id` updates the link."""
        dialect = await self.connection.dialect()
        await self.connection.ask(
            dialect.remote_link(
                issue_id, global_id=global_id, url=url, title=title, summary=summary
            )
        )

    async def _write(self, request: Request) -> object:
        return self.connection.data(await self.connection.ask(request), request)

    async def _issue(self, raw: object) -> Issue:
        server = await self.connection.server()
        try:
            return parsing.issue(raw, base_url=server.base_url)
        except parsing.Unreadable as error:
            raise Retryable(f"Jira's answer cannot be understood: {error}") from error
