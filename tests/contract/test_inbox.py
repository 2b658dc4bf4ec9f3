"""The inbox, as `storage.base.Inbox` promises."""

import asyncio

from bot.cases.case import MessageId
from storage.base import Store
from tests.factories import NOW, after
from tests.stores import Place, failing_transaction

M1, M2 = MessageId("m1"), MessageId("m2")


async def test_a_message_is_taken_once(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.take_message(M1, at=NOW)
        assert not await tx.take_message(M1, at=NOW)
    async with store.transaction() as tx:
        assert not await tx.take_message(M1, at=after(5))
    async with (await place.reopen()).transaction() as tx:
        assert not await tx.take_message(M1, at=after(9))
        assert await tx.take_message(M2, at=NOW)


async def test_of_two_that_take_the_same_message_one_gets_it(store: Store) -> None:
    async def take() -> bool:
        async with store.transaction() as tx:
            return await tx.take_message(M1, at=NOW)

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_it_tells_what_was_taken_in(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.take_message(M1, at=NOW)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.has_message(M1)
        assert not await tx.has_message(M2)


async def test_a_message_of_a_failed_transaction_may_be_taken_again(store: Store) -> None:
    async with failing_transaction(store) as tx:
        await tx.take_message(M1, at=NOW)
    async with store.transaction() as tx:
        assert not await tx.has_message(M1)
        assert await tx.take_message(M1, at=NOW)


async def test_age_alone_makes_a_message_forgotten(place: Place, store: Store) -> None:
    # Many, and not in order of time: how a backend groups them must not show.
    times = {MessageId(f"m{n}"): after((n * 37) % 200) for n in range(200)}
    async with store.transaction() as tx:
        for message_id, at in times.items():
            await tx.take_message(message_id, at=at)
    store = await place.reopen()
    async with store.transaction() as tx:
        assert await tx.forget_messages(before=after(50)) == 50
        assert await tx.forget_messages(before=after(50)) == 0
    async with (await place.reopen()).transaction() as tx:
        kept = {message_id for message_id in times if await tx.has_message(message_id)}
        assert kept == {message_id for message_id, at in times.items() if at >= after(50)}


async def test_everything_may_be_forgotten(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.take_message(M1, at=NOW)
        await tx.take_message(M2, at=NOW)
        assert await tx.forget_messages(before=after(1)) == 2
    async with (await place.reopen()).transaction() as tx:
        assert await tx.take_message(M1, at=NOW)


async def test_forgetting_in_a_failed_transaction_forgets_nothing(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.take_message(M1, at=NOW)
        await tx.take_message(M2, at=after(9))
    async with failing_transaction(store) as tx:
        await tx.forget_messages(before=after(5))
    async with store.transaction() as tx:
        assert await tx.has_message(M1)
        assert await tx.forget_messages(before=after(5)) == 1
