"""A case is opened and its checklist filled one question at a time, and nobody's answers mix."""

from datetime import timedelta

from bot.cases.access import Role
from bot.cases.policy import Checklists, Policy
from tests.conversation import SUPPORT, Conversation, person, sent_file


async def evidence(talk: Conversation, number: int = 1) -> dict[str, str]:
    return {item: given.text for item, given in (await talk.case(number)).evidence.items()}


async def test_a_customer_is_led_from_the_title_to_the_last_question(talk: Conversation) -> None:
    assert "What goes wrong?" in await talk.ask("carla", "open")
    question = await talk.ask("carla", "Export fails on save")
    assert "*CASE-1* Export fails on save" in question
    assert "1 of 4 · *version*: the product version it happens in?" in question
    assert "2 of 4 · *steps*" in await talk.ask("carla", "7.1.0")
    assert "3 of 4 · *expected*" in await talk.ask("carla", "open the file and press Export")
    assert "4 of 4 · *actual*" in await talk.ask("carla", "a PDF")
    done = await talk.ask("carla", "an error")
    assert "the last question" in done
    assert await evidence(talk) == {
        "version": "7.1.0",
        "steps": "open the file and press Export",
        "expected": "a PDF",
        "actual": "an error",
    }
    assert (await talk.case()).version == "7.1.0"
    assert "Thank you. I have passed it on" in await talk.ask("carla", "any news?")


async def test_the_team_is_asked_for_its_own_item_too(talk: Conversation) -> None:
    await talk.ask("ana", "case open --customer @carla --version 7.1 --severity high")
    question = await talk.ask("ana", "Export fails")
    assert "Opened for Carla" in question
    assert "2 of 5 · *steps*" in question
    case = await talk.case()
    assert (case.customer.username, case.version, case.severity) == ("carla", "7.1", "high")
    for words in ("a", "b", "c"):
        question = await talk.ask("ana", words)
    assert "5 of 5 · *reproduction*" in question
    assert "Next: `escalate 1`" in await talk.ask("ana", "seen on 7.1")


async def test_a_question_can_be_skipped_corrected_and_left(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    assert "1 of 4" in await talk.ask("carla", "go")
    assert "2 of 4" in await talk.ask("carla", "7.0")
    back = await talk.ask("carla", "back")
    assert "1 of 4" in back
    assert "So far: 7.0" in back
    assert "1 of 4" in await talk.ask("carla", "Back.")
    assert "2 of 4" in await talk.ask("carla", "7.1")
    assert "3 of 4" in await talk.ask("carla", "Skip")
    left = await talk.ask("carla", "cancel")
    assert "What you gave is kept" in left
    assert await evidence(talk) == {"version": "7.1"}
    assert "passed it on" in await talk.ask("carla", "skip")


async def test_what_was_skipped_is_not_asked_again(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    for _ in range(3):
        await talk.ask("carla", "skip")
    assert "the last question" in await talk.ask("carla", "skip")


async def test_a_file_is_an_answer(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails --version 7")
    await talk.ask("carla", "go")
    message = await talk.send("carla", "", files=[sent_file("steps.mp4")])
    answer = await talk.answer_to(message)
    assert "Kept with CASE-1: steps.mp4" in answer
    assert "3 of 4" in answer
    message = await talk.send("carla", "", files=[sent_file("x.exe")])
    answer = await talk.answer_to(message)
    assert "Not taken: x.exe" in answer
    assert "3 of 4" in answer
    message = await talk.send("carla", "as in the manual", files=[sent_file("manual.pdf")])
    assert "4 of 4" in await talk.answer_to(message)
    assert await evidence(talk) == {
        "version": "7",
        "steps": "steps.mp4",
        "expected": "as in the manual",
    }
    assert [file.name for file in (await talk.case()).files] == ["steps.mp4", "manual.pdf"]


async def test_it_goes_on_where_it_was_after_a_restart(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    await talk.ask("carla", "7.1")
    talk.restart()
    assert "3 of 4" in await talk.ask("carla", "press Export")
    assert (await evidence(talk))["steps"] == "press Export"


async def test_two_peoples_answers_never_mix(talk: Conversation) -> None:
    await talk.ask("carla", "open")
    await talk.ask("carlos", "open")
    await talk.ask("carlos", "Import fails")
    await talk.ask("carla", "Export fails")
    await talk.ask("carla", "7.1")
    await talk.ask("carlos", "8.2")
    assert (await talk.case(1)).title == "Import fails"
    assert await evidence(talk, 1) == {"version": "8.2"}
    assert await evidence(talk, 2) == {"version": "7.1"}
    assert (await talk.case(1)).customer == person("carlos")


async def test_in_a_channel_it_happens_in_the_thread_of_the_answer(talk: Conversation) -> None:
    opened = await talk.send("ana", "!case open Export fails --version 7", room=SUPPORT)
    assert "in the thread of this message" in await talk.answer_to(opened)
    thread = talk.id_of(f"reply/{opened.id}")
    in_channel = await talk.send("ana", "go", room=SUPPORT)
    assert await talk.answer_to(in_channel) == ""
    chatter = await talk.send("ana", "looks odd to me", room=SUPPORT, thread=thread)
    assert await talk.answer_to(chatter) == ""
    go = await talk.send("ana", "go", room=SUPPORT, thread=thread)
    assert "2 of 5" in await talk.answer_to(go)
    other = await talk.send("sam", "mine is different", room=SUPPORT, thread=thread)
    assert await talk.answer_to(other) == ""
    steps = await talk.send("ana", "press Export", room=SUPPORT, thread=thread)
    assert "3 of 5" in await talk.answer_to(steps)
    assert await evidence(talk) == {"version": "7", "steps": "press Export"}


async def test_a_case_opened_in_a_thread_owns_it(talk: Conversation) -> None:
    asked = await talk.send("ana", "!case open", room=SUPPORT)
    thread = talk.id_of(f"reply/{asked.id}")
    title = await talk.send("ana", "Export fails", room=SUPPORT, thread=thread)
    assert "1 of 5" in await talk.answer_to(title)
    note = await talk.send("ana", "!case note seen before", room=SUPPORT, thread=thread)
    assert "CASE-1" in await talk.answer_to(note)


async def test_an_offer_takes_nothing_that_is_no_answer(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    assert "passed it on" in await talk.ask("carla", "It happens every day")
    assert "2 of 4" in await _after_go(talk, "7.1")


async def _after_go(talk: Conversation, words: str) -> str:
    await talk.ask("carla", "go")
    return await talk.ask("carla", words)


async def test_a_command_works_in_between(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    assert "Level 1" in await talk.ask("carla", "status 1")
    assert "2 of 4" in await talk.ask("carla", "7.1")


async def test_what_waits_already_is_not_pushed_aside_by_an_offer(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    assert "Type `go`" not in await talk.ask("carla", "case open Printer offline")
    await talk.ask("carla", "7.1")
    assert await evidence(talk, 1) == {"version": "7.1"}


async def test_it_is_forgotten_after_some_hours_and_taken_up_with_evidence(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    await talk.ask("carla", "7.1")
    talk.clock.pass_by(timedelta(hours=5))
    assert "passed it on" in await talk.ask("carla", "any news?")
    assert (await evidence(talk)) == {"version": "7.1"}
    assert "Type `go`" in await talk.ask("carla", "case evidence 1")
    assert "2 of 4" in await talk.ask("carla", "go")


async def test_a_case_closed_meanwhile_is_said(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    await talk.ask("ana", "case close 1 known")
    assert "closed" in await talk.ask("carla", "7.1")
    assert await evidence(talk) == {}


async def test_a_title_may_be_left_unsaid(talk: Conversation) -> None:
    await talk.ask("carla", "open")
    assert "No case was opened" in await talk.ask("carla", "cancel")
    await talk.ask("carla", "open")
    assert "too long" in await talk.ask("carla", "x" * 201)
    assert "CASE-1" in await talk.ask("carla", "Export fails")


async def test_a_title_with_a_file_opens_at_once(talk: Conversation) -> None:
    await talk.ask("carla", "open")
    message = await talk.send("carla", "Export fails", files=[sent_file("app.log")])
    answer = await talk.answer_to(message)
    assert "Kept with CASE-1: app.log" in answer
    assert "1 of 4" in answer


async def test_a_similar_case_is_offered_before_another_is_opened(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails on save")
    await talk.ask("carlos", "case open Export fails on save")
    await talk.ask("ana", "case close 2 known")
    await talk.ask("carla", "open")
    offered = await talk.ask("carla", "export FAILS")
    assert "Is it one of these?" in offered
    assert "CASE-1" in offered
    assert "CASE-2" not in offered
    assert "Is it one of these?" in await talk.ask("carla", "hm")
    assert "Is it one of these?" in await talk.ask("carla", "2")
    assert "passed it on" in await talk.ask("carla", "CASE-1")
    told = [entry.text for entry in await talk.timeline(1)]
    assert told[-1] == "export FAILS"
    await talk.ask("carla", "open")
    await talk.ask("carla", "export FAILS")
    assert "*CASE-3*" in await talk.ask("carla", "new")


async def test_the_team_adds_to_a_similar_case_internally(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails on save")
    await talk.ask("ana", "case open --customer @carlos")
    await talk.ask("ana", "Export fails")
    assert "internal note" in await talk.ask("ana", "1")
    [*_, note] = await talk.timeline(1)
    assert note.internal
    assert note.text == "reported again for carlos: Export fails"


async def test_a_case_in_one_line_is_opened_at_once_and_says_what_is_like_it(
    talk: Conversation,
) -> None:
    first = await talk.ask("carla", "case open Export fails on save")
    assert "like it" not in first
    second = await talk.ask("ana", "case open Export fails --customer @carlos")
    assert "*CASE-2*" in second
    assert "Open cases like it:" in second
    assert "CASE-1" in second
    third = await talk.ask("carlos", "case open Export fails")
    assert "You have a case like it already:" in third
    assert "CASE-2" in third
    assert "CASE-1" not in third


async def test_a_checklist_is_that_of_the_product_or_the_severity(talk: Conversation) -> None:
    lists = Checklists(
        default={"version": "which version"},
        by_product={"printer": {"model": "which printer", "paper": "which paper"}},
        by_severity={"critical": {"since": "since when"}},
    )
    talk.restart(policy=Policy(checklists=lists))
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open Jams --product Printer --severity critical")
    await talk.ask("carla", "case open Down --severity critical")
    assert "The items are version, severity" in await talk.ask("carla", "case evidence 1 now")
    answer = await talk.ask("carla", "case evidence 2 model X100")
    assert "Noted: model" in answer
    assert "paper" in answer
    answer = await talk.ask("ana", "case evidence 3 version 7")
    assert "The items are since, severity, product" in answer
    assert "Missing: since" in await talk.ask("ana", "escalate 3")


async def test_a_severity_is_one_of_the_teams_words(talk: Conversation) -> None:
    answer = await talk.ask("carla", "case open Export fails --severity HIHG")
    assert "Took the severity HIHG for high." in answer
    assert (await talk.case()).severity == "high"
    answer = await talk.ask("carla", "case open Login page blank --severity purple")
    assert "Left out the severity purple: it is one of critical, high, medium, low." in answer
    assert (await talk.case(2)).severity == ""
    assert "Noted: severity" in await talk.ask("carla", "case evidence 2 severity low")
    assert (await talk.case(2)).severity == "low"


async def test_without_a_list_any_severity_goes(talk: Conversation) -> None:
    talk.restart(policy=Policy(severities=()))
    await talk.ask("carla", "case open Export fails --severity S2")
    assert (await talk.case()).severity == "S2"


async def test_a_path_is_an_answer_and_no_command(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails --version 7")
    await talk.ask("carla", "go")
    assert "3 of 4" in await talk.ask("carla", "/var/log/app.log")
    assert (await evidence(talk))["steps"] == "/var/log/app.log"
    assert "Did you mean" in await talk.ask("carla", "/statsu 1")


async def test_who_left_the_team_opens_no_case_for_somebody_else(talk: Conversation) -> None:
    await talk.ask("ana", "case open --customer @carla")
    talk.roles["ana"] = Role.CUSTOMER
    await talk.ask("ana", "canary")
    await talk.ask("ana", "cancel")
    assert await talk.said_to("person:id-carla") == []
    assert "No case found" in await talk.ask("sam", "case list @carla")


async def test_words_are_not_held_up_by_a_case_that_was_given_away(talk: Conversation) -> None:
    await talk.ask("carlos", "case open Canary fails")
    await talk.ask("carlos", "go")
    await talk.ask("ana", "case customer 1 @carla")
    await talk.ask("ana", "yes")
    await talk.ask("carlos", "case open Printing is slow")
    assert "Canary" not in await talk.ask("carlos", "cancel")
    talk.clock.pass_by(timedelta(minutes=10))
    answer = await talk.ask("carlos", "it is slow every day")
    assert "CASE-2" in answer
    assert "passed it on" in answer
    assert (await talk.case(1)).evidence == {}


async def test_words_are_not_held_up_by_a_case_that_was_closed(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "go")
    await talk.ask("ana", "case close 1 works as designed")
    await talk.ask("carla", "but it fails every day")
    await talk.ask("carla", "yes")
    assert (await talk.case()).state == "open"
    assert [one for one in await talk.timeline() if "every day" in one.text]


async def test_words_of_another_case_are_no_answer_to_what_is_asked_of_this_one(
    talk: Conversation,
) -> None:
    for customer, title in (("carla", "Export fails"), ("carlos", "Import"), ("carla", "Login")):
        await talk.ask(customer, f"case open {title}")
    assert "CASE-3 · 1 of 4 · *version*" in await talk.ask("carla", "go")
    answer = await talk.ask("carla", "CASE-1: it happens every day")
    assert "*CASE-1* Export fails\nThank you." in answer
    assert "2 of 4 · *steps*" in await talk.ask("carla", "7.1")
    assert "3 of 4" in await talk.ask("carla", "Case 1: open a file. Case 2: save it")
    assert "4 of 4" in await talk.ask("carla", "CASE-2 should be there")
    assert (await evidence(talk, 3))["steps"].startswith("Case 1: open a file.")
    assert await evidence(talk, 1) == {}


async def test_words_of_another_case_are_no_title_of_a_new_one(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case open")
    assert "*CASE-1* Export fails" in await talk.ask("carla", "CASE-1: it happens every day")
    assert "*CASE-2* Login fails" in await talk.ask("carla", "Login fails")
