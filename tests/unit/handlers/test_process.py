"""The three levels as conversations: what is asked, what is answered, what is owed to whom."""

import pytest

from bot.cases.case import CaseState, IssueState, Level, MessageId
from bot.cases.effects import CreateIssue, LinkIssue
from tests.conversation import LEVEL2, LEVEL3, SUPPORT, Conversation, person

CARLA = "person:id-carla"


async def test_a_case_is_opened_and_the_customer_gets_a_receipt(talk: Conversation) -> None:
    answer = await talk.ask("ana", "!case open Export fails --customer @carla", room=SUPPORT)
    assert "CASE-1" in answer
    assert "version, steps, expected, actual, reproduction" in answer
    assert "!case evidence 1 version" in answer
    [receipt] = await talk.said_to(CARLA)
    assert "CASE-1" in receipt
    case = await talk.case()
    assert (case.customer.username, case.opened_by.username) == ("carla", "ana")


async def test_a_customer_who_opens_in_a_direct_message_gets_one_answer(
    talk: Conversation,
) -> None:
    await talk.ask("carla", "case open Export fails")
    assert len(await talk.said_to(CARLA)) == 1


async def test_a_customer_who_opens_in_a_channel_gets_a_receipt_too(talk: Conversation) -> None:
    answer = await talk.ask("carla", "!case open Export fails", room=SUPPORT)
    assert "CASE-1" in answer
    assert len(await talk.said_to(CARLA)) == 1


async def test_a_customer_cannot_open_for_somebody_else(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails --customer @carlos")
    assert (await talk.case()).customer.username == "carla"


async def test_staff_who_name_no_customer_are_told_how(talk: Conversation) -> None:
    answer = await talk.ask("ana", "!case open Export fails", room=SUPPORT)
    assert "!case customer 1 @" in answer
    assert "Belongs to Carla" in await talk.ask("ana", "case customer 1 @carla")
    assert (await talk.case()).customer.username == "carla"
    assert "CASE-1" in (await talk.said_to(CARLA))[-1]


async def test_an_unknown_customer_changes_nothing(talk: Conversation) -> None:
    answer = await talk.ask("ana", "!case open Export fails --customer @nobody", room=SUPPORT)
    assert "nobody" in answer
    assert "CASE-" not in await talk.ask("ana", "case list")


async def test_escalation_is_refused_with_exactly_what_is_missing(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla --version 7.1")
    await talk.ask("ana", "case evidence 1 actual A blank page")
    answer = await talk.ask("ana", "!escalate 1", room=SUPPORT)
    assert "Missing: steps, expected, reproduction." in answer
    for item in ("steps", "expected", "reproduction"):
        assert f"`!case evidence 1 {item} <text>`" in answer
    assert "evidence 1 actual" not in answer
    assert (await talk.case()).level is Level.ANALYSIS


async def test_the_whole_way_up(talk: Conversation) -> None:
    case = await talk.at_level(Level.ASSESSMENT)
    assert case.level is Level.ASSESSMENT
    assert case.owners.analyst is not None
    assert case.owners.analyst.username == "ana"
    assert case.owners.specialist is not None
    assert case.owners.specialist.username == "sam"
    [card2] = await talk.said_to("room:level2")
    [card3] = await talk.said_to("room:level3")
    assert "CASE-1" in card2
    assert "Reason: please look" in card2
    assert "the steps" in card2
    assert "`!case confirm 1`" in card3


@pytest.mark.parametrize(
    ("who", "command", "role"),
    [
        ("carla", "escalate 1", "support analyst"),
        ("carla", "case note 1 x", "support analyst"),
        ("carla", "case close 1 x", "support analyst"),
        ("ana", "case confirm 1", "R&D"),
        ("ana", "case contacted 1 x", "support specialist"),
        ("rita", "case ack 1", "support specialist"),
    ],
)
async def test_the_wrong_role_is_told_which_is_needed(
    talk: Conversation, who: str, command: str, role: str
) -> None:
    await talk.ask("carla", "case open Export fails")
    before = await talk.case()
    assert role in await talk.ask(who, command)
    assert await talk.case() == before


async def test_an_analyst_cannot_raise_from_level_two(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "support specialist" in await talk.ask("ana", "escalate 1")
    assert (await talk.case()).level is Level.CONFIRMATION


async def test_a_specialist_may_go_without_the_checklist_with_a_reason(
    talk: Conversation,
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert "support specialist" in await talk.ask("ana", 'escalate 1 --override "urgent"')
    answer = await talk.ask("sam", 'escalate 1 --override "production is down"')
    assert "Level 2" in answer
    assert "Not given: version, steps" in answer
    [card] = await talk.said_to("room:level2")
    assert "production is down" in card


async def test_return_names_the_reason_and_tells_the_owner(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    assert "reason is missing" in await talk.ask("rita", "case return 1")
    answer = await talk.ask("rita", "!case return 1 needs a server log", room=LEVEL3)
    assert "Level 2" in answer
    assert (await talk.case()).level is Level.CONFIRMATION
    assert "needs a server log" in (await talk.said_to("room:level2"))[-1]
    assert "needs a server log" in (await talk.said_to("person:id-sam"))[-1]


async def test_confirm_owes_one_issue_and_tells_the_customer(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    assert "Confirmed" in await talk.ask("rita", "!case confirm 1", room=LEVEL3)
    assert "confirmed already" in await talk.ask("rita", "!case confirm 1", room=LEVEL3)
    [effect] = await talk.effects("issue:1")
    assert isinstance(effect, CreateIssue)
    case = await talk.case()
    assert case.issue is not None
    assert case.issue.state is IssueState.REQUESTED
    assert "Confirmed" in (await talk.said_to(CARLA))[-1]


async def test_confirm_needs_level_three(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "`escalate 1`" in await talk.ask("sam", "case confirm 1")
    # R&D cannot raise it from there, so they are not told to.
    assert "escalate 1" not in await talk.ask("rita", "case confirm 1")
    assert (await talk.case()).issue is None


async def test_link_takes_an_existing_issue(talk: Conversation) -> None:
    await talk.at_level(Level.ASSESSMENT)
    assert "not a Jira key" in await talk.ask("rita", "case link 1 seven")
    assert "BUG-7" in await talk.ask("rita", "case link 1 bug-7")
    [effect] = await talk.effects("issue:1")
    assert isinstance(effect, LinkIssue)
    assert effect.issue_key == "BUG-7"


async def test_take_and_take_over(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "Yours" in await talk.ask("sam", "!case take 1", room=LEVEL2)
    assert "yours already" in await talk.ask("sam", "!case take 1", room=LEVEL2)
    assert "taken over from Sam" in await talk.ask("sue", "!case take 1", room=LEVEL2)
    assert "needs the role R&D" not in await talk.ask("sue", "!case show 1", room=LEVEL2)
    assert "role support specialist" in await talk.ask("rita", "!case take 1", room=LEVEL2)


async def test_assign_tells_the_new_owner(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "Sue" in await talk.ask("sam", "!case assign 1 @sue", room=LEVEL2)
    assert "CASE-1" in (await talk.said_to("person:id-sue"))[-1]
    assert "cannot own it" in await talk.ask("sam", "!case assign 1 @carla", room=LEVEL2)


async def test_notes_are_shown_to_staff_in_a_direct_message_only(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("ana", "case note 1 the customer is difficult")
    assert "difficult" in await talk.ask("ana", "case show 1")
    assert "difficult" in await talk.ask("ana", "case timeline 1")
    assert "difficult" not in await talk.ask("ana", "!case show 1", room=SUPPORT)
    assert "difficult" not in await talk.ask("ana", "!case timeline 1", room=SUPPORT)
    for command in ("case show 1", "case timeline 1", "status 1", "case list", "case proof 1"):
        assert "difficult" not in await talk.ask("carla", command)


async def test_what_the_team_found_out_stays_with_the_team(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case evidence 1 steps I press Export")
    await talk.ask("ana", "case evidence 1 reproduction works here, probably her mistake")
    for command in ("case show 1", "case timeline 1", "case evidence 1", "status 1"):
        assert "mistake" not in await talk.ask("carla", command)
    assert "I press Export" in await talk.ask("carla", "case show 1")
    assert "*reproduction* noted by support" in await talk.ask("carla", "case show 1")
    assert "mistake" in await talk.ask("ana", "case show 1")


async def test_somebody_elses_case_looks_like_an_unknown_one(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    for command in ("case show {}", "status {}", "case evidence {} steps x", "case timeline {}",
                    "case reopen {} x"):  # fmt: skip
        other = await talk.ask("carlos", command.format(1))
        unknown = await talk.ask("carlos", command.format(99))
        assert other.replace("CASE-1", "CASE-99") == unknown
    assert "Export" not in await talk.ask("carlos", "case list all")
    assert "Export" not in await talk.ask("carlos", "case search export")
    assert "steps" not in (await talk.case()).evidence


async def test_closing_and_reopening(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails --customer @carla")
    assert "Closed" in await talk.ask("ana", "case close 1 user error, really")
    assert (await talk.case()).state is CaseState.CLOSED
    closed = (await talk.said_to(CARLA))[-1]
    assert "closed" in closed
    assert "user error" not in closed
    assert "case reopen 1" in await talk.ask("ana", "escalate 1")
    assert "Open again" in await talk.ask("carla", "case reopen 1 still broken")
    assert "still broken" in (await talk.said_to("person:id-ana"))[-1]
    assert (await talk.case()).state is CaseState.OPEN


async def test_a_command_is_carried_out_once(talk: Conversation) -> None:
    await talk.send("carla", "case open Export fails", message_id="same")
    await talk.send("carla", "case open Export fails", message_id="same")
    await talk.send("carla", "case opne", message_id="wrong")
    await talk.send("carla", "case opne", message_id="wrong")
    assert "Your open cases: 1" in await talk.ask("carla", "status")
    keys = [delivery.owed.key for delivery in await talk.owed()]
    assert keys.count("reply/same") == 1
    assert keys.count("reply/wrong") == 1


async def test_an_edit_of_a_command_that_was_carried_out_is_ignored(talk: Conversation) -> None:
    await talk.send("carla", "case open Export fails", message_id="m")
    await talk.send("carla", "case open Import fails", message_id="m", edited=True)
    assert "Your open cases: 1" in await talk.ask("carla", "status")


async def test_a_refused_command_may_be_mended_by_an_edit_once(talk: Conversation) -> None:
    await talk.send("carla", "case opne Export fails", message_id="m")
    for _ in range(2):
        message = await talk.send("carla", "case open Export fails", message_id="m", edited=True)
    answer = await talk.answer_to(message)
    assert answer.startswith("You edited this message")
    assert "CASE-1" in answer
    assert "Your open cases: 1" in await talk.ask("carla", "status")
    await talk.send("carla", "case open Import fails", message_id="m", edited=True)
    assert "Your open cases: 1" in await talk.ask("carla", "status")


async def test_a_command_first_seen_after_it_was_edited_counts_once(talk: Conversation) -> None:
    await talk.send("carla", "case open Export fails", message_id="m", edited=True)
    await talk.send("carla", "case open Export fails", message_id="m")
    assert "Your open cases: 1" in await talk.ask("carla", "status")


async def test_a_refused_command_leaves_nothing_behind(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    before = await talk.case()
    await talk.ask("ana", "case evidence 1 stepps x")
    await talk.ask("ana", "case return 1 no")
    await talk.ask("ana", "case evidence 1 steps")
    assert await talk.case() == before


async def test_the_number_may_be_left_out_in_the_thread_of_the_case(talk: Conversation) -> None:
    opened = await talk.send("ana", "!case open Export fails --customer @carla", room=SUPPORT)
    await talk.owed()
    for thread in (opened.id, talk.id_of(f"reply/{opened.id}")):
        message = await talk.send(
            "ana", "!case evidence steps 2 clicks", room=SUPPORT, thread=MessageId(thread)
        )
        assert "Noted: steps" in await talk.answer_to(message)
    message = await talk.send("ana", "!case note 2 users", room=SUPPORT, thread=opened.id)
    assert "Note kept" in await talk.answer_to(message)
    message = await talk.send("ana", "!case show", room=SUPPORT, thread=MessageId("other"))
    assert "Which case?" in await talk.answer_to(message)


async def test_the_answer_goes_to_the_same_room_and_thread(talk: Conversation) -> None:
    message = await talk.send("ana", "!status", room=SUPPORT, thread=MessageId("t1"))
    delivery = next(d for d in await talk.owed() if d.owed.key == f"reply/{message.id}")
    assert delivery.lane == "room:support"
    assert delivery.owed.effect.to.thread_id == "t1"  # type: ignore[union-attr]


async def test_another_bot_gets_no_answer(talk: Conversation) -> None:
    assert not await talk.ask("otherbot", "!case open Loop", room=SUPPORT)
    assert not await talk.ask("otherbot", "!case opne Loop", room=SUPPORT)


async def test_text_that_was_typed_cannot_mention_format_or_link(talk: Conversation) -> None:
    nasty = '@all @here *bold* [click](javascript:alert(1)) {noformat} `x` "a" \u201cb\u201d'
    answer = await talk.ask("carla", f"case open {nasty}")
    assert "@all" not in answer
    assert "@here" not in answer
    assert "](javascript" not in answer
    assert "\\*bold\\*" in answer
    assert (await talk.case()).title == nasty


@pytest.mark.parametrize("text", ["x" * 10_000, "\u202e" * 300, "🔥" * 201])
async def test_a_title_too_long_is_one_sentence(talk: Conversation, text: str) -> None:
    answer = await talk.ask("carla", f"case open {text}")
    assert len(answer) < 300
    assert "title" in answer


async def test_status_speaks_of_done_only_after_a_person_did(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    assert "Level 1 Analysis" in await talk.ask("carla", "status 1")
    assert "CASE-1" in await talk.ask("carla", "status")


@pytest.mark.parametrize("who", ["ana", "sam", "rita", "root", "carla"])
async def test_help_shows_only_what_one_may_do(talk: Conversation, who: str) -> None:
    answer = await talk.ask(who, "help")
    assert ("escalate" in answer) is (who != "carla")
    assert ("case confirm" in answer) is (who in {"sam", "rita", "root"})
    assert "Example:" in await talk.ask(who, "help status")


@pytest.mark.parametrize("name", ["@sam", "sam", "sam:"])
async def test_whoever_is_to_get_a_case_is_named_with_or_without_the_sign(
    talk: Conversation, name: str
) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "sam" in await talk.ask("sue", f"case assign 1 {name}")
    assert (await talk.case()).owners.specialist == person("sam")


async def test_i_may_give_a_case_to_me(talk: Conversation) -> None:
    await talk.at_level(Level.CONFIRMATION)
    assert "Yours at Level" in await talk.ask("sue", "case assign 1 me")
    assert (await talk.case()).owners.specialist == person("sue")
    assert "nobody called nobody" in await talk.ask("sue", "case assign 1 nobody")


async def test_a_customer_is_named_with_or_without_the_sign(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails")
    await talk.ask("ana", "case customer 1 carlos")
    assert (await talk.case()).customer == person("carlos")


@pytest.mark.parametrize("who", ["carla", "ana"])
async def test_a_flag_that_is_none_is_no_title(talk: Conversation, who: str) -> None:
    answer = await talk.ask(who, "case open Export fails --severidade alta")
    assert "I do not know `--severidade`" in answer
    assert "[--severity s]" in answer
    assert ("--customer" in answer) is (who == "ana")
    assert "CASE-1" in await talk.ask(who, "case open Export fails \u2014sometimes")


async def test_elsewhere_what_looks_like_a_flag_is_text(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    await talk.ask("ana", "case note 1 crashes with --verbose on")
    assert (await talk.timeline())[-1].text == "crashes with --verbose on"


async def test_what_is_missing_is_asked_for_in_words_with_the_case_that_was_typed(
    talk: Conversation,
) -> None:
    await talk.at_level(Level.ANALYSIS)
    assert "`case note 1 <text>`" in await talk.ask("ana", "case note CASE-1")
    await talk.ask("ana", "case close 1 over")
    answer = await talk.ask("ana", "case reopen 1")
    assert answer == "Say why: `case reopen 1 <why>`"
