"""A customer without an open case writes or sends something: nothing of it has to be sent twice."""

import pytest

from bot.cases.case import CaseState, TimelineKind
from tests.conversation import Conversation, sent_file

ANA = "person:id-ana"


async def texts(talk: Conversation, kind: TimelineKind, number: int = 1) -> list[str]:
    return [entry.text for entry in await talk.timeline(number) if entry.kind is kind]


@pytest.mark.parametrize("yes", ["yes", "Sim.", "ok", "new", "Novo"])
async def test_words_become_a_case_and_what_is_missing_is_asked(
    talk: Conversation, yes: str
) -> None:
    await talk.ask("carla", "Reports are not exported.\nSince yesterday, always.")
    answer = await talk.ask("carla", yes)
    assert "*CASE-1* Reports are not exported." in answer
    assert "1 of 4" in answer
    case = await talk.case()
    assert (case.title, case.customer.username) == ("Reports are not exported.", "carla")
    [heard] = await texts(talk, TimelineKind.HEARD)
    assert heard.splitlines() == ["Reports are not exported.", "Since yesterday, always."]
    await talk.ask("carla", "7.1")
    assert (await talk.case()).evidence["version"].text == "7.1"
    await talk.ask("ana", "case take 1")
    assert "Since yesterday, always." in (await talk.said_to(ANA))[0]


async def test_what_is_written_before_the_yes_goes_with_it(talk: Conversation) -> None:
    await talk.ask("carla", "Hello")
    assert await talk.ask("carla", "The export fails") == ""
    talk.restart()
    await talk.ask("carla", "yes")
    assert await texts(talk, TimelineKind.HEARD) == ["Hello\nThe export fails"]


async def test_one_line_is_the_title_and_is_not_kept_twice(talk: Conversation) -> None:
    await talk.ask("carla", "The export fails")
    await talk.ask("carla", "yes")
    assert (await talk.case()).title == "The export fails"
    assert await texts(talk, TimelineKind.HEARD) == []


async def test_a_long_line_makes_a_short_title(talk: Conversation) -> None:
    long = "the export fails and fails again " * 20
    await talk.ask("carla", long)
    await talk.ask("carla", "yes")
    title = (await talk.case()).title
    assert len(title) <= 200
    assert title.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert await texts(talk, TimelineKind.HEARD) == [long.strip()]


async def test_a_file_alone_is_kept_and_the_title_asked(talk: Conversation) -> None:
    sent = await talk.send("carla", "", files=[sent_file("screen.png"), sent_file("run.exe")])
    answer = await talk.answer_to(sent)
    assert "Open a case with it?" in answer
    assert "Not taken: run.exe" in answer
    assert "What goes wrong? Say it in one line." in await talk.ask("carla", "yes")
    more = await talk.send("carla", "", files=[sent_file("screen2.png")])
    assert "What goes wrong?" in await talk.answer_to(more)
    opened = await talk.ask("carla", "The window stays blank")
    assert "Kept with CASE-1: screen.png, screen2.png" in opened
    assert "1 of 4" in opened
    case = await talk.case()
    assert [file.name for file in case.files] == ["screen.png", "screen2.png"]
    assert case.title == "The window stays blank"


async def test_a_file_may_be_left_after_all(talk: Conversation) -> None:
    await talk.send("carla", "", files=[sent_file("screen.png")])
    await talk.ask("carla", "yes")
    assert "Dropped" in await talk.ask("carla", "cancel")
    assert "CASE-" not in await talk.ask("ana", "case list")


async def test_a_case_opened_by_a_command_takes_along_what_waited(talk: Conversation) -> None:
    await talk.send("carla", "Look at this", files=[sent_file("screen.png")])
    answer = await talk.ask("carla", "case open Export fails")
    assert "Kept with CASE-1: screen.png" in answer
    assert "`go`" in answer
    assert await texts(talk, TimelineKind.HEARD) == ["Look at this"]
    assert "1 of 4" in await talk.ask("carla", "go")


@pytest.mark.parametrize("typed", ["open", "case open", "!case open"])
async def test_to_open_a_case_without_a_title_drops_nothing_that_waits(
    talk: Conversation, typed: str
) -> None:
    await talk.send("carla", "The export fails", files=[sent_file("screen.png")])
    assert "*CASE-1* The export fails" in await talk.ask("carla", typed)
    assert [file.name for file in (await talk.case()).files] == ["screen.png"]


async def test_a_file_waits_for_the_title_that_is_asked(talk: Conversation) -> None:
    await talk.send("carla", "", files=[sent_file("screen.png")])
    assert "What goes wrong?" in await talk.ask("carla", "case open")
    assert "Kept with CASE-1: screen.png" in await talk.ask("carla", "The export fails")


async def test_a_file_for_a_new_case_goes_with_the_one_that_is_opened_by_a_command(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    await talk.send("carla", "", files=[sent_file("screen.png")])
    assert "What goes wrong?" in await talk.ask("carla", "new")
    assert "Kept with CASE-3" in await talk.ask("carla", "case open Paging is slow")


async def closed_cases(talk: Conversation) -> None:
    for number, title in enumerate(("Export fails", "Import fails"), start=1):
        await talk.ask("carla", f"case open {title}")
        await talk.ask("ana", f"case close {number} over")


async def test_with_closed_cases_it_may_be_one_of_them_or_a_new_one(talk: Conversation) -> None:
    await closed_cases(talk)
    answer = await talk.ask("carla", "It fails again")
    assert "You have no open case, so nobody has read this." in answer
    assert "`new` for a new case" in answer
    assert "Open it again, with your words" in await talk.ask("carla", "Case 2")
    assert "Open again" in await talk.ask("carla", "yes")
    assert (await talk.case(2)).state is CaseState.OPEN
    assert await texts(talk, TimelineKind.REOPENED, 2) == ["It fails again"]


async def test_a_yes_does_not_say_which(talk: Conversation) -> None:
    await closed_cases(talk)
    await talk.ask("carla", "It fails again")
    await talk.ask("carla", "yes")
    assert "CASE-3" in await talk.ask("carla", "New!")
    assert (await talk.case(3)).title == "It fails again"


async def test_with_several_open_cases_it_may_be_a_new_one(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    assert "`new` for a new case" in await talk.ask("carla", "Paging is slow")
    assert "*CASE-3* Paging is slow" in await talk.ask("carla", "new")


@pytest.mark.parametrize("typed", ["2", "Case 2", "caso 2", "CASE-2", "#2", "case #2."])
async def test_a_case_is_chosen_as_people_name_it(talk: Conversation, typed: str) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Import fails")
    await talk.ask("carla", "It is slow, too")
    assert "*CASE-2* Import fails\nThank you." in await talk.ask("carla", typed)
    assert await texts(talk, TimelineKind.HEARD, 2) == ["It is slow, too"]


@pytest.mark.parametrize("word", ["New", "new one", "no", "None", "outro", "Nova."])
async def test_none_of_the_similar_ones_is_a_new_one(talk: Conversation, word: str) -> None:
    await talk.ask("carla", "case open Export fails on save")
    await talk.ask("carla", "open")
    assert "Is it one of these?" in await talk.ask("carla", "Export fails on saving")
    assert "*CASE-2*" in await talk.ask("carla", word)


async def test_in_portuguese_every_answer_is_asked_for_in_portuguese(talk: Conversation) -> None:
    await talk.ask("carla", "case language pt_BR")
    asked = await talk.ask("carla", "O relat\u00f3rio n\u00e3o abre")
    assert "`sim` ou `n\u00e3o`" in asked
    question = await talk.ask("carla", "Sim")
    assert "`pular`, `voltar` ou `cancelar`" in question
    assert "2 de 4" in await talk.ask("carla", "Pular")
    assert "1 de 4" in await talk.ask("carla", "voltar.")
    assert "`case evidence 1`" in await talk.ask("carla", "cancelar")
