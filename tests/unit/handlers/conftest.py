"""A conversation over the store in memory."""

from collections.abc import AsyncIterator

import pytest

from storage import open_store
from tests.conversation import Conversation


@pytest.fixture
async def talk() -> AsyncIterator[Conversation]:
    async with open_store("tinydb://") as store:
        yield Conversation(store)
