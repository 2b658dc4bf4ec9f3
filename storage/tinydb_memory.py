"""All that the TinyDB store knows, and one transaction on it."""

from typing import Self

from storage.tinydb_cases import CaseMemory, CasePart
from storage.tinydb_commits import Changes
from storage.tinydb_documents import Documents, Lines
from storage.tinydb_file import Meta, Snapshot
from storage.tinydb_inbox import InboxMemory, InboxPart
from storage.tinydb_issues import IssueMemory, IssuePart
from storage.tinydb_lanes import Claim, Pending
from storage.tinydb_outbox import OutboxMemory, OutboxPart
from storage.tinydb_watermarks import MarkMemory, MarkPart

TABLES = ("cases", "timeline", "outbox", "ledger", "inbox", "issues", "watermarks")


class Memory:
    """The tables of the file, and what finds things in them."""

    def __init__(self, meta: Meta, tables: dict[str, Lines]) -> None:
        """Take the tables as they are in a file.

        Raises:
            CodecError: a document is not what it should be.
            ValueError: the tables are not the ones of this version.
        """
        if tables.keys() != set(TABLES):
            raise ValueError("its tables are not the expected ones")
        self._documents = Documents(tables)
        self.cases = CaseMemory(self._documents, last_number=meta.last_case)
        self.inbox = InboxMemory(self._documents)
        self.outbox = OutboxMemory(self._documents, last_number=meta.last_delivery)
        self.issues = IssueMemory(self._documents)
        self.marks = MarkMemory(self._documents)

    @classmethod
    def empty(cls) -> Self:
        """Return the memory of a new store."""
        return cls(Meta(), {name: {} for name in TABLES})

    def snapshot(self) -> Snapshot:
        """Return everything as it is now; later changes do not reach it."""
        return Snapshot(
            meta=Meta(last_case=self.cases.last_number, last_delivery=self.outbox.last_number),
            tables=[(name, list(self._documents.encoded(name).lines.values())) for name in TABLES],
        )


class TinyDBTransaction(CasePart, InboxPart, OutboxPart, IssuePart, MarkPart):
    """A `storage.base.Transaction`: changes the memory at once, and can undo it."""

    def __init__(self, memory: Memory, changes: Changes) -> None:
        self._cases = memory.cases
        self._inbox = memory.inbox
        self._outbox = memory.outbox
        self._issues = memory.issues
        self._marks = memory.marks
        self._changes = changes
        self._claimed: list[tuple[Pending, Claim]] = []

    def give_back_claims(self) -> None:
        """Free what was claimed, for a caller that will never know of it."""
        for entry, claim in self._claimed:
            if entry.claim is claim:
                entry.claim = None
