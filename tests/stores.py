"""The backends that the contract suite runs against; a new one is one more entry."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import open_store
from storage.base import Store, Transaction
from tests import postgres


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One kind of store."""

    url: Callable[[Path], str]
    """Makes the URL of a new, empty place from a temporary folder."""
    outlives_closing: bool = True
    shared: bool = False
    """Whether more than one process may use it at a time."""
    examples: int = 60
    """How many lives of a store are compared with a model; one takes up to a second."""


BACKENDS: Mapping[str, Backend] = {
    "tinydb": Backend(url=lambda folder: f"tinydb:///{folder / 'cases.json'}"),
    "tinydb-memory": Backend(url=lambda _: "tinydb://", outlives_closing=False),
    "postgres": Backend(url=lambda _: postgres.server().empty_store(), shared=True, examples=12),
}


class Place:
    """Where one test keeps its data, and the store that is open there."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.url = backend.url(folder)
        self.outlives_closing = backend.outlives_closing
        self._open: Store | None = None

    async def open(self) -> Store:
        """Return the store, opened."""
        self._open = await open_store(self.url).__aenter__()
        return self._open

    async def reopen(self) -> Store:
        """Close the store and return a new one on the same data, if the backend keeps any."""
        if not self.outlives_closing and self._open is not None:
            return self._open
        await self.close()
        return await self.open()

    async def close(self) -> None:
        """Close the store if it is open."""
        store, self._open = self._open, None
        if store is not None:
            await store.__aexit__(None, None, None)


class OnPurposeError(Exception):
    """What fails a transaction in a test."""


@asynccontextmanager
async def failing_transaction(store: Store) -> AsyncIterator[Transaction]:
    """Begin a transaction whose body fails at its end."""
    try:
        async with store.transaction() as tx:
            yield tx
            raise OnPurposeError  # noqa: TRY301 - failing here is the point
    except OnPurposeError:
        return
    raise AssertionError("the transaction swallowed the error of its body")
