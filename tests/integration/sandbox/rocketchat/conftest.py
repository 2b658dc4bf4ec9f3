"""A populated server, and clients of it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from sandbox.people import populate_rocketchat
from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest

MakeServer = Callable[..., Awaitable[RocketChatServer]]


@pytest.fixture
async def make_server() -> AsyncIterator[MakeServer]:
    """Start further servers, each with the same people."""
    servers: list[RocketChatServer] = []

    async def make(**options: object) -> RocketChatServer:
        settings = options.pop("settings", {"API_Enable_Rate_Limiter": False})
        options = {"seed": 1, "shuffle": None, "settings": settings, **options}
        server = RocketChatServer(**options)  # type: ignore[arg-type]
        servers.append(server)
        await server.start()
        populate_rocketchat(server)
        return server

    yield make
    for server in servers:
        await server.stop()


@pytest.fixture
async def server(make_server: MakeServer) -> RocketChatServer:
    return await make_server()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def rest(session: aiohttp.ClientSession, server: RocketChatServer) -> Callable[[str | None], Rest]:
    return lambda username: Rest(session, server, username)


@pytest.fixture
async def ddp(
    session: aiohttp.ClientSession, server: RocketChatServer
) -> AsyncIterator[Callable[..., Awaitable[Ddp]]]:
    clients: list[Ddp] = []

    async def connect(username: str | None = None, *, to: RocketChatServer | None = None) -> Ddp:
        client = Ddp(session, to or server)
        clients.append(client)
        return await client.connect(username)

    yield connect
    for client in clients:
        await client.close()
