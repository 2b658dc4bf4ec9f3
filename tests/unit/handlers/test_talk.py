"""People write sentences that begin like commands; the team is to read them."""

import pytest

from bot.cases.case import CaseState
from bot.cases.effects import React
from handlers import ALL
from tests.conversation import Conversation


@pytest.mark.parametrize(
    "words",
    ["Show button is missing", "Status page is down", "Search is slow", "Help me, please",
     "Timeline does not scroll", "Work stops at noon", "Language of the menu is wrong",
     "List is empty", "Mine is broken, too"],
)  # fmt: skip
async def test_a_sentence_that_begins_like_a_command_reaches_the_team(
    talk: Conversation, words: str
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert "passed it on" in await talk.ask("carla", words)
    assert words in (await talk.said_to("person:id-ana"))[-1]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("status", "Your open cases: 1"),
        ("show 1", "We are looking into it."),
        ("status 1 please", "Last change"),
        ("search export fails", "Cases: 1"),
        ("search import", "No case found"),
        ("case search import stops", "No case found"),
        ("list closed ones", "I cannot list by `ones`"),
        ("list foo", "I cannot list by `foo`"),
        ("case list is empty", "I cannot list by `is`"),
        ("mine closed", "No case found"),
        ("help evidence", "`case evidence <id> <item> <text>`"),
        ("help me", "Just write to me here: it goes to the team."),
        ("language pt_BR", "em portugu\N{LATIN SMALL LETTER E WITH CIRCUMFLEX}s"),
        ("case show my case", "We are looking into it."),
    ],
)
async def test_commands_are_commands(talk: Conversation, typed: str, answer: str) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert answer in await talk.ask("carla", typed)


async def test_no_help_for_customers_speaks_of_jira(talk: Conversation) -> None:
    for handler in ALL:
        assert "Jira" not in await talk.ask("carla", f"help {handler.verb}")
    assert "Jira" in await talk.ask("ana", "help show")


THANKS = (
    "Thanks!", "thank you so much", "Obrigada! \N{PERSON WITH FOLDED HANDS}", "Muito obrigado",
    "ok, thanks :pray:", "Perfeito, valeu", "Thanks for your help.",
)  # fmt: skip


@pytest.mark.parametrize("words", THANKS)
async def test_thanks_reach_the_owner_and_leave_nothing_to_do(
    talk: Conversation, words: str
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    sent = await talk.send("carla", words)
    assert words in (await talk.said_to("person:id-ana"))[-1]
    assert await talk.answer_to(sent) == ""
    [reaction] = [one for one in await talk.effects("person:id-carla") if isinstance(one, React)]
    assert reaction.message_id == sent.id
    assert "the customer wrote" not in await talk.ask("ana", "case")
    assert "nobody has answered" not in await talk.ask("ana", "case show 1")


@pytest.mark.parametrize("words", ["Thanks, but it fails", "thanks?", "no thanks", "obrigado eu"])
async def test_what_only_begins_with_thanks_is_to_be_answered(
    talk: Conversation, words: str
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("carla", words)
    assert "the customer wrote" in await talk.ask("ana", "case")


async def test_where_something_is_asked_anything_is_the_answer(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case ask 1 Shall I close it?")
    await talk.ask("ana", "yes")
    await talk.ask("carla", "Thanks")
    assert (await talk.case()).question is None


async def test_thanks_open_no_closed_case(talk: Conversation) -> None:
    for number, title in enumerate(("Export fails", "Import fails"), start=1):
        await talk.ask("ana", f"case open {title} --customer @carla")
        await talk.ask("ana", f"case close {number} over")
        answer = await talk.ask("carla", "Thank you!")
        assert f"*CASE-{number}*" in answer
        assert "You are welcome. The case stays closed." in answer
        assert (await talk.case(number)).state is CaseState.CLOSED


async def test_thanks_go_to_who_wrote_last(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("sue", "case open Import fails --customer @carla")
    await talk.ask("ana", "case reply 1 It is on its way.")
    await talk.ask("ana", "yes")
    await talk.ask("carla", "Thanks!")
    assert "Thanks!" in (await talk.said_to("person:id-ana"))[-1]


async def test_whoever_has_chosen_a_case_is_answered_in_words(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case open Import fails --customer @carla")
    assert "Which case" in await talk.ask("carla", "It fails again")
    await talk.send("carla", "and here, too", thread=talk.id_of("case/2/receipt"))
    assert "*CASE-2* Import fails\nThank you." in await talk.ask("carla", "2")


@pytest.mark.parametrize(
    "words", ["Case 2: it is back", "case 2 it is back", "caso 2, voltou", "CASE-2: it is back"]
)
@pytest.mark.parametrize("asked_which", [True, False])
async def test_words_that_begin_with_a_case_are_for_it(
    talk: Conversation, words: str, *, asked_which: bool
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("sue", "case open Import fails --customer @carla")
    if asked_which:
        assert "Which case" in await talk.ask("carla", "Hello again")
    assert "*CASE-2* Import fails\nThank you." in await talk.ask("carla", words)
    told = (await talk.said_to("person:id-sue"))[-1]
    assert words in told
    assert ("Hello again" in told) is asked_which
    assert "We are looking into it." in await talk.ask("carla", "case 2")
    assert "*CASE-1*" in await talk.ask("carla", "case 1, 2")
