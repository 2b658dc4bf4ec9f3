"""Seeing something through although the one who waits for it is cancelled."""

import asyncio
from typing import TypeVar

T = TypeVar("T")


async def outlast(future: asyncio.Future[T]) -> T:
    """Wait for the outcome even if cancelled meanwhile, and only then be cancelled."""
    interruption: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            interruption = error
    if interruption is None:
        return future.result()
    future.exception()
    raise interruption
