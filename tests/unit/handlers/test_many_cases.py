"""Several cases and one issue: linked together, listed together, each with its own customer."""

from dataclasses import replace

import pytest

from bot.cases.case import Level, Milestone, Progress
from bot.cases.effects import LinkIssue
from tests.conversation import LEVEL2, Conversation
from tests.factories import build_issue_link


async def three(talk: Conversation) -> None:
    for customer in ("carla", "carlos", "carla"):
        await talk.at_level(Level.CONFIRMATION, customer=customer)


async def links(talk: Conversation) -> list[tuple[int, str]]:
    return [
        (effect.case_id, effect.issue_key)
        for number in (1, 2, 3)
        for effect in await talk.effects(f"issue:{number}")
        if isinstance(effect, LinkIssue)
    ]


@pytest.mark.parametrize("cases", ["1,2,3", "CASE-1, #2,3", "3,1,2,1"])
async def test_several_are_linked_on_yes(talk: Conversation, cases: str) -> None:
    await three(talk)
    shown = await talk.ask("sam", f"!case link {cases} BUG-7", room=LEVEL2)
    assert "BUG-7 for 3 cases" in shown
    for line in ("CASE-1* Export fails · carla", "CASE-2* Export fails · carlos"):
        assert line in shown
    assert "Each customer is told" in shown
    assert await links(talk) == []
    assert "BUG-7" in await talk.ask("sam", "yes", room=LEVEL2)
    assert await links(talk) == [(1, "BUG-7"), (2, "BUG-7"), (3, "BUG-7")]
    for who in ("carla", "carlos"):
        assert not any("Confirmed" in text for text in await talk.said_to(f"person:id-{who}"))


async def test_one_is_linked_at_once(talk: Conversation) -> None:
    await three(talk)
    await talk.ask("sam", "!case link 2 BUG-7", room=LEVEL2)
    assert await links(talk) == [(2, "BUG-7")]


async def test_all_are_linked_or_none(talk: Conversation) -> None:
    await three(talk)
    await talk.ask("sam", "case close 2 over")
    assert "CASE-2 is closed" in await talk.ask("sam", "case link 1,2,3 BUG-7")
    assert "CASE-99" in await talk.ask("sam", "case link 1,99 BUG-7")
    assert "not a Jira key" in await talk.ask("sam", "case link 1,3 seven")
    many = ",".join(str(number) for number in range(1, 60))
    assert "at most 50" in await talk.ask("sam", f"case link {many} BUG-7")
    assert await links(talk) == []


async def test_one_that_changed_meanwhile_stops_all(talk: Conversation) -> None:
    await three(talk)
    await talk.ask("sam", "case link 1,2 BUG-7")
    await talk.ask("sue", "case close 2 over")
    assert "CASE-2 is closed" in await talk.ask("sam", "yes")
    assert await links(talk) == []


async def following(talk: Conversation) -> None:
    await three(talk)
    for number, told in ((1, Milestone.READY), (2, None)):
        case = await talk.case(number)
        progress = Progress(status="In Progress", told=told, reached=(told,) if told else ())
        async with talk.store.transaction() as tx:
            await talk.desk_in(tx).save(replace(case, issue=build_issue_link(7), progress=progress))


@pytest.mark.parametrize("command", ["status SUP-7", "case show sup-7", "case SUP-7"])
async def test_the_key_of_an_issue_shows_all_its_cases(talk: Conversation, command: str) -> None:
    await following(talk)
    answer = await talk.ask("sam", command)
    assert "*SUP-7* · In Progress · 2 cases" in answer
    assert "CASE-1* Export fails · carla · told Ready" in answer
    assert "CASE-2* Export fails · carlos · told no milestone yet" in answer
    assert "CASE-3" not in answer


async def test_a_case_names_its_siblings_to_the_team_alone(talk: Conversation) -> None:
    await following(talk)
    assert "Same issue: CASE-2" in await talk.ask("sam", "case show 1")
    assert "Same issue" not in await talk.ask("sam", "case show 3")
    assert "CASE-2" not in await talk.ask("carla", "case show 1")


async def test_a_customer_sees_only_their_own_of_several(talk: Conversation) -> None:
    await following(talk)
    answer = await talk.ask("carla", "status 1,3")
    assert "CASE-1* Export fails · Ready" in answer
    assert "CASE-3* Export fails · Level 2" in answer
    assert "carlos" not in answer
    assert "SUP-7" not in answer
    assert "CASE-2" in await talk.ask("carla", "status 1,2")
    assert "Export" not in await talk.ask("carla", "status 1,2")


async def test_a_command_for_one_case_asks_which(talk: Conversation) -> None:
    await following(talk)
    assert "SUP-7 has 2 cases: CASE-1, CASE-2" in await talk.ask("sam", "case note SUP-7 hello")


@pytest.mark.parametrize("command", ["status SUP-7", "case show SUP-7", "case timeline SUP-7"])
async def test_the_key_of_a_shared_issue_shows_a_customer_their_own_case_alone(
    talk: Conversation, command: str
) -> None:
    await following(talk)
    answer = await talk.ask("carla", command)
    assert answer.startswith("*CASE-1* Export fails")
    assert "CASE-2" not in answer
    assert "carlos" not in answer
    stranger = await talk.ask("cem", command)
    assert "SUP-7" in stranger
    assert "CASE" not in stranger.replace("case list", "")


async def test_the_cases_of_an_issue_are_found_by_its_key(talk: Conversation) -> None:
    await following(talk)
    answer = await talk.ask("sam", "case search sup-7")
    assert "Cases: 2" in answer
    assert "CASE-1" in answer
    assert "CASE-2" in answer
    assert "No case found on page 2." in await talk.ask("sam", "case search SUP-7 page 2")
    theirs = await talk.ask("carla", "case search SUP-7")
    assert "CASE-1" in theirs
    assert "CASE-2" not in theirs
    assert "No case found" in await talk.ask("cem", "case search SUP-7")
    assert "CASE-3" in await talk.ask("sam", "case search CASE-3")
