"""What one reader may see, type and be told, and another may not."""

import pytest

from bot.cases.case import Level
from tests.conversation import LEVEL2, LEVEL3, Conversation

CARLA = "person:id-carla"


async def test_a_case_is_assigned_only_to_somebody_who_works_at_its_level(
    talk: Conversation,
) -> None:
    await talk.at_level(Level.CONFIRMATION)
    for name in ("carlos", "ana", "rita"):
        answer = await talk.ask("sam", f"case assign 1 @{name}")
        assert f"{name} cannot own CASE-1 at Level 2" in answer
        assert "support specialist" in answer
    assert await talk.said_to("person:id-carlos") == []
    await talk.ask("sam", "case assign 1 @sue")
    owner = (await talk.case()).owners.specialist
    assert owner is not None
    assert owner.username == "sue"


async def test_a_list_tells_a_customer_nothing_of_done(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    answer = await talk.ask("carla", "case list done")
    assert "I cannot list by `done`" in answer
    assert "level 2" not in answer
    assert "No case found" in await talk.ask("ana", "case list done")


async def test_a_customer_who_names_a_customer_is_told_whose_it_is(talk: Conversation) -> None:
    answer = await talk.ask("carla", "case open Export fails --customer @carlos")
    assert "It is yours" in answer
    assert "It is yours" not in await talk.ask("carla", "case open Export fails")


@pytest.mark.parametrize("typed", ["help", "help open", "help list", "case open"])
async def test_customers_are_shown_nothing_they_may_not_type(
    talk: Conversation, typed: str
) -> None:
    for only_staff in ("--customer", "done", "level 2"):
        assert only_staff not in await talk.ask("carla", typed)


async def test_staff_are_shown_everything(talk: Conversation) -> None:
    assert "--customer" in await talk.ask("ana", "help open")
    assert "done" in await talk.ask("ana", "help list")


async def test_take_is_offered_only_to_whoever_works_there(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "!case take 1" in await talk.ask("sam", "!case show 1", room=LEVEL2)
    assert "case take" not in await talk.ask("rita", "!case show 1", room=LEVEL3)


async def test_why_the_team_reopened_a_case_stays_with_the_team(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("sam", "case close 1 done")
    await talk.ask("sam", "case reopen 1 legal wants another look")
    assert "legal" not in await talk.ask("carla", "case timeline 1")
    assert "legal" in await talk.ask("sam", "case timeline 1")
    await talk.ask("sam", "case close 1 done")
    await talk.ask("carla", "case reopen 1 it fails again")
    assert "it fails again" in await talk.ask("carla", "case timeline 1")


async def test_what_was_written_to_a_former_customer_stays_with_them(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("ana", "case ask 1 Is 4711 your customer number?")
    await talk.ask("ana", "yes")
    assert "4711" in await talk.ask("carla", "case timeline 1")
    await talk.ask("ana", "case customer 1 @carlos")
    await talk.ask("ana", "yes")
    for typed in ("case timeline 1", "case show 1", "status 1"):
        assert "4711" not in await talk.ask("carlos", typed)
    await talk.ask("ana", "case reply 1 Version 7.2 has it")
    await talk.ask("ana", "yes")
    assert "Version 7.2" in await talk.ask("carlos", "case timeline 1")
