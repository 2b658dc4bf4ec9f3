"""However changes, polls, webhooks, lags and crashes fall, people are told the same in the end.

The same as if the changelog had been read once, at the end.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Self

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cases.case import CaseId, IssueId, Level
from bot.cases.effects import Say, ToRoom
from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient
from bot.jira.records import CloudCredentials, PersonalToken
from bot.reactions import REACTIONS
from bot.schedule.poll_jira import Poller
from bot.tracking import Tracker
from handlers.on_issue import FoundIssue, on_issue_ready
from sandbox.jira.model import Deployment, Issue
from sandbox.jira.server import JiraServer
from storage import open_store
from tests.conversation import LEVEL3, Conversation, FixedClock

STATUSES = (
    ("Backlog", "new"), ("Specifying", "new"), ("Ready", "new"), ("In Progress", "indeterminate"),
    ("In Review", "indeterminate"), ("Done", "done"),
)  # fmt: skip
LANES = ("person:id-carla", "person:id-sam")
LAG = timedelta(minutes=3)
# In all less than what makes a milestone one that was overtaken long ago.
MOST_ACTS = 14

Act = tuple[str, object]
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("move"), st.sampled_from([name for name, _ in STATUSES])),
    st.tuples(st.just("wait"), st.integers(1, 4)),
    st.tuples(st.just("lag"), st.booleans()),
    st.tuples(st.just("crash"), st.integers(0, 300)),
    st.tuples(st.sampled_from(["poll", "webhook", "sweep"]), st.none()),
)


class Following:
    """A bot that follows one issue, with its store on disk."""

    def __init__(self, server: JiraServer, clock: FixedClock, folder: Path) -> None:
        self._server = server
        self._clock = clock
        self._file = folder / "cases.json"
        self._stack = AsyncExitStack()
        self.issue: Issue

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _open(self) -> None:
        enter = self._stack.enter_async_context
        store = await enter(open_store(f"tinydb:///{self._file}"))
        session = await enter(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        self.talk = Conversation(store)
        self.talk.clock = self._clock
        self.talk.restart()
        client = JiraClient(
            url=self._server.url,
            credentials=CloudCredentials(email="bot@example.org", api_token="token")
            if self._server.deployment == "cloud"
            else PersonalToken(token="token"),
            session=session,
            clock=self._clock,
        )
        tracker = Tracker(
            store=store,
            rules=self.talk.rules,
            texts=self.talk.texts,
            clock=self._clock,
            reactions=REACTIONS,
        )
        self.poller = Poller(
            reader=ChangeReader(client, self._clock),
            tracker=tracker,
            store=store,
            clock=self._clock,
            wake=lambda: None,
        )

    async def confirm(self, issue: Issue) -> None:
        """Let a case follow the issue."""
        await self.talk.at_level(Level.ASSESSMENT)
        await self.talk.ask("rita", "!case confirm 1", room=LEVEL3)
        async with self.talk.store.transaction() as tx:
            await on_issue_ready(
                self.talk.desk_in(tx),
                CaseId(1),
                FoundIssue(id=IssueId(str(issue.id)), key=issue.key, url="u", project="BUG"),
                announce=ToRoom(room_id=LEVEL3),
                linked=False,
                key="request-1",
            )

    async def crash(self, turns: int) -> None:
        """Crash after so many turns of a poll, and begin anew with what is on disk."""
        poll = asyncio.create_task(self.poller.poll())
        for _ in range(turns):
            await asyncio.sleep(0)
        # Replaced as a whole, so this is one state of it, whatever is being written now.
        on_disk = self._file.read_bytes()
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        await self._stack.aclose()
        shutil.rmtree(self._file.parent)
        self._file.parent.mkdir()
        self._file.write_bytes(on_disk)
        await self._open()

    async def told(self) -> list[list[str]]:
        """Return what customer and specialist are told because of the issue's statuses."""
        owed = await self.talk.owed()
        return [
            [
                one.owed.effect.text
                for one in owed
                if one.lane == lane and one.owed.because and isinstance(one.owed.effect, Say)
            ]
            for lane in LANES
        ]


@contextlib.asynccontextmanager
async def jira(deployment: Deployment, clock: FixedClock) -> AsyncIterator[JiraServer]:
    server = JiraServer(deployment=deployment, now=clock.now, seed=1)
    server.site.add_account("bot", api_token="token", personal_token="token")
    server.site.add_project("BUG", "Defects", statuses=STATUSES)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def act(
    bot: Following, server: JiraServer, clock: FixedClock, issue: Issue, one: Act
) -> None:
    match one:
        case ("move", str(status)):
            server.site.transition(issue, status)
        case ("wait", int(minutes)):
            clock.pass_by(timedelta(minutes=minutes))
        case ("lag", bool(on)):
            server.switches.index_lag = LAG if on else timedelta(0)
        case ("crash", int(turns)):
            await bot.crash(turns)
        case ("webhook", _):
            await bot.poller.look_at([str(issue.id)])
        case ("sweep", _):
            await bot.poller.sweep()
        case _:
            await bot.poller.poll()
    clock.pass_by(timedelta(seconds=2))


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@given(acts=st.lists(ACTS, min_size=3, max_size=MOST_ACTS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_any_interleaving_tells_the_same(deployment: Deployment, acts: Sequence[Act]) -> None:
    clock = FixedClock()
    with tempfile.TemporaryDirectory() as folder:
        async with jira(deployment, clock) as server:
            issue = server.site.create_issue("BUG", "Export fails")
            places = [Path(folder) / name for name in ("followed", "once")]
            for place in places:
                place.mkdir()
            async with (
                Following(server, clock, places[0]) as followed,
                Following(server, clock, places[1]) as once,
            ):
                await followed.confirm(issue)
                await once.confirm(issue)
                for one in acts:
                    await act(followed, server, clock, issue, one)
                clock.pass_by(LAG)
                await followed.poller.poll()
                await once.poller.poll()
                assert await followed.told() == await once.told()
