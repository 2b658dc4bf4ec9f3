"""Where cases and everything owed are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.base import Store, StoreError
from storage.records import Archive

_EXAMPLE = "for example tinydb:///data/cases.json"
_POSTGRES = {"postgresql", "postgres"}


def open_store(url: str) -> Store:
    """Return the store that a `STORAGE_URL` names; open it with `async with`.

    Slashes count as for SQLAlchemy: `tinydb:///relative/path.json`, `tinydb:////absolute/path.json`.
    `tinydb://` alone keeps everything in memory and forgets it. PostgreSQL's URLs are those of its
    own tools: `postgresql://user:password@host:5432/database`.

    Raises:
        StoreError: the URL names no store there is. The message does not repeat the URL, which
            may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise StoreError(f"STORAGE_URL has no scheme: write it out, {_EXAMPLE}.")
    if scheme == "tinydb":
        return _open_tinydb(rest)
    if scheme.partition("+")[0] in _POSTGRES:
        return _open_postgres(url)
    raise StoreError(
        f"STORAGE_URL begins with an unknown scheme: use a file, {_EXAMPLE}, or postgresql://…."
    )


def name_of(url: str) -> str:
    """Return a `STORAGE_URL` without what may be secret in it, to be shown."""
    scheme, separator, rest = url.partition("://")
    if scheme.partition("+")[0] not in _POSTGRES:
        return url
    return f"{scheme}{separator}{rest.rpartition('@')[2].partition('?')[0]}"


def secrets_in(url: str) -> list[str]:
    """Return what is secret in a `STORAGE_URL`, also in one that cannot be read; never raises."""
    if url.partition("://")[0].partition("+")[0] not in _POSTGRES:
        return []
    from storage import postgres_address  # noqa: PLC0415 - as below

    return postgres_address.secrets_in(url)


def open_archive(url: str, *, new: bool = True) -> Archive:
    """Return everything that a `STORAGE_URL` names, to be copied; open it with `async with`.

    Args:
        url: of the store.
        new: whether a file that is not there is begun; where something is expected, it is
            refused, for a mistyped name would look like an empty store.

    Raises:
        StoreError: the URL names no store there is, or one that keeps nothing.
    """
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] in _POSTGRES:
        with _packages_needed():
            from storage.postgres_archive import PostgresArchive  # noqa: PLC0415 - as below
        return PostgresArchive(url)
    open_store(url)
    if not rest:
        raise StoreError(f"This keeps everything in memory only: name a file, {_EXAMPLE}.")
    from storage.tinydb_archive import TinyDBArchive  # noqa: PLC0415

    path = _path(rest)
    if not new:
        _check_there(path)
    return TinyDBArchive(path)


async def upgrade(url: str) -> tuple[str, str]:
    """Bring the tables of a `STORAGE_URL` to this version; a file needs nothing.

    Returns:
        The version there was, empty for none, and the one there is.

    Raises:
        StoreError: it cannot be done; the message says what to mend.
    """
    if url.partition("://")[0].partition("+")[0] not in _POSTGRES:
        open_store(url)
        return "", ""
    with _packages_needed():
        from storage import postgres_upgrade  # noqa: PLC0415 - as below
    return await postgres_upgrade.upgrade(url)


@contextmanager
def _packages_needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise StoreError(
            f"PostgreSQL needs the package {missing.name}: run `pip install 'casebot[postgres]'`."
        ) from None


def _open_postgres(url: str) -> Store:
    with _packages_needed():
        from storage.postgres import PostgresStore  # noqa: PLC0415 - as below
    return PostgresStore(url)


def _open_tinydb(rest: str) -> Store:
    # Only the backend that is asked for is imported.
    from storage.tinydb import TinyDBStore  # noqa: PLC0415

    return TinyDBStore(_path(rest) if rest else None)


def _check_there(path: Path) -> None:
    # One that is lost, but has its last good copy beside it, is told apart when it is opened.
    if not path.exists() and not path.with_name(f"{path.name}.bak").exists():
        raise StoreError(f"There is no file {path.absolute()}: name the one that holds the cases.")


def _path(rest: str) -> Path:
    if not rest.startswith("/"):
        raise StoreError(f"STORAGE_URL needs three slashes before a relative path, {_EXAMPLE}.")
    path = rest.removeprefix("/")
    if not path or path.endswith("/"):
        raise StoreError(f"STORAGE_URL names no file: add one, {_EXAMPLE}.")
    return Path(path)
