"""Letting go of what is over, as `storage.base.Retention` promises."""

from dataclasses import replace

import pytest

from bot.cases.case import CaseId, CaseState, MessageId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState
from bot.cases.query import CaseQuery
from storage.base import DispatcherId, Store
from tests.factories import NOW, after, build_case, build_entry, build_issue_link, build_owed
from tests.stores import Place, failing_transaction

ONE, TWO = CaseId(1), CaseId(2)
ME = DispatcherId("me")


async def add_cases(store: Store) -> None:
    """Add two closed cases alike, each with a timeline, threads and a ledger of two."""
    async with store.transaction() as tx:
        for case_id in (ONE, TWO):
            case = build_case(
                case_id,
                state=CaseState.CLOSED,
                issue=build_issue_link(),
                threads=(MessageId("shared"), MessageId(f"t{case_id}")),
            )
            await tx.add_case(case)
            await tx.add_timeline(build_entry(case_id))
            await tx.owe(build_owed(f"case/{case_id}/a", case_id=case_id, skipped="muted"), at=NOW)
            await tx.owe(build_owed(f"case/{case_id}/b", case_id=case_id), at=NOW)
    await finish_all(store)


async def finish_all(store: Store, state: DeliveryState = DeliveryState.SENT) -> None:
    while True:
        async with store.transaction() as tx:
            claimed = await tx.claim_due(by=ME, now=NOW, limit=99)
            for delivery in claimed:
                await tx.finish(replace(delivery, state=state, finished_at=after(1)))
        if not claimed:
            return


async def remove(store: Store, case_id: CaseId) -> None:
    async with store.transaction() as tx:
        await tx.remove_case(case_id)


async def test_a_case_goes_with_everything_of_it_and_nothing_else(place: Place) -> None:
    store = await place.open()
    await add_cases(store)
    await remove(store, ONE)
    async with failing_transaction(store) as tx:
        assert await tx.owe(build_owed("case/1/a", case_id=ONE), at=NOW), "its keys are free"
    store = await place.reopen()
    async with store.transaction() as tx:
        assert await tx.find_case(ONE) is None
        assert not await tx.list_timeline(ONE)
        assert not await tx.list_deliveries(ONE)
        assert await tx.find_case_by_thread(MessageId("t1")) is None
        found = await tx.find_case_by_thread(MessageId("shared"))
        assert found is not None
        assert found.id == TWO
        assert [case.id for case in (await tx.list_cases(CaseQuery(), limit=9))[0]] == [TWO]
        issue = build_issue_link()
        assert issue.id is not None
        assert [case.id for case in await tx.list_cases_by_issue(issue.id)] == [TWO]
        assert [case.id for case in await tx.list_cases_by_issue_key(issue.key)] == [TWO]
        assert len(await tx.list_timeline(TWO)) == 1
        assert len(await tx.list_deliveries(TWO)) == 2
        assert not await tx.owe(build_owed("case/2/a", case_id=TWO), at=NOW)


async def test_the_number_of_a_case_that_is_gone_is_never_given_again(place: Place) -> None:
    store = await place.open()
    await add_cases(store)
    await remove(store, TWO)
    await remove(store, ONE)
    store = await place.reopen()
    async with store.transaction() as tx:
        number = await tx.allocate_case_id()
        assert number > TWO
        await tx.add_case(build_case(number))
        assert not await tx.list_timeline(number)


async def test_a_case_that_still_owes_something_stays_whole(store: Store) -> None:
    await add_cases(store)
    async with store.transaction() as tx:
        await tx.owe(build_owed("late", case_id=ONE), at=NOW)
    with pytest.raises(ValueError, match="CASE-1 still owes"):
        await remove(store, ONE)
    async with store.transaction() as tx:
        assert await tx.find_case(ONE) is not None
        assert len(await tx.list_timeline(ONE)) == 1
        assert len(await tx.list_deliveries(ONE)) == 3


@pytest.mark.parametrize("number", [3, 0, 2**70])
async def test_a_case_that_is_not_there_cannot_be_removed(store: Store, number: int) -> None:
    await add_cases(store)
    with pytest.raises(KeyError):
        await remove(store, CaseId(number))


async def test_what_is_not_committed_is_not_gone(store: Store) -> None:
    await add_cases(store)
    async with failing_transaction(store) as tx:
        await tx.remove_case(ONE)
        assert await tx.find_case(ONE) is None
    async with store.transaction() as tx:
        assert (await tx.find_case(ONE)) is not None
        assert len(await tx.list_timeline(ONE)) == 1
        assert len(await tx.list_deliveries(ONE)) == 2
        assert not await tx.owe(build_owed("case/1/a", case_id=ONE), at=NOW)
        assert [case.id for case in (await tx.list_cases(CaseQuery(), limit=9))[0]] == [TWO, ONE]
        assert await tx.find_case_by_thread(MessageId("t1")) is not None


async def add_loose(store: Store) -> None:
    """Add what belongs to no case: failed, skipped, and pending."""
    async with store.transaction() as tx:
        await tx.owe(build_owed("failed"), at=NOW)
    await finish_all(store, DeliveryState.FAILED)
    async with store.transaction() as tx:
        await tx.owe(build_owed("skipped", skipped="muted"), at=after(1))
        await tx.owe(build_owed("newer", skipped="muted"), at=after(2))
        await tx.owe(build_owed("pending"), at=NOW)


def keys(deliveries: object) -> list[str]:
    assert isinstance(deliveries, list)
    return [one.owed.key for one in deliveries if isinstance(one, Delivery)]


async def test_what_is_finished_and_of_no_case_is_listed_by_age(place: Place) -> None:
    store = await place.open()
    await add_cases(store)
    await add_loose(store)
    store = await place.reopen()
    async with store.transaction() as tx:
        found = await tx.list_finished(before=after(2))
        assert keys(list(found)) == ["failed", "skipped"]
        assert [one.state for one in found] == [DeliveryState.FAILED, DeliveryState.SKIPPED]
        assert await tx.list_finished(before=NOW) == []


async def test_only_what_is_finished_and_of_no_case_is_removed(place: Place) -> None:
    store = await place.open()
    await add_cases(store)
    await add_loose(store)
    async with store.transaction() as tx:
        assert await tx.remove_finished([]) == 0
        assert await tx.remove_finished([DeliveryId(number) for number in range(99)]) == 3
    store = await place.reopen()
    async with store.transaction() as tx:
        assert await tx.list_finished(before=after(9)) == []
        assert await tx.count_pending() == 1
        assert len(await tx.list_deliveries(ONE)) == 2
        assert not await tx.owe(build_owed("pending"), at=NOW)
        assert await tx.owe(build_owed("failed"), at=NOW)
    async with failing_transaction(store) as tx:
        await tx.owe(build_owed("again", skipped="muted"), at=NOW)
        [again] = await tx.list_finished(before=after(9))
        assert await tx.remove_finished([again.id]) == 1


async def test_a_removal_that_is_not_committed_keeps_the_keys(store: Store) -> None:
    await add_loose(store)
    async with failing_transaction(store) as tx:
        found = await tx.list_finished(before=after(9))
        assert await tx.remove_finished([one.id for one in found]) == 3
    async with store.transaction() as tx:
        assert len(await tx.list_finished(before=after(9))) == 3
        assert not await tx.owe(build_owed("failed"), at=NOW)


async def test_messages_are_listed_by_age(store: Store) -> None:
    times = {"b": NOW, "a": after(1), "é": after(1), "B": after(1), "late": after(2)}
    async with store.transaction() as tx:
        for message, at in times.items():
            await tx.take_message(MessageId(message), at=at)
    async with store.transaction() as tx:
        found = await tx.list_messages(before=after(2))
        assert [message for message, _ in found] == ["B", "a", "b", "é"]
        assert dict(found)[MessageId("b")] == NOW
        assert await tx.list_messages(before=NOW) == []
