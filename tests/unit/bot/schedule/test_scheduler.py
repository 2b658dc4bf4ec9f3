"""The clock that says when to look."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.schedule.scheduler import Clockwork


async def test_a_job_that_is_cancelled_by_the_stop_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    clockwork = Clockwork()
    clockwork.every(timedelta(milliseconds=10), "job", job)
    clockwork.start()
    await asyncio.wait_for(begun.wait(), 10)
    clockwork.stop()
    await asyncio.wait_for(ended.wait(), 10)
    await asyncio.sleep(0)
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
