"""The clock: when to look. What is due is always decided from stored data."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import SystemClock

log = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[object]]
_NOTICE_EVERY = timedelta(seconds=5)
_ROUNDING = timedelta(seconds=1)


class Clockwork:
    """Runs jobs at intervals; a run that is late or still going on is not doubled."""

    def __init__(self, *, notice_every: timedelta = _NOTICE_EVERY) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._notice_every = notice_every.total_seconds()
        # The scheduler knows no other.
        self._clock = SystemClock()

    def every(self, interval: timedelta, name: str, job: Job) -> None:
        """Run a job at every interval; what it raises is logged, and it goes on."""

        async def run() -> None:
            try:
                await job()
            except asyncio.CancelledError:
                # The scheduler cancels what is going on when it is stopped, and would call it an
                # error; what is due is done after the next start.
                log.debug("job_cancelled", job=name)
            except Exception:
                log.exception("job_failed", job=name)

        self._scheduler.add_job(
            run,
            IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC"),
            id=name,
            name=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start no further run, and cancel those that are going on."""
        self._scheduler.shutdown(wait=False)

    async def heed_clock(self) -> None:
        """Run at once what a clock that was ahead has put off; until cancelled.

        The scheduler goes by the time of day: after it was put back by an hour, nothing would run
        for an hour, and nobody would be told.
        """
        while True:
            await asyncio.sleep(self._notice_every)
            now = self._clock.now()
            for job in self._scheduler.get_jobs():
                if job.next_run_time - now > job.trigger.interval + _ROUNDING:
                    log.warning("clock_put_back", job=job.name)
                    job.modify(next_run_time=now)
