"""What a search sees: snapshots of the issues, possibly some time behind."""

import copy
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.jira.jql.plan import Bounds
from sandbox.jira.model import Issue


@dataclass(frozen=True, slots=True)
class _Pending:
    due: datetime
    issue_id: int
    snapshot: Issue | None


class SearchIndex:
    """Keeps a snapshot of every issue and finds those that may match.

    A change is shown only after the lag has passed, as with Cloud, where a search is
    behind what `GET /issue` says.
    """

    def __init__(self, *, now: Callable[[], datetime], lag: Callable[[], timedelta]) -> None:
        self._now = now
        self._lag = lag
        self._documents: dict[int, Issue] = {}
        self._by_updated: list[tuple[datetime, int]] = []
        self._by_label: dict[str, set[int]] = {}
        self._by_project: dict[str, set[int]] = {}
        self._pending: deque[_Pending] = deque()
        self._doc = 0

    def put(self, issue: Issue) -> None:
        """Take in the current state of an issue, to be seen after the lag."""
        self._accept(issue.id, copy.copy(issue))

    def remove(self, issue_id: int) -> None:
        """Forget an issue after the lag."""
        self._accept(issue_id, None)

    def catch_up(self) -> None:
        """Show everything at once, whatever the lag."""
        while self._pending:
            entry = self._pending.popleft()
            self._apply(entry.issue_id, entry.snapshot)

    def _accept(self, issue_id: int, snapshot: Issue | None) -> None:
        lag = self._lag()
        if not lag and not self._pending:
            self._apply(issue_id, snapshot)
        else:
            self._pending.append(_Pending(self._now() + lag, issue_id, snapshot))

    def _settle(self) -> None:
        now = self._now()
        while self._pending and self._pending[0].due <= now:
            entry = self._pending.popleft()
            self._apply(entry.issue_id, entry.snapshot)

    def _apply(self, issue_id: int, snapshot: Issue | None) -> None:
        old = self._documents.pop(issue_id, None)
        if old is not None:
            del self._by_updated[bisect_left(self._by_updated, (old.updated, issue_id))]
            self._by_project[old.project.id].discard(issue_id)
            for label in old.labels:
                self._by_label[label.casefold()].discard(issue_id)
        if snapshot is not None:
            self._doc += 1
            snapshot.doc = self._doc
            self._documents[issue_id] = snapshot
            insort(self._by_updated, (snapshot.updated, issue_id))
            self._by_project.setdefault(snapshot.project.id, set()).add(issue_id)
            for label in snapshot.labels:
                self._by_label.setdefault(label.casefold(), set()).add(issue_id)

    def candidates(self, bounds: Sequence[Bounds]) -> Iterable[Issue]:
        """Return every snapshot that may match, by way of the narrowest bound."""
        self._settle()
        narrowest: Sequence[int] | set[int] | None = None
        for bound in bounds:
            ids = self._ids(bound)
            if narrowest is None or len(ids) < len(narrowest):
                narrowest = ids
        if narrowest is None:
            return list(self._documents.values())
        return [self._documents[i] for i in narrowest if i in self._documents]

    def _ids(self, bound: Bounds) -> Sequence[int] | set[int]:
        if bound.ids is not None:
            return set(bound.ids)
        if bound.labels is not None:
            return set().union(*(self._by_label.get(label, ()) for label in bound.labels))
        if bound.project_ids is not None:
            return set().union(*(self._by_project.get(p, ()) for p in bound.project_ids))
        if bound.updated_from is not None:
            start = bisect_left(self._by_updated, (bound.updated_from, 0))
            return _Tail(self._by_updated, start)
        return range(0)


class _Tail(Sequence[int]):
    """The ids from a place on, without copying them before they are needed."""

    def __init__(self, entries: list[tuple[datetime, int]], start: int) -> None:
        self._entries = entries
        self._start = start

    def __len__(self) -> int:
        return len(self._entries) - self._start

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
        return self._entries[self._start + place][1]
