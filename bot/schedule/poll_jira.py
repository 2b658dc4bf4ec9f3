"""Reads Jira by change and hands what is new to the tracker; advances the watermark after it."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

import structlog
from cachetools import TTLCache

from bot.cases.case import IssueId
from bot.clock import Clock
from bot.desk import JIRA_PROJECTS, JIRA_READ
from bot.errors import CredentialsRefused, Fault, Retryable
from bot.jira.changes import ChangeBatch, ChangeReader
from bot.jira.records import IssueChanges
from storage.base import Store, StoreUnavailable

log = structlog.get_logger(__name__)

# Minute granularity of the query, the lag of the search index, and some more: what is read twice
# costs nothing, because the tracker knows what it has handled.
OVERLAP = timedelta(minutes=5)
MISSES_BEFORE_TOLD = 3
# Some requests' worth: a webhook or a poll waits no longer than these take.
_SWEPT_AT_ONCE = 500
_PROBLEMS_REMEMBERED = 10_000
_SAY_AGAIN_AFTER = timedelta(hours=1)
SWEEP_EVERY = timedelta(hours=1)
JIRA_HINTED = "jira.hinted"
"""When the last webhook was followed up."""
JIRA_SWEPT = "jira.swept"
"""When the last sweep came to its end."""


class Applies(Protocol):
    """Handles readings."""

    async def select(self, updated: Mapping[str, datetime]) -> Collection[str]:
        """Return the ids that have to be read further."""
        ...

    async def apply(self, reading: IssueChanges) -> int:
        """Handle a reading; returns how many changes were new."""
        ...

    async def report_missing(self, issue_ids: list[str], *, after: int) -> None:
        """Count looks that did not find these issues."""
        ...


class JiraHealth(Enum):
    """How the last poll went."""

    UNKNOWN = "unknown"
    OK = "ok"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


class Poller:
    """Asks Jira what changed.

    Args:
        tracker: handles what was read.
        wake: called when something was handled, so that it is sent at once.

    Attributes:
        health: how the last poll went.
        last_ok_at: when a poll last ended well.
        unannounced: how many polls found a change since the last webhook came.
        unannounced_since: when the first of these did.
        hinted_at: when we learnt that a webhook had come; None if none has since the start.
    """

    def __init__(
        self,
        *,
        reader: ChangeReader,
        tracker: Applies,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._tracker = tracker
        self._store = store
        self._clock = clock
        self._wake = wake
        self._lock = asyncio.Lock()
        self.health = JiraHealth.UNKNOWN
        self.last_ok_at = clock.now()
        self.unannounced_since: datetime | None = None
        self.unannounced = 0
        self.hinted_at: datetime | None = None
        self._hinted: datetime | None = None
        self._swept_to: IssueId | None = None
        self._said: TTLCache[tuple[str | None, str], bool] = TTLCache(
            _PROBLEMS_REMEMBERED, _SAY_AGAIN_AFTER.total_seconds()
        )

    def stand_by(self) -> None:
        """Let another bot poll: how it goes there is not known here."""
        self.health = JiraHealth.UNKNOWN
        self.last_ok_at = self._clock.now()
        self.unannounced, self.unannounced_since = 0, None

    async def poll(self) -> None:
        """Read and handle what changed since the watermark; a fault waits for the next poll."""
        async with self._lock:
            try:
                await self._poll()
            except CredentialsRefused as fault:
                self._note(JiraHealth.REFUSED, fault)
            except (Fault, StoreUnavailable) as fault:
                self._note(JiraHealth.UNREACHABLE, fault)
            else:
                self._note(JiraHealth.OK, None)

    async def sweep_if_due(self) -> None:
        """Sweep if the last sweep is long over; counted in the store, so that restarts are none."""
        if self.health is not JiraHealth.OK:
            return
        async with self._store.transaction(durable=False) as tx:
            mark = await tx.get_mark(JIRA_SWEPT)
        swept = datetime.fromisoformat(mark) if mark else None
        # One that lies ahead was set by a clock that was wrong.
        if swept is None or not swept <= self._clock.now() < swept + SWEEP_EVERY:
            await self.sweep()

    async def sweep(self) -> None:
        """Read every followed issue: what a search by change cannot show.

        Finds what the index was too slow for, what was moved, and what can no longer be seen.
        Between two pages others may poll or look at an issue. One that was broken off goes on
        where it was: to begin anew each time would count what is missing more than once, and might
        never come to an end.
        """
        last, self._swept_to = self._swept_to, None
        try:
            while page := await self._page_behind(last):
                async with self._lock:
                    batch = await self._reader.read_issues(page)
                    # What made us stumble is logged; it must not keep the rest from being swept.
                    await self._handle(batch)
                    if batch.broken_off is not None:
                        raise batch.broken_off
                    missing = list(batch.missing)
                    await self._tracker.report_missing(missing, after=MISSES_BEFORE_TOLD)
                last = page[-1]
            async with self._store.transaction() as tx:
                await tx.set_mark(JIRA_SWEPT, self._clock.now().isoformat())
        except (Fault, StoreUnavailable) as fault:
            self._swept_to = last
            log.warning("sweep_failed", reason=str(fault))

    async def _page_behind(self, last: IssueId | None) -> list[IssueId]:
        async with self._store.transaction(durable=False) as tx:
            return [issue.id for issue in await tx.list_issues(after=last, limit=_SWEPT_AT_ONCE)]

    async def look_at(self, issue_ids: Collection[str]) -> None:
        """Read single issues now, because somebody hinted that they changed.

        When it returns, what they have become is on disk.

        Raises:
            Fault: Jira could not be read.
            StoreUnavailable: it could not be stored.
        """
        async with self._lock:
            self.unannounced, self.unannounced_since = 0, None
            self.hinted_at = self._clock.now()
            issue_ids = await self._followed(issue_ids)
            if not issue_ids:
                # Jira tells of every issue there is; what is not followed costs it nothing.
                return
            batch = await self._reader.read_issues(list(issue_ids))
            _, stumbled = await self._handle(batch)
            _raise_for(stumbled)
            async with self._store.transaction() as tx:
                await tx.advance_mark(JIRA_HINTED, self._clock.now())

    async def _followed(self, issue_ids: Collection[str]) -> Collection[str]:
        async with self._store.transaction(durable=False) as tx:
            followed = [one for one in issue_ids if await tx.find_issue(IssueId(one)) is not None]
            if not followed:
                await tx.advance_mark(JIRA_HINTED, self._clock.now())
            return followed

    async def _poll(self) -> None:
        async with self._store.transaction(durable=False) as tx:
            mark = await tx.get_time(JIRA_READ)
            projects = (await tx.get_mark(JIRA_PROJECTS) or "").split()
            hinted = await tx.get_time(JIRA_HINTED)
        if hinted != self._hinted:  # the webhook may have come to another bot
            if self._hinted is not None:
                self.hinted_at = self._clock.now()
            self._hinted = hinted
            self.unannounced, self.unannounced_since = 0, None
        if not projects:
            # Nothing is followed yet; whether it could be is to be known all the same.
            await self._reader.greet()
            return
        since = (mark or self._clock.now()) - OVERLAP
        batch = await self._reader.read_changed(
            projects=projects, since=since, select=self._tracker.select
        )
        new, stumbled = await self._handle(batch)
        if batch.complete and not stumbled:
            # Everything read is stored with or before this: only now may it be passed over.
            async with self._store.transaction() as tx:
                await tx.advance_mark(JIRA_READ, batch.as_of)
        if new:
            self.unannounced += 1
            self.unannounced_since = self.unannounced_since or self._clock.now()
            log.info("jira_polled", issues=len(batch.changes), transitions=new)
        if batch.fault is not None:
            raise batch.fault
        _raise_for(stumbled)

    async def _handle(self, batch: ChangeBatch) -> tuple[int, Sequence[str]]:
        """Return how many changes were new, and the issues that made us stumble."""
        new = 0
        stumbled: list[str] = []
        for reading in batch.changes:
            try:
                new += await self._tracker.apply(reading)
            except (Fault, StoreUnavailable):
                raise
            except Exception:
                # A defect of ours, which must not stand in the way of other issues.
                log.exception("issue_crashed", issue=reading.issue.key)
                stumbled.append(reading.issue.key)
        for problem in batch.problems:
            if (problem.issue_id, problem.reason) not in self._said:  # as often as Jira is asked
                self._said[problem.issue_id, problem.reason] = True
                log.warning("jira_answer_odd", issue=problem.issue_id, reason=problem.reason)
        if new:
            self._wake()
        return new, stumbled

    def _note(self, health: JiraHealth, fault: Exception | None) -> None:
        if health is not self.health:
            # Said once when it changes, not once per poll.
            log.log(
                20 if health is JiraHealth.OK else 30,
                "jira_health",
                health=health.value,
                reason=str(fault) if fault else "",
            )
        self.health = health
        if health is JiraHealth.OK:
            self.last_ok_at = self._clock.now()


def _raise_for(stumbled: Sequence[str]) -> None:
    if stumbled:
        raise Retryable(f"the bot stumbled over {', '.join(stumbled)}; see above")
