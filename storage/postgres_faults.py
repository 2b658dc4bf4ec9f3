"""Where the errors of the driver end: each becomes one sentence of ours, without any data in it.

StoreError                the administrator has to mend something
└── StoreUnavailable      asking again later is safe
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFreeError

from storage.base import StoreError, StoreUnavailable

UPGRADE = "run `python -m bot storage upgrade`"

# By SQLSTATE or its first two characters (PostgreSQL 16, appendix A).
_MEND: Mapping[str, str] = {
    "28P01": "PostgreSQL refuses the user or the password: mend STORAGE_URL.",
    "28": "PostgreSQL refuses the user or the password, or lets the user in from elsewhere or in"
    " another way only: mend STORAGE_URL, or the server's pg_hba.conf.",
    "3D000": "There is no database of that name: create it, or mend STORAGE_URL.",
    "42501": "The user may not make or use the tables: let it own the database, grant it the"
    " rights, or mend STORAGE_URL.",
    "42P07": "The database has tables of the same names already, which are another program's: give"
    " this one a database of its own.",
    "42P01": f"The tables are missing: {UPGRADE}.",
    "42703": f"The tables are not those of this version: {UPGRADE}.",
    "08P01": "Whatever answers there takes no session of its own for each bot: name PostgreSQL"
    " itself, not a pool in front of it.",
}
_WAIT: Mapping[str, str] = {
    "40P01": "Two transactions waited for each other",
    "40": "Somebody else changed the same at the same time",
    "55P03": "Somebody else has held the same for too long",
    "57014": "PostgreSQL took too long",
    "25P03": "The transaction was left alone for too long",
    "25P04": "The transaction took too long",
    "25006": "PostgreSQL takes no changes at present",
    "53": "PostgreSQL has no room left",
    "57P": "PostgreSQL is shutting down or starting",
    # Whoever mends the server finds what people have typed meanwhile still waiting.
    "58": "PostgreSQL has trouble with its disk",
    "XX": "PostgreSQL has trouble of its own",
}


@contextmanager
def translated(*, opening: bool = False) -> Iterator[None]:
    """Raise ours instead of the driver's errors.

    The cause is left out on purpose: the driver's messages repeat data.

    Args:
        opening: what has to be mended is final; later it is waited for like a server that is away,
            or what people have typed meanwhile would be lost.

    Raises:
        StoreUnavailable: the server is away or busy; nothing happened.
        StoreError: somebody has to mend something, or it was our mistake.
    """
    try:
        yield
    except (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError) as error:
        raise fault_of(error, opening=opening) from None
    except asyncio.IncompleteReadError:
        raise StoreUnavailable("PostgreSQL cut the connection; nothing was kept.") from None


def fault_of(error: BaseException, *, opening: bool = False) -> StoreError:
    """Return the sentence for an error of the driver; see `translated`."""
    if untrusted := _encryption_fault(_original(error)):
        return (StoreError if opening else StoreUnavailable)(untrusted)
    state = _state_of(error)
    for length in (5, 2):
        if sentence := _MEND.get(state[:length]):
            kind = StoreError if opening else StoreUnavailable
            return kind(f"{sentence} ({state})")
    for length in (5, 3, 2):
        if sentence := _WAIT.get(state[:length]):
            return StoreUnavailable(f"{sentence} ({state}); nothing was kept.")
    if state and not state.startswith("08"):
        return StoreError(f"PostgreSQL refuses what was asked ({state}).")
    return StoreUnavailable(
        f"PostgreSQL cannot be reached ({_reason_of(error)}); nothing was kept."
    )


def _encryption_fault(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of PostgreSQL is not trusted ({error.verify_message}): mend it, or"
            " sslmode and sslrootcert in STORAGE_URL."
        )
    # The driver has no type of its own for that.
    if isinstance(error, ConnectionError) and "SSL upgrade" in str(error):
        return "PostgreSQL speaks no TLS there, which sslmode in STORAGE_URL asks for."
    return ""


def _original(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig else error


def _state_of(error: BaseException) -> str:
    state = getattr(_original(error), "sqlstate", None)
    return state if isinstance(state, str) else ""


def _reason_of(error: BaseException) -> str:
    if isinstance(error, NoneFreeError):
        return "every connection of this bot is busy"
    original = _original(error)
    reason = getattr(original, "strerror", None)
    if isinstance(reason, str):
        return reason
    if isinstance(original, TimeoutError):
        return "no answer in time"
    return f"the connection broke: {type(original).__name__}"
