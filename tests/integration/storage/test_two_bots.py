"""Two bots that hear the same message, and its edit, at the same time."""

import asyncio
from collections.abc import Callable

import pytest

from bot.cases.case import CaseId, TimelineKind
from handlers.context import ChatMessage
from storage.base import Store
from tests.conversation import Conversation
from tests.postgres import Server
from tests.waiting import eventually

OPEN = "case open Export hangs"
Waiting = Callable[[int], object]


@pytest.fixture
def waiting(server: Server, url: str) -> Waiting:
    """Wait until so many transactions wait for others."""

    async def until(count: int) -> None:
        query = "SELECT 1 FROM pg_locks WHERE NOT granted"
        await eventually(lambda: len(server.rows(url, query)) == count)

    return until


async def notes(bot: Conversation) -> list[str]:
    return [one.text for one in await bot.timeline() if one.kind is TimelineKind.NOTE]


async def send(bot: Conversation, text: str, *, edited: bool) -> ChatMessage:
    return await bot.send("ana", text, message_id="m", edited=edited)


@pytest.mark.parametrize("first_edited", [False, True], ids=["original first", "edit first"])
async def test_of_a_message_and_its_edit_one_is_carried_out(
    one: Store,
    two: Store,
    waiting: Callable[[int], asyncio.Future[None]],
    first_edited: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    left, right = Conversation(one), Conversation(two)
    await left.ask("ana", OPEN)
    texts = {False: "case note 1 as it was", True: "case note 1 as it is"}
    async with one.transaction() as tx:
        # Whoever comes first has taken the message in, and waits for the case.
        await tx.find_case(CaseId(1))
        first = asyncio.create_task(send(left, texts[first_edited], edited=first_edited))
        await waiting(1)
        second = asyncio.create_task(send(right, texts[not first_edited], edited=not first_edited))
        await waiting(2)
    winner, loser = await asyncio.gather(first, second)
    assert await notes(left) == [texts[first_edited].removeprefix("case note 1 ")]
    assert "Note kept" in await left.answer_to(winner)
    assert await left.answer_to(loser) == ""


async def test_the_edit_that_mends_a_refused_message_is_carried_out_whoever_comes_first(
    one: Store, two: Store
) -> None:
    left, right = Conversation(one), Conversation(two)
    await left.ask("ana", OPEN)
    for number in range(20):
        await asyncio.gather(
            left.send("ana", "case note 99 typo", message_id=f"x{number}"),
            right.send("ana", f"case note 1 {number}", message_id=f"x{number}", edited=True),
        )
    assert await notes(left) == [str(number) for number in range(20)]


async def test_a_message_that_both_hear_is_answered_once(one: Store, two: Store) -> None:
    left, right = Conversation(one), Conversation(two)
    for number in range(20):
        await asyncio.gather(
            *(bot.send("ana", OPEN, message_id=f"x{number}") for bot in (left, right, left))
        )
    owed = [delivery.owed.key for delivery in await left.owed()]
    assert sorted(key for key in owed if key.startswith("reply/")) == sorted(
        f"reply/x{number}" for number in range(20)
    )
    async with one.transaction() as tx:
        assert await tx.allocate_case_id() >= 21
        for number in range(1, 21):
            assert len(await tx.list_timeline(CaseId(number))) <= 1
