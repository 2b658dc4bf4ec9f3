"""Waiting for a condition instead of sleeping for luck."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = ..., every: float = ...
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, within: float = ..., every: float = ...
) -> T: ...
async def eventually(
    condition: Callable[[], T | Awaitable[T]], *, within: float = 30.0, every: float = 0.01
) -> T:
    """Return the first truthy value of `condition`; fail with the last one seen.

    Args:
        condition: plain or asynchronous; called again and again.
        within: seconds until it counts as failed.
        every: seconds between two looks.
    """
    deadline = asyncio.get_running_loop().time() + within
    while True:
        outcome = condition()
        value: T = await outcome if isinstance(outcome, Awaitable) else outcome
        if value:
            return value
        if asyncio.get_running_loop().time() >= deadline:
            raise AssertionError(f"not within {within} s; last seen: {value!r}")
        await asyncio.sleep(every)
