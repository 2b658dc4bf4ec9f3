"""Units of work: all or nothing, one after the other, on disk when they say so."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import CaseId, MessageId
from bot.cases.effects import DeliveryState
from bot.cases.query import CaseQuery
from storage import open_store
from storage.base import DispatcherId, Store, StoreError, StoreLocked
from tests.factories import NOW, after, build_case, build_entry, build_issue, build_owed
from tests.stores import Place, failing_transaction
from tests.waiting import eventually

M1 = MessageId("m1")


async def test_nothing_is_left_after_an_exception(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_case(build_case(1, title="before", threads=(M1,)))
        await tx.add_timeline(build_entry(1, text="before"))
    async with failing_transaction(store) as tx:
        await tx.save_case(build_case(1, title="after", threads=("m2",)))
        await tx.save_case(build_case(1, title="later", threads=("m3",)))
        await tx.add_case(build_case(2, title="new"))
        await tx.add_timeline(build_entry(1, text="after"))
        await tx.add_timeline(build_entry(2, text="new"))
        await tx.take_message(M1, at=NOW)
        await tx.owe(build_owed("k", case_id=CaseId(1)), at=NOW)
        await tx.save_issue(build_issue())
        await tx.set_mark("a", "b")
    for _ in range(2):
        async with store.transaction() as tx:
            assert await tx.find_case(CaseId(1)) == build_case(1, title="before", threads=(M1,))
            assert await tx.find_case(CaseId(2)) is None
            assert await tx.list_cases(CaseQuery(words=("before",)), limit=9) == (
                [build_case(1, title="before", threads=(M1,))],
                1,
            )
            assert await tx.find_case_by_thread(M1) is not None
            assert await tx.find_case_by_thread(MessageId("m2")) is None
            assert [e.text for e in await tx.list_timeline(CaseId(1))] == ["before"]
            assert not await tx.list_timeline(CaseId(2))
            assert not await tx.has_message(M1)
            assert not await tx.list_deliveries(CaseId(1))
            assert await tx.count_pending() == 0
            assert not await tx.list_issues()
            assert await tx.get_mark("a") is None
        store = await place.reopen()


async def test_a_transaction_sees_its_own_changes(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_case(build_case(1))
        assert await tx.find_case(CaseId(1)) == build_case(1)
        await tx.owe(build_owed("k"), at=NOW)
        assert len(await tx.claim_due(by=DispatcherId("me"), now=NOW, limit=1)) == 1


async def test_transactions_see_each_other_whole_and_in_order(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.set_mark("left", "0")
        await tx.set_mark("right", "0")

    async def increment() -> None:
        async with store.transaction() as tx:
            left = int(await tx.get_mark("left") or "")
            await tx.set_mark("left", str(left + 1))
            # Another one would slip in here if anything did.
            await asyncio.sleep(0)
            assert await tx.get_mark("right") == str(left)
            await tx.set_mark("right", str(left + 1))

    await asyncio.gather(*(increment() for _ in range(20)))
    async with store.transaction() as tx:
        assert await tx.get_mark("left") == await tx.get_mark("right") == "20"


async def test_a_change_that_is_not_durable_is_made_at_once(place: Place, store: Store) -> None:
    async with store.transaction(durable=False) as tx:
        await tx.set_mark("a", "1")
    async with store.transaction(durable=False) as tx:
        assert await tx.get_mark("a") == "1"
    async with (await place.reopen()).transaction() as tx:
        assert await tx.get_mark("a") == "1"


async def test_what_cannot_be_kept_is_refused_and_undone(store: Store) -> None:
    async def add_without_time_zone() -> None:
        async with store.transaction() as tx:
            await tx.set_mark("a", "1")
            await tx.add_case(build_case(1, opened_at=NOW.replace(tzinfo=None)))

    with pytest.raises(ValueError, match="opened_at"):
        await add_without_time_zone()
    async with store.transaction() as tx:
        assert await tx.get_mark("a") is None
        assert await tx.find_case(CaseId(1)) is None
        await tx.add_case(build_case(1))


async def test_text_that_no_file_can_hold_does_not_stop_the_store(
    place: Place, store: Store
) -> None:
    async with store.transaction() as tx:
        await tx.add_case(build_case(1, title="half a pair: \ud83d"))
    async with (await place.reopen()).transaction() as tx:
        case = await tx.find_case(CaseId(1))
    assert case is not None
    assert case.title == "half a pair: ?"


async def test_cancelling_a_body_undoes_it(place: Place, store: Store) -> None:
    inside = asyncio.Event()

    async def body() -> None:
        async with store.transaction() as tx:
            await tx.set_mark("a", "1")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(body())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        assert await tx.get_mark("a") is None
    async with (await place.reopen()).transaction() as tx:
        assert await tx.get_mark("a") is None


async def test_cancelling_one_that_waits_for_its_turn_changes_nothing(store: Store) -> None:
    async def body() -> None:
        async with store.transaction() as tx:
            await tx.set_mark("a", "1")

    async with store.transaction():
        task = asyncio.ensure_future(body())
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        assert await tx.get_mark("a") is None


async def test_a_cancelled_commit_happens_whole_or_not_at_all(place: Place, store: Store) -> None:
    async def commit(number: int) -> None:
        async with store.transaction() as tx:
            await tx.add_case(build_case(number))
            await tx.take_message(MessageId(f"m{number}"), at=NOW)

    async def seen(store: Store) -> list[tuple[bool, bool]]:
        async with store.transaction() as tx:
            return [
                (
                    await tx.find_case(CaseId(number)) is not None,
                    await tx.has_message(MessageId(f"m{number}")),
                )
                for number in range(1, 21)
            ]

    for number in range(1, 21):
        task = asyncio.ensure_future(commit(number))
        # Cancelled at its first, second, third … suspension.
        for _ in range(number % 7):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    before = await seen(store)
    assert all(case == message for case, message in before)
    assert await seen(await place.reopen()) == before


async def test_claims_of_a_cancelled_commit_are_given_back(store: Store) -> None:
    async def claim() -> None:
        async with store.transaction() as tx:
            await tx.owe(build_owed("k"), at=NOW)
            await tx.claim_due(by=DispatcherId("gone"), now=NOW, limit=1)
            asyncio.get_running_loop().call_soon(task.cancel)

    task = asyncio.ensure_future(claim())
    gone = await asyncio.gather(task, return_exceptions=True)
    async with store.transaction() as tx:
        claimed = await tx.claim_due(by=DispatcherId("me"), now=NOW, limit=1)
    assert len(claimed) == (1 if isinstance(gone[0], asyncio.CancelledError) else 0)


async def test_a_transaction_that_has_ended_takes_no_more(store: Store) -> None:
    async with store.transaction() as ended:
        pass
    with pytest.raises(RuntimeError):
        await ended.set_mark("a", "1")
    with pytest.raises(RuntimeError):
        await ended.claim_due(by=DispatcherId("me"), now=NOW, limit=1)
    async with store.transaction() as tx:
        assert await tx.get_mark("a") is None


async def test_closing_waits_for_what_is_being_written(lasting: Place) -> None:
    store = await lasting.open()

    async def commit(number: int) -> None:
        async with store.transaction(durable=number % 2 == 0) as tx:
            await tx.add_case(build_case(number))

    tasks = [asyncio.ensure_future(commit(number)) for number in range(1, 11)]
    await asyncio.sleep(0)
    store = await lasting.reopen()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    async with store.transaction() as tx:
        for number, outcome in enumerate(outcomes, start=1):
            kept = await tx.find_case(CaseId(number)) is not None
            assert kept == (outcome is None), (number, outcome)


async def test_closing_goes_on_when_it_is_cancelled(lasting: Place) -> None:
    store = await lasting.open()
    async with store.transaction(durable=False) as tx:
        await tx.set_mark("a", "1")
    closing = asyncio.ensure_future(lasting.close())
    for _ in range(3):
        await asyncio.sleep(0)
        closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    async with (await lasting.open()).transaction() as tx:
        assert await tx.get_mark("a") == "1"


async def test_opening_may_be_cancelled_and_tried_again(lasting: Place) -> None:
    for turns in range(4):
        opening = asyncio.ensure_future(lasting.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    async with (await lasting.open()).transaction() as tx:
        assert await tx.get_mark("a") is None


async def test_a_closed_store_takes_no_more(lasting: Place) -> None:
    store = await lasting.open()
    await lasting.close()
    with pytest.raises(StoreError):
        async with store.transaction():
            pass


async def test_a_store_for_one_process_keeps_a_second_one_out(private: Place) -> None:
    await private.open()
    second = open_store(private.url)
    with pytest.raises(StoreLocked):
        await second.__aenter__()
    await private.reopen()


async def test_a_store_tells_whose_it_is_and_whose_time_counts(place: Place, store: Store) -> None:
    woken: list[str] = []
    store.subscribe(lambda: woken.append("own"))
    assert store.clock_offset() == timedelta(0)
    async with store.transaction() as tx:
        await tx.owe(build_owed("mine"), at=NOW)
    if store.shared:
        async with open_store(place.url) as other:
            assert other.shared
            other.subscribe(lambda: woken.append("other"))
            async with store.transaction() as tx:
                await tx.owe(build_owed("more"), at=NOW)
            await eventually(lambda: woken)
    # Who owes it knows.
    assert set(woken) == ({"other"} if store.shared else set())


async def test_a_long_life_is_read_back(place: Place, store: Store) -> None:
    for number in range(1, 40):
        async with store.transaction(durable=number % 10 == 0) as tx:
            await tx.add_case(build_case(number, title=f"Case number {number}"))
            await tx.owe(build_owed(f"k{number}", case_id=CaseId(number)), at=after(number))
        async with store.transaction(durable=False) as tx:
            [delivery] = await tx.claim_due(by=DispatcherId("me"), now=after(number), limit=1)
            await tx.finish(replace(delivery, state=DeliveryState.SENT))
    async with (await place.reopen()).transaction() as tx:
        _, total = await tx.list_cases(CaseQuery(), limit=1)
        states = {
            delivery.state
            for number in range(1, 40)
            for delivery in await tx.list_deliveries(CaseId(number))
        }
    assert (total, states) == (39, {DeliveryState.SENT})
