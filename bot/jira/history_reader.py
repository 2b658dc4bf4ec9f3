"""Reads the changelogs of issues in as few requests as this Jira allows."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import Retryable
from bot.jira import parsing
from bot.jira.answers import NotVisible
from bot.jira.connection import Connection
from bot.jira.dialect import CHANGELOG_CHUNK, ID_LIST, Dialect, ids_jql
from bot.jira.histories import explains_status, history_of
from bot.jira.parsing import items, mapping
from bot.jira.records import IssueChanges, Problem
from bot.jira.searching import search

# A resource that was missing may come with an upgrade, or have been hidden by a passing fault.
_ABSENT_FOR = timedelta(hours=1)
_MOST_PAGES = 10_000
# Cloud cuts what it embeds in an issue at this many entries, whatever `total` says.
_CLOUD_EMBEDS = 20
_SMALLEST_CHUNK = 10
# In a row: then it is the server, not the issues.
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of one issue.

    Attributes:
        history: None when the issue is missing or could not be understood.
        is_missing: it does not exist, or we may not see it.
        fault: why it could not be read now.
        problems: what was left out.
    """

    issue_id: str
    history: IssueChanges | None = None
    is_missing: bool = False
    fault: Retryable | None = None
    problems: tuple[Problem, ...] = ()


class HistoryReader:
    """Reads histories: many per request where possible, one by one where not."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._no_bulk_until: datetime | None = None
        self._list_size = ID_LIST

    async def read_many(
        self, ids: Sequence[str], known: Mapping[str, object]
    ) -> AsyncIterator[Reading]:
        """Yield a reading for every id, as soon as it is there.

        Args:
            ids: the issues, each once.
            known: issues as just read from the server, by id; Cloud needs no second look at
                those, Data Center reads them anew together with their changelogs.

        Raises:
            Retryable: what was yielded so far is good; the rest was not read.
            CredentialsRefused: the server does not know us any more.
        """
        dialect = await self._connection.dialect()
        is_cloud = dialect.deployment == "cloud"
        position = failures = 0
        while position < len(ids):
            chunk = ids[position : position + (CHANGELOG_CHUNK if is_cloud else self._list_size)]
            position += len(chunk)
            settled = await self._settle(dialect, chunk, known)
            for issue_id in chunk:
                reading = settled.get(issue_id) or await self._attempt(issue_id)
                failures = failures + 1 if reading.fault else 0
                if reading.fault and (reading.fault.retry_after or failures >= _MOST_FAILURES):
                    raise reading.fault
                yield reading

    async def _attempt(self, issue_id: str) -> Reading:
        """Read one issue; one that is too big to read in time must not stand in others' way."""
        try:
            return await self.read_one(issue_id)
        except Retryable as fault:
            return Reading(issue_id=issue_id, fault=fault)

    async def _settle(
        self, dialect: Dialect, chunk: Sequence[str], known: Mapping[str, object]
    ) -> dict[str, Reading]:
        """Return what can be read together and adds up; the rest is read one by one."""
        if dialect.deployment == "cloud":
            readings = await self._cloud_chunk(dialect, chunk, known)
        elif len(chunk) > 1:
            readings = await self._list_chunk(dialect, chunk)
        else:
            readings = []
        # Search index and changelog may lag behind each other; reading the issue itself settles it.
        return {
            one.issue_id: one
            for one in readings
            if one.history is None or explains_status(one.history)
        }

    async def read_one(self, issue_id: str) -> Reading:
        """Read one issue as it is now, not as the search index remembers it."""
        dialect = await self._connection.dialect()
        try:
            raw = await self._connection.read(dialect.issue(issue_id, with_history=True))
            entries, is_complete = _embedded(raw, dialect)
            if not is_complete:
                paged = await self._paged(dialect, issue_id)
                is_complete = paged is not None
                entries = entries if paged is None else paged
        except NotVisible:
            return Reading(issue_id=issue_id, is_missing=True)
        reading = await self._reading(issue_id, raw, entries)
        return replace(reading, problems=(*reading.problems, *_doubts(reading, is_complete)))

    async def _cloud_chunk(
        self, dialect: Dialect, chunk: Sequence[str], known: Mapping[str, object]
    ) -> list[Reading]:
        ids = [issue_id for issue_id in chunk if issue_id in known]
        by_issue = await self._bulk(dialect, ids)
        if by_issue is None:
            return []
        return [await self._reading(one, known[one], by_issue.get(one, [])) for one in ids]

    async def _list_chunk(self, dialect: Dialect, chunk: Sequence[str]) -> list[Reading]:
        try:
            found = await search(self._connection, ids_jql(chunk), expand=("changelog",))
        except Retryable as fault:
            # Histories can be huge: what took too long at once may go in smaller portions.
            if fault.retry_after is None:
                self._list_size = max(_SMALLEST_CHUNK, self._list_size // 4)
            raise
        embedded = {issue_id: _embedded(raw, dialect) for issue_id, raw in found.items()}
        return [
            await self._reading(issue_id, found[issue_id], entries)
            for issue_id, (entries, is_complete) in embedded.items()
            if is_complete
        ]

    async def _bulk(self, dialect: Dialect, ids: Sequence[str]) -> dict[str, list[object]] | None:
        """Return the entries by issue, None when this server has no bulk changelog."""
        now = self._clock.now()
        if not ids or (self._no_bulk_until is not None and now < self._no_bulk_until):
            return None
        found: dict[str, list[object]] = {}
        token: str | None = None
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            request = dialect.bulk_changelogs(ids, token=token)
            answer = await self._connection.ask_if_present(request)
            if answer is None:
                self._no_bulk_until = now + _ABSENT_FOR
                return None
            page = mapping(self._connection.data(answer, request))
            for log in map(mapping, items(page.get("issueChangeLogs"))):
                entries = found.setdefault(parsing.identifier(log.get("issueId")), [])
                entries.extend(items(log.get("changeHistories")))
            token = parsing.token(page.get("nextPageToken"))
            if token is None:
                return found
            if token in seen:
                break
            seen.add(token)
        raise Retryable("Jira's changelogs go in circles: a page repeats")

    async def _paged(self, dialect: Dialect, issue_id: str) -> list[object] | None:
        """Return one issue's whole changelog, None when this server does not page it."""
        found: list[object] = []
        for _ in range(_MOST_PAGES):
            request = dialect.changelog(issue_id, start=len(found))
            answer = await self._connection.ask_if_present(request)
            if answer is None:
                return None
            page = mapping(self._connection.data(answer, request))
            values = items(page.get("values")) or items(page.get("histories"))
            found.extend(values)
            total = parsing.number(page.get("total"))
            is_last = page.get("isLast") is True if total is None else len(found) >= total
            if not values or is_last:
                return found
        raise Retryable("Jira's changelog does not end")

    async def _reading(self, issue_id: str, raw: object, entries: Sequence[object]) -> Reading:
        server = await self._connection.server()
        try:
            issue = parsing.issue(raw, base_url=server.base_url)
        except parsing.Unreadable as error:
            return Reading(
                issue_id=issue_id, problems=(Problem(issue_id=issue_id, reason=str(error)),)
            )
        history, problems = history_of(issue, entries)
        return Reading(issue_id=issue_id, history=history, problems=tuple(problems))


def _doubts(reading: Reading, is_complete: bool) -> Iterator[Problem]:  # noqa: FBT001 - private
    if not is_complete:
        reason = "the server cuts the changelog and offers no pages: steps may be missing"
        yield Problem(issue_id=reading.issue_id, reason=reason)
    if reading.history is not None and not explains_status(reading.history):
        reason = "the changelog does not lead to the issue's status"
        yield Problem(issue_id=reading.issue_id, reason=reason)


def _embedded(raw: object, dialect: Dialect) -> tuple[list[object], bool]:
    """Return the entries within an issue, and whether they are all there are."""
    changelog = mapping(raw).get("changelog")
    entries = items(mapping(changelog).get("histories"))
    total = parsing.number(mapping(changelog).get("total"))
    if not isinstance(changelog, dict) or (total is not None and len(entries) < total):
        return entries, False
    return entries, dialect.deployment != "cloud" or len(entries) < _CLOUD_EMBEDS
