"""After Done: the customer is contacted, asked, and has the last word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import Case, CaseId, CaseState, Level, TimelineKind
from handlers.sayings import Verdict, find_saying
from tests.conversation import LEVEL2, Conversation, person
from tests.factories import build_alert, build_issue_link

CARLA, SAM = "person:id-carla", "person:id-sam"


async def done(talk: Conversation, *, customer: str = "carla") -> int:
    """Return the number of a new case whose issue is Done."""
    case = await talk.at_level(Level.ASSESSMENT, customer=customer)
    await change(
        talk, case.id, issue=build_issue_link(), alert=build_alert(opened_at=talk.clock.now())
    )
    return case.id


async def change(talk: Conversation, number: int, **fields: object) -> Case:
    async with talk.store.transaction() as tx:
        case = await tx.find_case(CaseId(number))
        assert case is not None
        return await talk.desk_in(tx).save(replace(case, **fields))  # type: ignore[arg-type]


async def contacted(talk: Conversation, *, customer: str = "carla") -> int:
    number = await done(talk, customer=customer)
    await talk.ask("sam", f"case contacted {number} by phone")
    return number


async def last_words(talk: Conversation, number: int = 1) -> str:
    async with talk.store.transaction() as tx:
        timeline = await tx.list_timeline(CaseId(number))
    return [entry.text for entry in timeline if entry.by and entry.by.username == "carla"][-1]


async def test_after_the_contact_the_customer_is_asked_once(talk: Conversation) -> None:
    await done(talk)
    answer = await talk.ask("sam", "case contacted 1 by phone")
    assert "I have asked Carla (carla) whether it is solved" in answer
    question = (await talk.said_to(CARLA))[-1]
    assert "Does it work for you now?" in question
    assert "Yes: `solved 1`" in question
    assert "No: `still broken 1 <what happens>`" in question
    before = len(await talk.said_to(CARLA))
    assert "no open Done alert" in await talk.ask("sam", "case contacted 1 again")
    assert len(await talk.said_to(CARLA)) == before


@pytest.mark.parametrize(
    "words",
    ["solved", "Solved!", "solved 1", "case solved 1", "yes, it is fixed now", "CASE-1: solved",
     "resolvido", "Sim, está resolvido.", "resolvido 1"],
)  # fmt: skip
async def test_solved_closes_with_thanks_and_tells_the_specialist(
    talk: Conversation, words: str
) -> None:
    await contacted(talk)
    assert "Thank you for telling us. The case is closed." in await talk.ask("carla", words)
    assert (await talk.case()).state is CaseState.CLOSED
    assert "says that it is solved" in (await talk.said_to(SAM))[-1]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("still broken the page is blank", "the page is blank"),
        ("still broken 1 the page is blank", "the page is blank"),
        ("Still broken: 3 pages are missing", "3 pages are missing"),
        ("CASE-1: it is still not working, sorry", "sorry"),
        ("broken 1 the page is blank", "the page is blank"),
        ("not solved", "still broken"),
        ("continua com a página em branco", "com a página em branco"),
        ("ainda não funciona", "still broken"),
        ("Não, não está resolvido", "still broken"),
    ],
)
async def test_still_broken_opens_it_again_with_the_words_and_leaves_jira_alone(
    talk: Conversation, words: str, text: str
) -> None:
    await contacted(talk)
    before = await talk.case()
    issue = await talk.effects("issue:1")
    answer = await talk.ask("carla", words)
    assert "Sorry that it is not solved. The case is open" in answer
    case = await talk.case()
    assert case.state is CaseState.OPEN
    assert case.issue == before.issue
    assert case.alert is not None
    assert (case.alert.is_open, case.alert.broken_at) == (False, talk.clock.now())
    assert await last_words(talk) == text
    told = (await talk.said_to(SAM))[-1]
    assert "says that it is still broken. The case is open again." in told
    assert "Nothing was changed in Jira: SUP-10001" in told
    assert "`case reply 1 <text>`" in told
    assert await talk.effects("issue:1") == issue


@pytest.mark.parametrize(
    "words",
    ["yes", "Yes.", "Sim!", "yes, thanks", "Yes it does", "It works now, thank you!", "it works",
     "Sim, está funcionando. Obrigada", "funcionou", "Agora deu certo", "solved, thank you!"],
)  # fmt: skip
async def test_the_question_is_answered_as_people_answer(talk: Conversation, words: str) -> None:
    await contacted(talk)
    assert "The case is closed." in await talk.ask("carla", words)
    assert (await talk.case()).state is CaseState.CLOSED


@pytest.mark.parametrize(
    "words",
    ["no", "Não.", "No, it doesn\N{RIGHT SINGLE QUOTATION MARK}t work", "it still does not work",
     "Não funciona", "não deu certo", "It isn't working when I save"],
)  # fmt: skip
async def test_so_it_is_where_it_does_not_work(talk: Conversation, words: str) -> None:
    await contacted(talk)
    assert "Sorry that it is not solved." in await talk.ask("carla", words)
    case = await talk.case()
    assert case.alert is not None
    assert case.alert.broken_at is not None


@pytest.mark.parametrize("words", ["ok", "yes, but", "no idea", "works of art", "I do not know"])
async def test_anything_else_goes_to_the_specialist(talk: Conversation, words: str) -> None:
    await contacted(talk)
    assert "passed it on" in await talk.ask("carla", words)
    case = await talk.case()
    assert case.alert is not None
    assert (case.state, case.alert.broken_at) == (CaseState.OPEN, None)


@pytest.mark.parametrize(
    "said_since",
    ["case reply 1 Do you have the manual?", "case ask 1 Do you have the manual?",
     "case reply 2 Shall we phone?", "case ask 2 Does it print?"],
)  # fmt: skip
@pytest.mark.parametrize("words", ["yes", "no", "it works"])
async def test_a_plain_yes_answers_what_was_said_last(
    talk: Conversation, said_since: str, words: str
) -> None:
    await talk.at_level(Level.ANALYSIS)
    assert await contacted(talk) == 2
    await talk.ask("sam", said_since)
    await talk.ask("sam", "yes")
    await talk.ask("carla", words)
    case = await talk.case(2)
    assert case.alert is not None
    assert (case.state, case.alert.broken_at) == (CaseState.OPEN, None)


async def test_a_plain_yes_in_the_thread_of_the_solution_is_about_it(talk: Conversation) -> None:
    await talk.at_level(Level.ANALYSIS)
    number = await contacted(talk)
    [asked] = [one for one in await talk.owed() if "/verdict/" in one.owed.key]
    await talk.ask("ana", "case ask 1 Does it print?")
    await talk.ask("ana", "yes")
    await talk.send("carla", "yes", thread=talk.id_of(asked.owed.key))
    assert (await talk.case(number)).state is CaseState.CLOSED
    assert (await talk.case(1)).question is not None


async def test_words_of_one_of_the_team_are_no_verdict_on_the_case_of_another(
    talk: Conversation,
) -> None:
    await talk.ask("sam", "case open Import fails --customer @ana")
    await talk.ask("sam", "case ask 1 Is it solved?")
    await talk.ask("sam", "yes")
    number = await contacted(talk)
    [thread, *_] = (await talk.case(number)).threads
    await talk.send("ana", "it is solved", thread=thread)
    assert (await talk.case(number)).state is CaseState.OPEN


async def test_a_plain_yes_before_the_contact_is_no_verdict(talk: Conversation) -> None:
    await done(talk)
    await talk.ask("carla", "yes")
    assert (await talk.case()).state is CaseState.OPEN


async def test_solved_ends_an_alert_that_is_still_open(talk: Conversation) -> None:
    await done(talk)
    await talk.ask("carla", "solved")
    case = await talk.case()
    assert case.alert is not None
    assert case.alert.contacted_by == person("carla")
    assert case.state is CaseState.CLOSED


async def test_what_was_solved_may_break_again(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "solved")
    assert "is closed" in await talk.ask("carla", "solved 1")
    assert "The case is open" in await talk.ask("carla", "broken 1 it came back")
    assert (await talk.case()).state is CaseState.OPEN


async def test_said_twice_it_is_words_for_the_team(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "still broken")
    await talk.ask("carla", "still broken, really")
    assert (await talk.case()).state is CaseState.OPEN
    assert await last_words(talk) == "still broken, really"


async def test_with_several_the_customer_is_asked_which(talk: Conversation) -> None:
    await contacted(talk)
    await contacted(talk)
    for words in ("solved", "still broken again", "broken since then"):
        answer = await talk.ask("carla", words)
        assert "Which one do you mean?" in answer
        assert "`solved 1` or `broken 1 <what happens>`" in answer
    assert "closed" in await talk.ask("carla", "solved 2")
    assert (await talk.case(2)).state is CaseState.CLOSED
    assert (await talk.case(1)).state is CaseState.OPEN


async def test_where_nothing_was_solved_it_is_words_for_the_team(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    for words in ("solved", "solved 1", "still broken since Monday", "broken since Monday"):
        assert "passed it on" in await talk.ask("carla", words)
        assert (await talk.case()).state is CaseState.OPEN
        talk.clock.pass_by(timedelta(hours=1))
        assert await last_words(talk) == words


async def test_a_verdict_on_one_case_never_meets_another(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "case open Import fails")
    await talk.ask("carla", "solved 2")
    assert (await talk.case(1)).state is CaseState.OPEN
    assert (await talk.case(2)).state is CaseState.OPEN


async def test_nobody_else_can_say_it(talk: Conversation) -> None:
    await contacted(talk)
    before = await talk.case()
    for words in ("solved 1", "broken 1"):
        answer = await talk.ask("sam", words)
        assert "Only Carla (carla) can say that" in answer
        # The contact is recorded already.
        assert "`case contacted" not in answer
        assert "`case close 1 <reason>`" in answer
    assert "Thank you" not in await talk.ask("carlos", "solved 1")
    assert await talk.case() == before


async def test_while_nobody_has_told_the_customer_that_comes_first(talk: Conversation) -> None:
    await done(talk)
    assert "`case contacted 1 <how>`" in await talk.ask("sam", "solved 1")


async def test_who_says_broken_of_a_closed_case_is_told_how_to_open_it(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "solved 1")
    answer = await talk.ask("sam", "broken 1")
    assert "`case reopen 1 <why>`" in answer
    assert "case close" not in answer


async def test_without_a_specialist_the_room_is_told_and_not_the_words(talk: Conversation) -> None:
    await contacted(talk)
    case = await talk.case()
    await change(talk, 1, owners=replace(case.owners, specialist=None))
    await talk.ask("carla", "still broken SECRET words")
    told = (await talk.said_to(f"room:{LEVEL2}"))[-1]
    assert "still broken" in told
    assert "SECRET" not in told


async def test_an_answer_to_a_question_is_no_verdict(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("ana", "case open Import fails --customer @carla")
    await talk.ask("ana", "case ask 2 What helped?")
    await talk.ask("ana", "yes")
    await talk.ask("carla", "solved by restarting")
    assert (await talk.case(1)).state is CaseState.OPEN
    assert (await talk.case(2)).question is None


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("solved", Verdict.SOLVED),
        ("solved by restarting", None),
        ("resolve this please", None),
        ("fixed income report", None),
        ("it is not solved", Verdict.BROKEN),
        ("still brokenhearted", None),
        ("continuamos", None),
        ("is it solved?", None),
        ("", None),
        ("solved 99999999999", None),
    ],
)
def test_only_clear_words_are_a_verdict(words: str, verdict: Verdict | None) -> None:
    said = find_saying(words)
    assert (said.verdict if said else None) is verdict


async def test_the_words_are_kept_for_the_customer_to_see(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "still broken the page is blank")
    async with talk.store.transaction() as tx:
        timeline = await tx.list_timeline(CaseId(1))
    [entry] = [entry for entry in timeline if entry.kind is TimelineKind.REOPENED]
    assert (entry.text, entry.internal) == ("the page is blank", False)


async def test_what_is_written_after_it_goes_to_the_specialist_who_is_reminded_to_answer(
    talk: Conversation,
) -> None:
    await contacted(talk)
    case = await talk.case()
    await change(talk, 1, owners=replace(case.owners, assessor=person("rita")))
    await talk.ask("carla", "still broken")
    await talk.ask("carla", "The page is blank")
    assert "The page is blank" in (await talk.said_to(SAM))[-1]
    await talk.let_pass(timedelta(days=9))
    overdue = (await talk.said_to(SAM))[-1]
    assert "Overdue: Carla (carla) should have heard from us by" in overdue
    assert "Owner: Sam (sam)" in overdue


@pytest.mark.parametrize("words", ["resolvido 2", "it is solved 77", "CASE-2: resolvido"])
async def test_solved_with_the_number_of_another_case_closes_none(
    talk: Conversation, words: str
) -> None:
    await contacted(talk)
    await talk.ask("carla", "case open Import fails")
    await talk.ask("carla", words)
    assert [(await talk.case(number)).state for number in (1, 2)] == [CaseState.OPEN] * 2


async def test_what_is_not_solved_is_shown_so(talk: Conversation) -> None:
    await contacted(talk)
    await talk.ask("carla", "no")
    for typed in ("status 1", "case show 1"):
        shown = await talk.ask("carla", typed)
        assert "You told us that it is not solved, and we are looking into it." in shown
        assert "released" not in shown
        assert "The customer says that it is not solved" in await talk.ask("sam", typed)
    for typed in ("status", "case"):
        assert "*CASE-1* Export fails \N{MIDDLE DOT} not solved" in await talk.ask("carla", typed)
    await talk.ask("carla", "solved 1")
    assert "not solved" not in await talk.ask("sam", "case show 1")
