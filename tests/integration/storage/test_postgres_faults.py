"""What is said when PostgreSQL is away, refuses, or has other tables; and never the password."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from asyncpg import PostgresError

from bot.cases.case import CaseId
from bot.clock import ShiftedClock, SystemClock
from storage import open_store
from storage.base import DispatcherId, Store, StoreDamaged, StoreError, StoreUnavailable
from storage.postgres import PostgresStore
from storage.postgres_connect import CONNECTIONS, connector
from storage.postgres_faults import fault_of
from storage.postgres_listener import Listener
from storage.postgres_schema import REVISION
from storage.postgres_upgrade import upgrade
from storage.postgres_work import Work
from tests.factories import NOW, build_case, build_owed
from tests.postgres import Server
from tests.proxy import Proxy
from tests.waiting import eventually


async def opened(url: str) -> str:
    """Return what is said when a store cannot be opened."""
    with pytest.raises(StoreError) as refusal:
        await open_store(url).__aenter__()
    return str(refusal.value)


async def test_a_server_that_is_not_there_is_unavailable(closed_port: int) -> None:
    url = f"postgresql://bot:secret@127.0.0.1:{closed_port}/cases"
    with pytest.raises(StoreUnavailable, match="cannot be reached") as refusal:
        await open_store(url).__aenter__()
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """Run a server that answers like something that is not PostgreSQL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_something_else_at_the_address_is_said_in_one_sentence() -> None:
    async with silent_server() as port:
        said = await opened(f"postgresql://bot:secret@127.0.0.1:{port}/cases")
    assert "secret" not in said
    assert "\n" not in said


async def test_a_database_that_does_not_exist_has_to_be_mended(server: Server) -> None:
    said = await opened(server.url("nowhere"))
    assert "no database of that name" in said
    assert "STORAGE_URL" in said


async def test_a_user_that_does_not_exist_has_to_be_mended(server: Server, url: str) -> None:
    said = await opened(url.replace("postgres@", "nobody:secret@"))
    assert "refuses the user or the password" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sslmode=require", "speaks no TLS"),
        ("sokk=1", "an option that PostgreSQL does not take"),
        ("target_session_attrs=standby", "no server is what target_session_attrs"),
    ],
)
async def test_options_that_cannot_be_met_are_told_apart(
    server: Server, url: str, options: str, said: str
) -> None:
    async with Proxy(server.socket) as proxy:
        assert said in await opened(f"{server.over_tcp(url, proxy.port)}?{options}")


async def test_options_of_its_own_tools_are_taken(url: str) -> None:
    options = "connect_timeout=5&channel_binding=prefer&keepalives=1&application_name=mine"
    async with open_store(f"{url}&{options}"):
        pass


def test_a_certificate_that_is_not_trusted_is_said() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    fault = fault_of(error, opening=True)
    assert not isinstance(fault, StoreUnavailable)
    assert "not trusted (self-signed certificate)" in str(fault)
    assert isinstance(fault_of(error), StoreUnavailable)


async def test_a_bot_whose_connections_are_all_busy_says_so(url: str) -> None:
    store = PostgresStore(url, answer_within=timedelta(seconds=0.2))
    async with store, AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            await stack.enter_async_context(store.transaction())
        with pytest.raises(StoreUnavailable, match="every connection of this bot is busy"):
            await stack.enter_async_context(store.transaction())
        await stack.aclose()
        async with store.transaction() as tx:
            assert await tx.count_pending() == 0


@pytest.mark.parametrize("state", ["40001", "40P01", "53100", "57P03", "58030", "XX001"])
def test_trouble_of_the_server_is_waited_for(state: str) -> None:
    error = PostgresError()
    error.sqlstate = state
    assert isinstance(fault_of(error), StoreUnavailable)


async def test_a_database_without_tables_names_the_command(server: Server) -> None:
    assert "python -m bot storage upgrade" in await opened(server.create_database())


@pytest.mark.parametrize(
    ("found", "said"),
    [("0000", "python -m bot storage upgrade"), ("9999", "update this program")],
)
async def test_tables_of_another_version_are_refused(server: Server, found: str, said: str) -> None:
    url = server.create_store()
    server.run(url, f"UPDATE alembic_version SET version_num = '{found}'")  # noqa: S608
    refusal = await opened(url)
    assert said in refusal
    assert found in refusal
    assert REVISION in refusal


async def test_an_upgrade_makes_the_tables_once(server: Server) -> None:
    url = server.create_database()
    outcomes = await asyncio.gather(upgrade(url), upgrade(url))
    assert sorted(outcomes) == [("", REVISION), (REVISION, REVISION)]
    async with open_store(url) as store, store.transaction() as tx:
        assert await tx.count_pending() == 0


async def test_a_database_that_cannot_hold_every_letter_gets_no_tables(server: Server) -> None:
    server.run(
        server.url("postgres"),
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
    )
    with pytest.raises(StoreError, match=r"keeps texts as LATIN1.*--encoding UTF8"):
        await upgrade(server.url("latin"))
    assert server.rows(server.url("latin"), "SELECT 1 FROM pg_tables WHERE tablename='cases'") == []


async def test_an_upgrade_leaves_newer_tables_alone(server: Server) -> None:
    url = server.create_store()
    server.run(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer"):
        await upgrade(url)


async def test_a_restart_of_the_server_is_survived(server: Server, url: str, one: Store) -> None:
    woken = asyncio.Event()
    one.subscribe(woken.set)
    await asyncio.to_thread(server.stop)
    with pytest.raises(StoreUnavailable):
        async with one.transaction() as tx:
            await tx.set_mark("a", "lost")
    await asyncio.to_thread(server.start)

    async def works() -> bool:
        try:
            async with one.transaction() as tx:
                await tx.owe(build_owed("k"), at=NOW)
                assert await tx.get_mark("a") is None
        except StoreUnavailable:
            return False
        return True

    await eventually(works)
    await eventually(woken.is_set, within=15)


async def test_what_was_claimed_when_the_server_went_away_is_free_once_it_is_back(
    server: Server, one: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one.transaction() as tx:
        await tx.owe(build_owed("k"), at=NOW)

    async def claim() -> list[str]:
        async with one.transaction(durable=False) as tx:
            due = await tx.claim_due(by=DispatcherId("d"), now=NOW, limit=1)
        return [delivery.owed.key for delivery in due]

    commit = Work.commit

    async def commit_unheard(work: Work) -> None:
        await commit(work)
        await asyncio.to_thread(server.stop)
        raise StoreUnavailable("the answer was lost")

    with monkeypatch.context() as lost:
        lost.setattr(Work, "commit", commit_unheard)
        with pytest.raises(StoreUnavailable):
            await claim()
    await asyncio.to_thread(server.start)

    async def claimed() -> list[str]:
        try:
            return await claim()
        except StoreUnavailable:
            return []

    assert await eventually(claimed) == ["k"]


async def test_a_transaction_that_is_cut_off_keeps_nothing(
    server: Server, url: str, one: Store
) -> None:
    async def be_cut_off() -> None:
        async with one.transaction() as tx:
            await tx.set_mark("a", "1")
            server.run(
                url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction'",
            )
            await tx.set_mark("b", "1")

    with pytest.raises(StoreUnavailable):
        await be_cut_off()

    async def look() -> list[str | None]:
        try:
            async with one.transaction() as tx:
                return [await tx.get_mark("a"), await tx.get_mark("b")]
        except StoreUnavailable:
            return []

    assert await eventually(look) == [None, None]


async def test_a_body_that_takes_too_long_holds_nobody_up(
    server: Server, url: str, one: Store, two: Store
) -> None:
    settings = server.rows(
        url,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'casebot'",
    )
    assert settings
    [row] = await _ask(url, "SHOW idle_in_transaction_session_timeout")
    assert row == "10s"
    [row] = await _ask(url, "SHOW lock_timeout")
    assert row == "15s"


async def _ask(url: str, query: str) -> list[str]:
    connection = await connector(url)()
    try:
        return [await connection.fetchval(query)]
    finally:
        await connection.close()


@pytest.mark.parametrize("wrong_by", [timedelta(minutes=-7), timedelta(minutes=7)])
async def test_a_wrong_clock_is_put_right(url: str, wrong_by: timedelta) -> None:
    def local_time() -> datetime:
        return datetime.now(UTC) + wrong_by

    listener = Listener(connector(url), holder="0" * 16, local_time=local_time)
    await listener.start()
    try:
        assert abs(listener.offset + wrong_by) <= timedelta(seconds=1)

        class WrongClock(SystemClock):
            def now(self) -> datetime:
                return local_time()

        right = ShiftedClock(WrongClock(), lambda: listener.offset)
        assert abs(right.now() - datetime.now(UTC)) <= timedelta(seconds=2)
    finally:
        await listener.stop()


async def test_clocks_that_agree_are_left_alone(one: Store) -> None:
    assert one.clock_offset() == timedelta(0)


async def test_no_connection_is_left_open(server: Server, url: str) -> None:
    async with open_store(url) as store, store.transaction() as tx:
        await tx.set_mark("a", "1")
    left = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'casebot'"
    await eventually(lambda: not server.rows(url, left))


def test_the_url_is_in_no_repr() -> None:
    store = open_store("postgresql://bot:secret@db.example.org/cases")
    assert not re.search("secret", repr(store) + repr(vars(store)))


async def test_a_damaged_row_is_named(server: Server, url: str, one: Store) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(7, title="secret"))
    server.run(url, "UPDATE cases SET body = substr(body, 3)")
    with pytest.raises(StoreDamaged, match="CASE-7") as damage:
        async with one.transaction() as tx:
            await tx.find_case(CaseId(7))
    assert "secret" not in str(damage.value)
