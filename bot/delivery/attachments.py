"""Performs what is owed of files: from the chat to the issue, through a file on disk, once."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bot.cases.case import CaseFile, CaseId, FileId
from bot.cases.effects import AttachFile, Delivery
from bot.clock import Clock
from bot.errors import Rejected, Retryable
from bot.jira.client import JiraClient
from storage.base import Store

# What was still on its way when the connection broke is there by then, or never will be.
SETTLED_AFTER = timedelta(seconds=30)
_LOOK_AGAIN = timedelta(seconds=5)
_MARK_LENGTH = 10


class Downloads(Protocol):
    """Gives out the chat's files."""

    async def download_file(self, *, file_id: str, name: str, to: Path, limit: int) -> int:
        """Store a file at `to`, complete or not at all; return its size in bytes."""
        ...


class AttachmentPerformer:
    """Copies files of cases to their issues.

    Never in memory: a file goes to a temporary folder, and from there to Jira, which is told its
    length beforehand.

    Args:
        most_bytes: longest file to accept, whatever its message said.
        installation: what makes the names of our attachments unique.
    """

    def __init__(
        self,
        *,
        client: JiraClient,
        chat: Downloads,
        store: Store,
        clock: Clock,
        most_bytes: int,
        installation: str,
    ) -> None:
        self._client = client
        self._chat = chat
        self._store = store
        self._clock = clock
        self._most_bytes = most_bytes
        self._installation = installation

    async def perform(self, delivery: Delivery) -> str:
        """Copy it, unless it is there, and return the attachment's id.

        See `bot.delivery.dispatcher.Performer`. Jira keeps every copy it is sent, so the issue is
        looked at first, always: another request for the same file may have been answered.
        """
        effect = delivery.owed.effect
        if not isinstance(effect, AttachFile):
            raise TypeError(f"no attachment: {effect.kind}")
        file = await self._file_of(effect.case_id, effect.file_id)
        mark = self.mark(effect.case_id, file.id)
        for attachment in await self._client.list_attachments(effect.issue_id):
            if attachment.filename.startswith(mark):
                return attachment.id
        since = delivery.doubtful_since
        if delivery.doubtful and since and self._clock.now() - since < SETTLED_AFTER:
            raise Retryable(
                "Jira may be taking the file in; the issue does not show it yet",
                retry_after=_LOOK_AGAIN,
            )
        return await self._copy(file, f"{mark}{file.name}", effect.issue_id)

    def mark(self, case_id: CaseId, file_id: FileId) -> str:
        """Return what the attachment's name begins with: people see the case, and we know it."""
        digest = hashlib.sha256(f"{self._installation}\n{file_id}".encode()).hexdigest()
        return f"CASE-{case_id}-{digest[:_MARK_LENGTH]}-"

    async def _file_of(self, case_id: CaseId, file_id: FileId) -> CaseFile:
        async with self._store.transaction(durable=False) as tx:
            case = await tx.find_case(case_id)
        found = [file for file in case.files if file.id == file_id] if case else []
        if not found:
            raise Rejected(f"the file is no longer part of CASE-{case_id}")
        return found[0]

    async def _copy(self, file: CaseFile, name: str, issue_id: str) -> str:
        limit = min(self._most_bytes, await self._client.largest_attachment())
        with tempfile.TemporaryDirectory(prefix="casebot-") as folder:
            copy = Path(folder) / "file"
            try:
                await self._chat.download_file(
                    file_id=file.id, name=file.name, to=copy, limit=limit
                )
            except OSError as error:
                raise Retryable(f"no room for a copy of the file: {error.strerror}") from error
            attached = await self._client.attach(issue_id, name, copy, file.media_type)
        return attached.id
