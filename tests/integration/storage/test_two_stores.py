"""Two stores on one database, as two bots have them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.cases.case import CaseId, IssueId, MessageId, UserId
from bot.cases.effects import Delivery, DeliveryState
from bot.cases.profile import Profile
from bot.cases.query import CaseQuery
from bot.start import installation
from storage import open_store, postgres_traces
from storage.base import LEASE, DispatcherId, Store, StoreUnavailable
from tests.factories import NOW, build_case, build_issue, build_owed, build_person, build_profile
from tests.postgres import Server
from tests.stores import failing_transaction
from tests.waiting import eventually

A, B = DispatcherId("a"), DispatcherId("b")
M1 = MessageId("m1")
CASE = CaseId(1)


async def claim(
    store: Store, by: DispatcherId, *, now: datetime = NOW, limit: int = 100
) -> list[Delivery]:
    async with store.transaction() as tx:
        return list(await tx.claim_due(by=by, now=now, limit=limit))


async def owe(store: Store, *keys: str, to: str = "") -> None:
    async with store.transaction() as tx:
        for key in keys:
            await tx.owe(build_owed(key, to=to), at=NOW)


async def waits(task: asyncio.Future[Any], server: Server, url: str) -> None:
    """Wait until a session of the database waits for another one."""
    await eventually(lambda: server.rows(url, "SELECT 1 FROM pg_locks WHERE NOT granted"))
    assert not task.done()


@asynccontextmanager
async def taking(store: Store, *, fail: bool = False) -> AsyncIterator[None]:
    """Take the message and hold the transaction open for the block."""
    manager = failing_transaction(store) if fail else store.transaction()
    async with manager as tx:
        assert await tx.take_message(M1, at=NOW)
        yield


async def take(store: Store) -> bool:
    async with store.transaction() as tx:
        return await tx.take_message(M1, at=NOW)


async def test_the_second_to_take_a_message_waits_and_finds_it_taken(
    one: Store, two: Store, server: Server, url: str
) -> None:
    async with taking(one):
        second = asyncio.ensure_future(take(two))
        await waits(second, server, url)
    assert await second is False


async def test_the_second_takes_a_message_that_the_first_gave_up(
    one: Store, two: Store, server: Server, url: str
) -> None:
    async with taking(one, fail=True):
        second = asyncio.ensure_future(take(two))
        await waits(second, server, url)
    assert await second is True


async def test_a_case_that_was_found_is_locked_for_the_other(
    one: Store, two: Store, server: Server, url: str
) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(1, title="first"))

    async def rename() -> None:
        async with two.transaction() as tx:
            case = await tx.find_case(CASE)
            assert case is not None
            await tx.save_case(replace(case, title=f"{case.title}, third"))

    async with one.transaction() as tx:
        case = await tx.find_case(CASE)
        assert case is not None
        other = asyncio.ensure_future(rename())
        await waits(other, server, url)
        await tx.save_case(replace(case, title="second"))
    await other
    async with one.transaction() as tx:
        found = await tx.find_case(CASE)
    assert found is not None
    assert found.title == "second, third"


async def test_a_case_from_a_list_is_not_saved_over_a_change_of_another(
    one: Store, two: Store
) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(1, title="first"))

    async def save_late() -> None:
        async with one.transaction() as tx:
            [case], _ = await tx.list_cases(CaseQuery(), limit=9)
            async with two.transaction() as other:
                await other.save_case(replace(case, title="second"))
            await tx.take_message(M1, at=NOW)
            await tx.save_case(replace(case, title="lost"))

    with pytest.raises(StoreUnavailable, match="CASE-1"):
        await save_late()
    async with two.transaction() as tx:
        assert (await tx.list_cases(CaseQuery(words=("second",)), limit=1))[1] == 1
        assert not await tx.has_message(M1)


async def test_two_that_wait_for_each_other_are_told_to_ask_again(one: Store, two: Store) -> None:
    async with one.transaction() as tx:
        await tx.add_case(build_case(1))
        await tx.add_case(build_case(2))
    both = asyncio.Barrier(2)

    async def find(store: Store, *numbers: int) -> str:
        try:
            async with store.transaction() as tx:
                await tx.find_case(CaseId(numbers[0]))
                await both.wait()
                await tx.find_case(CaseId(numbers[1]))
        except StoreUnavailable as fault:
            return str(fault)
        return ""

    outcomes = await asyncio.gather(find(one, 1, 2), find(two, 2, 1))
    assert sorted(map(bool, outcomes)) == [False, True]
    assert any("waited for each other" in outcome for outcome in outcomes)


async def test_of_two_first_starts_one_names_the_installation(one: Store, two: Store) -> None:
    names = await asyncio.gather(*(installation(store) for store in (one, two) * 4))
    assert len(set(names)) == 1


async def test_whoever_misses_an_issue_is_alone_with_adding_it(
    one: Store, two: Store, server: Server, url: str
) -> None:
    async def find() -> bool:
        async with two.transaction() as tx:
            return await tx.find_issue(IssueId("10001")) is not None

    async with one.transaction() as tx:
        assert await tx.find_issue(IssueId("10001")) is None
        other = asyncio.ensure_future(find())
        await waits(other, server, url)
        await tx.save_issue(build_issue(10001))
    assert await other


async def test_whoever_misses_a_profile_is_alone_with_adding_it(
    one: Store, two: Store, server: Server, url: str
) -> None:
    carl = build_profile("carl")

    async def find() -> Profile | None:
        async with two.transaction() as tx:
            return await tx.find_profile(carl.person.id)

    async with one.transaction() as tx:
        assert await tx.find_profile(carl.person.id) is None
        async with two.transaction() as elsewhere:
            assert await elsewhere.find_profile(UserId("id-anna")) is None
        other = asyncio.ensure_future(find())
        await waits(other, server, url)
        await tx.save_profile(carl)
    assert await other == carl


async def test_cases_are_found_by_a_value_however_many_there_are(
    one: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_traces, "AT_ONCE", 3)
    async with one.transaction() as tx:
        assert list(await tx.list_cases_naming("id-carl")) == []
        for number in (1, 2, 3, 5, 6, 20):
            await tx.add_case(build_case(number, customer=build_person("carl")))
        assert list(await tx.list_cases_naming("id-carl")) == [1, 2, 3, 5, 6, 20]


async def test_numbers_are_given_once_across_stores(one: Store, two: Store) -> None:
    async def allocate(store: Store) -> list[int]:
        numbers: list[int] = []
        for _ in range(10):
            async with store.transaction() as tx:
                numbers.append(await tx.allocate_case_id())
        return numbers

    given = await asyncio.gather(allocate(one), allocate(two))
    assert len({*given[0], *given[1]}) == 20


async def test_a_key_is_owed_once_across_stores(one: Store, two: Store) -> None:
    async def owe_it(store: Store) -> bool:
        async with store.transaction() as tx:
            return await tx.owe(build_owed("k"), at=NOW)

    assert sorted(await asyncio.gather(*(owe_it(store) for store in (one, two) * 3))) == [
        *[False] * 5,
        True,
    ]


async def test_two_claimers_never_hold_the_same_lane(one: Store, two: Store) -> None:
    for number in range(12):
        await owe(one, f"{number}/1", f"{number}/2", to=f"user{number}")
    sent: list[str] = []

    async def send(store: Store, by: DispatcherId) -> None:
        while claimed := await claim(store, by, limit=3):
            for delivery in claimed:
                sent.append(delivery.owed.key)
                async with store.transaction(durable=False) as tx:
                    assert await tx.finish(replace(delivery, state=DeliveryState.SENT))

    await asyncio.gather(send(one, A), send(two, B), send(one, A))
    assert sorted(sent) == sorted(f"{n}/{part}" for n in range(12) for part in (1, 2))
    for number in range(12):
        assert [key for key in sent if key.startswith(f"{number}/")] == [
            f"{number}/1",
            f"{number}/2",
        ]


async def test_whoever_claims_meanwhile_passes_over_what_is_being_claimed(
    one: Store, two: Store
) -> None:
    await owe(one, "a1", "a2")
    await owe(one, "b", to="carl")
    async with one.transaction() as tx:
        assert [d.owed.key for d in await tx.claim_due(by=A, now=NOW, limit=1)] == ["a1"]
        assert [d.owed.key for d in await claim(two, B)] == ["b"]
    assert await claim(two, B) == []


async def test_a_lapsed_claim_is_anothers_and_the_late_one_leaves_it_alone(
    one: Store, two: Store
) -> None:
    await owe(one, "k")
    [late] = await claim(one, A)
    [taken] = await claim(two, B, now=NOW + LEASE)
    with pytest.raises(StoreUnavailable, match="claimed"):
        async with one.transaction() as tx:
            await tx.save_claimed(replace(late, doubtful=True))
    async with one.transaction() as tx:
        await tx.record_attempt(replace(late, attempts=7))
        await tx.release(late.id)
    assert await claim(one, A, now=NOW + LEASE) == []
    async with two.transaction() as tx:
        await tx.save_claimed(replace(taken, attempts=1))
        assert await tx.finish(replace(taken, state=DeliveryState.SENT))
    async with one.transaction() as tx:
        assert not await tx.finish(replace(late, state=DeliveryState.SENT))


async def test_closing_gives_back_only_what_was_claimed_there(url: str, one: Store) -> None:
    await owe(one, "a")
    await owe(one, "b", to="carl")
    async with open_store(url) as closing:
        [mine] = await claim(closing, A, limit=1)
        [others] = await claim(one, A)
    assert [d.id for d in await claim(one, B)] == [mine.id]
    assert others.id != mine.id


async def test_whoever_owes_wakes_the_other(one: Store, two: Store) -> None:
    woken = asyncio.Event()
    two.subscribe(woken.set)
    woken.clear()
    async with one.transaction() as tx:
        await tx.owe(build_owed("k"), at=NOW)
        # Not before it can be claimed.
        await asyncio.sleep(0)
        assert not woken.is_set()
    async with asyncio.timeout(30):
        await woken.wait()
    assert len(await claim(two, B)) == 1


async def test_nobody_wakes_themselves(one: Store, two: Store) -> None:
    ours: list[str] = []
    theirs: list[str] = []
    one.subscribe(lambda: ours.append("woken"))
    two.subscribe(lambda: theirs.append("woken"))
    for round_ in range(1, 6):
        await owe(one, f"ours {round_}")
        await eventually(lambda: len(theirs) == round_)  # noqa: B023 - waited for in its round
    assert not ours


async def test_nobody_is_woken_for_what_is_skipped_or_known(one: Store, two: Store) -> None:
    woken: list[str] = []
    two.subscribe(lambda: woken.append("woken"))
    await owe(one, "known")
    await eventually(lambda: woken)
    woken.clear()
    async with one.transaction() as tx:
        await tx.owe(build_owed("skipped", skipped="muted"), at=NOW)
        await tx.owe(build_owed("known"), at=NOW)
    await owe(one, "last")
    await eventually(lambda: woken)
    assert woken == ["woken"]


async def test_what_a_dead_bot_had_claimed_is_given_to_the_others_at_once(
    one: Store, two: Store, server: Server, url: str
) -> None:
    await owe(one, "alive")
    await owe(one, "dead", to="carl")
    [alive, dead] = await claim(one, A)
    # As if its bot had been killed: nobody with that name is connected.
    nobody = f"UPDATE outbox SET claimed_in = '{'0f' * 8}' WHERE id = {dead.id}"  # noqa: S608
    server.run(url, nobody)
    woken = asyncio.Event()
    two.subscribe(woken.set)
    async with asyncio.timeout(10):
        while not (claimed := await claim(two, B)):
            await woken.wait()
            woken.clear()
    assert [delivery.id for delivery in claimed] == [dead.id]
    assert alive.id != dead.id


async def test_a_listener_that_was_cut_off_hears_again(
    one: Store, two: Store, server: Server, url: str
) -> None:
    woken = asyncio.Event()
    two.subscribe(woken.set)
    server.run(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await eventually(woken.is_set)
    woken.clear()

    async def told() -> bool:
        # The first of the pool's connections that were cut off says so, then there are new ones.
        try:
            await owe(one, f"after {woken.is_set()}")
        except StoreUnavailable:
            return False
        return True

    await eventually(told)
    async with asyncio.timeout(30):
        await woken.wait()
