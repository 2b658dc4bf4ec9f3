"""Followed issues and watermarks, as `storage.base` promises."""

from datetime import timedelta, timezone

from bot.cases.case import IssueId
from storage.base import Store
from tests.factories import NOW, after, build_issue
from tests.stores import Place, failing_transaction

ISSUE = IssueId("10001")


async def test_an_issue_is_read_back_as_it_was_saved(place: Place, store: Store) -> None:
    handled = build_issue(
        10001, updated_at=after(1), handled_at=NOW, handled_id="7", status="Ready", misses=2
    )
    async with store.transaction() as tx:
        await tx.save_issue(handled)
        await tx.save_issue(build_issue(10002))
    async with (await place.reopen()).transaction() as tx:
        assert await tx.find_issue(ISSUE) == handled
        assert await tx.find_issue(IssueId("10003")) is None


async def test_saving_an_issue_again_replaces_it(place: Place, store: Store) -> None:
    for issue in (build_issue(10001, status="Ready"), build_issue(10001, key="NEW-1")):
        async with store.transaction() as tx:
            await tx.save_issue(issue)
    async with (await place.reopen()).transaction() as tx:
        assert list(await tx.list_issues()) == [build_issue(10001, key="NEW-1")]


async def test_a_dropped_issue_is_not_followed(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save_issue(build_issue(10001))
        await tx.save_issue(build_issue(10002))
    async with store.transaction() as tx:
        await tx.drop_issue(ISSUE)
        await tx.drop_issue(ISSUE)
        await tx.drop_issue(IssueId("404"))
    store = await place.reopen()
    async with store.transaction() as tx:
        assert await tx.find_issue(ISSUE) is None
        assert [issue.key for issue in await tx.list_issues()] == ["SUP-10002"]
        await tx.save_issue(build_issue(10001))
        assert len(await tx.list_issues()) == 2


async def test_every_followed_issue_is_listed(place: Place, store: Store) -> None:
    numbers = range(10000, 10250)
    async with store.transaction() as tx:
        for number in numbers:
            await tx.save_issue(build_issue(number))
    async with (await place.reopen()).transaction() as tx:
        assert [issue.id for issue in await tx.list_issues()] == [str(n) for n in numbers]


async def test_issues_are_listed_page_by_page(store: Store) -> None:
    async with store.transaction() as tx:
        for number in (9, 10002, 10001, 11):
            await tx.save_issue(build_issue(number))
        pages = [await tx.list_issues(limit=2)]
        while pages[-1]:
            pages.append(await tx.list_issues(after=pages[-1][-1].id, limit=2))
        # As texts, so that the order does not hang on what an id looks like.
        assert [[one.id for one in page] for page in pages] == [["10001", "10002"], ["11", "9"], []]
        assert [one.id for one in await tx.list_issues(after=IssueId("10003"))] == ["11", "9"]


async def test_a_failed_transaction_changes_no_issue(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.save_issue(build_issue(10001))
    async with failing_transaction(store) as tx:
        await tx.drop_issue(ISSUE)
        await tx.save_issue(build_issue(10002))
    async with store.transaction() as tx:
        assert await tx.find_issue(ISSUE) == build_issue(10001)
        assert await tx.find_issue(IssueId("10002")) is None
        assert len(await tx.list_issues()) == 1


async def test_a_mark_is_set_and_read_back(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.get_mark("installation") is None
        await tx.set_mark("installation", "abc")
        await tx.set_mark("other", "")
        await tx.set_mark("installation", "dé f")
    async with (await place.reopen()).transaction() as tx:
        assert await tx.get_mark("installation") == "dé f"
        assert await tx.get_mark("other") == ""


async def test_a_time_goes_forward_only(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.get_time("jira") is None
        assert await tx.advance_mark("jira", after(5)) == after(5)
        assert await tx.advance_mark("jira", after(4)) == after(5)
    store = await place.reopen()
    async with store.transaction() as tx:
        assert await tx.get_time("jira") == after(5)
        assert await tx.advance_mark("jira", NOW) == after(5)
        elsewhere = after(6).astimezone(timezone(timedelta(hours=9)))
        assert await tx.advance_mark("jira", elsewhere) == after(6)
    async with (await place.reopen()).transaction() as tx:
        assert await tx.get_time("jira") == after(6)


async def test_a_failed_transaction_moves_no_mark(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.set_mark("a", "1")
        await tx.advance_mark("jira", NOW)
    async with failing_transaction(store) as tx:
        await tx.set_mark("a", "2")
        await tx.set_mark("b", "1")
        await tx.advance_mark("jira", after(5))
    async with store.transaction() as tx:
        assert (await tx.get_mark("a"), await tx.get_mark("b")) == ("1", None)
        assert await tx.get_time("jira") == NOW
