"""Cases and their timelines in the TinyDB store."""

from collections.abc import Sequence

from bot.cases.case import Case, CaseId, IssueId, MessageId, TimelineEntry
from bot.cases.query import CaseQuery, CaseTitle
from storage.codec import CASE, TIMELINE_ENTRY
from storage.tinydb_commits import Changes
from storage.tinydb_documents import TIMELINE, Documents, append_to, body, make_line
from storage.tinydb_indexes import CaseFacts, CaseIndex


class CaseMemory:
    """The documents of the cases and what finds them."""

    def __init__(self, documents: Documents, *, last_number: int) -> None:
        """Read the tables. Raises CodecError if a document is not what it should be."""
        self.cases = documents.encoded("cases")
        self.timelines = documents.encoded("timeline")
        self.index = CaseIndex()
        self.last_number = last_number
        for number, line in self.cases.lines.items():
            self.index.replace(number, CaseFacts.of(CASE.decode(body(line))))
            self.last_number = max(self.last_number, number)
        for line in self.timelines.lines.values():
            TIMELINE.decode(body(line))


class CasePart:
    """The part of a transaction that keeps cases and their timelines."""

    _cases: CaseMemory
    _changes: Changes

    async def allocate_case_id(self) -> CaseId:
        """See `storage.base.Cases`."""
        self._changes.check_open()
        # Never undone: a gap is allowed, going back is not.
        self._cases.last_number += 1
        self._changes.made = True
        return CaseId(self._cases.last_number)

    async def add_case(self, case: Case) -> None:
        """See `storage.base.Cases`. Raises ValueError if the number is taken."""
        if case.id in self._cases.cases.lines:
            raise ValueError(f"{case.name} exists already")
        self._put_case(case)
        self._cases.last_number = max(self._cases.last_number, case.id)

    async def find_case(self, case_id: CaseId) -> Case | None:
        """See `storage.base.Cases`."""
        encoded = self._cases.cases.find(case_id)
        return None if encoded is None else CASE.decode(encoded)

    async def save_case(self, case: Case) -> None:
        """See `storage.base.Cases`."""
        if case.id not in self._cases.cases.lines:
            raise KeyError(case.name)
        self._put_case(case)

    async def find_case_by_thread(self, message_id: MessageId) -> Case | None:
        """See `storage.base.Cases`."""
        numbers = self._cases.index.by_thread.find(message_id)
        return self._decode(numbers[-1:])[0] if numbers else None

    async def list_cases_by_issue(self, issue_id: IssueId) -> Sequence[Case]:
        """See `storage.base.Cases`."""
        return self._decode(self._cases.index.by_issue.find(issue_id))

    async def list_cases_by_issue_key(self, key: str) -> Sequence[Case]:
        """See `storage.base.Cases`."""
        return self._decode(self._cases.index.by_issue_key.find(key.casefold()))

    async def list_cases(
        self, query: CaseQuery, *, limit: int, offset: int = 0, count_to: int | None = None
    ) -> tuple[Sequence[Case], int]:
        """See `storage.base.Cases`."""
        numbers = self._cases.index.search(query)
        total = len(numbers) if count_to is None else min(len(numbers), count_to)
        return self._decode(numbers[offset : offset + limit]), total

    async def list_titles(self, query: CaseQuery, *, limit: int) -> Sequence[CaseTitle]:
        """See `storage.base.Cases`."""
        index = self._cases.index
        return [index.title_of(number) for number in index.search(query)[:limit]]

    async def add_timeline(self, entry: TimelineEntry) -> None:
        """See `storage.base.Cases`."""
        timelines = self._cases.timelines
        line = append_to(
            timelines.lines.get(entry.case_id),
            entry.case_id,
            "entries",
            TIMELINE_ENTRY.encode(entry),
        )
        self._changes.replace(timelines.put, int(entry.case_id), line)

    async def list_timeline(self, case_id: CaseId) -> Sequence[TimelineEntry]:
        """See `storage.base.Cases`."""
        encoded = self._cases.timelines.find(case_id)
        return () if encoded is None else TIMELINE.decode(encoded).entries

    def _put_case(self, case: Case) -> None:
        number = int(case.id)
        line = make_line(number, CASE.encode(case))
        self._changes.replace(self._cases.cases.put, number, line)
        self._changes.replace(self._cases.index.replace, number, CaseFacts.of(case))

    def _decode(self, numbers: Sequence[int]) -> list[Case]:
        lines = self._cases.cases.lines
        return [CASE.decode(body(lines[number])) for number in numbers]
