"""Who has a case gets what they need; whoever had it, and a room with words to read, is told."""

from datetime import timedelta

import pytest

from bot.cases.case import Level
from tests.conversation import LEVEL2, SUPPORT, Conversation, sent_file

ANA, SAM, SUE = "person:id-ana", "person:id-sam", "person:id-sue"
ROOM = f"room:{SUPPORT}"


async def test_what_the_customer_wrote_to_nobody_comes_to_whoever_takes_it(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "Are you there?")
    await talk.send("carla", "", files=[sent_file("export.log")])
    [_, announced] = await talk.said_to(ROOM)
    assert "Take it, and I send you what they wrote: `!case take 1`" in announced
    assert "Are you there?" not in announced
    await talk.ask("ana", "!case take 1", room=SUPPORT)
    [card] = await talk.said_to(ANA)
    assert "The customer wrote, and nobody has answered" in card
    assert card.index("Are you there?") < card.rindex("export.log")
    assert "Reply: `case reply 1 <text>`" in card


async def test_what_is_opened_in_a_direct_message_is_announced_once(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    [announced] = await talk.said_to(ROOM)
    assert "Opened by Carla (carla), in a direct message with me." in announced
    assert "Next: `!case take 1`" in announced
    thread = talk.id_of("case/1/opened")
    taken = await talk.send("ana", "!case take", room=SUPPORT, thread=thread)
    assert "Yours at Level 1" in await talk.answer_to(taken)
    await talk.ask("carlos", "!case open Import fails", room=SUPPORT)
    await talk.ask("ana", "case open Search is slow --customer @carla")
    assert not [text for text in await talk.said_to(ROOM) if "*CASE-3*" in text]
    assert not [text for text in await talk.said_to(ROOM) if "Opened by Carlos" in text]


async def test_what_was_answered_is_not_brought_again(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "Are you there?")
    await talk.ask("sue", "case reply 1 We are.")
    await talk.ask("sue", "yes")
    await talk.ask("ana", "case take 1")
    assert [text for text in await talk.said_to(ANA) if "Are you there?" in text] == []
    assert "nobody has answered" not in await talk.ask("ana", "case show 1")


async def test_unanswered_words_are_shown_in_direct_messages_only(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "Are you there?")
    assert "Are you there?" in await talk.ask("ana", "case show 1")
    in_channel = await talk.ask("ana", "!case show 1", room=SUPPORT)
    assert "Are you there?" not in in_channel
    assert "it is shown in a direct message with me" in in_channel


async def test_a_room_hears_once_of_words_in_a_row(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    opened = len(await talk.said_to(ROOM))
    for words in ("Hello", "Are you there?", "It is urgent"):
        await talk.ask("carla", words)
    assert len(await talk.said_to(ROOM)) == opened + 1
    talk.clock.pass_by(timedelta(minutes=6))
    await talk.ask("carla", "Still nobody?")
    assert len(await talk.said_to(ROOM)) == opened + 2


async def test_another_room_hears_of_them_too(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "Hello")
    await talk.ask("ana", "escalate 1")
    await talk.ask("carla", "Are you there?")
    assert "nobody has the case" in (await talk.said_to(f"room:{LEVEL2}"))[-1]


async def test_whoever_had_it_is_told_who_has_it_now(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("sue", "case take 1")
    [told] = [text for text in await talk.said_to(ANA) if "No longer yours" in text]
    assert "No longer yours at Level 1 Analysis: Sue (sue) has taken it." in told
    assert "`case take 1`" in told
    await talk.ask("sam", "case assign 1 @ana")
    assert "Sam (sam) gave it to Ana (ana)." in (await talk.said_to(SUE))[-1]


async def test_giving_away_ones_own_needs_no_word_to_oneself(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case assign 1 @sue")
    assert [text for text in await talk.said_to(ANA) if "No longer yours" in text] == []


async def test_the_next_step_after_taking_is_one_that_works(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    answer = await talk.ask("ana", "case take 1")
    assert "escalate" not in answer
    assert "`case evidence 1 version <text>`" in answer
    await talk.at_level(Level.CONFIRMATION)
    assert "Next: `escalate 2 <reason>`" in await talk.ask("sam", "case take 2")


async def test_nobody_is_asked_to_take_what_somebody_has_again(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("sam", "case take 1")
    await talk.ask("sam", "case return 1 needs a log")
    await talk.ask("ana", "escalate 1 the log is there")
    card = (await talk.said_to(f"room:{LEVEL2}"))[-1]
    assert "Handed over to Level 2" in card
    assert "It is with Sam (sam) again, who has been told." in card
    assert "case take" not in card


@pytest.mark.parametrize(
    "typed", ["!take", "/take", "!take 1", "!take CASE-1", "!case take", "!Take."]
)
async def test_in_the_thread_of_a_case_its_commands_stand_alone(
    talk: Conversation, typed: str
) -> None:
    await talk.ask("carla", "case open Export fails")
    thread = talk.id_of("case/1/opened")
    sent = await talk.send("ana", typed, room=SUPPORT, thread=thread)
    assert "Yours at Level 1" in await talk.answer_to(sent)
    misspelt = await talk.send("ana", "!evidense version 7", room=SUPPORT, thread=thread)
    assert "Did you mean `!case evidence`?" in await talk.answer_to(misspelt)
    other = await talk.send("ana", "!deploy now", room=SUPPORT, thread=thread)
    assert await talk.answer_to(other) == ""


async def test_elsewhere_in_a_channel_they_need_a_case_or_the_word(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    for typed in ("!take", "!take 1", "!close 1 over", "!search fails"):
        assert await talk.ask("ana", typed, room=SUPPORT) == ""
    assert "Yours at Level 1" in await talk.ask("ana", "!take CASE-1", room=SUPPORT)


async def test_what_answers_a_question_is_shown_once(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("ana", "case ask 1 Which printer?")
    await talk.ask("ana", "yes")
    await talk.ask("carla", "The red one")
    await talk.ask("carla", "And it is loud")
    await talk.ask("sam", "case take 1")
    card = next(text for text in await talk.said_to(SAM) if "what is known so far" in text)
    for shown in (card, await talk.ask("sam", "case show 1")):
        assert shown.count("The red one") == 1
        assert "*Which printer?* The red one" in shown
        assert "And it is loud" in shown.split("nobody has answered")[1]
