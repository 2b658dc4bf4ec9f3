"""What people chose and were asked, as `storage.base.People` promises."""

from dataclasses import replace

import pytest

from bot.cases.case import CaseId, MessageId, UserId
from bot.cases.dialogue import ChooseCase, Confirm, Dialogue, Intake, Step
from storage.base import Store
from tests.factories import (
    after,
    build_dialogue,
    build_file,
    build_person,
    build_profile,
)
from tests.stores import Place, failing_transaction


async def save(store: Store, *dialogues: Dialogue) -> None:
    async with store.transaction() as tx:
        for dialogue in dialogues:
            await tx.save_dialogue(dialogue)


async def test_a_profile_is_read_back_as_it_was_saved_last(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save_profile(build_profile("maria", language="pt_BR"))
        await tx.save_profile(build_profile("sam", digest=True, digest_at=after(5)))
    async with store.transaction() as tx:
        await tx.save_profile(build_profile("maria", language="en"))
    async with (await place.reopen()).transaction() as tx:
        maria, sam = build_profile("maria", language="en"), build_profile("sam", digest=True)
        assert await tx.find_profile(maria.person.id) == maria
        assert await tx.find_profile(sam.person.id) == replace(sam, digest_at=after(5))
        assert await tx.find_profile(UserId("id-carl")) is None
        assert await tx.find_language(maria.person.id) == "en"
        assert await tx.find_language(sam.person.id) == ""
        assert await tx.find_language(UserId("id-carl")) == ""


async def test_due_digests_are_those_that_are_wanted_earliest_first(
    place: Place, store: Store
) -> None:
    wanted = [
        build_profile(who, digest=True, digest_at=after(seconds))
        for who, seconds in (("anna", 20), ("rita", 10), ("sam", 30), ("carl", 31))
    ]
    async with store.transaction() as tx:
        for profile in wanted:
            await tx.save_profile(profile)
        await tx.save_profile(build_profile("dora", digest=True))
        await tx.save_profile(build_profile("maria", digest=False, digest_at=after(1)))
    async with (await place.reopen()).transaction() as tx:
        assert await tx.list_digests(before=after(30)) == [wanted[1], wanted[0], wanted[2]]
        await tx.save_profile(replace(wanted[0], digest_at=after(99)))
        await tx.save_profile(replace(wanted[1], digest=False))
        assert await tx.list_digests(before=after(30)) == [wanted[2]]


@pytest.mark.parametrize(
    "step",
    [
        Confirm(
            verb="ask",
            case_id=CaseId(7),
            text="line\nline",
            flags={"a": "b"},
            message_id=MessageId("m1"),
        ),
        ChooseCase(cases=(CaseId(1), CaseId(2)), files=(build_file(),), message_id=MessageId("m1")),
        Intake(asked="steps", customer=build_person("carl"), facts={"version": "4.2"}),
    ],
    ids=lambda step: step.kind,
)
async def test_a_dialogue_is_read_back_as_it_was_saved(
    place: Place, store: Store, step: Step
) -> None:
    dialogue = build_dialogue("maria", step=step, thread_id=MessageId("t1"))
    await save(store, dialogue)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_dialogue(dialogue.key) == dialogue


async def test_there_is_one_dialogue_per_person_and_place(place: Place, store: Store) -> None:
    mine = build_dialogue("maria")
    hers = build_dialogue("carl")
    elsewhere = build_dialogue("maria", thread_id=MessageId("t1"))
    await save(store, mine, hers, elsewhere)
    await save(store, newer := replace(mine, step=Intake(asked="actual")))
    async with (await place.reopen()).transaction() as tx:
        found = [await tx.find_dialogue(one.key) for one in (mine, hers, elsewhere)]
        assert found == [newer, hers, elsewhere]
        await tx.drop_dialogue(mine.key)
        await tx.drop_dialogue(mine.key)
    async with (await place.reopen()).transaction() as tx:
        found = [await tx.find_dialogue(one.key) for one in (mine, hers, elsewhere)]
        assert found == [None, hers, elsewhere]


async def test_dialogues_are_forgotten_after_their_time(place: Place, store: Store) -> None:
    dialogues = [build_dialogue(f"user{n}", until=after(n)) for n in range(4)]
    await save(store, *dialogues)
    await save(store, replace(dialogues[0], until=after(9)))
    async with store.transaction() as tx:
        assert await tx.forget_dialogues(before=after(3)) == 2
    async with (await place.reopen()).transaction() as tx:
        left = [await tx.find_dialogue(one.key) is not None for one in dialogues]
        assert left == [True, False, False, True]
        assert await tx.forget_dialogues(before=after(10)) == 2


async def test_what_a_failed_transaction_did_to_people_is_undone(store: Store) -> None:
    dialogue, profile = build_dialogue("maria"), build_profile("maria", digest=True)
    due = replace(profile, digest_at=after(1))
    async with store.transaction() as tx:
        await tx.save_dialogue(dialogue)
        await tx.save_profile(due)
    async with failing_transaction(store) as tx:
        await tx.drop_dialogue(dialogue.key)
        await tx.save_dialogue(build_dialogue("carl"))
        await tx.save_profile(profile)
        await tx.save_profile(build_profile("carl"))
    async with store.transaction() as tx:
        assert await tx.find_dialogue(dialogue.key) == dialogue
        assert await tx.find_dialogue(build_dialogue("carl").key) is None
        assert await tx.list_digests(before=after(1)) == [due]
        assert await tx.find_profile(UserId("id-carl")) is None
        assert await tx.forget_dialogues(before=after(10**6)) == 1
