"""How PostgreSQL is reached: addresses as its own tools take them, and limits of each session."""

import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
from asyncpg.exceptions import TargetServerAttributeNotMatched
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.base import StoreError, StoreUnavailable
from storage.postgres_address import EXAMPLE, address_of

Connect = Callable[[], Awaitable[asyncpg.Connection]]

CONNECT_WITHIN = timedelta(seconds=10)
# A server that says nothing for longer is taken for gone, whatever the network still pretends.
ANSWER_WITHIN = timedelta(seconds=25)

# At most this many transactions at once; the next one waits for its turn.
CONNECTIONS = 8

# Settings of the session that the server does not know, keeps as they are, or has other values of.
_NOT_TAKEN = frozenset({"42704", "55P02", "22023"})

AT_WORK = "casebot"
"""What the sessions of bots are called, for whoever looks."""

# A bot that hangs with a transaction open must not hold up the others for longer than this, and
# nobody waits longer than that for what it holds. TCP notices a host that is gone.
_SESSION = {
    "application_name": AT_WORK,
    "timezone": "UTC",
    "lock_timeout": "15s",
    "statement_timeout": "20s",
    "idle_in_transaction_session_timeout": "10s",
    # To compile a statement takes longer than any of ours does.
    "jit": "off",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # Keep-alives are silent while something waits to be acknowledged.
    "tcp_user_timeout": "25s",
}


def connector(
    url: str, *, patient: bool = False, answer_within: timedelta = ANSWER_WITHIN
) -> Connect:
    """Return what opens a connection.

    Args:
        url: as for `psql`: `postgresql://user:password@host:5432/database?sslmode=require`.
        patient: for long work that nobody waits for, without limits of time.
        answer_within: how long an answer is waited for otherwise.

    Raises:
        StoreError: the URL cannot be read. The message does not repeat it.
    """
    address = address_of(url)
    session = {
        name: value
        for name, value in _SESSION.items()
        if not patient or name.startswith("tcp") or "timeout" not in name
    }

    if patient:
        session["application_name"] = "casebot storage"

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                address,
                timeout=CONNECT_WITHIN.total_seconds(),
                command_timeout=None if patient else answer_within.total_seconds(),
                server_settings=session,
            )
        except ssl.SSLError:
            # Some of them are ValueErrors besides.
            raise
        except (ValueError, asyncpg.InterfaceError):
            # The driver's own message may repeat a part of the URL.
            raise StoreError(f"STORAGE_URL cannot be read: {EXAMPLE}.") from None
        except asyncpg.InternalClientError as error:
            raise StoreUnavailable(
                f"PostgreSQL cannot be reached ({_reason(error)}); nothing was kept."
            ) from None
        except asyncpg.PostgresError as error:
            if error.sqlstate not in _NOT_TAKEN:
                raise
            raise StoreError(
                "STORAGE_URL has an option that PostgreSQL does not take: leave it out."
                f" ({error.sqlstate})"
            ) from None

    return connect


def _reason(error: asyncpg.InternalClientError) -> str:
    if isinstance(error, TargetServerAttributeNotMatched):
        return "no server is what target_session_attrs in STORAGE_URL asks for"
    return "something else answers there"


def engine(connect: Connect, *, free_within: timedelta = ANSWER_WITHIN) -> AsyncEngine:
    """Return the pool of connections for transactions.

    Args:
        connect: opens one.
        free_within: how long one is waited for when all are busy.
    """
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=free_within.total_seconds(),
        hide_parameters=True,
    )
