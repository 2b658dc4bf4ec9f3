"""The outbox, as `storage.base.Outbox` promises."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cases.case import CaseId, MessageId, RoomId
from bot.cases.effects import (
    CreateIssue,
    Delivery,
    DeliveryId,
    DeliveryState,
    Effect,
    LinkIssue,
    Owed,
    React,
    Say,
    ToPerson,
)
from storage.base import LEASE, DispatcherId, Store
from tests.factories import NOW, after, build_delivery, build_owed, build_person, build_room
from tests.stores import Place, failing_transaction

ME, OTHER = DispatcherId("me"), DispatcherId("other")
SENT, FAILED, SKIPPED = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED
MOMENT = timedelta(microseconds=1)


async def owe(store: Store, *owed: Owed, at: datetime = NOW) -> list[bool]:
    async with store.transaction() as tx:
        return [await tx.owe(one, at=at) for one in owed]


async def claim(
    store: Store, *, by: DispatcherId = ME, now: datetime = NOW, limit: int = 100
) -> list[Delivery]:
    async with store.transaction() as tx:
        return list(await tx.claim_due(by=by, now=now, limit=limit))


async def finish(store: Store, delivery: Delivery, state: DeliveryState = SENT) -> None:
    async with store.transaction() as tx:
        await tx.finish(replace(delivery, state=state, finished_at=after(1)))


def keys(deliveries: list[Delivery]) -> list[str]:
    return [delivery.owed.key for delivery in deliveries]


EFFECTS: list[Effect] = [
    Say(to=build_room("r1", thread_id=MessageId("m1")), text="Hello ☃"),
    Say(to=ToPerson(person=build_person("carl")), text="Hi"),
    Say(to=ToPerson(person=build_person("dora"), room_id=RoomId("d1"), thread_id=None), text="Hi"),
    React(to=build_room("r2"), message_id=MessageId("m1"), emoji=":eyes:"),
    CreateIssue(case_id=CaseId(3), announce=build_room("r1")),
    LinkIssue(case_id=CaseId(4), issue_key="SUP-1", announce=ToPerson(person=build_person("x"))),
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.lane)
async def test_what_is_owed_is_claimed_as_it_was_written(
    place: Place, store: Store, effect: Effect
) -> None:
    owed = Owed(key="k", effect=effect, case_id=CaseId(3), about="receipt", because="10001/7")
    assert await owe(store, owed) == [True]
    store = await place.reopen()
    [delivery] = await claim(store)
    assert delivery == build_delivery(delivery.id, owed=owed)


@pytest.mark.parametrize("case_id", [None, CaseId(1)])
async def test_a_key_is_owed_once_while_it_is_pending(
    place: Place, store: Store, case_id: CaseId | None
) -> None:
    owed = build_owed("k", case_id=case_id)
    assert await owe(store, owed, owed) == [True, False]
    assert await owe(store, build_owed("k", to="carl")) == [False]
    store = await place.reopen()
    assert await owe(store, owed) == [False]
    assert len(await claim(store)) == 1


@pytest.mark.parametrize("state", [SENT, FAILED, SKIPPED])
async def test_a_key_in_a_ledger_is_not_owed_again(
    place: Place, store: Store, state: DeliveryState
) -> None:
    await owe(store, build_owed("k", case_id=CaseId(1)))
    [delivery] = await claim(store)
    await finish(store, delivery, state)
    assert await owe(store, build_owed("k", case_id=CaseId(1))) == [False]
    assert await owe(await place.reopen(), build_owed("k")) == [False]


async def test_a_sent_delivery_without_a_case_is_dropped_key_and_all(
    place: Place, store: Store
) -> None:
    await owe(store, build_owed("k"))
    [first] = await claim(store)
    await finish(store, first)
    store = await place.reopen()
    assert await claim(store) == []
    assert await owe(store, build_owed("k")) == [True]
    [second] = await claim(store)
    assert second.id != first.id


@pytest.mark.parametrize("state", [FAILED, SKIPPED])
async def test_a_delivery_without_a_case_that_was_not_sent_keeps_its_key(
    place: Place, store: Store, state: DeliveryState
) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    await finish(store, delivery, state)
    store = await place.reopen()
    assert await owe(store, build_owed("k")) == [False]
    assert await claim(store) == []


async def test_what_is_skipped_is_recorded_and_never_given_out(place: Place, store: Store) -> None:
    owed = build_owed("k", case_id=CaseId(1), skipped="told already")
    assert await owe(store, owed) == [True]
    store = await place.reopen()
    assert await claim(store) == []
    async with store.transaction() as tx:
        [delivery] = await tx.list_deliveries(CaseId(1))
        assert await tx.count_pending() == 0
    assert (delivery.state, delivery.detail, delivery.finished_at) == (SKIPPED, "told already", NOW)
    assert await owe(store, owed) == [False]


async def test_a_lane_gives_out_its_oldest_unfinished_delivery_only(
    place: Place, store: Store
) -> None:
    # A reply in a thread waits for the room, and the time says nothing about the order.
    thread = Say(to=build_room(thread_id=MessageId("m9")), text="second")
    await owe(store, build_owed("a1"), at=after(5))
    await owe(store, build_owed("a2", effect=thread), build_owed("b1", to="carl"), at=after(-5))
    await owe(store, build_owed("a3"), build_owed("b2", to="carl"))
    first = await claim(store, now=after(9))
    assert keys(first) == ["a1", "b1"]
    assert await claim(store, now=after(9)) == []
    await finish(store, first[0])
    assert keys(await claim(store, now=after(9))) == ["a2"]
    store = await place.reopen()
    await finish(store, first[1], FAILED)
    second = await claim(store, now=after(999))
    assert keys(second) == ["a2", "b2"]


async def test_a_limit_gives_the_oldest_lanes(store: Store) -> None:
    await owe(store, *(build_owed(f"k{n}", to=f"user{n}") for n in range(5)))
    assert keys(await claim(store, limit=2)) == ["k0", "k1"]
    assert keys(await claim(store, limit=2)) == ["k2", "k3"]
    assert keys(await claim(store, limit=2)) == ["k4"]


async def test_a_claim_keeps_everybody_else_out_until_it_lapses(store: Store) -> None:
    await owe(store, build_owed("k"))
    assert keys(await claim(store)) == ["k"]
    for now in (NOW, NOW + LEASE - MOMENT):
        assert await claim(store, by=OTHER, now=now) == []
        assert await claim(store, by=ME, now=now) == []
    assert keys(await claim(store, by=OTHER, now=NOW + LEASE)) == ["k"]
    assert await claim(store, by=ME, now=NOW + LEASE + MOMENT) == []


async def test_of_many_claimers_one_gets_a_delivery(store: Store) -> None:
    await owe(store, *(build_owed(f"k{n}", to=f"user{n}") for n in range(10)))
    claims = await asyncio.gather(
        *(claim(store, by=DispatcherId(f"d{n}"), limit=2) for n in range(10))
    )
    assert sorted(key for claimed in claims for key in keys(claimed)) == sorted(
        f"k{n}" for n in range(10)
    )


async def test_a_claim_of_a_closed_store_is_void(lasting: Place) -> None:
    store = await lasting.open()
    await owe(store, build_owed("k"))
    assert keys(await claim(store)) == ["k"]
    assert keys(await claim(await lasting.reopen(), by=OTHER)) == ["k"]


async def test_a_claim_of_a_failed_transaction_is_given_back(store: Store) -> None:
    await owe(store, build_owed("k"))
    async with failing_transaction(store) as tx:
        assert await tx.claim_due(by=ME, now=NOW, limit=1)
    assert keys(await claim(store, by=OTHER)) == ["k"]


async def test_a_released_claim_is_free_and_untouched(store: Store) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    async with store.transaction() as tx:
        await tx.release(delivery.id)
        await tx.release(DeliveryId(999))
    assert await claim(store, by=OTHER) == [delivery]


async def test_a_release_in_a_failed_transaction_releases_nothing(store: Store) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    async with failing_transaction(store) as tx:
        await tx.release(delivery.id)
    assert await claim(store, by=OTHER) == []


async def test_a_claim_taken_and_released_in_a_failed_transaction_is_free(store: Store) -> None:
    await owe(store, build_owed("k"))
    async with failing_transaction(store) as tx:
        [delivery] = await tx.claim_due(by=ME, now=NOW, limit=1)
        await tx.release(delivery.id)
    assert keys(await claim(store, by=OTHER)) == ["k"]


async def test_a_claim_released_and_taken_in_a_failed_transaction_is_its_old_one(
    store: Store,
) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    async with failing_transaction(store) as tx:
        await tx.release(delivery.id)
        assert await tx.claim_due(by=OTHER, now=after(5), limit=1)
    assert await claim(store, by=OTHER, now=NOW + LEASE - MOMENT) == []
    assert keys(await claim(store, by=OTHER, now=NOW + LEASE)) == ["k"]


async def test_an_attempt_is_saved_and_waits_for_its_time(place: Place, store: Store) -> None:
    await owe(store, build_owed("k"), build_owed("later"))
    [delivery] = await claim(store)
    tried = replace(delivery, attempts=1, not_before=after(60), doubtful=True, detail="timeout")
    async with store.transaction() as tx:
        await tx.record_attempt(tried)
    store = await place.reopen()
    # The one behind it must not overtake.
    assert await claim(store, now=after(60) - MOMENT) == []
    assert await claim(store, now=after(60)) == [tried]


async def test_a_doubt_is_saved_and_the_claim_kept(place: Place, store: Store) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    doubtful = replace(delivery, attempts=1, doubtful=True, doubtful_since=NOW)
    async with store.transaction() as tx:
        await tx.save_claimed(doubtful)
    assert await claim(store, by=OTHER, now=NOW + LEASE - MOMENT) == []
    store = await place.reopen()
    assert await claim(store, by=OTHER, now=NOW + LEASE) == [doubtful]


async def test_a_claim_that_is_extended_lapses_later(store: Store) -> None:
    await owe(store, build_owed("k"))
    [delivery] = await claim(store)
    later = NOW + LEASE / 2
    async with store.transaction() as tx:
        assert not await tx.extend_claim(delivery.id, by=OTHER, now=later + LEASE)
        assert await tx.extend_claim(delivery.id, by=ME, now=later)
    assert await claim(store, by=OTHER, now=later + LEASE - MOMENT) == []
    assert await claim(store, by=OTHER, now=later + LEASE) == [delivery]
    async with store.transaction() as tx:
        assert not await tx.extend_claim(delivery.id, by=ME, now=later + LEASE)


async def test_what_is_finished_cannot_be_held_any_longer(store: Store) -> None:
    await owe(store, build_owed("k", case_id=CaseId(1)))
    [delivery] = await claim(store)
    await finish(store, delivery)
    async with store.transaction() as tx:
        assert not await tx.extend_claim(delivery.id, by=ME, now=NOW)
        assert not await tx.extend_claim(DeliveryId(999), by=ME, now=NOW)


async def test_a_doubt_about_what_is_unknown_or_finished_is_a_key_error(store: Store) -> None:
    await owe(store, build_owed("k", case_id=CaseId(1)))
    [delivery] = await claim(store)
    await finish(store, delivery)
    async with store.transaction() as tx:
        for unknown in (delivery, build_delivery(999)):
            with pytest.raises(KeyError):
                await tx.save_claimed(unknown)
        assert [d.state for d in await tx.list_deliveries(CaseId(1))] == [SENT]


async def test_finishing_twice_changes_nothing(place: Place, store: Store) -> None:
    await owe(store, build_owed("k", case_id=CaseId(1)))
    [delivery] = await claim(store)
    await finish(store, delivery, SENT)
    await finish(store, delivery, FAILED)
    async with store.transaction() as tx:
        await tx.record_attempt(replace(delivery, attempts=9))
    store = await place.reopen()
    await finish(store, delivery, SKIPPED)
    async with store.transaction() as tx:
        assert [d.state for d in await tx.list_deliveries(CaseId(1))] == [SENT]
        assert await tx.count_pending() == 0
    assert await claim(store) == []


async def test_a_late_finish_counts_although_somebody_else_has_claimed(store: Store) -> None:
    await owe(store, build_owed("k", case_id=CaseId(1)))
    [delivery] = await claim(store)
    [again] = await claim(store, by=OTHER, now=NOW + LEASE)
    await finish(store, delivery, SENT)
    await finish(store, again, FAILED)
    async with store.transaction() as tx:
        assert [d.state for d in await tx.list_deliveries(CaseId(1))] == [SENT]


async def test_a_ledger_lists_its_case_in_the_order_it_was_owed(place: Place, store: Store) -> None:
    one, two = CaseId(1), CaseId(2)
    await owe(
        store,
        build_owed("a", case_id=one),
        build_owed("b", case_id=one, to="carl"),
        build_owed("c", case_id=two),
        build_owed("d", case_id=one, skipped="muted"),
        build_owed("e"),
        build_owed("f", case_id=one, to="carl"),
    )
    a, b = await claim(store)
    await finish(store, b, FAILED)
    await finish(store, a)
    async with (await place.reopen()).transaction() as tx:
        ledger = await tx.list_deliveries(one)
        assert [d.owed.key for d in await tx.list_deliveries(two)] == ["c"]
        assert not await tx.list_deliveries(CaseId(3))
    assert [(d.owed.key, d.state) for d in ledger] == [
        ("a", SENT),
        ("b", FAILED),
        ("d", SKIPPED),
        ("f", DeliveryState.PENDING),
    ]


async def test_a_finish_in_a_failed_transaction_finishes_nothing(store: Store) -> None:
    await owe(store, build_owed("k"), build_owed("next"))
    [delivery] = await claim(store)
    async with failing_transaction(store) as tx:
        await tx.finish(replace(delivery, state=SENT))
    assert await claim(store, by=OTHER) == []
    assert await claim(store, by=OTHER, now=NOW + LEASE) == [delivery]
    assert await owe(store, build_owed("k")) == [False]


async def test_what_a_failed_transaction_owed_is_not_owed(store: Store) -> None:
    async with failing_transaction(store) as tx:
        await tx.owe(build_owed("k"), at=NOW)
        await tx.owe(build_owed("s", skipped="muted", case_id=CaseId(1)), at=NOW)
    assert await claim(store) == []
    assert await owe(store, build_owed("k"), build_owed("s")) == [True, True]
    async with store.transaction() as tx:
        assert not await tx.list_deliveries(CaseId(1))


async def test_pending_ones_are_counted(place: Place, store: Store) -> None:
    await owe(store, build_owed("a"), build_owed("b"), build_owed("c", skipped="muted"))
    [delivery] = await claim(store)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.count_pending() == 2
        await tx.finish(replace(delivery, state=SENT))
        assert await tx.count_pending() == 1


async def test_the_oldest_pending_one_is_the_one_owed_first_in_time(
    place: Place, store: Store
) -> None:
    async with store.transaction() as tx:
        assert await tx.find_oldest_pending() is None
    await owe(store, build_owed("a"), at=after(10))
    await owe(store, build_owed("b"), at=after(5))
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_oldest_pending() == after(5)


async def test_the_next_due_is_the_earliest_head_that_nobody_holds(store: Store) -> None:
    async def next_due(now: datetime = NOW) -> datetime | None:
        async with store.transaction() as tx:
            return await tx.find_next_due(now=now)

    assert await next_due() is None
    await owe(store, build_owed("a"), build_owed("behind"), build_owed("b", to="carl"))
    assert await next_due() == NOW
    a, b = await claim(store)
    assert await next_due() is None
    assert await next_due(NOW + LEASE) == NOW + LEASE
    async with store.transaction() as tx:
        await tx.record_attempt(replace(a, attempts=1, not_before=after(60)))
        await tx.record_attempt(replace(b, attempts=1, not_before=after(30)))
    assert await next_due() == after(30)
    assert await next_due(after(45)) == after(45)
