"""Cases and their timelines, as `storage.base.Cases` promises."""

from dataclasses import replace

import pytest

from bot.cases.case import (
    Case,
    CaseId,
    CaseState,
    Evidence,
    IssueId,
    IssueState,
    Level,
    MessageId,
    Milestone,
    Owners,
    Progress,
    Question,
    TimelineKind,
    UserId,
)
from bot.cases.query import CaseQuery, CaseTitle
from storage.base import Store
from tests.factories import (
    NOW,
    after,
    build_alert,
    build_case,
    build_entry,
    build_file,
    build_issue_link,
    build_person,
)
from tests.stores import Place, failing_transaction


async def add(store: Store, *cases: Case) -> None:
    async with store.transaction() as tx:
        for case in cases:
            await tx.add_case(case)


async def search(store: Store, query: CaseQuery, limit: int = 100, offset: int = 0) -> list[int]:
    async with store.transaction() as tx:
        page, _ = await tx.list_cases(query, limit=limit, offset=offset)
    return [case.id for case in page]


FULL = build_case(
    7,
    title='Ünïcode "quoted"\n\u2028line 😀',
    level=Level.ASSESSMENT,
    state=CaseState.CLOSED,
    owners=Owners(analyst=build_person("anna"), assessor=build_person("rita")),
    evidence={"steps": Evidence(text="1. open\n2. save", by=build_person("anna"), at=after(1))},
    severity="high",
    version="4.2",
    product="Editor",
    language="pl",
    issue=build_issue_link(),
    progress=Progress(
        status="In Review",
        milestone=Milestone.IN_PROGRESS,
        since=after(2),
        told=Milestone.READY,
        reached=(Milestone.SPECIFYING, Milestone.READY),
    ),
    alert=build_alert(
        resolution="Fixed",
        fix_versions=("4.3",),
        acknowledged_by=build_person("sam"),
        reminded_at=after(3),
        contacted_by=build_person("sam"),
        contacted_at=after(4),
        contacted_how="phone",
    ),
    closed_reason="released",
    files=(build_file(), build_file(2, attachment_id="10400")),
    question=Question(text="Which version?", by=build_person("anna"), at=after(5)),
    told_at=after(6),
    heard_at=after(7),
    answered_at=after(8),
    level_since=after(9),
    warned=("level near",),
    due_at=after(10),
    threads=(MessageId("m1"), MessageId("m2")),
)


@pytest.mark.parametrize("case", [build_case(), FULL], ids=["bare", "full"])
async def test_a_case_is_read_back_as_it_was_written(
    place: Place, store: Store, case: Case
) -> None:
    await add(store, case)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_case(case.id) == case


async def test_an_unknown_case_is_none(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.find_case(CaseId(1)) is None


async def test_saving_replaces_all_of_a_case(place: Place, store: Store) -> None:
    await add(store, FULL)
    plain = build_case(7)
    async with store.transaction() as tx:
        await tx.save_case(plain)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_case(plain.id) == plain


async def test_saving_a_case_that_was_never_added_is_a_key_error(store: Store) -> None:
    async with store.transaction() as tx:
        with pytest.raises(KeyError):
            await tx.save_case(build_case(1))
        assert await tx.find_case(CaseId(1)) is None


async def test_a_number_is_given_once(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        first, second = await tx.allocate_case_id(), await tx.allocate_case_id()
    async with store.transaction() as tx:
        third = await tx.allocate_case_id()
    async with (await place.reopen()).transaction() as tx:
        fourth = await tx.allocate_case_id()
    assert 0 < first < second < third < fourth


async def test_a_number_of_an_added_case_is_not_given_again(place: Place, store: Store) -> None:
    await add(store, build_case(12))
    async with store.transaction() as tx:
        assert await tx.allocate_case_id() > 12
    async with (await place.reopen()).transaction() as tx:
        assert await tx.allocate_case_id() > 12


async def test_a_number_allocated_in_vain_does_not_lead_to_two_cases(store: Store) -> None:
    async with failing_transaction(store) as tx:
        await tx.add_case(build_case(await tx.allocate_case_id()))
    async with store.transaction() as tx:
        number = await tx.allocate_case_id()
        await tx.add_case(build_case(number))
        assert await tx.allocate_case_id() > number


async def test_a_case_is_found_by_each_of_its_threads(place: Place, store: Store) -> None:
    await add(store, build_case(1, threads=("m1", "m2")), build_case(2, threads=("m3",)))
    async with store.transaction() as tx:
        await tx.save_case(build_case(1, threads=("m2", "m4")))
    async with (await place.reopen()).transaction() as tx:
        found = [await tx.find_case_by_thread(MessageId(f"m{n}")) for n in range(1, 5)]
    assert [case and case.id for case in found] == [None, 1, 2, 1]


async def test_cases_are_listed_by_issue_in_ascending_order(place: Place, store: Store) -> None:
    link = build_issue_link(10001)
    await add(store, *(build_case(n, issue=link) for n in (3, 1, 2)))
    await add(store, build_case(4, issue=build_issue_link(10002)), build_case(5))
    async with store.transaction() as tx:
        await tx.save_case(build_case(2, issue=None))
    async with (await place.reopen()).transaction() as tx:
        assert [case.id for case in await tx.list_cases_by_issue(IssueId("10001"))] == [1, 3]
        assert [case.id for case in await tx.list_cases_by_issue(IssueId("10002"))] == [4]
        assert not await tx.list_cases_by_issue(IssueId("10003"))


async def test_cases_are_listed_by_issue_key_in_upper_or_lower_case(
    place: Place, store: Store
) -> None:
    link = build_issue_link(10001, key="Sup-7")
    await add(store, build_case(2, issue=link), build_case(1, issue=link))
    async with (await place.reopen()).transaction() as tx:
        for key in ("sup-7", "SUP-7", "Sup-7"):
            assert [case.id for case in await tx.list_cases_by_issue_key(key)] == [1, 2]
        assert not await tx.list_cases_by_issue_key("SUP-77")


async def test_a_requested_issue_without_key_is_found_under_none(store: Store) -> None:
    requested = build_issue_link(state=IssueState.REQUESTED, id=None, key="", url="")
    await add(store, build_case(1, issue=requested))
    async with store.transaction() as tx:
        assert not await tx.list_cases_by_issue_key("")
        assert not await tx.list_cases_by_issue(IssueId(""))


async def test_an_issue_that_moved_is_found_by_its_new_key_only(store: Store) -> None:
    link = build_issue_link()
    await add(store, build_case(1, issue=link))
    async with store.transaction() as tx:
        await tx.save_case(build_case(1, issue=replace(link, key="NEW-1")))
        assert not await tx.list_cases_by_issue_key(link.key)
        assert len(await tx.list_cases_by_issue_key("new-1")) == 1


SAM, ANNA = build_person("sam"), build_person("anna")
MANY = (
    build_case(1, title="Export hangs", owners=Owners(analyst=ANNA)),
    build_case(2, title="Import HANGS", level=Level.CONFIRMATION, owners=Owners(specialist=SAM)),
    build_case(3, title="Straße", state=CaseState.CLOSED, customer=build_person("carl")),
    build_case(4, alert=build_alert(), level=Level.ASSESSMENT, owners=Owners(analyst=ANNA)),
    build_case(5, alert=build_alert(contacted_at=after(1))),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (CaseQuery(), [5, 4, 3, 2, 1]),
        (CaseQuery(customer=UserId("id-carl")), [3]),
        (CaseQuery(customer=UserId("id-nobody")), []),
        (CaseQuery(owner=UserId("id-anna")), [1]),
        (CaseQuery(owner=UserId("id-sam")), [2]),
        (CaseQuery(level=Level.ANALYSIS), [5, 3, 1]),
        (CaseQuery(level=Level.ASSESSMENT), [4]),
        (CaseQuery(state=CaseState.CLOSED), [3]),
        (CaseQuery(state=CaseState.OPEN), [5, 4, 2, 1]),
        (CaseQuery(words=("hangs",)), [5, 4, 2, 1]),
        (CaseQuery(words=("Hangs", "imp")), [2]),
        (CaseQuery(words=("case-3",)), [3]),
        (CaseQuery(words=("STRASSE",)), [3]),
        (CaseQuery(words=("hangs", "carl")), []),
        (CaseQuery(alert_open=True), [4]),
        (CaseQuery(alert_open=False), [5, 3, 2, 1]),
        (CaseQuery(alert_open=True, level=Level.ANALYSIS), []),
        (CaseQuery(customer=UserId("id-maria"), words=("import",)), [2]),
    ],
    ids=str,
)
async def test_a_query_restricts(
    place: Place, store: Store, query: CaseQuery, expected: list[int]
) -> None:
    await add(store, *MANY)
    assert await search(store, query) == expected
    assert await search(await place.reopen(), query) == expected


QUESTION = Question(text="Which version?", by=ANNA, at=NOW)
VARIED = (
    build_case(
        1,
        owners=Owners(analyst=ANNA, specialist=SAM),
        severity="High",
        product="Editor",
        updated_at=after(-6),
    ),
    build_case(
        2,
        level=Level.CONFIRMATION,
        owners=Owners(analyst=ANNA),
        product="Straße",
        updated_at=after(-5),
        erased_at=NOW,
    ),
    build_case(3, issue=build_issue_link(), progress=Progress(milestone=Milestone.READY)),
    build_case(4, issue=build_issue_link(state=IssueState.REQUESTED, id=None), due_at=after(10)),
    build_case(5, question=QUESTION, due_at=after(20), severity="low"),
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (CaseQuery(owned_by=UserId("id-anna")), [2, 1]),
        (CaseQuery(owned_by=UserId("id-sam")), [1]),
        (CaseQuery(owned_by=UserId("id-sam"), owner=UserId("id-anna")), [1]),
        (CaseQuery(unowned=True), [5, 4, 3, 2]),
        (CaseQuery(unowned=True, owned_by=UserId("id-anna")), [2]),
        (CaseQuery(severity="HIGH"), [1]),
        (CaseQuery(product="editor"), [1]),
        (CaseQuery(product="STRASSE"), [2]),
        (CaseQuery(product="edit"), []),
        (CaseQuery(milestone=Milestone.READY), [3]),
        (CaseQuery(milestone=Milestone.DONE), []),
        (CaseQuery(with_issue=True), [4, 3]),
        (CaseQuery(with_issue=False), [5, 2, 1]),
        (CaseQuery(waiting=True), [5]),
        (CaseQuery(waiting=False), [4, 3, 2, 1]),
        (CaseQuery(due_before=after(9)), []),
        (CaseQuery(due_before=after(10)), [4]),
        (CaseQuery(due_before=after(99)), [5, 4]),
        (CaseQuery(due_before=after(99), customer=UserId("id-maria"), severity="low"), [5]),
        (CaseQuery(erased=True), [2]),
        (CaseQuery(erased=False), [5, 4, 3, 1]),
        (CaseQuery(changed_before=after(-5)), [1]),
        (CaseQuery(changed_before=after(-4)), [2, 1]),
    ],
    ids=str,
)
async def test_a_query_restricts_by_what_the_work_is_found_by(
    place: Place, store: Store, query: CaseQuery, expected: list[int]
) -> None:
    await add(store, *VARIED)
    assert await search(store, query) == expected
    assert await search(await place.reopen(), query) == expected


async def test_what_is_due_follows_what_was_saved(store: Store) -> None:
    await add(store, *VARIED)
    async with store.transaction() as tx:
        await tx.save_case(replace(VARIED[3], due_at=None))
        await tx.save_case(replace(VARIED[4], due_at=after(5), question=None))
        await tx.save_case(replace(VARIED[0], due_at=after(5)))
    assert await search(store, CaseQuery(due_before=after(99))) == [5, 1]
    assert await search(store, CaseQuery(waiting=True)) == []


async def test_a_list_follows_what_was_saved(store: Store) -> None:
    await add(store, *MANY)
    async with store.transaction() as tx:
        await tx.save_case(replace(MANY[3], alert=build_alert(contacted_at=after(9))))
        await tx.save_case(replace(MANY[0], customer=build_person("carl"), title="Crash"))
    assert await search(store, CaseQuery(alert_open=True)) == []
    assert await search(store, CaseQuery(customer=UserId("id-carl"))) == [3, 1]
    assert await search(store, CaseQuery(words=("export",))) == [5, 4]


@pytest.mark.parametrize(("count_to", "counted"), [(3, 3), (5, 5), (9, 5)])
async def test_nobody_counts_further_than_they_are_asked_to(
    store: Store, count_to: int, counted: int
) -> None:
    async with store.transaction() as tx:
        for number in range(1, 6):
            await tx.add_case(build_case(number))
        first, total = await tx.list_cases(CaseQuery(), limit=2, count_to=count_to)
        last, _ = await tx.list_cases(CaseQuery(), limit=2, offset=4, count_to=count_to)
        beyond, _ = await tx.list_cases(CaseQuery(), limit=2, offset=5, count_to=count_to)
    assert total == counted
    # What is on a page does not hang on it.
    assert [[case.id for case in page] for page in (first, last, beyond)] == [[5, 4], [1], []]


async def test_what_the_newest_are_about_is_told_without_regard_to_case(store: Store) -> None:
    about = build_case(2, title="Größe\nFails", product="Editor", state=CaseState.CLOSED)
    await add(store, build_case(1, title="Old"), about, build_case(3, title="Other"))
    async with store.transaction() as tx:
        titles = await tx.list_titles(CaseQuery(ids=(CaseId(1), CaseId(2), CaseId(9))), limit=9)
        newest = await tx.list_titles(CaseQuery(), limit=1)
    assert list(titles) == [
        CaseTitle(CaseId(2), "grösse\nfails", "editor"),
        CaseTitle(CaseId(1), "old", ""),
    ]
    assert [one.id for one in newest] == [3]


async def test_a_page_tells_how_many_there_are_in_all(store: Store) -> None:
    await add(store, *(build_case(n) for n in (2, 5, 1, 4, 3)))
    async with store.transaction() as tx:
        page, total = await tx.list_cases(CaseQuery(), limit=2, offset=1)
        beyond, still = await tx.list_cases(CaseQuery(), limit=2, offset=9)
    assert ([case.id for case in page], total) == ([4, 3], 5)
    assert (list(beyond), still) == ([], 5)


async def test_a_timeline_is_kept_in_the_order_it_was_written(place: Place, store: Store) -> None:
    entries = [
        build_entry(1, at=after(-number), text=f"note {number}", internal=number % 2 == 0)
        for number in range(5)
    ]
    async with store.transaction() as tx:
        await tx.add_case(build_case(1))
        await tx.add_case(build_case(2))
        await tx.add_timeline(entries[0])
        await tx.add_timeline(build_entry(2, kind=TimelineKind.STATUS, by=None))
        await tx.add_timeline(entries[1])
    for entry in entries[2:]:
        async with store.transaction() as tx:
            await tx.add_timeline(entry)
    async with (await place.reopen()).transaction() as tx:
        assert list(await tx.list_timeline(CaseId(1))) == entries
        assert [e.kind for e in await tx.list_timeline(CaseId(2))] == [TimelineKind.STATUS]
        assert not await tx.list_timeline(CaseId(3))


async def test_times_come_back_aware_and_in_utc(place: Place, store: Store) -> None:
    await add(store, build_case(1, opened_at=NOW.replace(microsecond=123456)))
    async with (await place.reopen()).transaction() as tx:
        case = await tx.find_case(CaseId(1))
    assert case is not None
    assert case.opened_at == NOW.replace(microsecond=123456)
    assert case.opened_at.utcoffset() == NOW.utcoffset()
