"""What the team is shown of a case: answers, a closed one, a line of a list."""

from bot.cases.case import Level
from tests.conversation import SUPPORT, Conversation


async def asked_and_answered(talk: Conversation) -> None:
    """Let the customer answer a question at Level 1."""
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case take 1")
    await talk.ask("ana", "case ask 1 Which printer?")
    await talk.ask("ana", "yes")
    await talk.ask("carla", "the grey HP")


async def test_the_answers_of_the_customer_go_along_to_whoever_takes_the_case(
    talk: Conversation,
) -> None:
    await asked_and_answered(talk)
    await talk.ask("ana", "escalate 1")
    assert "grey HP" not in "".join(await talk.said_to("room:level2"))
    await talk.ask("sam", "case take 1")
    cards = [text for text in await talk.said_to("person:id-sam") if "what is known" in text]
    assert ["*Which printer?* the grey HP" in card for card in cards] == [True]


async def test_answers_are_shown_in_direct_messages_only(talk: Conversation) -> None:
    await asked_and_answered(talk)
    await talk.ask("carla", "and it beeps")
    await talk.ask("ana", "case ask 1 Since when?")
    await talk.ask("ana", "yes")
    answer = await talk.ask("ana", "case show 1")
    assert "*Which printer?* the grey HP" in answer
    assert "*Since when?*" not in answer
    assert "grey HP" not in await talk.ask("ana", "!case show 1", room=SUPPORT)


async def test_a_closed_case_asks_for_nothing(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    shown = await talk.ask("ana", "case show 1")
    assert "Still needed" in shown
    assert "`case take 1`" in shown
    await talk.ask("ana", "case close 1 works again")
    shown = await talk.ask("ana", "case show 1")
    assert "Still needed" not in shown
    assert "case take" not in shown
    assert "case evidence" not in shown


async def test_a_list_names_owner_and_severity_to_the_team_only(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla --severity high")
    await talk.ask("ana", "case take 1")
    assert "Level 1 Analysis · ana · high" in await talk.ask("sam", "case list")
    assert "ana" not in (await talk.ask("carla", "case list")).replace("Analysis", "")
