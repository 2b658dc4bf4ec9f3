"""Reading changes from servers that cut, repeat, lag, lie or lack a resource."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import CredentialsRefused, OutcomeUnknown, Retryable
from bot.jira.changes import ChangeReader
from bot.jira.parsing import items
from tests.integration.bot.jira.conftest import MovedClock
from tests.integration.bot.jira.stub import Call, Reply, Stub

SINCE = datetime(2026, 11, 24, 11, 50, tzinfo=UTC)
SEARCH = "/rest/api/3/search/jql"
BULK = "/rest/api/3/changelog/bulkfetch"
BULK_ISSUES = "/rest/api/3/issue/bulkfetch"
CENTER_SEARCH = "/rest/api/2/search"
NAMES = {"1": "Open", "2": "Ready", "3": "Done"}


def raw(number: int, status: str = "2", **fields: object) -> dict[str, object]:
    return {
        "id": str(number),
        "key": f"DEF-{number}",
        "fields": {
            "summary": "s",
            "status": {"id": status, "name": NAMES[status]},
            "updated": "2026-11-24T11:59:00.000+0000",
            "created": "2026-11-01T00:00:00.000+0000",
            **fields,
        },
    }


def entry(number: int, source: str = "1", target: str = "2", at: object = None) -> object:
    item = {"field": "status", "from": source, "fromString": NAMES[source], "to": target,
            "toString": NAMES[target]}  # fmt: skip
    return {"id": str(number), "created": at or "2026-11-24T11:59:00.000+0000", "items": [item]}


def page(*issues: object, token: str | None = None) -> Reply:
    return Reply(json={"issues": list(issues), "isLast": token is None, "nextPageToken": token})


def logs(by_issue: Mapping[int, list[object]], token: str | None = None) -> Reply:
    found = [{"issueId": str(one), "changeHistories": log} for one, log in by_issue.items()]
    return Reply(json={"issueChangeLogs": found, "nextPageToken": token})


def with_history(issue: dict[str, object], *entries: object, total: int | None = None) -> object:
    count = len(entries) if total is None else total
    return issue | {"changelog": {"startAt": 0, "total": count, "histories": list(entries)}}


async def everything(updated: Mapping[str, datetime]) -> Collection[str]:
    return updated.keys()


async def test_a_quiet_jira_costs_one_request_and_a_proof(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", SEARCH, page())
    await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    cloud_stub.calls.clear()
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert (batch.changes, batch.complete) == ((), True)
    assert cloud_stub.paths() == [f"POST {SEARCH}", "GET /rest/api/3/myself"]


async def test_without_projects_nothing_is_asked(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    batch = await cloud_reader.read_changed(projects=[], since=SINCE, select=everything)
    assert batch.complete
    assert cloud_stub.paths("search") == []


async def test_many_changes_cost_two_requests_and_known_ones_nothing(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", SEARCH, page(*(raw(number) for number in range(1, 101))))
    cloud_stub.on("POST", BULK, logs({number: [entry(number)] for number in range(1, 51)}))
    await cloud_reader.read_issues([])
    cloud_stub.calls.clear()

    async def first_fifty(updated: Mapping[str, datetime]) -> Collection[str]:
        return [one for one in updated if int(one) <= 50]

    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=first_fifty)
    assert [len(change.changes) for change in batch.changes] == [1] * 50
    assert cloud_stub.paths() == [f"POST {SEARCH}", f"POST {BULK}"]
    assert len(items(cloud_stub.calls[-1].json()["issueIdsOrKeys"])) == 50
    assert cloud_stub.calls[-1].json()["fieldIds"] == ["status"]


async def test_the_choice_is_made_by_the_time_of_the_update(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    asked: list[tuple[str, datetime]] = []
    cloud_stub.on("POST", SEARCH, page(raw(1, updated="2026-11-24T13:59:00.000+0200")))

    async def select(updated: Mapping[str, datetime]) -> Collection[str]:
        asked.extend(updated.items())
        return []

    await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=select)
    assert asked == [("1", datetime(2026, 11, 24, 11, 59, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("span", "minutes"),
    [(timedelta(seconds=1), 2), (timedelta(minutes=10), 11), (timedelta(seconds=601), 12),
     (timedelta(minutes=-5), 11), (timedelta(days=30), 43201), (timedelta(days=36_500), 13140001)],
)  # fmt: skip
async def test_the_window_is_rounded_outwards(
    cloud_reader: ChangeReader, cloud_stub: Stub, clock: MovedClock, span: timedelta, minutes: int
) -> None:
    date = clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    cloud_stub.on(
        "GET", "/rest/api/3/myself", Reply(json={"accountId": "me"}, headers={"Date": date})
    )
    cloud_stub.on("POST", SEARCH, page())
    await cloud_reader.read_changed(projects=["DEF"], since=clock.now() - span, select=everything)
    asked = next(call for call in cloud_stub.calls if call.path == SEARCH)
    assert asked.json()["jql"] == (
        f'project in ("DEF") AND updated >= -{minutes}m ORDER BY updated ASC, key ASC'
    )


async def test_our_clock_may_be_wrong(
    cloud_reader: ChangeReader, cloud_stub: Stub, clock: MovedClock
) -> None:
    """The server's time decides: `as_of` is its, and the window is measured by it."""
    server = clock.now() + timedelta(hours=3)
    date = {"Date": server.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    cloud_stub.on("GET", "/rest/api/3/myself", Reply(json={"accountId": "me"}, headers=date))
    cloud_stub.on("POST", SEARCH, page())
    batch = await cloud_reader.read_changed(
        projects=["DEF"], since=server - timedelta(minutes=4), select=everything
    )
    assert batch.as_of == server
    asked = next(call for call in cloud_stub.calls if call.path == SEARCH)
    assert "updated >= -5m" in str(asked.json()["jql"])


async def test_our_clock_may_be_put_on_or_back(
    cloud_reader: ChangeReader, cloud_stub: Stub, clock: MovedClock
) -> None:
    """A watermark that ran ahead would pass over everything until then."""
    server = clock.now()
    date = {"Date": server.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    cloud_stub.on("GET", "/rest/api/3/myself", Reply(json={"accountId": "me"}, headers=date))
    cloud_stub.on("POST", SEARCH, Reply(json={"issues": [], "isLast": True}, headers=date))
    since = server - timedelta(minutes=4)
    for hours in (0, 2, -4):
        clock.time += timedelta(hours=hours)
        batch = await cloud_reader.read_changed(projects=["DEF"], since=since, select=everything)
        assert batch.as_of <= server
    batch = await cloud_reader.read_changed(
        projects=["DEF"], since=server + timedelta(hours=1), select=everything
    )
    asked = [call for call in cloud_stub.calls if call.path == SEARCH][-1]
    assert "updated >= -11m" in str(asked.json()["jql"])


async def test_all_pages_are_read(cloud_reader: ChangeReader, cloud_stub: Stub) -> None:
    cloud_stub.on(
        "POST", SEARCH, page(raw(1), token="a"), page(raw(1), raw(2), token="b"), page(raw(3))
    )
    cloud_stub.on(
        "POST", BULK, logs({1: [entry(10)], 2: [entry(20)]}, token="c"),
        logs({2: [entry(21, "2", "1"), entry(22)], 3: [entry(30)]}),
    )  # fmt: skip
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    found = {one.issue.id: [c.history_id for c in one.changes] for one in batch.changes}
    assert found == {"1": ["10"], "2": ["20", "21", "22"], "3": ["30"]}
    tokens = [call.json().get("nextPageToken") for call in cloud_stub.calls if call.path == SEARCH]
    assert tokens == [None, "a", "b"]


@pytest.mark.parametrize(
    "replies",
    [
        [page(raw(1), token="a"), page(raw(2), token="a"), page(raw(3))],
        [page(raw(1), token="a"), page(token="b"), page(raw(3))],
        [page(raw(1), token="a"), page(raw(1), token="b"), page(raw(3))],
        [page(token="a"), page(raw(3))],
        [Reply(json={"isLast": True})],
        [Reply(json={"issues": {"1": {}}})],
        [Reply(json=[1])],
    ],
)
async def test_pages_that_do_not_add_up_are_a_fault(
    cloud_reader: ChangeReader, cloud_stub: Stub, replies: list[Reply]
) -> None:
    cloud_stub.on("POST", SEARCH, *replies)
    with pytest.raises(Retryable):
        await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert len(cloud_stub.paths(SEARCH)) <= 2


@pytest.mark.parametrize("end", [page(), page(raw(1), token="a"), page(token="b")])
async def test_a_last_page_with_a_token_is_the_last(
    cloud_reader: ChangeReader, cloud_stub: Stub, end: Reply
) -> None:
    last = {"isLast": True}
    first = Reply(json={"issues": [raw(1)], "nextPageToken": "a"} | last)
    assert isinstance(end.json, dict)
    cloud_stub.on("POST", SEARCH, first, Reply(json=end.json | last))
    cloud_stub.on("POST", BULK, logs({1: [entry(10)]}))
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [one.issue.id for one in batch.changes] == ["1"]
    assert len(cloud_stub.paths(SEARCH)) == 2


async def test_changelogs_that_go_in_circles_are_a_fault(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", SEARCH, page(raw(1)))
    cloud_stub.on("POST", BULK, logs({1: [entry(10)]}, token="a"))
    with pytest.raises(Retryable):
        await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert len(cloud_stub.paths(BULK)) == 2


@pytest.mark.parametrize("absent", [404, 405, 410, 501])
async def test_without_bulk_changelogs_issues_are_read_one_by_one(
    cloud_reader: ChangeReader, cloud_stub: Stub, clock: MovedClock, absent: int
) -> None:
    cloud_stub.on("POST", SEARCH, page(raw(1), raw(2)))
    cloud_stub.on("POST", BULK, Reply(status=absent, json={"detail": "Not Found"}))
    for number in (1, 2):
        issue = with_history(raw(number), entry(number * 10))
        cloud_stub.on("GET", f"/rest/api/3/issue/{number}", Reply(json=issue))
    for _ in range(2):
        batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
        assert [one.changes[0].history_id for one in batch.changes] == ["10", "20"]
        assert batch.problems == ()
    assert len(cloud_stub.paths(BULK)) == 1
    clock.time += timedelta(hours=2)
    await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert len(cloud_stub.paths(BULK)) == 2


async def test_a_cut_changelog_is_read_by_pages(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    """Twenty entries within an issue may be all there are, or all that Cloud shows."""
    embedded = [entry(number) for number in range(20)]
    cloud_stub.on("GET", "/rest/api/3/issue/1", Reply(json=with_history(raw(1), *embedded)))

    def paged(call: Call) -> Reply:
        start = int(call.query["startAt"])
        values = [entry(number) for number in range(start, min(start + 10, 25))]
        return Reply(json={"startAt": start, "total": 25, "values": values})

    cloud_stub.on("GET", "/rest/api/3/issue/1/changelog", paged)
    batch = await cloud_reader.read_issues(["1"])
    assert len(batch.changes[0].changes) == 25
    assert batch.problems == ()


async def test_a_cut_changelog_without_pages_is_reported(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    cut = with_history(raw(1), entry(5), total=9)
    center_stub.on("GET", "/rest/api/2/issue/1", Reply(json=cut))
    batch = await center_reader.read_issues(["1"])
    assert [c.history_id for c in batch.changes[0].changes] == ["5"]
    assert "may be missing" in batch.problems[0].reason


async def test_data_center_needs_two_requests_too(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    numbers = range(1, 51)
    found = {"issues": [raw(one) for one in numbers], "total": 50}
    full = {"issues": [with_history(raw(one), entry(one)) for one in numbers], "total": 50}
    center_stub.on("POST", CENTER_SEARCH, Reply(json=found), Reply(json=full))
    await center_reader.read_issues([])
    center_stub.calls.clear()
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [len(one.changes) for one in batch.changes] == [1] * 50
    assert center_stub.paths() == [f"POST {CENTER_SEARCH}"] * 2
    second = center_stub.calls[-1].json()
    assert (second["expand"], second["validateQuery"]) == (["changelog"], False)


async def test_an_issue_that_vanishes_between_two_requests_is_missing(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    both = {"issues": [raw(1), raw(2)], "total": 2}
    one = {"issues": [with_history(raw(1), entry(1))], "total": 1}
    center_stub.on("POST", CENTER_SEARCH, Reply(json=both), Reply(json=one))
    gone = Reply(status=404, json={"errorMessages": ["Issue Does Not Exist"]})
    center_stub.on("GET", "/rest/api/2/issue/2", gone)
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [change.issue.id for change in batch.changes] == ["1"]
    assert (batch.missing, batch.complete) == (("2",), True)


async def test_no_issue_is_skipped_when_rows_move_between_pages(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    """Issues updated while pages are read move to the end; whatever followed them moves up."""
    rows = [raw(number) for number in range(1, 301)]

    def found(call: Call) -> Reply:
        body = call.json()
        if "id in" in str(body["jql"]):
            asked = str(body["jql"]).partition("(")[2].partition(")")[0].split(", ")
            issues = [with_history(raw(int(one)), entry(int(one))) for one in asked]
            return Reply(json={"issues": issues, "total": len(issues)})
        start = int(str(body["startAt"]))
        reply = Reply(json={"issues": rows[start : start + 50], "total": len(rows)})
        for _ in range(15):
            moved = rows.pop(0)
            number = int(str(moved["id"]))
            rows.append(raw(number, updated=f"2026-11-24T12:{len(center_stub.calls):02}:00+0000"))
        return reply

    center_stub.on("POST", CENTER_SEARCH, found)
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert {int(one.issue.id) for one in batch.changes} == set(range(1, 301))


@pytest.mark.parametrize("moved", [5, 20, 30, 49, 50, 60])
async def test_no_issue_is_skipped_when_many_rows_move_at_once(
    center_reader: ChangeReader, center_stub: Stub, moved: int
) -> None:
    rows = [raw(number) for number in range(1, 81)]
    later = [raw(number, updated="2026-11-24T12:00:00+0000") for number in range(1, moved + 1)]
    pages: list[list[dict[str, object]]] = [rows]

    def found(call: Call) -> Reply:
        start = int(str(call.json()["startAt"]))
        current = pages[-1]
        pages.append(rows[moved:] + later)
        return Reply(json={"issues": current[start : start + 50], "total": len(current)})

    center_stub.on("POST", CENTER_SEARCH, found)
    seen: set[str] = set()

    async def select(updated: Mapping[str, datetime]) -> Collection[str]:
        seen.update(updated)
        return []

    await center_reader.read_changed(projects=["DEF"], since=SINCE, select=select)
    assert seen == {str(number) for number in range(1, 81)}


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_a_server_with_tiny_pages_is_read_to_its_end(
    center_reader: ChangeReader, center_stub: Stub, size: int
) -> None:
    def found(call: Call) -> Reply:
        body = call.json()
        start = int(str(body["startAt"]))
        rows = [with_history(raw(number), entry(number)) for number in range(1, 8)]
        return Reply(json={"issues": rows[start : start + size], "total": 7})

    center_stub.on("POST", CENTER_SEARCH, found)
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert len(batch.changes) == 7


async def test_a_server_that_ignores_positions_comes_to_an_end(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    rows = [with_history(raw(number), entry(number)) for number in range(1, 8)]
    center_stub.on("POST", CENTER_SEARCH, Reply(json={"issues": rows, "total": 1000}))
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert len(batch.changes) == 7


async def test_a_stand_in_with_the_old_search_only_works(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    old = {"issues": [raw(1)], "startAt": 0, "maxResults": 50, "total": 1}
    cloud_stub.on("POST", "/rest/api/3/search", Reply(json=old))
    cloud_stub.on("GET", "/rest/api/3/issue/1", Reply(json=with_history(raw(1), entry(4))))
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert batch.changes[0].changes[0].history_id == "4"


async def test_a_server_without_lenient_searches_is_asked_strictly_from_then_on(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    def closed(call: Call) -> Reply:
        if "validateQuery" in call.json():
            said = 'Unrecognized field "validateQuery" (class X), not marked as ignorable'
            return Reply(status=400, json={"errorMessages": [said], "errors": {}})
        return Reply(json={"issues": [], "startAt": 0, "maxResults": 50, "total": 0})

    center_stub.on("POST", CENTER_SEARCH, closed)
    for _ in range(2):
        batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
        assert batch.complete
    assert len(center_stub.paths(CENTER_SEARCH)) == 3


async def test_hostile_issues_are_left_out_and_reported(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    hostile: list[object] = [
        None, 7, "x", [], {}, {"id": None}, {"id": "5", "fields": None},
        raw(6, updated=10**30), raw(7, updated=None), raw(9) | {"key": 5},
        {**raw(8), "fields": {"updated": "2026-11-24T11:59:00Z", "status": {"id": {}}}},
    ]  # fmt: skip
    cloud_stub.on("POST", SEARCH, page(*hostile, raw(1)))
    damaged = [None, {"id": 5}, {"id": "9", "created": {}, "items": [{"field": "status", "to": "2",
        "from": "1"}]}, entry(10)]  # fmt: skip
    cloud_stub.on("POST", BULK, logs({1: damaged}))
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [[c.history_id for c in one.changes] for one in batch.changes] == [["10"]]
    assert batch.complete
    assert {problem.issue_id for problem in batch.problems} == {None, "1", "5", "6", "7", "8", "9"}


@pytest.mark.parametrize("scale", [1, 1000])
async def test_bulk_times_may_be_numbers(
    cloud_reader: ChangeReader, cloud_stub: Stub, scale: int
) -> None:
    at = datetime(2026, 11, 24, 11, 59, tzinfo=UTC)
    cloud_stub.on("POST", SEARCH, page(raw(1)))
    cloud_stub.on("POST", BULK, logs({1: [entry(10, at=int(at.timestamp()) * scale)]}))
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert batch.changes[0].changes[0].at == at


async def test_a_changelog_that_lags_is_read_again_from_the_issue(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    cloud_stub.on("POST", SEARCH, page(raw(1, "3")))
    cloud_stub.on("POST", BULK, logs({1: [entry(10)]}))
    current = with_history(raw(1, "3"), entry(11, "2", "3"), entry(10))
    cloud_stub.on("GET", "/rest/api/3/issue/1", Reply(json=current))
    batch = await cloud_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [c.to_id for c in batch.changes[0].changes] == ["2", "3"]
    assert batch.problems == ()


async def test_what_was_read_before_a_fault_is_kept(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    found = {"issues": [raw(1), raw(2)], "total": 2}
    center_stub.on("POST", CENTER_SEARCH, Reply(json=found))
    first = Reply(json=with_history(raw(1), entry(1)))
    center_stub.on("GET", "/rest/api/2/issue/1", first)
    busy = Reply(status=429, json={}, headers={"Retry-After": "9"})
    center_stub.on("GET", "/rest/api/2/issue/2", busy)
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [one.issue.id for one in batch.changes] == ["1"]
    assert not batch.complete
    assert batch.fault is not None
    assert batch.fault.retry_after == timedelta(seconds=9)
    assert batch.broken_off is batch.fault


async def test_one_issue_that_cannot_be_read_does_not_stand_in_others_way(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    found = {"issues": [raw(1), raw(2)], "total": 2}
    center_stub.on("POST", CENTER_SEARCH, Reply(json=found))
    center_stub.on("GET", "/rest/api/2/issue/1", Reply(status=500, body=b"too big"))
    center_stub.on("GET", "/rest/api/2/issue/2", Reply(json=with_history(raw(2), entry(1))))
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert [one.issue.id for one in batch.changes] == ["2"]
    assert not batch.complete
    assert batch.broken_off is None


async def test_a_server_that_fails_for_every_issue_is_left_alone(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    found = {"issues": [raw(number) for number in range(1, 10)], "total": 9}
    center_stub.on("POST", CENTER_SEARCH, Reply(json=found))
    for number in range(1, 10):
        center_stub.on("GET", f"/rest/api/2/issue/{number}", Reply(status=500, body=b""))
    batch = await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert not batch.complete
    assert len(center_stub.paths("/issue/")) == 3


async def test_histories_that_take_too_long_together_are_asked_in_smaller_portions(
    center_reader: ChangeReader, center_stub: Stub
) -> None:
    sizes = []

    def found(call: Call) -> Reply:
        asked = str(call.json()["jql"]).partition("(")[2].partition(")")[0].split(", ")
        sizes.append(len(asked))
        if len(asked) > 50:
            return Reply(status=504, body=b"")
        issues = [with_history(raw(int(one)), entry(int(one))) for one in asked]
        return Reply(json={"issues": issues, "total": len(issues)})

    center_stub.on("POST", CENTER_SEARCH, found)
    ids = [str(number) for number in range(1, 121)]
    with pytest.raises(Retryable):
        await center_reader.read_issues(ids)
    assert len((await center_reader.read_issues(ids)).changes) == 120
    assert sizes == [120, 50, 50, 20]


async def test_the_sweep_reads_many_at_once_and_reports_what_is_gone(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    def bulk(call: Call) -> Reply:
        asked = [int(str(one)) for one in items(call.json()["issueIdsOrKeys"])]
        found = [raw(one) for one in asked if one % 50]
        errors = [{"id": "50", "errorMessage": "try again"}] if 50 in asked else []
        return Reply(json={"issues": found, "issueErrors": errors})

    cloud_stub.on("POST", BULK_ISSUES, bulk)
    cloud_stub.on("POST", BULK, logs({number: [entry(number)] for number in range(1, 251)}))
    cloud_stub.on("GET", "/rest/api/3/issue/50", Reply(json=with_history(raw(50), entry(50))))
    batch = await cloud_reader.read_issues([str(number) for number in range(1, 251)])
    assert len(batch.changes) == 246
    assert batch.missing == ("100", "150", "200", "250")
    assert len(cloud_stub.paths(BULK_ISSUES)) == 3
    assert len(cloud_stub.paths(BULK)) == 1


async def test_issues_are_not_missing_for_a_stranger(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    await cloud_reader.read_issues([])
    cloud_stub.on("POST", BULK_ISSUES, Reply(json={"issues": [], "issueErrors": []}))
    cloud_stub.on("GET", "/rest/api/3/myself", Reply(status=401, body=b"who?"))
    with pytest.raises(CredentialsRefused):
        await cloud_reader.read_issues(["1", "2"])


async def test_without_bulk_reads_the_sweep_goes_one_by_one(
    cloud_reader: ChangeReader, cloud_stub: Stub
) -> None:
    cloud_stub.on("GET", "/rest/api/3/issue/1", Reply(json=with_history(raw(1), entry(1))))
    gone = Reply(status=404, json={"detail": "no such issue"})
    cloud_stub.on("GET", "/rest/api/3/issue/2", gone)
    batch = await cloud_reader.read_issues(["1", "2"])
    assert [one.issue.id for one in batch.changes] == ["1"]
    assert batch.missing == ("2",)


async def test_a_moved_issue_keeps_its_id(center_reader: ChangeReader, center_stub: Stub) -> None:
    moved = with_history(raw(1) | {"key": "NEW-9"}, entry(1))
    center_stub.on("GET", "/rest/api/2/issue/1", Reply(json=moved))
    issue = (await center_reader.read_issues(["1"])).changes[0].issue
    assert (issue.id, issue.key, issue.project_key) == ("1", "NEW-9", "NEW")


async def test_reading_never_leaves_a_doubt(center_reader: ChangeReader, center_stub: Stub) -> None:
    center_stub.on("POST", CENTER_SEARCH, Reply(drop=True))
    with pytest.raises(Retryable) as broke:
        await center_reader.read_changed(projects=["DEF"], since=SINCE, select=everything)
    assert not isinstance(broke.value, OutcomeUnknown)
