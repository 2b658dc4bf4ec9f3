"""What is shown first and done on `yes`: as it was shown, by whoever saw it, there, once."""

from datetime import timedelta

import pytest

from bot.cases.case import CaseId, Level, MessageId
from tests.conversation import LEVEL2, SUPPORT, Conversation

CARLA = "person:id-carla"


async def sent_to_carla(talk: Conversation) -> list[str]:
    return [text for text in await talk.said_to(CARLA) if "writes:" in text or "asks:" in text]


async def test_a_reply_is_shown_to_the_letter_and_goes_out_on_yes(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    shown = await talk.ask("ana", "case reply 1 Please try\n*again* @all")
    assert "To Carla" in shown
    assert "`yes` or `no`" in shown
    assert await sent_to_carla(talk) == []
    assert "Sent to Carla" in await talk.ask("ana", "yes")
    [sent] = await sent_to_carla(talk)
    for line in sent.split("\n"):
        assert f"> {line}" in shown
    assert "Nothing waits" in await talk.ask("ana", "yes")
    assert len(await sent_to_carla(talk)) == 1


@pytest.mark.parametrize("word", ["yes", "Y", "Yes!", "sim", "!yes", "@casebot yes"])
async def test_yes_may_be_said_in_many_ways(talk: Conversation, word: str) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "!case reply 1 Hello", room=SUPPORT)
    assert "Sent" in await talk.ask("ana", word, room=SUPPORT)


@pytest.mark.parametrize("word", ["no", "n", "não", "cancel", "!no"])
async def test_no_leaves_it(talk: Conversation, word: str) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    assert "Left undone: `case reply 1`" in await talk.ask("ana", word)
    assert "Nothing waits" in await talk.ask("ana", "yes")
    assert await sent_to_carla(talk) == []


async def test_only_a_yes_of_the_same_person_in_the_same_place_counts(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "!case reply 1 Hello", room=SUPPORT)
    assert await talk.ask("sam", "yes", room=SUPPORT) == ""
    assert await talk.ask("ana", "yes", room=LEVEL2) == ""
    assert "Nothing waits" in await talk.ask("ana", "yes")
    elsewhere = await talk.send("ana", "yes", room=SUPPORT, thread=MessageId("other"))
    assert await talk.answer_to(elsewhere) == ""
    assert await sent_to_carla(talk) == []
    assert "Sent" in await talk.ask("ana", "yes", room=SUPPORT)


async def test_a_yes_in_the_thread_of_the_question_counts(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    asked = await talk.send("ana", "!case reply 1 Hello", room=SUPPORT)
    thread = talk.id_of(f"reply/{asked.id}")
    answer = await talk.send("ana", "yes", room=SUPPORT, thread=thread)
    assert "Sent" in await talk.answer_to(answer)


async def test_two_people_confirm_their_own(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "!case reply 1 from Ana", room=SUPPORT)
    await talk.ask("sam", "!case reply 1 from Sam", room=SUPPORT)
    await talk.ask("ana", "yes", room=SUPPORT)
    [sent] = await sent_to_carla(talk)
    assert "from Ana" in sent


async def test_a_yes_that_was_said_before_is_no_answer(talk: Conversation) -> None:
    # As after a break, when what was said meanwhile is read again.
    await talk.at_level(Level.ANALYSIS)
    early = talk.clock.now() + timedelta(seconds=1)
    await talk.send("ana", "hello all", room=SUPPORT)
    await talk.ask("ana", "!case reply 1 Hello", room=SUPPORT)
    await talk.send("ana", "yes", room=SUPPORT, sent_at=early)
    assert await sent_to_carla(talk) == []


async def test_an_old_question_is_forgotten(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    talk.clock.pass_by(timedelta(hours=1))
    assert "Nothing waits" in await talk.ask("ana", "yes")
    assert await sent_to_carla(talk) == []


async def test_what_changed_meanwhile_is_shown_again(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    await talk.ask("sam", "case customer 1 @carlos")
    await talk.ask("sam", "yes")
    shown = await talk.ask("ana", "yes")
    assert "Not done" in shown
    assert "To Carlos" in shown
    assert await sent_to_carla(talk) == []
    assert "Sent to Carlos" in await talk.ask("ana", "yes")


async def test_a_change_that_does_not_matter_is_no_reason_to_ask_again(
    talk: Conversation,
) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    await talk.ask("sam", "case note 1 something else")
    assert "Sent" in await talk.ask("ana", "yes")


async def test_the_case_is_looked_at_again(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case ask 1 Which version?")
    await talk.ask("sam", "case close 1 over")
    assert "CASE-1 is closed" in await talk.ask("ana", "yes")
    assert await sent_to_carla(talk) == []


async def test_the_permission_is_looked_at_again(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    monkeypatch.delitem(talk.roles, "ana")
    assert "needs the role" in await talk.ask("ana", "yes")
    assert await sent_to_carla(talk) == []


async def test_the_same_command_for_another_case_leaves_the_first(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    assert "Left undone: `case reply 1`" in await talk.ask("ana", "case reply 2 Hello")
    assert "Left undone" not in await talk.ask("ana", "case reply 2 Hello there")
    await talk.ask("ana", "yes")
    [sent] = await sent_to_carla(talk)
    assert "*CASE-2*" in sent


async def test_another_command_leaves_what_waited(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    assert "Left undone: `case reply 1`" in await talk.ask("ana", "case note 1 seen")
    assert "Nothing waits" in await talk.ask("ana", "yes")
    await talk.ask("ana", "case reply 1 Hello")
    assert "Left undone: `case reply 1`" in await talk.ask("ana", "case rpely 1 x")
    assert "Nothing waits" in await talk.ask("ana", "yes")


@pytest.mark.parametrize(
    "between",
    ["status 1", "case show 1", "case list", "case search export", "case timeline 1", "help",
     "case", "mine", "case mine", "case proof 1", "case show 99", "case confirm 1",
     "case evidence 99 steps x"],
)  # fmt: skip
async def test_what_only_reads_or_is_refused_leaves_it_waiting(
    talk: Conversation, between: str
) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    assert "waits for your `yes` or `no`" in await talk.ask("ana", between)
    assert "Sent" in await talk.ask("ana", "yes")


async def test_a_yes_never_sends_what_was_to_be_put_differently(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Helo")
    assert "Left undone: `case reply 1`" in await talk.ask("ana", "case reply 1")
    assert "Nothing waits" in await talk.ask("ana", "yes")
    assert await sent_to_carla(talk) == []


async def test_the_same_command_again_replaces_it_without_a_word(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Helo")
    assert "Left undone" not in await talk.ask("ana", "case reply 1 Hello")
    await talk.ask("ana", "yes")
    [sent] = await sent_to_carla(talk)
    assert "Hello" in sent


async def test_an_edit_is_shown_anew_until_it_is_confirmed(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.send("ana", "case reply 1 Helo", message_id="m")
    edited = await talk.send("ana", "case reply 1 Hello", message_id="m", edited=True)
    assert "> Hello" in (await talk.answer_to(edited)).replace("> > ", "> ")
    await talk.ask("ana", "yes")
    late = await talk.send("ana", "case reply 1 Hello!", message_id="m", edited=True)
    assert await talk.answer_to(late) == ""
    [sent] = await sent_to_carla(talk)
    assert "Hello" in sent


async def test_the_same_yes_twice_counts_once(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    for _ in range(2):
        await talk.send("ana", "yes", message_id="same")
    assert len(await sent_to_carla(talk)) == 1


async def test_anything_else_is_answered_in_a_direct_message_only(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case reply 1 Hello")
    assert "waits for your `yes` or `no`" in await talk.ask("ana", "hm, let me think")
    assert "Sent" in await talk.ask("ana", "yes")
    await talk.ask("ana", "!case reply 1 Hello", room=SUPPORT)
    assert await talk.ask("ana", "hm, let me think", room=SUPPORT) == ""


async def test_nobody_writes_to_themselves(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails")
    assert "`case customer 1 @" in await talk.ask("ana", "case reply 1 Hello")
    assert "needs the role" in await talk.ask("carla", "case reply 1 Hello")


async def test_a_question_stops_the_clock_until_it_is_answered(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    before = (await talk.case()).due_at
    await talk.ask("ana", "case ask 1 Which version?")
    assert (await talk.case()).question is None
    await talk.ask("ana", "yes")
    case = await talk.case()
    assert case.question is not None
    assert case.question.text == "Which version?"
    assert case.told_at == talk.clock.now()
    assert (before, case.due_at) == (before, None)
    await talk.ask("carla", "7.1")
    case = await talk.case(CaseId(1))
    assert case.question is None
    assert case.heard_at == talk.clock.now()
    assert case.due_at is not None


async def test_a_case_is_given_to_another_customer_on_yes_only(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    shown = await talk.ask("ana", "case customer 1 @carlos")
    assert "It belongs to Carla (carla). Carlos (carlos) gets it instead" in shown
    assert await talk.said_to("person:id-carlos") == []
    assert "I do not find CASE-1" in await talk.ask("carlos", "case show 1")
    assert "already" in await talk.ask("ana", "case customer 1 @carla")
    await talk.ask("ana", "case customer 1 @carlos")
    assert "Belongs to Carlos" in await talk.ask("ana", "yes")
    assert "Export fails" in await talk.ask("carlos", "case show 1")


@pytest.mark.parametrize("who", ["ana", "sam"])
async def test_the_customer_of_a_case_that_had_none_is_named_at_once(
    talk: Conversation, who: str
) -> None:
    await talk.ask("ana", "case open Export fails")
    assert "Belongs to Carla" in await talk.ask(who, "case customer 1 @carla")
    assert "Belongs to Sam" in await talk.ask("sam", "case customer 1 me")
