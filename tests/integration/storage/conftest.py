"""Two bots' stores on one database."""

from collections.abc import AsyncIterator

import pytest

from storage import open_store
from storage.base import Store
from tests import postgres
from tests.postgres import Server


@pytest.fixture
def server() -> Server:
    """The database server that tests share."""
    return postgres.server()


@pytest.fixture
def url(server: Server) -> str:
    """A database with empty tables."""
    return server.empty_store()


@pytest.fixture
async def one(url: str) -> AsyncIterator[Store]:
    """The store of one bot."""
    async with open_store(url) as store:
        yield store


@pytest.fixture
async def two(url: str) -> AsyncIterator[Store]:
    """The store of another one, on the same database."""
    async with open_store(url) as store:
        yield store
