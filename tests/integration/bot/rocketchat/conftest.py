"""What the tests of the gateway share."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.rocketchat.records import Session
from tests.integration.bot.rocketchat.stub import Stub, serving

TOKEN = "a-token-that-no-log-may-show"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with serving(Stub()) as started:
        yield started


@pytest.fixture
def bot() -> Session:
    return Session(user_id="bot1", auth_token=TOKEN, username="casebot")
