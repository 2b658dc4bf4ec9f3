"""One poll of Jira with ten thousand followed issues, of which a few have changed."""

import time
from pathlib import Path
from statistics import median

import aiohttp

from benchmarks.report import Row, milliseconds
from benchmarks.seed import fill
from benchmarks.world import Deployment, Servers, servers
from bot.cases.case import Level, RoomId
from bot.clock import SystemClock
from bot.desk import Rules
from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient
from bot.jira.records import CloudCredentials, Credentials, PersonalToken
from bot.reactions import REACTIONS
from bot.rocketchat.text import escape, quote, split
from bot.schedule.poll_jira import JiraHealth, Poller
from bot.settings import parse_status_map
from bot.tracking import Tracker
from bot.wording import Wording
from storage.base import Store
from storage.tinydb import TinyDBStore

PART = "4 poll"
ISSUES = 10_000
CHANGED = 50
_REQUESTS = 2
# Each is news to the customer, so every one owes a message.
_STATUSES = ("Specifying", "Ready", "In Progress")


async def measure(folder: Path) -> list[Row]:
    """Return the rows of both deployments."""
    rows = []
    for deployment in ("cloud", "datacenter"):
        rows += await _measure(folder / f"{deployment}.json", deployment)
    return rows


async def _measure(path: Path, deployment: Deployment) -> list[Row]:
    async with (
        servers(deployment) as there,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        TinyDBStore(path) as store,
    ):
        issues = (await there.ask("add_issues", count=ISSUES))["issues"]
        await fill(store, ISSUES, issues=[(one[0], one[1]) for one in issues])
        poller = _poller(store, http, there, deployment)
        await poller.poll()  # gets to know the server
        keys = [key for _, key in issues[:: ISSUES // CHANGED]]
        seconds, requests, owed = [], [], 0
        for status in _STATUSES:
            await there.ask("change_issues", keys=keys, to=status)
            began = time.process_time()
            await poller.poll()
            seconds.append(time.process_time() - began)
            assert poller.health is JiraHealth.OK
            by_route = (await there.ask("requests"))["by_route"]
            requests.append(sum(by_route.values()))
            async with store.transaction() as tx:
                owed, before = await tx.count_pending(), owed
            assert owed - before == CHANGED, f"{owed - before} messages for {CHANGED} changes"
    return [
        Row(
            part=PART,
            what=f"{deployment}: {ISSUES} issues, {CHANGED} changed",
            value=f"{max(requests)} requests",
            beside=", ".join(f"{route} ×{count}" for route, count in by_route.items()),  # noqa: RUF001
            aim=f"{_REQUESTS}",
            met=max(requests) <= _REQUESTS,
        ),
        Row(
            part=PART,
            what=f"{deployment}: CPU of the poll, {CHANGED} messages owed",
            value=milliseconds(median(seconds)),
        ),
    ]


def _poller(
    store: Store, http: aiohttp.ClientSession, there: Servers, deployment: Deployment
) -> Poller:
    facts, clock = there.facts, SystemClock()
    credentials: Credentials = PersonalToken(token=facts["jira_token"])
    if deployment == "cloud":
        credentials = CloudCredentials(email=facts["jira_email"], api_token=facts["jira_api_token"])
    client = JiraClient(url=facts["jira"], credentials=credentials, session=http, clock=clock)
    tracker = Tracker(
        store=store,
        rules=Rules(
            installation="benchmark",
            level_rooms={level: RoomId("support") for level in Level},
            statuses=parse_status_map(
                "Specifying=Specifying;Ready=Ready;In Progress=In Progress;Done=Done;None=Backlog"
            ),
        ),
        texts=Wording(escape=escape, quote=quote, split=lambda text: split(text, 4_900)),
        clock=clock,
        reactions=REACTIONS,
    )
    reader = ChangeReader(client, clock)
    return Poller(reader=reader, tracker=tracker, store=store, clock=clock, wake=lambda: None)
