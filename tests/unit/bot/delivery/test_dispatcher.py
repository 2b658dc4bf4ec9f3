"""Outcomes of trying: doubt that ages, and one defect that must not end the others."""

# ruff: noqa: ARG002 - a double need not look at everything it is given

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.cases.case import CaseId
from bot.cases.effects import CreateIssue, Delivery, DeliveryState, LinkIssue, Say
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.issues import INDEX_LAG, IssuePerformer
from bot.errors import OutcomeUnknown, Retryable
from bot.jira.records import CreatedIssue, Issue
from storage import open_store
from storage.base import LEASE, DispatcherId, Store, StoreError, StoreUnavailable, Transaction
from tests.conversation import FixedClock
from tests.factories import NOW, build_case, build_owed, build_room
from tests.waiting import eventually

BY = DispatcherId("test")


class Jira:
    """A Jira that loses the answers to its creates, and whose search lags behind."""

    def __init__(self) -> None:
        self.created: list[str] = []

    async def find_issues_by_label(self, project: str, label: str) -> tuple[Issue, ...]:
        return ()

    async def create_issue(self, *, labels: tuple[str, ...], **_: Any) -> CreatedIssue:  # noqa: ANN401
        self.created.append(labels[0])
        raise OutcomeUnknown("the connection broke")


class Quiet:
    """Outcomes that nobody acts on; `defect` is raised instead for one key."""

    def __init__(self, defect_for: str = "") -> None:
        self.defect_for = defect_for
        self.done: list[str] = []
        self.skipped: list[tuple[str, str]] = []

    async def on_done(self, tx: Transaction, delivery: Delivery, result: object) -> None:
        if delivery.owed.key == self.defect_for:
            raise LookupError("a defect of ours")
        self.done.append(delivery.owed.key)

    async def on_failed(self, tx: Transaction, delivery: Delivery, detail: str) -> None:
        raise AssertionError(detail)

    async def on_skipped(self, tx: Transaction, delivery: Delivery, detail: str) -> None:
        self.skipped.append((delivery.owed.key, detail))

    async def on_delayed(self, tx: Transaction, delivery: Delivery) -> None:
        return


class Chat:
    """A chat that takes everything."""

    async def perform(self, delivery: Delivery) -> None:
        return


class Objecting:
    """A guard that holds certain deliveries back; the storage is away the first few times."""

    def __init__(self, *keys: str, away: int = 0) -> None:
        self.keys = keys
        self.away = away

    async def objection_to(self, delivery: Delivery) -> str:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")
        return "not for them" if delivery.owed.key in self.keys else ""


def dispatcher(
    store: Store,
    clock: FixedClock,
    outcomes: Quiet,
    jira: Any = None,  # noqa: ANN401
    guard: Objecting | None = None,
) -> Dispatcher:
    issues = IssuePerformer(
        client=jira,
        reader=None,  # type: ignore[arg-type]
        store=store,
        clock=clock,
        project="BUG",
        issue_type="Bug",
        installation="test",
    )
    return Dispatcher(
        store=store,
        performers={Say: Chat(), CreateIssue: issues, LinkIssue: issues},
        guard=guard or Objecting(),
        outcomes=outcomes,
        clock=clock,
        by=BY,
    )


async def try_until(
    store: Store, clock: FixedClock, sending: Dispatcher, enough: Callable[[], bool]
) -> None:
    """Let time pass in steps, each with one try, until there is enough; at most an hour."""
    running = asyncio.create_task(sending.run())
    try:
        for _ in range(360):
            if enough():
                return
            clock.pass_by(timedelta(seconds=10))
            sending.wake()
            for _ in range(20):
                await asyncio.sleep(0)
    finally:
        sending.stop()
        await running


async def test_a_storage_that_has_to_be_mended_does_not_end_the_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes, clock = Quiet(), FixedClock(NOW)
    async with open_store("tinydb://") as store:
        transaction, refusals = store.transaction, iter(range(2))

        def refused(**options: bool) -> Any:  # noqa: ANN401
            if next(refusals, None) is not None:
                raise StoreError("PostgreSQL refuses what was asked.")
            return transaction(**options)

        async with store.transaction() as tx:
            await tx.owe(build_owed(), at=NOW)
        monkeypatch.setattr(store, "transaction", refused)
        await try_until(
            store, clock, dispatcher(store, clock, outcomes), lambda: bool(outcomes.done)
        )
    assert next(refusals, None) is None
    assert outcomes.done


async def test_each_lost_answer_is_looked_for_as_long_as_the_first() -> None:
    """Or the second create would be followed by a third while the index still lags."""
    clock, jira = FixedClock(NOW), Jira()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(build_case())
            effect = CreateIssue(case_id=CaseId(1), announce=build_room())
            await tx.owe(build_owed("case/1/issue/m1", effect=effect), at=NOW)
        created_at = []
        for number in range(1, 4):
            await try_until(
                store,
                clock,
                dispatcher(store, clock, Quiet(), jira),
                lambda wanted=number: len(jira.created) >= wanted,  # type: ignore[misc]
            )
            created_at.append(clock.now())
    first, second, third = created_at
    assert second - first >= INDEX_LAG
    assert third - second >= INDEX_LAG


async def test_a_defect_in_one_outcome_leaves_the_others_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, outcomes = FixedClock(NOW), Quiet(defect_for="bad")
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.owe(build_owed("bad", to="carla"), at=NOW)
            await tx.owe(build_owed("good", to="carlos"), at=NOW)
        sending = dispatcher(store, clock, outcomes)
        running = asyncio.create_task(sending.run())
        await eventually(lambda: outcomes.done == ["good"])
        async with store.transaction() as tx:
            await tx.owe(build_owed("later", to="cleo"), at=NOW)
        sending.wake()
        await eventually(lambda: outcomes.done == ["good", "later"])
        sending.stop()
        await running
        async with store.transaction() as tx:
            assert await tx.count_pending() == 1


def test_the_issue_of_the_next_request_is_marked_differently() -> None:
    """An issue that was given up by an unlink must not be found in the place of the next."""
    marks = IssuePerformer(
        client=None,  # type: ignore[arg-type]
        reader=None,  # type: ignore[arg-type]
        store=None,  # type: ignore[arg-type]
        clock=FixedClock(NOW),
        project="BUG",
        issue_type="Bug",
        installation="test",
    )
    first, second = (marks.label(CaseId(7), f"case/7/issue/{one}") for one in ("m1", "m2"))
    assert first != second
    assert first == marks.label(CaseId(7), "case/7/issue/m1")
    assert first.startswith("casebot-test-")


async def finished(store: Store, number: int = 1) -> dict[str, tuple[DeliveryState, str]]:
    """Return how the deliveries of a case ended, by key."""
    async with store.transaction() as tx:
        return {
            one.owed.key: (one.state, one.detail)
            for one in await tx.list_deliveries(CaseId(number))
        }


async def test_what_is_no_longer_for_its_recipient_is_skipped_with_the_reason() -> None:
    """Also if the storage is away when that is looked up: it is asked again, not sent unasked."""
    clock, outcomes = FixedClock(NOW), Quiet()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(build_case())
            await tx.owe(build_owed("theirs", to="carla", case_id=CaseId(1)), at=NOW)
            await tx.owe(build_owed("not theirs", to="carla", case_id=CaseId(1)), at=NOW)
        guard = Objecting("not theirs", away=1)
        sending = dispatcher(store, clock, outcomes, guard=guard)
        running = asyncio.create_task(sending.run())
        await eventually(lambda: outcomes.skipped)
        sending.stop()
        await running
        assert outcomes.done == ["theirs"]
        assert outcomes.skipped == [("not theirs", "not for them")]
        assert await finished(store) == {
            "theirs": (DeliveryState.SENT, ""),
            "not theirs": (DeliveryState.SKIPPED, "not for them"),
        }


class Overtaken(Quiet):
    """Outcomes that were out of date the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.delayed = False

    async def on_done(self, tx: Transaction, delivery: Delivery, result: object) -> None:
        self.asked += 1
        await tx.set_mark("asked", str(self.asked))
        if self.asked == 1:
            raise Retryable("it has changed since")
        await super().on_done(tx, delivery, result)

    async def on_delayed(self, tx: Transaction, delivery: Delivery) -> None:
        self.delayed = True


async def test_an_outcome_that_is_out_of_date_is_asked_for_again_and_leaves_no_trace() -> None:
    clock, outcomes = FixedClock(NOW), Overtaken()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.owe(build_owed("k", to="carla"), at=NOW)
        sending = dispatcher(store, clock, outcomes)
        running = asyncio.create_task(sending.run())
        await eventually(lambda: outcomes.asked == 1)
        async with store.transaction() as tx:
            assert await tx.get_mark("asked") is None
        clock.pass_by(timedelta(minutes=2))
        sending.wake()
        await eventually(lambda: outcomes.done == ["k"])
        assert not outcomes.delayed, "nobody waits for a server"
        sending.stop()
        await running
        async with store.transaction() as tx:
            assert await tx.count_pending() == 0


class Slow:
    """A performer that takes as long as it is told."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def perform(self, delivery: Delivery) -> None:
        self.begun.set()
        await self.may_end.wait()


async def test_what_takes_longer_than_a_claim_is_not_given_to_anybody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does a storage that cannot be asked to extend it end the sending."""
    clock, slow, outcomes = FixedClock(), Slow(), Quiet()
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            effect = LinkIssue(case_id=CaseId(1), issue_key="BUG-1", announce=build_room())
            await tx.owe(build_owed("slow", effect=effect), at=NOW)
        sending = Dispatcher(
            store=store,
            performers={LinkIssue: slow},
            guard=Objecting(),
            outcomes=outcomes,
            clock=clock,
            by=BY,
            hold_every=timedelta(milliseconds=1),
        )
        running = asyncio.create_task(sending.run())
        await slow.begun.wait()

        def refused(**_: bool) -> Any:  # noqa: ANN401
            monkeypatch.undo()
            raise StoreError("PostgreSQL refuses what was asked.")

        monkeypatch.setattr(store, "transaction", refused)
        await eventually(lambda: store.transaction is not refused)

        async def is_held() -> bool:
            later = clock.now() + LEASE - timedelta(seconds=1)
            async with store.transaction() as tx:
                return await tx.find_next_due(now=later) is None

        for _ in range(4):
            clock.pass_by(LEASE / 2)
            await eventually(is_held)
        slow.may_end.set()
        await eventually(lambda: outcomes.done == ["slow"])
        sending.stop()
        await running
