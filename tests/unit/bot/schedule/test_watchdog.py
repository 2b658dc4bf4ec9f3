"""Incidents are told once when they begin and once when they are over, also across a restart."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.cases.effects import Recipient, ToPerson
from bot.incidents import Extent, Incident
from bot.schedule.watchdog import Watchdog
from storage import open_store
from storage.base import Transaction
from tests.conversation import Conversation, person

ROOT = "person:id-root"


class Trouble:
    """What is wrong at the moment, as the checks would say."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.extent: Extent | None = None
        self.watchdog = self.restarted()

    def restarted(self) -> Watchdog:
        async def check(_: Transaction, __: datetime | None) -> Extent | None:
            return self.extent

        async def administrators() -> list[Recipient]:
            return [ToPerson(person=person("root"))]

        return Watchdog(
            store=self.talk.store,
            clock=self.talk.clock,
            rules=self.talk.rules,
            texts=self.talk.texts,
            checks={Incident.JIRA_REFUSED: check},
            administrators=administrators,
        )

    async def look(self, extent: Extent | None) -> list[str]:
        """Look while this is wrong, and return everything the administrator was told so far."""
        self.extent = extent
        self.talk.clock.pass_by(timedelta(minutes=7))
        await self.watchdog.look()
        return await self.talk.said_to(ROOT)


@pytest.fixture
async def trouble() -> AsyncIterator[Trouble]:
    async with open_store("tinydb://") as store:
        yield Trouble(Conversation(store))


async def test_nothing_is_said_while_nothing_is_wrong(trouble: Trouble) -> None:
    assert await trouble.look(None) == []
    assert trouble.watchdog.open == frozenset()


async def test_an_incident_is_told_once_and_once_when_it_is_over(trouble: Trouble) -> None:
    for _ in range(3):
        told = await trouble.look(Extent())
    assert len(told) == 1
    assert "no longer accepts" in told[0]
    assert "may have expired" in told[0]
    assert trouble.watchdog.open == {Incident.JIRA_REFUSED}
    for _ in range(2):
        told = await trouble.look(None)
    assert len(told) == 2
    assert "accepts my credentials again" in told[1]
    assert "21 minutes" in told[1]
    assert len(await trouble.look(Extent())) == 3


async def test_whoever_is_not_to_tell_knows_and_keeps_silent(trouble: Trouble) -> None:
    trouble.extent = Extent()
    assert not await trouble.watchdog.look(tell=False)
    assert trouble.watchdog.open == {Incident.JIRA_REFUSED}
    assert await trouble.talk.said_to(ROOT) == []
    # Whose turn it is now finds it still to be told.
    trouble.watchdog = trouble.restarted()
    assert len(await trouble.look(Extent())) == 1


async def test_a_restart_neither_repeats_nor_forgets_an_incident(trouble: Trouble) -> None:
    await trouble.look(Extent())
    trouble.watchdog = trouble.restarted()
    assert len(await trouble.look(Extent())) == 1
    trouble.watchdog = trouble.restarted()
    assert len(await trouble.look(None)) == 2


@pytest.mark.parametrize("incident", list(Incident))
def test_every_incident_has_its_words(incident: Incident, trouble: Trouble) -> None:
    for name in ("admin/incident_began", "admin/incident_over"):
        text = trouble.talk.texts.write(
            name,
            "en",
            {
                "incident": incident.value,
                "extent": Extent(count=1, minutes=2),
                "began": trouble.talk.clock.now(),
                "lasted": 1,
                "p": "",
                "case": None,
            },
        )
        assert text.startswith("*")
