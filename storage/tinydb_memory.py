"""All that the TinyDB store knows, and one transaction on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from storage.tinydb_cases import CaseMemory, CasePart
from storage.tinydb_commits import Changes
from storage.tinydb_documents import Documents
from storage.tinydb_file import Meta, Snapshot
from storage.tinydb_inbox import InboxMemory, InboxPart
from storage.tinydb_issues import IssueMemory, IssuePart
from storage.tinydb_lines import LineTables
from storage.tinydb_outbox import OutboxMemory, OutboxPart
from storage.tinydb_people import PeopleMemory, PeoplePart
from storage.tinydb_retention import RetentionPart
from storage.tinydb_traces import Copies, TracesPart
from storage.tinydb_watermarks import MarkMemory, MarkPart

TABLES = (
    "cases",
    "timeline",
    "outbox",
    "ledger",
    "inbox",
    "issues",
    "watermarks",
    "profiles",
    "dialogues",
)


class Memory:
    """The tables of the file, and what finds things in them."""

    def __init__(self, meta: Meta, tables: LineTables) -> None:
        """Take the tables as they are in a file.

        Raises:
            CodecError: a document is not what it should be.
            ValueError: the tables are not the ones of this version.
        """
        if not tables.names() <= set(TABLES):
            raise ValueError("it has a table that this version does not know")
        self._tables = tables
        documents = Documents(tables)
        self.cases = CaseMemory(documents, last_number=meta.last_case)
        self.inbox = InboxMemory(documents)
        self.outbox = OutboxMemory(documents, last_number=meta.last_delivery)
        self.issues = IssueMemory(documents)
        self.marks = MarkMemory(documents)
        self.people = PeopleMemory(documents)
        self.copies = Copies()

    @classmethod
    def empty(cls, folder: Path | None = None) -> Self:
        """Return the memory of a new store; see `LineTables` for the folder."""
        return cls(Meta(), LineTables(folder))

    def snapshot(self) -> Snapshot:
        """Return everything as it is now; later changes do not reach it."""
        return Snapshot(
            meta=Meta(last_case=self.cases.last_number, last_delivery=self.outbox.last_number),
            tables=[(name, self._tables.snapshot(name)) for name in TABLES],
        )

    def relieve(self) -> None:
        """Keep a large store's memory small; see `LineTables.relieve`."""
        self._tables.relieve()

    def close(self) -> None:
        """Let go of what is not memory."""
        self._tables.close()


class TinyDBTransaction(
    CasePart, InboxPart, OutboxPart, IssuePart, MarkPart, PeoplePart, RetentionPart, TracesPart
):
    """A `storage.base.Transaction`: changes the memory at once, and can undo it."""

    def __init__(self, memory: Memory, changes: Changes) -> None:
        self._cases = memory.cases
        self._inbox = memory.inbox
        self._outbox = memory.outbox
        self._issues = memory.issues
        self._marks = memory.marks
        self._people = memory.people
        self._copies = memory.copies
        self._changes = changes
        self._claimed: list[Callable[[], None]] = []

    def give_back_claims(self) -> None:
        """Free what was claimed, for a caller that will never know of it."""
        for give_back in reversed(self._claimed):
            give_back()
