"""Finding and rewriting what is kept on somebody, as `storage.base.Traces` promises."""

from dataclasses import replace

import pytest

from bot.cases.case import CaseId, UserId
from bot.cases.effects import Delivery, DeliveryId, DeliveryState
from storage.base import DispatcherId, Store, Transaction
from tests.factories import (
    NOW,
    after,
    build_case,
    build_dialogue,
    build_entry,
    build_owed,
    build_person,
    build_profile,
)
from tests.stores import Place, failing_transaction

CARL = build_person("carl", name='Carl "the" Größe')


async def owe_and_finish(store: Store, *keys: str, case_id: CaseId | None) -> list[Delivery]:
    """Owe messages and fail them, so that they stay."""
    async with store.transaction() as tx:
        for key in keys:
            await tx.owe(build_owed(key, case_id=case_id, to=key), at=NOW)
        claimed = await tx.claim_due(by=DispatcherId("me"), now=NOW, limit=99)
        failed = [replace(one, state=DeliveryState.FAILED, finished_at=NOW) for one in claimed]
        for one in failed:
            await tx.finish(one)
    return failed


async def test_cases_are_found_by_a_value_wherever_it_is(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_case(build_case(1, customer=CARL))
        for number in range(2, 7):
            await tx.add_case(build_case(number))
        await tx.add_timeline(build_entry(2, by=CARL))
        await tx.owe(build_owed("pending", case_id=CaseId(3), to="carl"), at=NOW)
        await tx.owe(build_owed("skipped", case_id=CaseId(4), to="carl", skipped="no"), at=NOW)
        await tx.add_timeline(build_entry(5, text="id-carl is not it", by=None))
        await tx.owe(build_owed("loose", to="carl"), at=NOW)
    async with (await place.reopen()).transaction() as tx:
        assert list(await tx.list_cases_naming("id-carl")) == [1, 2, 3, 4]
        assert list(await tx.list_cases_naming('Carl "the" Größe')) == [1, 2]
        assert not await tx.list_cases_naming("d-carl")
        assert not await tx.list_cases_naming("")


async def test_deliveries_of_no_case_are_listed_pending_or_finished(
    place: Place, store: Store
) -> None:
    await owe_and_finish(store, "finished", case_id=None)
    async with store.transaction() as tx:
        await tx.owe(build_owed("of a case", case_id=CaseId(1)), at=NOW)
        await tx.owe(build_owed("pending"), at=NOW)
    async with (await place.reopen()).transaction() as tx:
        loose = await tx.list_loose_deliveries()
    assert [one.owed.key for one in loose] == ["finished", "pending"]


async def test_open_questions_are_listed_by_key(place: Place, store: Store) -> None:
    dialogues = [build_dialogue(who) for who in ("carl", "anna", "dora")]
    async with store.transaction() as tx:
        for dialogue in dialogues:
            await tx.save_dialogue(dialogue)
    async with (await place.reopen()).transaction() as tx:
        assert list(await tx.list_dialogues()) == sorted(dialogues, key=lambda one: one.key)


async def test_a_profile_is_forgotten(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save_profile(build_profile("carl", digest=True, digest_at=NOW))
    async with store.transaction() as tx:
        await tx.drop_profile(UserId("id-carl"))
        await tx.drop_profile(UserId("id-carl"))
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_profile(UserId("id-carl")) is None
        assert not await tx.list_digests(before=NOW)


async def test_a_timeline_is_replaced_and_goes_on(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        for text in ("one", "two", "three"):
            await tx.add_timeline(build_entry(1, text=text))
        await tx.add_timeline(build_entry(2, text="other"))
    entries = [build_entry(1, text="x"), build_entry(1, text="y")]
    async with store.transaction() as tx:
        await tx.replace_timeline(CaseId(1), entries)
        await tx.replace_timeline(CaseId(2), [])
        await tx.add_timeline(build_entry(1, text="z"))
    async with (await place.reopen()).transaction() as tx:
        assert [one.text for one in await tx.list_timeline(CaseId(1))] == ["x", "y", "z"]
        assert not await tx.list_timeline(CaseId(2))


async def test_finished_deliveries_are_rewritten_in_their_place(place: Place, store: Store) -> None:
    failed = await owe_and_finish(store, "a", "b", "c", case_id=CaseId(1))
    other = replace(
        failed[1], detail="x", owed=build_owed("other", case_id=CaseId(1), to="somebody")
    )
    async with store.transaction() as tx:
        await tx.rewrite_finished(CaseId(1), [other])
    async with (await place.reopen()).transaction() as tx:
        assert list(await tx.list_deliveries(CaseId(1))) == [failed[0], other, failed[2]]
        # The old key is free, the new one is taken.
        assert not await tx.owe(build_owed("other"), at=NOW)
        assert await tx.owe(build_owed("b"), at=NOW)


async def test_what_is_not_a_finished_delivery_of_the_case_is_not_rewritten(store: Store) -> None:
    [failed] = await owe_and_finish(store, "a", case_id=CaseId(1))
    async with store.transaction() as tx:
        await tx.owe(build_owed("pending", case_id=CaseId(1)), at=NOW)
        pending = next(
            one for one in await tx.list_deliveries(CaseId(1)) if one.state is DeliveryState.PENDING
        )
    wrong = {
        "pending": pending,
        "unknown": replace(failed, id=DeliveryId(999)),
        "made pending": replace(failed, state=DeliveryState.PENDING),
        "finished behind its back": replace(pending, state=DeliveryState.SENT),
        "of another case": replace(failed, owed=build_owed("a", case_id=CaseId(2))),
    }
    for name, delivery in wrong.items():
        async with failing_transaction(store) as tx:
            with pytest.raises(KeyError):
                await tx.rewrite_finished(CaseId(1), [delivery])
        async with store.transaction() as tx:
            assert list(await tx.list_deliveries(CaseId(1))) == [failed, pending], name


async def test_a_delivery_of_one_case_is_not_rewritten_as_one_of_another(store: Store) -> None:
    [failed] = await owe_and_finish(store, "a", case_id=CaseId(1))
    moved = replace(failed, owed=build_owed("a", case_id=CaseId(2)))
    async with failing_transaction(store) as tx:
        with pytest.raises(KeyError):
            await tx.rewrite_finished(CaseId(2), [moved])
    async with store.transaction() as tx:
        assert list(await tx.list_deliveries(CaseId(1))) == [failed]
        assert not await tx.list_deliveries(CaseId(2))


async def erase(tx: Transaction, failed: Delivery) -> None:
    await tx.save_case(build_case(1, title="blank"))
    await tx.replace_timeline(CaseId(1), [build_entry(1, text="blank")])
    await tx.rewrite_finished(CaseId(1), [replace(failed, owed=build_owed("k", case_id=CaseId(1)))])
    await tx.drop_profile(UserId("id-carl"))
    await tx.leave_no_copy()


async def test_what_a_failed_transaction_rewrote_is_as_it_was(store: Store) -> None:
    [failed] = await owe_and_finish(store, "a", case_id=CaseId(1))
    async with store.transaction() as tx:
        await tx.add_case(build_case(1, title="canary"))
        await tx.add_timeline(build_entry(1, text="canary"))
        await tx.save_profile(profile := build_profile("carl", digest=True, digest_at=after(1)))
    async with failing_transaction(store) as tx:
        await erase(tx, failed)
    async with store.transaction() as tx:
        assert await tx.find_case(CaseId(1)) == build_case(1, title="canary")
        assert [one.text for one in await tx.list_timeline(CaseId(1))] == ["canary"]
        assert list(await tx.list_deliveries(CaseId(1))) == [failed]
        assert not await tx.owe(build_owed("a"), at=NOW)
        assert await tx.owe(build_owed("k"), at=NOW)
        assert await tx.find_profile(UserId("id-carl")) == profile
