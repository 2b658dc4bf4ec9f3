"""Where the errors of the driver end: each becomes one sentence of ours, without any data in it.

StoreError                the administrator has to mend something
└── StoreUnavailable      asking again later is safe
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.base import StoreError, StoreUnavailable

UPGRADE = "run `python -m bot storage upgrade`"

# By SQLSTATE or its first two characters (PostgreSQL 16, appendix A).
_MEND: Mapping[str, str] = {
    "28": "PostgreSQL refuses the user or the password: mend STORAGE_URL.",
    "3D000": "There is no database of that name: create it, or mend STORAGE_URL.",
    "42501": "The user may not use the tables: grant it the rights on them, or mend STORAGE_URL.",
    "42P01": f"The tables are missing: {UPGRADE}.",
    "42703": f"The tables are not those of this version: {UPGRADE}.",
}
_WAIT: Mapping[str, str] = {
    "40001": "Somebody else changed the same at the same time",
    "40P01": "Two transactions waited for each other",
    "55P03": "Somebody else has held the same for too long",
    "57014": "PostgreSQL took too long",
    "25P03": "The transaction was left alone for too long",
    "25006": "PostgreSQL takes no changes at present",
    "53": "PostgreSQL has no room left",
    "57P": "PostgreSQL is shutting down or starting",
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
    return StoreUnavailable(f"PostgreSQL cannot be reached ({_name_of(error)}); nothing was kept.")


def _state_of(error: BaseException) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    return state if isinstance(state, str) else ""


def _name_of(error: BaseException) -> str:
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    reason = getattr(original, "strerror", None)
    return reason if isinstance(reason, str) else type(original).__name__
