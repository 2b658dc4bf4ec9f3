"""One of the team who is the customer of a case: asked as a customer, answering as one."""

import pytest

from bot.cases.case import CaseFile, TimelineKind
from tests.conversation import Conversation, sent_file

SUE = "person:id-sue"


async def asked(talk: Conversation, *questions: str) -> None:
    """Let a specialist ask an analyst whose cases these are."""
    for number, question in enumerate(questions, start=1):
        await talk.ask("sue", "case open The export is broken --customer @ana")
        await talk.ask("sue", f"case ask {number} {question}")
        await talk.ask("sue", "yes")


async def heard(talk: Conversation, number: int = 1) -> list[str]:
    return [one.text for one in await talk.timeline(number) if one.kind is TimelineKind.HEARD]


@pytest.mark.parametrize("words", ["7.1", "It is the newest one, I think", "none of them"])
async def test_plain_words_answer_the_question(talk: Conversation, words: str) -> None:
    await asked(talk, "Which version?")
    assert "passed it on" in await talk.ask("ana", words)
    assert f"answered:\n> {words}" in (await talk.said_to(SUE))[-1]
    assert (await talk.case()).question is None


async def test_commands_are_still_commands(talk: Conversation) -> None:
    await asked(talk, "Which version?")
    assert "CASE-1" in await talk.ask("ana", "case show 1")
    assert "Did you mean `status`" in await talk.ask("ana", "stauts 1")
    assert await heard(talk) == []


async def test_an_item_of_the_checklist_answers_too(talk: Conversation) -> None:
    await asked(talk, "Which version?")
    await talk.ask("ana", "evidence 1 version 7.1")
    assert "> version: 7.1" in (await talk.said_to(SUE))[-1]
    assert (await talk.case()).question is None


async def test_without_a_question_plain_words_are_refused(talk: Conversation) -> None:
    await asked(talk, "Which version?")
    await talk.ask("ana", "7.1")
    assert "nobody has read this" in await talk.ask("ana", "And another thing to say")
    assert await heard(talk) == ["7.1"]


async def test_with_two_questions_they_say_which(talk: Conversation) -> None:
    await asked(talk, "Which version?", "Since when?")
    await talk.ask("ana", "case open Something else")
    answer = await talk.ask("ana", "Since Monday")
    assert "Which case is this for? Nobody has read it yet." in answer
    assert "Which case is this for?" in await talk.ask("ana", "3")
    assert "passed it on" in await talk.ask("ana", "2")
    assert (await heard(talk, 2)) == ["Since Monday"]
    assert (await heard(talk, 1)) == []


async def test_words_of_a_case_they_work_on_answer_no_question_of_another(
    talk: Conversation,
) -> None:
    await asked(talk, "Which version?")
    await talk.ask("sue", "case open Import fails --customer @carla")
    assert "Which case is this for?" in await talk.ask("ana", "CASE-2: the log shows nothing")
    assert await heard(talk, 1) == []
    assert "passed it on" in await talk.ask("ana", "1")


async def test_nor_do_words_in_the_thread_of_such_a_case(talk: Conversation) -> None:
    await asked(talk, "Which version?")
    opened = await talk.send("ana", "case open Import fails --customer @carla")
    reply = talk.id_of(f"reply/{opened.key}")
    sent = await talk.send("ana", "the log shows nothing", thread=reply)
    assert "Which case is this for?" in await talk.answer_to(sent)
    assert await heard(talk, 1) == []


async def test_a_file_may_be_the_answer(talk: Conversation) -> None:
    await asked(talk, "Is there a log?")
    await talk.send("ana", "here it is", files=[sent_file("export.log")])
    files: tuple[CaseFile, ...] = (await talk.case()).files
    assert [file.name for file in files] == ["export.log"]
    assert "> here it is" in (await talk.said_to(SUE))[-1]


@pytest.mark.parametrize("word", ["solved", "broken"])
async def test_a_verdict_that_nothing_waits_for_is_answered(talk: Conversation, word: str) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert "No case of your own waits for that" in await talk.ask("ana", word)
