"""Where cases and everything owed are kept."""

from pathlib import Path

from storage.base import Store, StoreError

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
    raise StoreError(f"STORAGE_URL begins with an unknown scheme: use a file, {_EXAMPLE}.")


def _open_postgres(url: str) -> Store:
    try:
        from storage.postgres import PostgresStore  # noqa: PLC0415 - as below
    except ModuleNotFoundError as missing:
        raise StoreError(
            f"PostgreSQL needs the package {missing.name}: run `pip install 'casebot[postgres]'`."
        ) from None
    return PostgresStore(url)


def _open_tinydb(rest: str) -> Store:
    # Only the backend that is asked for is imported.
    from storage.tinydb import TinyDBStore  # noqa: PLC0415

    if not rest:
        return TinyDBStore(None)
    if not rest.startswith("/"):
        raise StoreError(f"STORAGE_URL needs three slashes before a relative path, {_EXAMPLE}.")
    path = rest.removeprefix("/")
    if not path or path.endswith("/"):
        raise StoreError(f"STORAGE_URL names no file: add one, {_EXAMPLE}.")
    return TinyDBStore(Path(path))
