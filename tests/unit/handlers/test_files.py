"""Files that people send come to their case, and everybody is told what became of them."""

from dataclasses import replace

import pytest

from bot.cases.case import IssueState, Level, TimelineKind
from bot.cases.effects import AttachFile, React
from bot.cases.policy import FileRules, Policy
from tests.conversation import LEVEL3, SUPPORT, Conversation, person, sent_file
from tests.factories import build_issue_link

LOG, SHOT = sent_file("app.log"), sent_file("shot.png", size=80_000)


async def names(talk: Conversation, number: int = 1) -> list[str]:
    return [file.name for file in (await talk.case(number)).files]


async def test_a_customers_file_comes_to_their_only_case_and_to_the_owner(
    talk: Conversation,
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("carla", "", files=[LOG, SHOT])
    answer = await talk.answer_to(message)
    assert "*CASE-1*" in answer
    assert "passed it on" in answer
    assert "Kept with CASE-1: app.log, shot.png" in answer
    case = await talk.case()
    assert [(file.name, file.by.username) for file in case.files] == [
        ("app.log", "carla"),
        ("shot.png", "carla"),
    ]
    assert case.heard_at == talk.clock.now()
    told = (await talk.said_to(f"person:{person('ana').id}"))[-1]
    assert "Carla" in told
    assert "app.log, shot.png" in told


async def test_words_and_a_file_arrive_together(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.send("carla", "It says out of memory", files=[LOG])
    told = (await talk.said_to(f"person:{person('ana').id}"))[-1]
    assert "> It says out of memory" in told
    assert "app.log" in told


async def test_a_file_is_kept_and_named_without_what_misleads(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    odd = sent_file("../etc/\N{RIGHT-TO-LEFT OVERRIDE}gnp.app\n.log")
    answer = await talk.answer_to(await talk.send("carla", "", files=[odd]))
    assert "Kept with CASE-1: gnp.app.log" in answer
    assert await names(talk) == ["gnp.app.log"]


async def test_more_files_in_a_row_are_only_ticked(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.send("carla", "", files=[LOG])
    second = await talk.send("carla", "", files=[SHOT])
    assert await talk.answer_to(second) == ""
    assert await names(talk) == ["app.log", "shot.png"]
    reactions = [
        one for one in await talk.effects(f"person:{person('carla').id}") if isinstance(one, React)
    ]
    assert [one.message_id for one in reactions] == [second.id]


async def test_a_file_for_one_of_two_cases_is_asked_about(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    message = await talk.send("carla", "", files=[LOG])
    question = await talk.answer_to(message)
    assert "Which case is this for: app.log?" in question
    assert "CASE-1" in question
    assert "CASE-2" in question
    assert await names(talk, 1) == await names(talk, 2) == []
    answer = await talk.ask("carla", "2")
    assert "Kept with CASE-2: app.log" in answer
    assert (await names(talk, 1), await names(talk, 2)) == ([], ["app.log"])


async def test_a_file_is_for_the_case_with_an_open_question(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case open Import fails --customer @carla")
    await talk.ask("ana", "case ask 2 Can you send the log?")
    await talk.ask("ana", "yes")
    await talk.send("carla", "", files=[LOG])
    assert await names(talk, 2) == ["app.log"]
    assert (await talk.case(2)).question is None


async def test_files_sent_while_the_choice_is_open_wait_too(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    await talk.send("carla", "", files=[LOG])
    await talk.send("carla", "", files=[SHOT])
    await talk.ask("carla", "1")
    assert await names(talk, 1) == ["app.log", "shot.png"]


async def test_a_choice_can_be_dropped(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    await talk.send("carla", "", files=[LOG])
    assert "Dropped" in await talk.ask("carla", "no")
    assert await names(talk, 1) == await names(talk, 2) == []


async def test_a_file_of_the_team_is_internal(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("ana", "heap dump of prod", files=[LOG])
    assert await talk.answer_to(message) == "Kept with CASE-1: app.log"
    assert "app.log" not in await talk.ask("carla", "case show 1")
    assert "app.log" not in await talk.ask("carla", "case timeline 1")
    assert "app.log" in await talk.ask("ana", "case show 1")
    assert "app.log: heap dump of prod" in await talk.ask("ana", "case timeline 1")


async def test_the_team_is_asked_which_of_their_cases(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("sam", "", files=[LOG])
    assert "Which case is this for: app.log?" in await talk.answer_to(message)
    assert "Kept with CASE-1: app.log" in await talk.ask("sam", "1")


async def test_a_caption_may_name_the_case(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    for caption in ("CASE-1 the trace", "1"):
        message = await talk.send("sam", caption, files=[sent_file(f"{caption[:4]}.log")])
        assert "Kept with CASE-1" in await talk.answer_to(message)
    message = await talk.send("sam", "CASE-9 the trace", files=[LOG])
    assert "CASE-9" in await talk.answer_to(message)
    assert await names(talk) == ["CASE.log", "1.log"]


async def test_a_file_in_the_thread_of_a_case_is_its_own(talk: Conversation) -> None:
    opened = await talk.send("ana", "!case open Export fails --customer @carla", room=SUPPORT)
    message = await talk.send("sam", "", room=SUPPORT, thread=opened.id, files=[LOG])
    assert "Kept with CASE-1: app.log" in await talk.answer_to(message)
    message = await talk.send("carlos", "", room=SUPPORT, thread=opened.id, files=[SHOT])
    assert await talk.answer_to(message) == ""
    assert await names(talk) == ["app.log"]


async def test_a_channel_may_have_files_that_are_nobodys(talk: Conversation) -> None:
    await talk.send("ana", "!case open Export fails --customer @carla", room=SUPPORT)
    for thread in (None, (await talk.send("ana", "lunch?", room=SUPPORT)).id):
        message = await talk.send("ana", "menu", room=SUPPORT, thread=thread, files=[LOG])
        assert await talk.answer_to(message) == ""
    assert await names(talk) == []


@pytest.mark.parametrize("caption", ["CASE-1", "#1", "case-1."])
async def test_a_caption_of_a_customer_may_be_the_name_of_the_case(
    talk: Conversation, caption: str
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.ask("ana", "case open Import fails --customer @carla")
    message = await talk.send("carla", caption, files=[LOG])
    assert "Kept with CASE-1: app.log" in await talk.answer_to(message)
    told = (await talk.said_to(f"person:{person('ana').id}"))[-1]
    assert "\n>" not in told


async def test_a_caption_that_is_a_command_ticks_and_keeps(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("ana", "case evidence 1 steps press Export", files=[LOG])
    answer = await talk.answer_to(message)
    assert "Noted: steps." in answer
    assert "Kept with CASE-1: app.log" in answer
    await talk.send("ana", "case evidence 1 actual", files=[SHOT])
    evidence = (await talk.case()).evidence
    assert (evidence["steps"].text, evidence["actual"].text) == ("press Export", "shot.png")
    message = await talk.send("ana", "case evidence 1", files=[sent_file("more.log")])
    assert await talk.answer_to(message) == "Kept with CASE-1: more.log"
    await talk.send("ana", "case evidence 1 what support saw", files=[sent_file("seen.log")])
    assert await names(talk) == ["app.log", "shot.png", "more.log", "seen.log"]


async def test_a_case_is_opened_with_its_files(talk: Conversation) -> None:
    message = await talk.send("carla", "case open Export fails", files=[LOG])
    answer = await talk.answer_to(message)
    assert "CASE-1" in answer
    assert "Kept with CASE-1: app.log" in answer
    assert await names(talk) == ["app.log"]


async def test_a_file_with_any_command_goes_to_its_case(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("ana", "case note 1 same as last week", files=[LOG])
    assert "Kept with CASE-1: app.log" in await talk.answer_to(message)


async def test_what_is_not_taken_is_said_with_the_next_step(talk: Conversation) -> None:
    talk.restart(policy=Policy(files=FileRules(most_bytes=50_000)))
    await talk.ask("carla", "case open Export fails")
    sent = [LOG, SHOT, sent_file("Setup.EXE")]
    answer = await talk.answer_to(await talk.send("carla", "", files=sent))
    assert "Kept with CASE-1: app.log" in answer
    assert "Not taken: shot.png has 80.0 kB, at most 50.0 kB" in answer
    assert "Not taken: Setup.EXE. Files ending in .exe are not accepted" in answer
    assert await names(talk) == ["app.log"]
    refused = await talk.send("carla", "", files=[sent_file("again.exe")])
    assert "passed it on" not in await talk.answer_to(refused)


async def test_a_case_takes_so_many_files_and_no_more(talk: Conversation) -> None:
    talk.restart(policy=Policy(files=FileRules(most_per_case=1)))
    await talk.ask("carla", "case open Export fails")
    answer = await talk.answer_to(await talk.send("carla", "", files=[LOG, SHOT]))
    assert "Not taken: shot.png. A case may have 1 files" in answer
    assert await names(talk) == ["app.log"]


async def test_a_file_for_a_closed_case_is_kept_and_opening_it_again_offered(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("ana", "case close 1 works as designed")
    answer = await talk.answer_to(await talk.send("carla", "", files=[LOG]))
    assert "Kept with CASE-1: app.log" in answer
    await talk.ask("carla", "yes")
    assert (await talk.case()).state == "open"


async def test_a_file_of_the_team_for_a_closed_case_is_refused(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("ana", "case close 1 works as designed")
    answer = await talk.answer_to(await talk.send("ana", "CASE-1", files=[LOG]))
    assert "closed" in answer
    assert await names(talk) == []


async def test_somebody_elses_case_takes_no_file(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    message = await talk.send("carlos", "case evidence 1", files=[LOG])
    assert "CASE-1" in await talk.answer_to(message)
    message = await talk.send("carlos", "CASE-1", files=[LOG])
    assert "Kept" not in await talk.answer_to(message)
    assert await names(talk) == []


async def test_a_file_is_kept_once_however_often_its_message_comes(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    first = await talk.send("ana", "case evidnce 1", files=[LOG])
    assert await names(talk) == []
    for _ in range(2):
        await talk.send("ana", "case evidence 1", files=[LOG], message_id=first.id, edited=True)
    assert await names(talk) == ["app.log"]
    files = [entry for entry in await talk.timeline(1) if entry.kind is TimelineKind.FILE]
    assert len(files) == 1


async def test_a_file_is_owed_to_the_issue_when_there_is_one(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    await talk.send("carla", "", files=[LOG])
    assert await owed_files(talk) == []
    async with talk.store.transaction() as tx:
        case = await tx.find_case(case.id) or case
        await tx.save_case(replace(case, issue=build_issue_link(77)))
    message = await talk.send("rita", "!case evidence 1", room=LEVEL3, files=[SHOT])
    assert "on its way to SUP-77: shot.png" in await talk.answer_to(message)
    assert await owed_files(talk) == [(SHOT.id, "77")]


async def test_nothing_is_owed_while_the_issue_is_on_its_way(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    async with talk.store.transaction() as tx:
        issue = build_issue_link(state=IssueState.REQUESTED, id=None, key="")
        await tx.save_case(replace(case, issue=issue))
    await talk.send("carla", "", files=[LOG])
    assert await owed_files(talk) == []


async def owed_files(talk: Conversation) -> list[tuple[str, str]]:
    return [
        (one.owed.effect.file_id, one.owed.effect.issue_id)
        for one in await talk.owed()
        if isinstance(one.owed.effect, AttachFile)
    ]


async def test_what_is_encrypted_is_not_passed_over_in_silence(talk: Conversation) -> None:
    message = await talk.send("carla", "", files=[LOG], encrypted=True)
    assert "cannot read encrypted messages" in await talk.answer_to(message)
    message = await talk.send("carla", "", room=SUPPORT, files=[LOG], encrypted=True)
    assert await talk.answer_to(message) == ""


async def test_the_same_file_in_another_message_is_the_same(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    await talk.send("carla", "", files=[LOG])
    await talk.send("carla", "here it is again", files=[LOG, SHOT])
    assert await names(talk) == ["app.log", "shot.png"]
