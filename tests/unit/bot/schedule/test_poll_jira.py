"""What a look at Jira does about the issues that it found."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

import pytest

from bot.cases.case import IssueId, TrackedIssue
from bot.desk import JIRA_PROJECTS, JIRA_READ
from bot.errors import Retryable
from bot.jira.changes import ChangeBatch, ChangeReader
from bot.jira.records import InitialStatus, Issue, IssueChanges
from bot.schedule.poll_jira import JIRA_SWEPT, SWEEP_EVERY, Poller
from storage import open_store
from storage.base import Store
from tests.conversation import FixedClock
from tests.factories import NOW


def reading(key: str) -> IssueChanges:
    issue = Issue(
        id=key, key=key, summary="", status_id="1", status_name="Ready", resolution=None,
        fix_versions=(), updated_at=NOW, created_at=NOW, url="", project_key="BUG", labels=(),
    )  # fmt: skip
    return IssueChanges(issue=issue, initial_status=InitialStatus("1", "Ready"), changes=())


class Three:
    """Three issues, of which one makes the bot stumble."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.is_mended = False
        self.missing: list[str] = []

    async def read_changed(self, **_: object) -> ChangeBatch:
        return await self.read_issues(["1", "2", "3"])

    async def read_issues(self, ids: Collection[str]) -> ChangeBatch:
        changes = tuple(reading(f"BUG-{number}") for number in ids)
        return ChangeBatch(changes=changes, missing=(), problems=(), as_of=NOW, complete=True)

    async def select(self, updated: Mapping[str, datetime]) -> Collection[str]:
        return list(updated)

    async def apply(self, changes: IssueChanges) -> int:
        if changes.issue.key == "BUG-1" and not self.is_mended:
            raise LookupError("a defect of ours")
        self.handled.append(changes.issue.key)
        return 1

    async def report_missing(self, issue_ids: list[str], *, after: int) -> None:
        assert after
        self.missing += issue_ids


def poller(store: Store, three: Three, *, now: datetime = NOW) -> Poller:
    return Poller(
        reader=cast("ChangeReader", three),
        tracker=three,
        store=store,
        clock=FixedClock(now),
        wake=lambda: None,
    )


async def read_up_to(store: Store) -> datetime | None:
    async with store.transaction() as tx:
        return await tx.get_time(JIRA_READ)


async def test_an_issue_that_makes_us_stumble_holds_the_watermark_and_no_other() -> None:
    three = Three()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.set_mark(JIRA_PROJECTS, "BUG")
        jira = poller(store, three)
        await jira.poll()
        assert three.handled == ["BUG-2", "BUG-3"]
        assert jira.health.value == "unreachable"
        assert await read_up_to(store) is None
        three.is_mended = True
        await jira.poll()
        assert jira.health.value == "ok"
        assert await read_up_to(store) == NOW


async def test_a_sweep_is_due_an_hour_after_the_last_whoever_made_it() -> None:
    three = Three()
    three.is_mended = True
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.set_mark(JIRA_PROJECTS, "BUG")
            await tx.save_issue(TrackedIssue(id=IssueId("2"), key="BUG-2", url="", project="BUG"))

        async def swept_at(now: datetime, *, polled: bool = True) -> bool:
            jira = poller(store, three, now=now)  # as after a restart
            if polled:
                await jira.poll()
            three.handled.clear()
            await jira.sweep_if_due()
            return three.handled == ["BUG-2"]

        assert not await swept_at(NOW, polled=False), "Jira is not known to answer"
        assert await swept_at(NOW)
        assert not await swept_at(NOW + SWEEP_EVERY / 2)
        assert await swept_at(NOW + SWEEP_EVERY)
        assert await swept_at(NOW), "the clock was wrong before"
        assert not await swept_at(NOW)


class Faltering(Three):
    """A Jira that breaks its answer off at issue 3 until it is mended; issue 1 is gone."""

    async def read_issues(self, ids: Collection[str]) -> ChangeBatch:
        batch = await super().read_issues([one for one in ids if one not in {"1", "3"}])
        fault = None if self.is_mended or "3" not in ids else Retryable("asks for less")
        missing = tuple(one for one in ids if one == "1")
        return replace(
            batch, missing=missing, complete=fault is None, fault=fault, broken_off=fault
        )


async def test_a_sweep_that_was_broken_off_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.schedule.poll_jira._SWEPT_AT_ONCE", 2)
    jira = Faltering()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            for number in ("1", "2", "3", "4"):
                await tx.save_issue(
                    TrackedIssue(id=IssueId(number), key=f"BUG-{number}", url="", project="BUG")
                )

        async def is_over() -> bool:
            async with store.transaction() as tx:
                return await tx.get_mark(JIRA_SWEPT) is not None

        sweeping = poller(store, jira)
        for _ in range(3):
            await sweeping.sweep()
            assert not await is_over()
        assert jira.missing == ["1"], "missed once, however often the rest was tried"
        jira.is_mended = True
        await sweeping.sweep()
        assert await is_over()
        await sweeping.sweep()
        assert jira.missing == ["1", "1"], "the next one begins at the first"


async def test_a_webhook_about_it_is_not_answered_as_stored() -> None:
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            for number in ("1", "2"):
                await tx.save_issue(
                    TrackedIssue(id=IssueId(number), key=f"BUG-{number}", url="", project="BUG")
                )
        jira = poller(store, Three())
        with pytest.raises(Retryable, match="BUG-1"):
            await jira.look_at(["1"])
        await jira.look_at(["2"])


async def test_a_webhook_about_an_issue_that_nobody_follows_costs_jira_nothing() -> None:
    three = Three()
    async with open_store("tinydb://") as store:
        jira = poller(store, three)
        await jira.look_at(["3"])
        assert three.handled == []
        assert jira.hinted_at == NOW
