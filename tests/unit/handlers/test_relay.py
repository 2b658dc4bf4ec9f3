"""What customers write in plain words reaches the right case and the right person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import CaseState, IssueId, Level, MessageId
from bot.cases.effects import React
from bot.cases.transitions import Transition
from handlers.on_transition import on_transitions
from tests.conversation import LEVEL2, SUPPORT, Conversation
from tests.factories import build_issue_link

CARLA, ANA, SAM = "person:id-carla", "person:id-ana", "person:id-sam"


async def ask_carla(talk: Conversation, number: int, question: str, *, who: str = "ana") -> None:
    await talk.ask(who, f"case ask {number} {question}")
    assert "Asked Carla" in await talk.ask(who, "yes")


async def heard_by(talk: Conversation, lane: str) -> list[str]:
    texts = await talk.said_to(lane)
    return [text for text in texts if " wrote:" in text or " answered:" in text]


async def test_an_answer_lands_on_the_case_with_the_question(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await ask_carla(talk, 1, "Which version?")
    assert "Which version?" in (await talk.said_to(CARLA))[-1]
    answer = await talk.ask("carla", "It is 7.1, the one with *stars* @all")
    assert "CASE-1" in answer
    assert "Thank you" in answer
    [told] = await heard_by(talk, ANA)
    assert "CASE-1" in told
    assert "answered:" in told
    assert "It is 7.1" in told
    assert "@all" not in told
    assert "`case reply 1 <text>`" in told
    assert "It is 7.1" in await talk.ask("ana", "case timeline 1")
    assert "It is 7.1" in await talk.ask("carla", "case timeline 1")


async def test_words_without_a_question_land_on_the_only_case(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "It happens on my other computer, too")
    [told] = await heard_by(talk, ANA)
    assert "wrote:" in told


@pytest.mark.parametrize(
    "words",
    [
        "close the window and it still crashes",
        "show me how",
        "open the file and press export",
        "status is unchanged",
        "list of files is empty",
        "No",
        "yes",
        "help me out, it says 42",
        "/var/log/app.log is full",
        "case closed for me, thanks",
        "opened",
        "note that it works in private mode",
        "close",
    ],
)
async def test_an_answer_may_begin_like_a_command(talk: Conversation, words: str) -> None:
    await talk.at_level(Level.ANALYSIS)
    await ask_carla(talk, 1, "What do you see?")
    assert "Thank you" in await talk.ask("carla", words)
    assert words.rsplit(maxsplit=1)[-1] in (await heard_by(talk, ANA))[-1]
    assert len((await talk.ask("carla", "case list all")).split("CASE-")) == 2


@pytest.mark.parametrize("typed", ["status", "status 1", "!list all", "case show 1", "help"])
async def test_a_command_stays_one_while_a_question_waits(talk: Conversation, typed: str) -> None:
    await talk.at_level(Level.ANALYSIS)
    await ask_carla(talk, 1, "What do you see?")
    assert "Thank you" not in await talk.ask("carla", typed)
    assert await heard_by(talk, ANA) == []
    assert (await talk.case()).question is not None


async def test_a_mistyped_command_is_not_passed_on(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    assert "`status`" in await talk.ask("carla", "statsu 1")
    assert "`!status`" in await talk.ask("carla", "!statsu")
    assert await heard_by(talk, ANA) == []


async def test_the_customer_says_which_case_where_two_may_be_meant(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("sam", "case open Import fails --customer @carla")
    question = await talk.ask("carla", "It happens again")
    assert "Nobody has read it yet" in question
    assert "CASE-1* Export fails" in question
    assert "CASE-2* Import fails" in question
    assert await talk.ask("carla", "since this morning") == ""
    assert "CASE-2* Import fails" in await talk.ask("carla", "7")
    answer = await talk.ask("carla", "case-2.")
    assert "CASE-2" in answer
    assert await heard_by(talk, ANA) == []
    [told] = await heard_by(talk, SAM)
    assert "It happens again" in told
    assert "since this morning" in told


async def test_words_that_were_not_meant_are_dropped(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "oops")
    assert "Nothing was passed on" in await talk.ask("carla", "cancel")
    await talk.ask("carla", "2")
    assert await heard_by(talk, ANA) == []


async def test_a_command_works_while_a_choice_waits(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "It happens again")
    assert "Level 1" in await talk.ask("carla", "status 2")
    await talk.ask("carla", "2")
    assert "It happens again" in (await heard_by(talk, ANA))[-1]


async def test_a_choice_reaches_only_ones_own_cases(talk: Conversation) -> None:
    await talk.ask("ana", "case open Secret --customer @carlos")
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("carla", "It happens again")
    assert "Secret" not in await talk.ask("carla", "1")
    assert await heard_by(talk, ANA) == []


async def test_two_customers_never_mix(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS, customer="carla")
    await talk.at_level(Level.ANALYSIS, customer="carlos")
    await talk.ask("ana", "case ask 1 Carla?")
    await talk.ask("ana", "yes")
    await talk.ask("ana", "case ask 2 Carlos?")
    await talk.ask("ana", "yes")
    assert "CASE-2" in await talk.ask("carlos", "I am Carlos")
    assert "CASE-1" in await talk.ask("carla", "I am Carla")
    carlos, carla = await heard_by(talk, ANA)
    assert "CASE-2" in carlos
    assert "I am Carlos" in carlos
    assert "CASE-1" in carla
    assert "I am Carla" in carla


async def test_a_reply_in_a_thread_means_its_case(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    asked = await talk.send("ana", "case ask 1 Which version?")
    yes = await talk.send("ana", "yes")
    await talk.owed()
    thread = talk.id_of(f"asked/{yes.id}")
    await ask_carla(talk, 2, "Which browser?")
    assert asked.id != yes.id
    message = await talk.send("carla", "7.1", thread=MessageId(thread))
    answer = await talk.answer_to(message)
    assert "CASE-1" in answer
    assert "Thank you" in answer


async def test_the_words_may_name_the_case(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    answer = await talk.ask("carla", "CASE-2: still the same")
    assert "CASE-2" in answer
    assert "Thank you" in answer


async def test_five_lines_in_a_row_are_thanked_for_once(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    answers = [await talk.ask("carla", f"line {number}") for number in range(5)]
    assert "Thank you" in answers[0]
    assert answers[1:] == [""] * 4
    received = [one for one in await talk.effects(CARLA) if isinstance(one, React)]
    assert len(received) == 4
    assert len(await heard_by(talk, ANA)) == 5
    talk.clock.pass_by(timedelta(minutes=5))
    assert "Thank you" in await talk.ask("carla", "one more")


async def test_the_owner_at_the_level_and_whoever_asked_are_told(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("sam", "case take 1")
    await ask_carla(talk, 1, "What do you see?")
    await talk.ask("carla", "Nothing")
    assert len(await heard_by(talk, SAM)) == 1
    assert len(await heard_by(talk, ANA)) == 1


async def test_a_room_is_told_that_there_are_words_and_not_which(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    await talk.ask("carla", "My password is swordfish")
    told = (await talk.said_to(f"room:{LEVEL2}"))[-1]
    assert "nobody has the case" in told
    assert "`!case take 1`" in told
    assert "swordfish" not in told
    assert await heard_by(talk, ANA) == []
    assert "swordfish" in await talk.ask("sam", "case timeline 1")


async def test_a_closed_case_is_opened_again_with_the_words(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case close 1 over")
    assert "Open it again" in await talk.ask("carla", "It fails again,")
    assert "Open it again" in await talk.ask("carla", "since the update")
    assert "Open again" in await talk.ask("carla", "yes")
    assert "It fails again, since the update" in (await talk.said_to(ANA))[-1]


async def test_a_closed_case_stays_closed_on_no(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case close 1 over")
    await talk.ask("carla", "It fails again")
    assert "Left undone: `case reopen 1`" in await talk.ask("carla", "no")
    assert "closed" in await talk.ask("ana", "case show 1")


async def test_who_has_no_case_is_asked_whether_to_open_one(talk: Conversation) -> None:
    answer = await talk.ask("carla", "hello, anybody there?")
    assert "nobody has read this" in answer
    assert "Open a case with it? `yes` or `no`" in answer
    assert "CASE-" not in await talk.ask("ana", "case list")
    assert "Dropped" in await talk.ask("carla", "No.")
    assert "CASE-" not in await talk.ask("ana", "case list")


async def test_what_the_team_types_is_no_answer(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails")
    assert "I only understand commands" in await talk.ask("ana", "it happens again")
    assert await talk.ask("carla", "hello all", room=SUPPORT) == ""


async def test_words_are_taken_once_and_an_edit_changes_nothing(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    for _ in range(2):
        await talk.send("carla", "It fails again", message_id="m")
    late = await talk.send("carla", "It fails, again", message_id="m", edited=True)
    assert len(await heard_by(talk, ANA)) == 1
    assert "the edit changes nothing. Send what is new" in await talk.answer_to(late)
    again = await talk.send("carla", "It fails, again", message_id="m", edited=True)
    assert again.key == late.key
    assert len([one for one in await talk.said_to(CARLA) if "the edit changes" in one]) == 1


async def test_a_reply_in_the_thread_of_a_milestone_means_its_case(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    await talk.at_level(Level.ANALYSIS)
    ready = Transition(
        issue_id=IssueId("10001"), history_id="501", status_id="3", status_name="Ready",
        at=talk.clock.now(),
    )  # fmt: skip
    case = await talk.case(1)
    async with talk.store.transaction() as tx:
        await on_transitions(talk.desk_in(tx), case, [ready])
    thread = talk.id_of("case/1/status/10001/501/customer")
    message = await talk.send("carla", "When will it be?", thread=thread)
    answer = await talk.answer_to(message)
    assert "CASE-1" in answer
    assert "Thank you" in answer


async def test_a_reply_in_the_thread_of_a_closing_opens_that_case(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    closing = await talk.send("ana", "case close 1 over")
    thread = talk.id_of(f"closed/{closing.id}")
    message = await talk.send("carla", "It is not over", thread=thread)
    assert "Open it again" in await talk.answer_to(message)
    message = await talk.send("carla", "yes", thread=thread)
    assert "CASE-1" in await talk.answer_to(message)
    assert (await talk.case(1)).state is CaseState.OPEN


async def test_what_is_shown_is_in_the_language_of_the_customer(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    assert "portugu" in await talk.ask("carla", "case language pt")
    shown = await talk.ask("ana", "case reply 1 Hello")
    await talk.ask("ana", "yes")
    sent = (await talk.said_to(CARLA))[-1]
    assert "CASE-1" in sent
    assert all(line in shown for line in sent.split("\n"))


async def test_a_question_of_a_closed_case_waits_no_more(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await ask_carla(talk, 1, "Which version?")
    await talk.ask("ana", "case close 1 over")
    assert "CASE-2" in await talk.ask("carla", "open Import fails now")
    await talk.ask("ana", "case take 2")
    answer = await talk.ask("carla", "it fails on every file")
    assert "CASE-2" in answer
    assert "Thank you" in answer


SECRETS = ("secret", "BUG-", "sam", "Sam", "rita", "Rita")


async def test_nothing_of_the_team_comes_back_with_the_relay(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    async with talk.store.transaction() as tx:
        link = build_issue_link(7, key="BUG-7", url="https://jira.example.org/browse/BUG-7")
        await talk.desk_in(tx).save(replace(case, issue=link, closed_reason="secret"))
    await talk.ask("sam", "case note 1 a secret note")
    await talk.ask("rita", "case evidence 1 reproduction a secret finding")
    await talk.ask("ana", "case ask 1 Which version?")
    await talk.ask("ana", "yes")
    await talk.ask("ana", "case reply 1 Thank you")
    await talk.ask("ana", "yes")
    for words in ("7.1", "more", "case show 1", "case timeline 1", "status 1", "hm"):
        await talk.ask("carla", words)
    await talk.ask("rita", "case forward 1 all")
    await talk.ask("sam", "case unlink 1")
    await talk.ask("sam", "case close 1 a secret reason")
    for words in ("It fails again", "no", "case show 1", "case timeline 1"):
        await talk.ask("carla", words)
    read = await talk.said_to(CARLA)
    assert len(read) >= 12
    assert not [(one, text) for text in read for one in SECRETS if one in text]


async def test_whoever_goes_on_writing_means_the_same_case(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.at_level(Level.ANALYSIS)
    await ask_carla(talk, 1, "Which version?")
    assert "CASE-1" in await talk.ask("carla", "7.1")
    assert await talk.ask("carla", "since Monday") == ""
    talk.clock.pass_by(timedelta(minutes=3))
    assert "CASE-1" in await talk.ask("carla", "and with 7.2, too")
    talk.clock.pass_by(timedelta(minutes=6))
    assert "Which case is this for?" in await talk.ask("carla", "hello again")


async def test_a_question_of_the_team_overtakes_an_intake(talk: Conversation) -> None:
    opened = await talk.ask("carla", "case open Export fails")
    assert "`go`" in opened
    await talk.ask("ana", "case take 1")
    first = await talk.ask("carla", "go")
    assert "1" in first
    await ask_carla(talk, 1, "Can we call you?")
    assert "Thank you" in await talk.ask("carla", "Yes, at nine")
    assert (await talk.case()).evidence == {}
    assert len(await heard_by(talk, ANA)) == 1
    await talk.ask("carla", "7.1.0")
    assert len((await talk.case()).evidence) == 1


async def test_evidence_of_the_customer_reaches_the_owner_and_answers(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case evidence 1 version 7.1")
    assert len(await talk.said_to(f"room:{SUPPORT}")) == 1  # that it was opened
    await talk.ask("ana", "case take 1")
    await ask_carla(talk, 1, "What do you do?")
    await talk.ask("carla", "case evidence 1 steps I press Export")
    [told] = await heard_by(talk, ANA)
    assert "steps: I press Export" in told
    assert (await talk.case()).question is None
    await talk.ask("ana", "case evidence 1 reproduction not here")
    assert len(await heard_by(talk, ANA)) == 1


@pytest.mark.parametrize("number", [2, 99], ids=["of somebody else", "of nobody"])
async def test_words_for_a_case_that_is_not_theirs_are_not_put_with_another(
    talk: Conversation, number: int
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carlos", "case open Import fails")
    await talk.ask("carla", "it happens every day")
    answer = await talk.ask("carla", f"CASE-{number}: the other one is canary")
    assert "Which case is this for?" in answer
    assert "CASE-1" in answer
    assert f"CASE-{number}" not in answer
    for one in (1, 2):
        assert not [entry for entry in await talk.timeline(one) if "canary" in entry.text]
    await talk.ask("carla", "1")
    assert [entry for entry in await talk.timeline(1) if "canary" in entry.text]


async def test_the_name_of_a_case_alone_shows_it_unless_it_was_asked_for(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Printing is slow")
    await talk.ask("carlos", "case open Import fails")
    assert "Opened 2026" in await talk.ask("carla", "CASE-1")
    assert "I do not find CASE-3" in await talk.ask("carla", "CASE-3")
    assert "Customer: Carlos" in await talk.ask("ana", "case-3")
    assert "Which case is this for?" in await talk.ask("carla", "it happens daily")
    assert "passed it on" in await talk.ask("carla", "CASE-2")


async def test_a_case_that_was_given_away_is_not_offered_again(talk: Conversation) -> None:
    for title in ("Canary fails", "Printing is slow", "Import fails"):
        await talk.ask("carlos", f"case open {title}")
    assert "Canary" in await talk.ask("carlos", "it happens daily")
    await talk.ask("ana", "case customer 1 @carla")
    await talk.ask("ana", "yes")
    talk.clock.pass_by(timedelta(minutes=10))
    again = await talk.ask("carlos", "do you hear me?")
    assert "Which case is this for?" in again
    assert "CASE-2" in again
    assert "Canary" not in again
