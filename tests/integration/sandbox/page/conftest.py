"""A server that serves the page, and a client without a login."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from sandbox.page import FOLDER, page_config
from sandbox.people import People, populate_rocketchat
from sandbox.rocketchat.server import RocketChatServer

BOARD = "http://127.0.0.1:3001/board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The page on its server."""

    server: RocketChatServer
    people: People
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[aiohttp.ClientResponse, str]:
        """Return the answer to a path, sent as it is, and its text."""
        url = self.server.url + path
        async with self.session.get(url, allow_redirects=False) as answer:
            return answer, await answer.text()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """The page with its people and a board."""
    server = RocketChatServer(page=FOLDER, seed=1)
    people = populate_rocketchat(server)
    server.page_config = page_config(people, board_url=BOARD)
    await server.start()
    async with aiohttp.ClientSession() as session:
        try:
            yield Served(server=server, people=people, session=session)
        finally:
            await server.stop()
