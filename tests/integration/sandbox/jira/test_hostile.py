"""Nothing that is sent makes the server fail."""

from typing import Any

import aiohttp
import pytest

from tests.integration.sandbox.jira.caller import Stand

NASTY: list[Any] = [
    None,
    -1,
    10**30,
    "",
    "9" * 5000,
    "\u0000\ud7ff😀",
    [],
    [[]],
    ["x", {"id": []}],
    {},
    {"id": {}, "name": {}, "key": [], "value": [], "type": [], "accountId": []},
    {"type": "doc", "version": 1, "content": [{"type": []}]},
    {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [{"type": "text", "text": "x", "marks": [{"type": {}}]}],
            }
        ],
    },
]
FIELDS = [
    "summary", "description", "environment", "priority", "labels", "assignee", "reporter",
    "fixVersions", "versions", "components", "duedate", "issuetype", "project", "status",
    "customfield_10000", "customfield_10001", "customfield_10002", "customfield_10003",
    "customfield_10004", "customfield_10005", "customfield_10006", "customfield_10007",
]  # fmt: skip
KINDS = ("option", "options", "user", "number", "date", "datetime", "text", "labels")


async def settle(stand: Stand) -> None:
    """Have every kind of field and an issue to work on."""
    for kind in KINDS:
        stand.site.add_field(f"A {kind}", kind, allowed=("a", "b"))
    await stand.create()


@pytest.mark.parametrize("field", FIELDS)
async def test_fields(stand: Stand, field: str) -> None:
    await settle(stand)
    for value in NASTY:
        fields = {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "x"}
        for method, path, body in (
            ("POST", "/issue", {"fields": fields | {field: value}}),
            ("PUT", "/issue/BUG-1", {"update": {field: [{"add": value}, {"set": value}]}}),
            (
                "POST",
                "/issue/BUG-1/transitions",
                {"transition": {"id": "71"}, "fields": {field: value}},
            ),
        ):
            reply = await stand.call(method, path, json=body)
            assert reply.status < 500, (method, path, value, reply.text)
    assert (await stand.get("/issue/BUG-1?expand=changelog,renderedFields,editmeta")).status == 200
    assert (await stand.get("/myself")).status == 200


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("POST", "/issue", ("fields", "update", "properties", "transition")),
        ("POST", "/issue/bulk", ("issueUpdates",)),
        ("POST", "/issue/BUG-1/comment", ("body", "visibility", "properties")),
        ("POST", "/issue/BUG-1/transitions", ("transition", "fields", "update")),
        ("PUT", "/issue/BUG-1/assignee", ("accountId", "name")),
        ("PUT", "/issue/BUG-1/properties/k", ("x",)),
        ("POST", "/issue/BUG-1/remotelink", ("globalId", "application", "object", "relationship")),
        ("POST", "/issueLink", ("type", "inwardIssue", "outwardIssue", "comment")),
        ("POST", "/issue/BUG-1/watchers", ("x",)),
        ("POST", "/version", ("name", "project", "projectId", "releaseDate", "released")),
        ("PUT", "/version/10000", ("name", "releaseDate", "description", "archived")),
        ("POST", "/rest/webhooks/1.0/webhook", ("name", "url", "events", "filters", "secret")),
        ("POST", "/search", ("jql", "startAt", "maxResults", "fields", "expand")),
        (
            "POST",
            "/search/jql",
            ("jql", "fields", "maxResults", "nextPageToken", "expand", "reconcileIssues"),
        ),
        ("POST", "/search/approximate-count", ("jql",)),
        ("POST", "/jql/parse", ("queries",)),
        ("POST", "/issue/bulkfetch", ("issueIdsOrKeys", "fields", "expand", "properties")),
        ("POST", "/changelog/bulkfetch", ("issueIdsOrKeys", "fieldIds", "maxResults")),
        ("POST", "/issue/BUG-1/changelog/list", ("changelogIds",)),
        ("POST", "/comment/list", ("ids",)),
    ],
)
async def test_bodies(stand: Stand, method: str, path: str, names: tuple[str, ...]) -> None:
    await settle(stand)
    good: dict[str, Any] = {
        "fields": {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "x"},
        "body": stand.long_text("x"),
        "transition": {"id": "71"},
        "name": "n",
        "project": "BUG",
        "url": "http://127.0.0.1:1/",
        "events": [],
        "jql": "project = BUG",
        "issueIdsOrKeys": ["BUG-1"],
        "type": {"name": "Relates"},
        "inwardIssue": {"key": "BUG-1"},
        "object": {"url": "https://x.example", "title": "t"},
    }
    for name in names:
        base = {key: good[key] for key in names if key in good}
        for value in NASTY:
            reply = await stand.call(method, path, json=base | {name: value}, who="admin")
            assert reply.status < 500, (name, value, reply.text)
    for value in NASTY:
        reply = await stand.call(method, path, json=value, who="admin")
        assert reply.status < 500, (value, reply.text)


@pytest.mark.parametrize(
    "jql",
    [
        "id = " + "9" * 5000,
        "updated > " + "9" * 5000,
        'updated > "-' + "9" * 5000 + 'm"',
        "created > 99999999999999999",
        'created > startOfDay("99999999y")',
        'created > startOfMonth("-999999y")',
        "key in (" + ",".join(["BUG-1"] * 2000) + ")",
        "id > 1 AND " * 500 + "id > 1",
        "NOT " * 90 + "id > 1",
        'summary ~ "[(" OR summary ~ "\\\\"',
        "project = \u0661",
        "key = BUG-\u0661",
        'updated > "\u0662\u0660\u0662\u0666-01-01"',
        'text ~ "' + "a* " * 300 + '"',
        "status was EMPTY and status changed after EMPTY",
        "status changed during (-1d)",
        "priority > EMPTY or fixVersion <= currentUser()",
        "key = currentUser() or labels = (a, (b, c))",
        "due > -1d and due is empty or resolved = now()",
        "assignee was currentUser() by currentUser()",
    ],
)
async def test_queries(stand: Stand, jql: str) -> None:
    await settle(stand)
    path = "/search/jql" if stand.cloud else "/search"
    reply = await stand.post(path, {"jql": jql})
    assert reply.status in {200, 400}, reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/issue/" + "9" * 5000,
        "/issue/%00",
        "/issue/BUG-1%2F..%2Fmyself",
        "/issue/BUG-1?fields=" + "x," * 1000,
        "/issue/BUG-1?expand=nope,,&properties=%2A",
        "/issue/BUG-1/comment?startAt=-5&maxResults=-5",
        "/issue/BUG-1/comment?startAt=" + "9" * 30,
        "/issue/BUG-1/comment?maxResults=" + "9" * 5000,
        "/version/%E2%80%AE",
        "/user?accountId=%22%3E&username=%22%3E",
        "/project/" + "A" * 3000,
    ],
)
async def test_addresses(stand: Stand, path: str) -> None:
    await settle(stand)
    assert (await stand.get(path)).status < 500


@pytest.mark.parametrize(
    "value",
    ["Basic", "Basic !!!", "Basic " + "A" * 5000, "Basic Og==", "Basic /w==", "Bearer", "Digest x"],
)
async def test_credentials(stand: Stand, value: str) -> None:
    reply = await stand.get("/myself", who=None, headers={"Authorization": value})
    assert 400 <= reply.status < 500


async def test_deep_json(stand: Stand) -> None:
    headers = {"Content-Type": "application/json"}
    body = "[" * 100_000 + "]" * 100_000
    reply = await stand.call("POST", "/issue", data=body, headers=headers)
    assert reply.status == 400


async def test_broken_uploads(stand: Stand) -> None:
    await stand.create()
    path = "/issue/BUG-1/attachments"
    for content_type, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"nothing"),
        ("multipart/form-data; boundary=b", b"--b\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: x\r\n\r\n\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Type: a\x01b\r\n\r\nc\r\n--b--\r\n"),
        ("multipart/mixed; boundary=b", b"--b--\r\n"),
    ):
        headers = {"X-Atlassian-Token": "no-check", "Content-Type": content_type}
        try:
            reply = await stand.call("POST", path, data=body, headers=headers)
        except aiohttp.ClientError:
            continue
        assert 400 <= reply.status < 500, (body, reply.text)
    assert stand.site.issue("BUG-1").attachments == ()


async def test_half_a_letter_is_kept_as_a_question_mark(stand: Stand) -> None:
    await stand.create()
    headers = {"Content-Type": "application/json"}
    body = '{"fields": {"summary": "half \\ud83d"}}'
    changed = await stand.call("PUT", "/issue/BUG-1", data=body, headers=headers)
    assert changed.status == 204
    read = await stand.get("/issue/BUG-1")
    assert (read.status, read.json["fields"]["summary"]) == (200, "half ?")


async def test_a_body_that_is_not_compressed_as_it_says(stand: Stand) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    reply = await stand.call("POST", "/issue", data=b"abc", headers=headers)
    assert (reply.status, list(reply.json)) == (400, ["errorMessages"])


async def test_a_query_of_many_stars_is_answered(stand: Stand) -> None:
    await stand.create("a" * 255)
    found = await stand.search(f'summary ~ "{"a*" * 60}b"')
    assert found["issues"] == []
    found = await stand.search(f'summary ~ "{"a*" * 60}" AND summary ~ "a?a*"')
    assert len(found["issues"]) == 1
