"""What the watchdog looks at, and from when on it counts."""

from collections.abc import Mapping
from datetime import timedelta

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
            Incident.OUTBOX_OLD: self.outbox_old,
        }
        if webhooks:
            found[Incident.WEBHOOKS_SILENT] = self.webhooks_silent
        return found

    async def jira_refused(self, _: Transaction) -> Extent | None:
        """Jira does not accept our credentials."""
        if self._poller.health is not JiraHealth.REFUSED:
            return None
        return Extent()

    async def jira_late(self, _: Transaction) -> Extent | None:
        """No poll has succeeded for a while, for another reason."""
        waited = self._clock.now() - self._poller.last_ok_at
        if self._poller.health is JiraHealth.REFUSED or waited < self._late_after:
            return None
        return Extent(minutes=_minutes(waited))

    async def chat_silent(self, _: Transaction) -> Extent | None:
        """The last patrol found messages that the stream had not brought."""
        unheard = self._intake.unheard
        return Extent(count=unheard) if unheard else None

    async def outbox_old(self, tx: Transaction) -> Extent | None:
        """The oldest delivery has been owed for too long."""
        oldest = await tx.find_oldest_pending()
        if oldest is None or self._clock.now() - oldest < OLD_DELIVERY:
            return None
        pending = await tx.count_pending()
        return Extent(count=pending, minutes=_minutes(self._clock.now() - oldest))

    async def webhooks_silent(self, _: Transaction) -> Extent | None:
        """Polls keep finding what webhooks should have announced."""
        since, polls = self._poller.unannounced_since, self._poller.unannounced
        if polls < UNANNOUNCED_POLLS or since is None:
            return None
        if self._clock.now() - since < SILENT_WEBHOOKS:
            return None
        return Extent(count=polls)


def _minutes(span: timedelta) -> int:
    return max(1, round(span / timedelta(minutes=1)))
