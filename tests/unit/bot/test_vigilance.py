"""An incident is over when there is proof of it, not when a restart has forgotten it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast

import pytest

from bot.delivery.inbox import Intake
from bot.delivery.missed import History
from bot.incidents import Incident
from bot.jira.changes import ChangeReader
from bot.rocketchat.records import IncomingMessage
from bot.schedule.poll_jira import Applies, JiraHealth, Poller
from bot.vigilance import Vigilance
from storage import open_store
from storage.base import Store
from tests.conversation import FixedClock
from tests.factories import NOW


async def _nothing(_: IncomingMessage | None = None) -> None:
    """Do nothing."""


class Bot:
    """What the watchdog looks at, of a bot that has just started."""

    def __init__(self, store: Store, clock: FixedClock) -> None:
        self.store = store
        self.clock = clock
        self.poller = Poller(
            reader=cast("ChangeReader", None),
            tracker=cast("Applies", None),
            store=store,
            clock=clock,
            wake=lambda: None,
        )
        self.intake = Intake(
            me="id-bot",
            rooms=frozenset(),
            history=cast("History", None),
            store=store,
            clock=clock,
            handle=_nothing,
            on_crash=_nothing,
            on_roles_changed=lambda: None,
            on_caught_up=_nothing,
        )
        self.vigilance = Vigilance(
            poller=self.poller, intake=self.intake, clock=clock, poll_interval=timedelta(seconds=30)
        )

    async def is_on(self, incident: Incident, *, on: bool) -> bool:
        """Tell whether an incident is on now that was, or was not, when it was last looked at."""
        check = self.vigilance.checks(webhooks=True)[incident]
        async with self.store.transaction() as tx:
            return bool(await check(tx, NOW if on else None))


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    clock = FixedClock(NOW)
    clock.pass_by(timedelta(hours=1))
    async with open_store("tinydb://") as store:
        yield Bot(store, clock)


UNPROVEN = (
    Incident.JIRA_REFUSED,
    Incident.JIRA_LATE,
    Incident.CHAT_SILENT,
    Incident.ROOMS_UNREAD,
    Incident.WEBHOOKS_SILENT,
)


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize("incident", UNPROVEN)
async def test_a_start_ends_no_incident_and_begins_none(
    bot: Bot,
    incident: Incident,
    on: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert await bot.is_on(incident, on=on) is on


async def test_jira_is_read_again_only_when_it_was_read(bot: Bot) -> None:
    for health in (JiraHealth.UNREACHABLE, JiraHealth.REFUSED, JiraHealth.UNKNOWN):
        bot.poller.health = health
        assert await bot.is_on(Incident.JIRA_LATE, on=True)
    bot.poller.health = JiraHealth.OK
    assert not await bot.is_on(Incident.JIRA_LATE, on=True)


async def test_refused_credentials_are_not_mended_by_an_outage(bot: Bot) -> None:
    bot.poller.health = JiraHealth.REFUSED
    assert await bot.is_on(Incident.JIRA_REFUSED, on=False)
    bot.poller.health = JiraHealth.UNREACHABLE
    assert await bot.is_on(Incident.JIRA_REFUSED, on=True)
    bot.poller.health = JiraHealth.OK
    assert not await bot.is_on(Incident.JIRA_REFUSED, on=True)


async def test_a_poll_that_hangs_is_late(bot: Bot) -> None:
    bot.poller.health = JiraHealth.OK
    bot.clock.pass_by(timedelta(minutes=6))
    assert await bot.is_on(Incident.JIRA_LATE, on=False)


async def test_webhooks_come_again_when_one_has_come(bot: Bot) -> None:
    bot.poller.unannounced, bot.poller.unannounced_since = 3, bot.clock.now()
    assert not await bot.is_on(Incident.WEBHOOKS_SILENT, on=False)
    bot.clock.pass_by(timedelta(minutes=20))
    assert await bot.is_on(Incident.WEBHOOKS_SILENT, on=False)
    bot.poller.unannounced, bot.poller.hinted_at = 0, bot.clock.now()
    assert not await bot.is_on(Incident.WEBHOOKS_SILENT, on=True)


async def test_the_stream_is_heard_again_when_it_has_brought_something(bot: Bot) -> None:
    bot.intake.brought = 1
    assert not await bot.is_on(Incident.CHAT_SILENT, on=True)
    bot.intake.unheard = 2
    assert await bot.is_on(Incident.CHAT_SILENT, on=False)


async def test_rooms_are_read_again_when_all_were_looked_through(bot: Bot) -> None:
    bot.intake.heard.set()
    assert not await bot.is_on(Incident.ROOMS_UNREAD, on=True)
