"""What the plays share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.acceptance.faults.process import Launcher, forker


@pytest.fixture(scope="session")
def orders() -> Iterator[Path]:
    with forker() as path:
        yield path


@pytest.fixture
async def launcher(orders: Path) -> AsyncIterator[Launcher]:
    async with Launcher(orders) as starts:
        yield starts
