"""A connection that is open and dead, and a server that has become one for reading only."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage import open_store
from storage.base import DispatcherId, Store, StoreUnavailable
from storage.postgres import PostgresStore
from tests.factories import NOW, build_owed
from tests.postgres import Server
from tests.proxy import Proxy
from tests.waiting import eventually

ANSWER_WITHIN = timedelta(seconds=1)


@pytest.fixture
async def proxy(server: Server) -> AsyncIterator[Proxy]:
    async with Proxy(server.socket) as proxy:
        yield proxy


async def get_mark(store: Store) -> str:
    """Return what became of a transaction."""
    try:
        async with store.transaction() as tx:
            await tx.get_mark("a")
    except StoreUnavailable as fault:
        return str(fault)
    return ""


async def test_dead_connections_are_given_up_in_time_and_replaced(
    proxy: Proxy, server: Server, url: str
) -> None:
    through = PostgresStore(server.over_tcp(url, proxy.port), answer_within=ANSWER_WITHIN)
    async with through as store:
        assert set(await asyncio.gather(*(get_mark(store) for _ in range(8)))) == {""}
        warm = proxy.connections
        proxy.swallow()
        async with asyncio.timeout(30):
            found = await asyncio.gather(*(get_mark(store) for _ in range(8)))
            assert all("cannot be reached" in one for one in found)
            assert set(await asyncio.gather(*(get_mark(store) for _ in range(8)))) == {""}
        assert proxy.connections > warm


async def test_what_a_transaction_on_a_dead_connection_did_is_not_kept(
    proxy: Proxy, server: Server, url: str, one: Store
) -> None:
    through = PostgresStore(server.over_tcp(url, proxy.port), answer_within=ANSWER_WITHIN)
    async with through as store:

        async def go_silent() -> None:
            async with store.transaction() as tx:
                await tx.set_mark("a", "1")
                proxy.swallow()

        with pytest.raises(StoreUnavailable):
            await go_silent()
        # The lock it held is gone within the time that an idle transaction may take.
        async with asyncio.timeout(20), one.transaction() as tx:
            assert await tx.get_mark("a") is None


async def test_whoever_listens_on_a_dead_connection_is_woken_again(
    proxy: Proxy, server: Server, url: str, one: Store
) -> None:
    through = PostgresStore(server.over_tcp(url, proxy.port), answer_within=ANSWER_WITHIN)
    async with through as store:
        woken = asyncio.Event()
        store.subscribe(woken.set)
        proxy.swallow()
        async with one.transaction() as tx:
            await tx.owe(build_owed("k"), at=NOW)
        # Not by being told, for that is swallowed: by having listened anew.
        await eventually(woken.is_set, within=20)
        async with asyncio.timeout(20):
            while await get_mark(store):
                pass
        async with store.transaction() as tx:
            assert len(await tx.claim_due(by=DispatcherId("a"), now=NOW, limit=1)) == 1


async def test_a_server_that_only_reads_is_left_for_one_that_writes(
    server: Server, url: str
) -> None:
    [[name]] = server.rows(url, "SELECT current_database()")
    reading = f'ALTER DATABASE "{name}" SET default_transaction_read_only'
    postgres = server.url("postgres")
    server.run(postgres, f"{reading} = on")
    try:
        async with open_store(url) as store:

            async def set_mark() -> str:
                try:
                    async with store.transaction() as tx:
                        await tx.set_mark("a", "1")
                except StoreUnavailable as fault:
                    return str(fault)
                return ""

            assert "takes no changes" in await set_mark()
            server.run(postgres, f"{reading} = off")
            # Sessions that were begun before would go on reading only, for ever.
            async with asyncio.timeout(20):
                assert await set_mark() == ""
    finally:
        server.run(postgres, f"{reading} = off")
