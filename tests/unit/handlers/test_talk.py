"""People write sentences that begin like commands; the team is to read them."""

import pytest

from tests.conversation import Conversation


@pytest.mark.parametrize(
    "words",
    ["Show button is missing", "Status page is down", "Search is slow", "Help me, please",
     "Timeline does not scroll", "Work stops at noon", "Language of the menu is wrong"],
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
        ("help evidence", "`case evidence <id> <item> <text>`"),
        ("help me", "Or just write to me here: it goes to the team."),
        ("language pt_BR", "em portugu\N{LATIN SMALL LETTER E WITH CIRCUMFLEX}s"),
        ("case show my case", "We are looking into it."),
    ],
)
async def test_commands_are_commands(talk: Conversation, typed: str, answer: str) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert answer in await talk.ask("carla", typed)
