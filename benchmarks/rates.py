"""How many durable commits a store takes per second."""

import asyncio
import time
from dataclasses import replace

from bot.cases.case import CaseId
from storage.base import Store


async def commits_per_second(
    store: Store, size: int, *, at_once: int, seconds: float = 1.0
) -> float:
    """Return how many commits so many tasks do together, each changing a case.

    Args:
        store: with cases in it.
        size: their numbers are 1 to this.
        at_once: how many tasks; no two change the same case at the same time.
        seconds: how long; the last commits are waited for.
    """
    began = time.perf_counter()
    ends = began + seconds

    async def work(number: int) -> int:
        done = 0
        while not done or time.perf_counter() < ends:
            await _commit(store, CaseId(1 + number % size))
            number += at_once
            done += 1
        return done

    done = sum(await asyncio.gather(*(work(number) for number in range(at_once))))
    return done / (time.perf_counter() - began)


async def _commit(store: Store, case_id: CaseId) -> None:
    """Change a case, as most commands do."""
    async with store.transaction() as tx:
        case = await tx.find_case(case_id)
        assert case is not None
        # Nothing is added, so that the store has the same size in every run.
        await tx.save_case(replace(case, severity="low" if case.severity == "high" else "high"))
