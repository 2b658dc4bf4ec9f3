from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.jira.changes import ChangeReader
from bot.jira.client import JiraClient
from bot.jira.records import CloudCredentials, PersonalToken
from tests.integration.bot.jira.stub import Reply, Stub

TOKEN = "top/secret+token"
CLOUD_INFO = {"deploymentType": "Cloud", "version": "1001.0.0", "baseUrl": "https://x.example"}
CENTER_INFO = {"deploymentType": "Server", "version": "10.3.19", "baseUrl": "https://x.example"}


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def cloud_stub() -> AsyncIterator[Stub]:
    async with Stub() as stub:
        stub.on("GET", "/rest/api/2/serverInfo", Reply(json=CLOUD_INFO))
        stub.on("GET", "/rest/api/3/myself", Reply(json={"accountId": "me"}))
        yield stub


@pytest.fixture
async def center_stub() -> AsyncIterator[Stub]:
    async with Stub() as stub:
        stub.on("GET", "/rest/api/2/serverInfo", Reply(json=CENTER_INFO))
        stub.on("GET", "/rest/api/2/myself", Reply(json={"name": "bot", "key": "JIRAUSER1"}))
        yield stub


@pytest.fixture
def cloud(cloud_stub: Stub, session: aiohttp.ClientSession, clock: MovedClock) -> JiraClient:
    return JiraClient(
        url=cloud_stub.url,
        credentials=CloudCredentials(email="bot@x.example", api_token=TOKEN),
        session=session,
        clock=clock,
        timeout=timedelta(seconds=5),
    )


@pytest.fixture
def center(center_stub: Stub, session: aiohttp.ClientSession, clock: MovedClock) -> JiraClient:
    return JiraClient(
        url=center_stub.url + "/",
        credentials=PersonalToken(token=TOKEN),
        session=session,
        clock=clock,
        timeout=timedelta(seconds=5),
    )


@pytest.fixture
def cloud_reader(cloud: JiraClient, clock: MovedClock) -> ChangeReader:
    return ChangeReader(cloud, clock)


@pytest.fixture
def center_reader(center: JiraClient, clock: MovedClock) -> ChangeReader:
    return ChangeReader(center, clock)
