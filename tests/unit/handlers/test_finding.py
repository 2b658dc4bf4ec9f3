"""Finding cases: lists with filters and pages, my work."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.case import CaseId, Level, Milestone, Progress, Question
from bot.cases.effects import CaseExport, SendFile
from tests.conversation import LEVEL2, Conversation, person


async def change(talk: Conversation, number: int, **fields: object) -> None:
    """Change a case behind everybody's back."""
    async with talk.store.transaction() as tx:
        case = await tx.find_case(CaseId(number))
        assert case is not None
        await tx.save_case(replace(case, **fields))  # type: ignore[arg-type]


@pytest.fixture
async def office(talk: Conversation) -> Conversation:
    """Three cases of two customers: at Level 1 with Ana, at Level 2, at Level 3 with Rita."""
    await talk.ask("ana", "case open Export fails --customer @carla --severity high --product Desk")
    await talk.at_level(Level.CONFIRMATION, customer="carlos")
    await talk.at_level(Level.ASSESSMENT)
    await talk.ask("rita", "case take 3")
    return talk


def shown(answer: str) -> list[int]:
    """Return the numbers of the cases in an answer, in order."""
    return [int(part.split("*")[0]) for part in answer.split("*CASE-")[1:]]


@pytest.mark.parametrize(
    ("who", "typed", "found"),
    [
        ("ana", "case list", [3, 2, 1]),
        ("ana", "case list level 2", [2]),
        ("ana", "case list l2", [2]),
        ("ana", "case list unowned", [2]),
        ("ana", "case list owner nobody", [2]),
        ("ana", "case list untaken level 3", []),
        ("ana", "case list @carla", [3, 1]),
        ("ana", "case list customer @carla level 1", [1]),
        ("ana", "case list for @carla", None),
        ("ana", "case list @rita", [3]),
        ("rita", "case list owner me", [3]),
        ("rita", "case mine", [3]),
        ("ana", "case mine level 1", [1]),
        ("ana", "case list customer carla", [3, 1]),
        ("ana", "case list owner rita level l3", [3]),
        ("rita", "case list me", [3]),
        ("rita", "case list @me level L3", [3]),
        ("ana", "case search \u201cexport fails\u201d", [3, 2, 1]),
        ("ana", 'case search "export"', [3, 2, 1]),
        ("ana", "case list high", [1]),
        ("ana", "case list severity HIGH", [1]),
        ("ana", "case list high severity", [1]),
        ("ana", "case list severity low", []),
        ("ana", "case list product desk", [1]),
        ("ana", 'case list owner @ana --product "Desk"', [1]),
        ("ana", "case list closed", []),
        ("ana", "case list all cases at level 3", [3]),
        ("carlos", "case list", [2]),
        ("carlos", "case mine", [2]),
    ],
)
async def test_cases_are_listed_by_what_people_type(
    office: Conversation, who: str, typed: str, found: list[int] | None
) -> None:
    answer = await office.ask(who, typed)
    if found is None:
        assert "I cannot list by" in answer
    else:
        assert shown(answer) == found


async def test_cases_are_listed_by_how_far_they_have_come(office: Conversation) -> None:
    await change(office, 3, progress=Progress(milestone=Milestone.IN_PROGRESS))
    assert shown(await office.ask("ana", "case list in progress")) == [3]
    assert shown(await office.ask("ana", "case list ready")) == []
    now = office.clock.now()
    await change(office, 1, question=Question(text="Which?", by=person("ana"), at=now))
    assert shown(await office.ask("ana", "case list waiting")) == [1]
    assert shown(await office.ask("carla", "case list waiting")) == [1]


async def test_what_is_overdue_is_listed_also_after_everybody_was_told(
    office: Conversation,
) -> None:
    assert shown(await office.ask("ana", "case list due")) == []
    await change(office, 1, opened_at=office.clock.now() - timedelta(days=30))
    await office.let_pass(timedelta(minutes=1))
    assert "overdue" in await office.ask("ana", "case")
    assert shown(await office.ask("ana", "case list due")) == [1]
    assert shown(await office.ask("ana", "case list due level 2")) == []
    assert "1 case" in await office.ask("ana", "case export due")
    [file] = [one for one in await office.effects("person:id-ana") if isinstance(one, SendFile)]
    assert isinstance(file.content, CaseExport)
    assert file.content.overdue


async def test_what_is_overdue_has_pages_and_says_when_not_all_was_looked_at(
    office: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago = office.clock.now() - timedelta(days=60)
    for number in (1, 2, 3):
        await change(office, number, opened_at=long_ago, level_since=long_ago)
    monkeypatch.setattr("handlers.case_list.PAGE", 2)
    monkeypatch.setattr("handlers.filters.PAGE", 2)
    monkeypatch.setattr("handlers.overdue._PAGE", 2)
    answer = await office.ask("ana", "case list overdue")
    assert "Cases: 3 " in answer
    assert shown(answer) == [3, 2]
    assert shown(await office.ask("ana", "case list overdue page 2")) == [1]
    monkeypatch.setattr("handlers.overdue.MOST", 2)
    assert "Cases: 2+" in await office.ask("ana", "case list overdue")


@pytest.mark.parametrize(
    ("who", "typed"),
    [
        ("carlos", "case list @carla"),
        ("carlos", "case list customer @carla"),
        ("carlos", "case list --product Desk"),
        ("carlos", "case list level 3"),
        ("ana", "case list level 9"),
        ("ana", "case list sideways"),
    ],
)
async def test_a_word_that_is_no_filter_is_answered_with_those_that_are(
    office: Conversation, who: str, typed: str
) -> None:
    answer = await office.ask(who, typed)
    assert "I cannot list by" in answer
    assert "`closed`" in answer
    assert ("`level 2`" in answer) is (who == "ana")


async def test_lists_and_searches_have_pages_that_lead_to_the_next(talk: Conversation) -> None:
    for number in range(1, 24):
        await talk.ask("carla", f"case open Export {number} fails")
    first = await talk.ask("carla", "case list")
    assert shown(first) == list(range(23, 13, -1))
    assert "page 1 of 3" in first
    assert "`case list page 2`" in first
    assert shown(await talk.ask("carla", "case list page 3")) == [3, 2, 1]
    assert "page 4" in await talk.ask("carla", "case list page 4")
    second = await talk.ask("ana", "case search export fails page 2")
    assert shown(second) == list(range(13, 3, -1))
    assert "`case search export fails page 3`" in second
    assert "`case mine page 2`" in await talk.ask("carla", "case mine")


async def test_very_many_are_not_counted_to_the_end(
    office: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for counted, said in ((4, "Cases: 3\n"), (2, "Cases: 2+")):
        monkeypatch.setattr("handlers.case_list.COUNTED", counted)
        monkeypatch.setattr("handlers.case_search.COUNTED", counted)
        assert said in (await office.ask("ana", "case list")) + "\n"
        assert said.strip() in await office.ask("ana", "case search case")


async def test_a_long_timeline_is_read_backwards_by_pages(talk: Conversation) -> None:
    await talk.ask("ana", "case open Export fails")
    for number in range(70):
        await talk.ask("ana", f"case note 1 thought {number}.")
    newest = await talk.ask("ana", "case timeline 1")
    assert "thought 69." in newest
    assert "thought 39." not in newest
    assert "41 earlier: `case timeline 1 page 2`" in newest
    oldest = await talk.ask("ana", "case timeline 1 page 3")
    assert "Export fails" in oldest
    assert "earlier" not in oldest


async def test_work_shows_what_to_type_next_the_most_urgent_first(office: Conversation) -> None:
    await change(office, 3, heard_at=office.clock.now())
    assert "*CASE-1* Export fails · version is missing: `case evidence 1 version <text>`" in (
        await office.ask("ana", "case")
    )
    taken = await office.ask("sam", "!case", room=LEVEL2)
    assert "nobody has taken it: `!case take 2`" in taken
    assert "the customer wrote: `case reply 3 <text>`" in await office.ask("rita", "case")
    await office.ask("sam", "case take 2")
    assert "everything is there: `escalate 2`" in await office.ask("sam", "case work")
    await change(office, 3, heard_at=None)
    assert "to be assessed: `case confirm 3`" in await office.ask("rita", "case")


async def test_what_is_overdue_comes_first_and_what_waits_for_others_is_only_counted(
    office: Conversation,
) -> None:
    await office.ask("ana", "case open Import fails")
    now = office.clock.now()
    await change(office, 4, opened_at=now - timedelta(days=30))
    answer = await office.ask("ana", "case")
    assert shown(answer) == [4, 1]
    assert answer.count("overdue") == 1
    question = Question(text="Which?", by=person("ana"), at=now)
    await change(office, 1, question=question, opened_at=now - timedelta(days=60))
    answer = await office.ask("ana", "case")
    assert shown(answer) == [4]
    assert "1 waits for others" in answer


async def test_a_customer_sees_own_cases_and_what_is_asked_of_them(office: Conversation) -> None:
    question = Question(text="Which version?", by=person("ana"), at=office.clock.now())
    await change(office, 1, question=question)
    answer = await office.ask("carla", "case")
    assert shown(answer) == [1, 3]
    assert "we asked you: Which version?" in answer
    assert "CASE-2" not in answer


async def test_a_page_of_a_timeline_that_is_not_there_says_so(office: Conversation) -> None:
    for who in ("ana", "carla"):
        assert "Nothing on page 5." in await office.ask(who, "case timeline 1 page 5")
        assert "Nothing on page" not in await office.ask(who, "case timeline 1")


@pytest.mark.parametrize(
    "typed", ["list customer @", "assign 1 @", "customer 1 @,", "list owner @"]
)
async def test_a_name_that_is_none_is_asked_for(office: Conversation, typed: str) -> None:
    assert "Whom do you mean?" in await office.ask("ana", f"case {typed}")
    assert "Whom do you mean?" in await office.ask("ana", "case open Crash --customer @")


async def test_one_may_be_the_customer_oneself(office: Conversation) -> None:
    await office.ask("ana", "case customer 1 me")
    assert (await office.case(1)).customer == person("ana")
    await office.ask("sam", "case open Crash --customer @me")
    assert (await office.case(4)).customer == person("sam")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ('"Export fails"', "Export fails"),
        ("\u201cExport fails\u201d", "Export fails"),
        ('"Export" and "import" fail', '"Export" and "import" fail'),
        ("it's broken", "it's broken"),
    ],
)
async def test_quotes_around_a_title_are_no_part_of_it(
    talk: Conversation, typed: str, title: str
) -> None:
    await talk.ask("ana", f"case open {typed}")
    assert (await talk.case()).title == title


async def test_quotes_alone_are_no_title(talk: Conversation) -> None:
    assert "The title is missing" in await talk.ask("ana", 'case open ""')
