"""What the watchdog looks at, and from when on it counts.

An incident is over when there is proof of it. A bot that has just started, or cannot ask, has none.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.delivery.inbox import Intake
from bot.incidents import Extent, Incident
from bot.schedule.poll_jira import JiraHealth, Poller
from bot.schedule.watchdog import Check
from storage.base import Transaction

LATE_POLL = timedelta(minutes=5)
LATE_POLLS = 10
OLD_DELIVERY = timedelta(minutes=5)
# Jira Cloud takes up to a quarter of an hour for some webhooks.
SILENT_WEBHOOKS = timedelta(minutes=20)
UNANNOUNCED_POLLS = 3


class Vigilance:
    """Finds out about each incident; every method returns what is wrong, or None."""

    def __init__(
        self, *, poller: Poller, intake: Intake, clock: Clock, poll_interval: timedelta
    ) -> None:
        self._poller = poller
        self._intake = intake
        self._clock = clock
        self._late_after = max(LATE_POLL, LATE_POLLS * poll_interval)

    def checks(self, *, webhooks: bool) -> Mapping[Incident, Check]:
        """Return the check of every incident that can happen with these settings."""
        found: dict[Incident, Check] = {
            Incident.JIRA_REFUSED: self.jira_refused,
            Incident.JIRA_LATE: self.jira_late,
            Incident.CHAT_SILENT: self.chat_silent,
            Incident.ROOMS_UNREAD: self.rooms_unread,
            Incident.OUTBOX_OLD: self.outbox_old,
        }
        if webhooks:
            found[Incident.WEBHOOKS_SILENT] = self.webhooks_silent
        return found

    async def jira_refused(self, _: Transaction, since: datetime | None) -> Extent | None:
        """Jira does not accept our credentials."""
        if self._poller.health is JiraHealth.REFUSED:
            return Extent()
        return None if self._poller.health is JiraHealth.OK else _as_it_was(since)

    async def jira_late(self, _: Transaction, since: datetime | None) -> Extent | None:
        """No poll has succeeded for a while, for another reason."""
        waited = self._clock.now() - self._poller.last_ok_at
        if self._poller.health is JiraHealth.REFUSED:
            return _as_it_was(since)
        if waited >= self._late_after:
            return Extent(minutes=_minutes(waited))
        return None if self._poller.health is JiraHealth.OK else _as_it_was(since)

    async def chat_silent(self, _: Transaction, since: datetime | None) -> Extent | None:
        """The server showed messages that the stream had not brought, nor has it any since."""
        if self._intake.unheard:
            return Extent(count=self._intake.unheard)
        return None if self._intake.brought else _as_it_was(since)

    async def rooms_unread(self, _: Transaction, since: datetime | None) -> Extent | None:
        """The history of some rooms could not be read."""
        if self._intake.unreadable:
            return Extent(count=self._intake.unreadable)
        return None if self._intake.heard.is_set() else _as_it_was(since)

    async def outbox_old(self, tx: Transaction, _: datetime | None) -> Extent | None:
        """The oldest delivery has been owed for too long."""
        oldest = await tx.find_oldest_pending()
        if oldest is None or self._clock.now() - oldest < OLD_DELIVERY:
            return None
        pending = await tx.count_pending()
        return Extent(count=pending, minutes=_minutes(self._clock.now() - oldest))

    async def webhooks_silent(self, _: Transaction, since: datetime | None) -> Extent | None:
        """Polls keep finding what webhooks should have announced."""
        polls, first = self._poller.unannounced, self._poller.unannounced_since
        if polls >= UNANNOUNCED_POLLS and first is not None:
            if self._clock.now() - first >= SILENT_WEBHOOKS:
                return Extent(count=polls)
            return _as_it_was(since)
        hinted = self._poller.hinted_at
        is_over = since is None or (hinted is not None and hinted > since)
        return None if is_over else _as_it_was(since)


def _as_it_was(since: datetime | None) -> Extent | None:
    return Extent() if since else None


def _minutes(span: timedelta) -> int:
    return max(1, round(span / timedelta(minutes=1)))
