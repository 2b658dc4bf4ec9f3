"""Pages, tokens, offsets, and what is cut."""

from datetime import timedelta
from itertools import chain

import pytest

from tests.integration.sandbox.jira.caller import Stand


async def fill(stand: Stand, count: int) -> list[str]:
    """Create issues in process and return their keys."""
    return [stand.site.create_issue("BUG", f"issue {n}").key for n in range(count)]


async def walk(stand: Stand, **body: object) -> list[list[str]]:
    """Return the keys of all pages on Cloud."""
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        jql = "project = BUG ORDER BY key ASC"
        answer = await stand.search(jql, fields=["summary"], **body, **token)
        pages.append([issue["key"] for issue in answer["issues"]])
        assert answer["isLast"] is ("nextPageToken" not in answer)
        if answer["isLast"]:
            return pages
        token = {"nextPageToken": answer["nextPageToken"]}


async def test_cloud_pages_by_token(cloud: Stand) -> None:
    keys = await fill(cloud, 7)
    pages = await walk(cloud, maxResults=3)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert list(chain(*pages)) == keys


async def test_cloud_never_gives_more_than_a_hundred_with_fields(cloud: Stand) -> None:
    await fill(cloud, 130)
    assert [len(page) for page in await walk(cloud, maxResults=5000)] == [100, 30]
    answer = await cloud.search("project = BUG", maxResults=5000, fields=["id"])
    assert len(answer["issues"]) == 130


async def test_cloud_gives_ids_alone_by_default(cloud: Stand) -> None:
    await fill(cloud, 1)
    answer = await cloud.search("project = BUG")
    assert answer == {"issues": [{"id": "10000"}], "isLast": True}


async def test_short_pages_lose_nothing(cloud: Stand) -> None:
    keys = await fill(cloud, 5)
    cloud.server.switches.search_page_cap = 2
    assert list(chain(*await walk(cloud, maxResults=100))) == keys


async def test_tokens_end_and_must_be_the_servers(cloud: Stand) -> None:
    await fill(cloud, 3)
    jql = "project = BUG"
    token = (await cloud.search(jql, maxResults=1))["nextPageToken"]
    path = "/search/jql"
    for body in (
        {"jql": jql, "nextPageToken": "made-up"},
        {"jql": "project = BUG AND id > 0", "nextPageToken": token},
    ):
        assert (await cloud.post(path, body)).status == 400
    cloud.server.switches.page_token_life = timedelta(0)
    assert (await cloud.post(path, {"jql": jql, "nextPageToken": token})).status == 400


async def test_a_repeating_token_can_be_had(cloud: Stand) -> None:
    await fill(cloud, 3)
    cloud.server.switches.repeat_page_token = True
    jql = "project = BUG"
    first = (await cloud.search(jql, maxResults=2))["nextPageToken"]
    second = await cloud.search(jql, maxResults=2, nextPageToken=first)
    assert second["nextPageToken"] == first


async def test_the_last_page_may_have_a_token_that_leads_to_nothing(cloud: Stand) -> None:
    await fill(cloud, 1)
    cloud.server.switches.token_on_last_page = True
    answer = await cloud.search("project = BUG")
    assert answer["isLast"] is True
    rest = await cloud.search("project = BUG", nextPageToken=answer["nextPageToken"])
    assert rest == {"issues": [], "isLast": True}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"jql": ""}, "Unbounded JQL queries are not allowed here."),
        ({"jql": "ORDER BY created"}, "Unbounded JQL queries are not allowed here."),
        ({"jql": "project = BUG", "maxResults": 0}, "maxResults"),
        ({"jql": "project = BUG", "maxResults": 5001}, "maxResults"),
        ({"jql": "project = BUG", "reconcileIssues": list(range(51))}, "reconcileIssues"),
        ({"jql": "project = BUG", "properties": list("abcdef")}, "properties"),
        (
            {"jql": "project = BUG ORDER BY " + ", ".join(["key"] * 8)},
            "The maximum number of sort fields",
        ),
        ({"jql": "project = BUG x"}, "Expecting either 'OR' or 'AND' but got 'x'."),
    ],
)
async def test_cloud_refuses(cloud: Stand, body: dict[str, object], sentence: str) -> None:
    reply = await cloud.post("/search/jql", body)
    assert reply.status == 400
    assert sentence in reply.messages[0]


@pytest.mark.parametrize(
    "jql",
    [
        "project = NOPE",
        "status = Nope",
        "nope = 1",
        "key in (BUG-1, BUG-99)",
        'updated > "soon"',
        "labels in nope()",
    ],
)
async def test_cloud_finds_nothing_for_what_does_not_exist(cloud: Stand, jql: str) -> None:
    await fill(cloud, 1)
    assert await cloud.search(jql) == {"issues": [], "isLast": True}


async def test_the_query_string_works_too_and_ignores_an_offset(cloud: Stand) -> None:
    await fill(cloud, 3)
    found = await cloud.get(
        "/search/jql",
        params={"jql": "project = BUG ORDER BY key", "fields": "key,status", "startAt": "2"},
    )
    assert [issue["key"] for issue in found.json["issues"]] == ["BUG-1", "BUG-2", "BUG-3"]


async def test_the_old_search_is_gone(cloud: Stand) -> None:
    for path in ("/rest/api/3/search", "/rest/api/2/search", "/rest/api/latest/search"):
        for method in ("GET", "POST"):
            reply = await cloud.call(method, path, json={})
            assert reply.status == 410
            assert "/rest/api/3/search/jql" in reply.messages[0]


async def test_a_search_is_behind_and_reconciling_is_not(cloud: Stand) -> None:
    cloud.server.switches.index_lag = timedelta(hours=1)
    created = await cloud.create(labels=["mark"])
    assert (await cloud.get("/issue/" + created["key"])).status == 200
    assert (await cloud.search("labels = mark"))["issues"] == []
    answer = await cloud.search("labels = mark", reconcileIssues=[int(created["id"])])
    assert answer["issues"] == [{"id": created["id"]}]


async def test_the_count_is_of_bounded_queries(cloud: Stand) -> None:
    await fill(cloud, 4)
    reply = await cloud.post("/search/approximate-count", {"jql": "project = BUG"})
    assert reply.json == {"count": 4}
    assert (await cloud.post("/search/approximate-count", {"jql": ""})).status == 400


async def test_collections_in_a_search_are_cut(cloud: Stand) -> None:
    issue = cloud.site.create_issue("BUG", "x")
    for number in range(60):
        cloud.site.transition(issue, ("Ready", "Specifying")[number % 2])
        cloud.site.comment(issue, f"{number}")
    answer = await cloud.search("key = BUG-1", fields=["comment"], expand="changelog")
    (found,) = answer["issues"]
    assert len(found["changelog"]["histories"]) == 20
    assert found["changelog"]["total"] == 60
    assert len(found["fields"]["comment"]["comments"]) == 20
    fetched = await cloud.post(
        "/issue/bulkfetch",
        {"issueIdsOrKeys": ["BUG-1"], "expand": ["changelog"], "fields": ["status"]},
    )
    assert len(fetched.json["issues"][0]["changelog"]["histories"]) == 40


async def test_properties_come_with_a_search(cloud: Stand) -> None:
    fields = {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "x"}
    property_ = {"key": "cf.case", "value": {"id": "42"}}
    await cloud.post("/issue", {"fields": fields, "properties": [property_]})
    answer = await cloud.search("project = BUG", fields=["status"], properties=["cf.case"])
    assert answer["issues"][0]["properties"] == {"cf.case": {"id": "42"}}


async def test_queries_can_be_checked(cloud: Stand) -> None:
    reply = await cloud.post("/jql/parse", {"queries": ["project = BUG", "x =", "nope = 1"]})
    good, broken, absent = reply.json["queries"]
    assert "errors" not in good
    assert "before the end of the query" in broken["errors"][0]
    assert "Field 'nope' does not exist" in absent["errors"][0]


# -- Data Center -----------------------------------------------------------------------


async def test_datacenter_pages_by_offset_and_counts(datacenter: Stand) -> None:
    await fill(datacenter, 5)
    jql = "project = BUG ORDER BY key ASC"
    answer = await datacenter.search(jql, startAt=3, maxResults=3, fields=["status"])
    assert [issue["key"] for issue in answer["issues"]] == ["BUG-4", "BUG-5"]
    assert (answer["startAt"], answer["maxResults"], answer["total"]) == (3, 3, 5)


async def test_datacenter_cuts_the_page_size_without_a_word(datacenter: Stand) -> None:
    await fill(datacenter, 1)
    answer = await datacenter.search("project = BUG", maxResults=5000)
    assert answer["maxResults"] == 1000
    assert (await datacenter.search(""))["maxResults"] == 50
    issue = answer["issues"][0]["fields"]
    assert "summary" in issue
    assert "comment" not in issue  # not navigable


async def test_one_bad_key_fails_the_whole_query_unless_told_otherwise(datacenter: Stand) -> None:
    await fill(datacenter, 1)
    body = {"jql": "key in (BUG-1, BUG-98, BUG-99)"}
    refused = await datacenter.post("/search", body)
    assert refused.status == 400
    assert refused.json == {
        "errorMessages": [
            "An issue with key 'BUG-98' does not exist for field 'key'.",
            "An issue with key 'BUG-99' does not exist for field 'key'.",
        ],
        "warningMessages": [],
    }
    answer = await datacenter.search(body["jql"], validateQuery=False)
    assert [issue["key"] for issue in answer["issues"]] == ["BUG-1"]
    by_query = await datacenter.get(
        "/search", params={"jql": body["jql"], "validateQuery": "false"}
    )
    assert by_query.json["total"] == 1


async def test_a_deleted_issue_fails_a_validated_query(datacenter: Stand) -> None:
    await fill(datacenter, 2)
    datacenter.site.delete("BUG-1")
    reply = await datacenter.post("/search", {"jql": "id in (10000, 10001)"})
    assert reply.status == 400
    answer = await datacenter.search("id in (10000, 10001)", validateQuery=False)
    assert [issue["id"] for issue in answer["issues"]] == ["10001"]


async def test_a_search_on_datacenter_gives_whole_histories_without_field_ids(
    datacenter: Stand,
) -> None:
    issue = datacenter.site.create_issue("BUG", "x")
    for number in range(30):
        datacenter.site.transition(issue, ("Ready", "Specifying")[number % 2])
    answer = await datacenter.search("project = BUG", expand=["changelog"], fields=["status"])
    changelog = answer["issues"][0]["changelog"]
    assert changelog["total"] == len(changelog["histories"]) == 30
    ids = [int(history["id"]) for history in changelog["histories"]]
    assert ids == sorted(ids)
    item = changelog["histories"][0]["items"][0]
    assert item["field"] == "status"
    assert "fieldId" not in item


async def test_people_and_relations_are_searched_by_functions(stand: Stand) -> None:
    first, second, third = (stand.site.create_issue("BUG", name) for name in "abc")
    stand.site.link(first, "Blocks", second)
    me = stand.site.account("casebot")
    who = me.account_id if stand.cloud else me.name  # type: ignore[union-attr]
    assert (await stand.post(f"/issue/{third.key}/watchers", who)).status == 204

    async def ids(jql: str) -> list[int]:
        found = await stand.search(f"{jql} ORDER BY id", fields=["id"])
        return [int(issue["id"]) for issue in found["issues"]]

    assert await ids("watcher = currentUser()") == [third.id]
    assert await ids("key IN watchedIssues()") == [third.id]
    assert await ids(f"issue IN linkedIssues({first.key})") == [second.id]
    assert await ids(f'issue IN linkedIssues({second.key}, "is blocked by")') == [first.id]
    assert await ids(f'issue IN linkedIssues({second.key}, "blocks")') == []
    assert await ids("key IN issueHistory()") == []
    stand.site.edit(second, assignee=stand.site.account("admin"))
    assert await ids('assignee IN membersOf("jira-administrators")') == [second.id]
    absent = await stand.post(
        "/search/jql" if stand.cloud else "/search", {"jql": "assignee in membersOf(none)"}
    )
    assert absent.status == (200 if stand.cloud else 400)
