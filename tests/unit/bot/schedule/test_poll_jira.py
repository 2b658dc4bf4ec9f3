"""What is said of a Jira whose answers make no sense."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from structlog.testing import capture_logs

from bot.jira.changes import ChangeBatch, ChangeReader
from bot.jira.records import IssueChanges, Problem
from bot.schedule.poll_jira import Poller
from storage.tinydb import TinyDBStore
from tests.conversation import FixedClock
from tests.factories import NOW


class Odd:
    """A reader that understands nothing, and a tracker that is told nothing."""

    async def read_issues(self, ids: Collection[str]) -> ChangeBatch:
        problems = tuple(Problem(issue_id=one, reason="not a point in time") for one in ids)
        return ChangeBatch(changes=(), missing=(), problems=problems, as_of=NOW, complete=True)

    async def select(self, updated: Mapping[str, datetime]) -> Collection[str]:
        return updated

    async def apply(self, reading: IssueChanges) -> int:
        raise NotImplementedError

    async def report_missing(self, issue_ids: list[str], *, after: int) -> None:
        raise NotImplementedError


async def test_an_answer_that_makes_no_sense_is_said_once_and_not_with_every_poll() -> None:
    odd = Odd()
    async with TinyDBStore(None) as store:
        poller = Poller(
            reader=cast("ChangeReader", odd),
            tracker=odd,
            store=store,
            clock=FixedClock(NOW),
            wake=lambda: None,
        )
        with capture_logs() as logs:
            for _ in range(3):
                await poller.look_at(["1", "2"])
    assert [one["issue"] for one in logs if one["event"] == "jira_answer_odd"] == ["1", "2"]
