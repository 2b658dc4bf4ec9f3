"""Every contract test runs against every backend and never asks which it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.base import Store
from tests.stores import BACKENDS, Place


@pytest.fixture(params=BACKENDS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Somewhere to keep data that may be opened again."""
    place = Place(BACKENDS[request.param], tmp_path)
    yield place
    await place.close()


@pytest.fixture
async def store(place: Place) -> Store:
    """An empty, open store."""
    return await place.open()


@pytest.fixture(params=[name for name, backend in BACKENDS.items() if backend.outlives_closing])
async def lasting(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Somewhere to keep data that outlives the store."""
    place = Place(BACKENDS[request.param], tmp_path)
    yield place
    await place.close()


@pytest.fixture(
    params=[name for name, one in BACKENDS.items() if one.outlives_closing and not one.shared]
)
async def private(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Somewhere to keep data that outlives the store, for one process at a time."""
    place = Place(BACKENDS[request.param], tmp_path)
    yield place
    await place.close()
