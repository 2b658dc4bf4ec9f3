"""A server of each kind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sandbox.jira.model import Deployment
from sandbox.jira.seed import populate_jira
from sandbox.jira.server import JiraServer
from tests.integration.sandbox.jira.caller import Stand


@asynccontextmanager
async def started(deployment: Deployment) -> AsyncIterator[Stand]:
    """Start a server with people in it."""
    server = JiraServer(deployment=deployment, seed=1)
    people = populate_jira(server)
    await server.start()
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        try:
            yield Stand(server, people, session)
        finally:
            await server.stop()


@pytest.fixture
async def cloud() -> AsyncIterator[Stand]:
    """A Cloud site."""
    async with started("cloud") as stand:
        yield stand


@pytest.fixture
async def datacenter() -> AsyncIterator[Stand]:
    """A Data Center."""
    async with started("datacenter") as stand:
        yield stand


@pytest.fixture(params=["cloud", "datacenter"])
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    """Each of the two in turn."""
    async with started(request.param) as made:
        yield made
