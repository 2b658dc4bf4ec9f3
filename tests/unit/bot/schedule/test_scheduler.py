"""The clock that says when to look."""

import asyncio
import logging
from datetime import datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

import bot.clock
from bot.schedule.scheduler import Clockwork
from tests.waiting import eventually


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


async def test_a_clock_that_is_put_back_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = timedelta(hours=1)

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    for module in (apscheduler.schedulers.base, bot.clock):
        monkeypatch.setattr(module, "datetime", Moved)
    runs: list[None] = []

    async def job() -> None:
        runs.append(None)

    clockwork = Clockwork(notice_every=timedelta(milliseconds=10))
    clockwork.every(timedelta(milliseconds=10), "job", job)
    clockwork.start()
    heeding = asyncio.create_task(clockwork.heed_clock())
    await eventually(lambda: runs)
    ahead = timedelta(0)
    seen = len(runs)
    await eventually(lambda: len(runs) > seen + 3)
    heeding.cancel()
    clockwork.stop()
