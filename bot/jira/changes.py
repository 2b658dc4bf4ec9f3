"""What has changed in Jira: read by change, not by issue, so a quiet Jira costs next to nothing."""

import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import Retryable
from bot.jira import parsing
from bot.jira.client import JiraClient
from bot.jira.connection import Connection
from bot.jira.dialect import ISSUE_CHUNK, changed_jql
from bot.jira.history_reader import HistoryReader, Reading
from bot.jira.parsing import items, mapping
from bot.jira.records import IssueChanges, Problem
from bot.jira.searching import search

# Older than any site; a number without bound would be refused.
_LONGEST_WINDOW = timedelta(days=365 * 25)
# What is looked at when `since` lies ahead, as after a clock was put back.
_AHEAD_WINDOW = timedelta(minutes=10)

Select = Callable[[Mapping[str, datetime]], Awaitable[Collection[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBatch:
    """What one read of Jira brought.

    Attributes:
        changes: issues with their complete status history, the longest unchanged first.
        missing: ids that do not exist or that our account may not see; nobody can tell which,
            and once is no proof.
        problems: what could not be understood and was left out; the rest is good.
        as_of: when the read began, in the server's time; the next one's `since`, less overlap.
        complete: False when some could not be read. What is here is good and can be stored;
            `as_of` must not become the watermark.
        fault: why they could not.
        broken_off: why the read stopped early, if it did: what is not here was not come to.
    """

    changes: tuple[IssueChanges, ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...]
    as_of: datetime
    complete: bool
    fault: Retryable | None = None
    broken_off: Retryable | None = None


class ChangeReader:
    """Reads changes; keeps nothing between two reads but what the server can do.

    Args:
        client: where to read.
        clock: for how long something that this server lacks is not asked for again.
    """

    def __init__(self, client: JiraClient, clock: Clock) -> None:
        self._connection: Connection = client.connection
        self._histories = HistoryReader(client.connection, clock)

    async def greet(self) -> None:
        """Make sure that Jira answers and knows us.

        Raises:
            CredentialsRefused: it does not know us.
            Retryable: it cannot be asked now.
        """
        await self._connection.whoami()

    async def read_changed(
        self,
        *,
        projects: Collection[str],
        since: datetime,
        select: Select,
    ) -> ChangeBatch:
        """Read the issues that were updated since a moment, and the histories of the new ones.

        One request when nothing happened, two when something did, however many issues there
        are; more only for more than a page. Jira counts in whole minutes, so some issues from
        before `since` come as well.

        Args:
            projects: keys; with none, nothing is read.
            since: aware, in the server's time (an earlier `as_of`); the caller subtracts the
                overlap that covers the lag of the search index.
            select: given the id and time of update of every issue found, returns the ids
                worth reading further: those that matter and have not been handled as they are.

        Raises:
            CredentialsRefused: nothing was found because Jira does not know us any more.
            Rejected: the query is refused, for example for a project that is not there.
            Retryable: Jira cannot be asked now; nothing was read.
        """
        await self._connection.server()
        as_of = self._connection.server_now()
        if not projects:
            return _batch([], [], as_of)
        jql = changed_jql(projects, minutes=_minutes(as_of - since))
        found = await search(self._connection, jql)
        problems: list[Problem] = []
        updated: dict[str, datetime] = {}
        for issue_id, raw in found.items():
            try:
                at = parsing.moment(mapping(mapping(raw).get("fields")).get("updated"))
                if not issue_id:
                    raise parsing.Unreadable("an issue without id")  # noqa: TRY301 - one way out
            except parsing.Unreadable as error:
                problems.append(Problem(issue_id=issue_id or None, reason=str(error)))
            else:
                updated[issue_id] = at
        wanted = frozenset(await select(updated))
        fresh = [issue_id for issue_id in updated if issue_id in wanted]
        # Our clock may have been put on before the server told its own anew.
        as_of = min(as_of, self._connection.server_now())
        return await self._collect(fresh, found, problems, as_of)

    async def read_issues(self, ids: Collection[str]) -> ChangeBatch:
        """Read certain issues, changed or not: the sweep, and the look after a webhook's hint.

        A single issue is read directly, so it is current even while the search index lags.

        Raises:
            CredentialsRefused: they seem missing because Jira does not know us any more.
            Retryable: Jira cannot be asked now; nothing was read.
        """
        dialect = await self._connection.dialect()
        as_of = self._connection.server_now()
        wanted = list(dict.fromkeys(ids))
        found: dict[str, object] = {}
        if dialect.deployment == "cloud" and len(wanted) > 1:
            bulk = await self._bulk_issues(wanted)
            if bulk is None:
                return await self._collect(wanted, {}, [], as_of)
            found, absent = bulk
            there = [one for one in wanted if one not in absent]
            batch = await self._collect(there, found, [], as_of)
            gone = tuple(one for one in wanted if one in absent)
            return replace(batch, missing=(*gone, *batch.missing))
        return await self._collect(wanted, found, [], as_of)

    async def _bulk_issues(
        self, ids: Sequence[str]
    ) -> tuple[dict[str, object], frozenset[str]] | None:
        """Return the issues by id and the ids that are not there; None without this resource."""
        dialect = await self._connection.dialect()
        found: dict[str, object] = {}
        failed: set[str] = set()
        for start in range(0, len(ids), ISSUE_CHUNK):
            chunk = ids[start : start + ISSUE_CHUNK]
            request = dialect.bulk_issues(chunk)
            answer = await self._connection.ask_if_present(request)
            if answer is None:
                return None
            page = mapping(self._connection.data(answer, request))
            if not isinstance(page.get("issues"), list):
                raise Retryable("Jira's bulk read answered without a list of issues")
            rows = {parsing.issue_id(row): row for row in items(page.get("issues"))}
            if not rows.keys() >= set(chunk):
                await self._connection.confirm(answer)
            found |= rows
            # Only what may succeed later is listed there; what is missing is left out in silence.
            errors = map(mapping, items(page.get("issueErrors")))
            failed |= {parsing.identifier(error.get("id")) for error in errors}
        return found, frozenset(ids) - found.keys() - failed

    async def _collect(
        self,
        ids: Sequence[str],
        known: Mapping[str, object],
        problems: list[Problem],
        as_of: datetime,
    ) -> ChangeBatch:
        readings: list[Reading] = []
        broken_off: Retryable | None = None
        try:
            async for reading in self._histories.read_many(ids, known):
                readings.append(reading)  # noqa: PERF401 - what was read survives a fault
        except Retryable as error:
            if not readings:
                raise
            # Starting over each time might never come to an end.
            broken_off = error
        return _batch(readings, problems, as_of, broken_off)


def _batch(
    readings: Sequence[Reading],
    problems: Sequence[Problem],
    as_of: datetime,
    broken_off: Retryable | None = None,
) -> ChangeBatch:
    histories = [reading.history for reading in readings if reading.history is not None]
    fault = next((one.fault for one in readings if one.fault is not None), broken_off)
    return ChangeBatch(
        changes=tuple(sorted(histories, key=_by_update)),
        missing=tuple(reading.issue_id for reading in readings if reading.is_missing),
        problems=(*problems, *(problem for one in readings for problem in one.problems)),
        as_of=as_of,
        complete=fault is None,
        fault=fault,
        broken_off=broken_off,
    )


def _by_update(history: IssueChanges) -> tuple[datetime, int]:
    return history.issue.updated_at, parsing.number(history.issue.id) or 0


def _minutes(span: timedelta) -> int:
    """Round outwards: Jira cuts both ends of a relative span to whole minutes."""
    if span < timedelta(0):
        span = _AHEAD_WINDOW
    return max(1, math.ceil(min(span, _LONGEST_WINDOW) / timedelta(minutes=1))) + 1
