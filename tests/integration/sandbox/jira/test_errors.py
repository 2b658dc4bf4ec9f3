"""The shapes of refusals."""

import json

import pytest

from tests.integration.sandbox.jira.caller import Stand, basic

PROBLEM = "application/problem+json;charset=UTF-8"


async def test_cloud_answers_unknown_addresses_with_a_problem(cloud: Stand) -> None:
    reply = await cloud.get("/nothing/here")
    assert (reply.status, reply.headers["Content-Type"]) == (404, PROBLEM)
    assert set(reply.json) == {"type", "title", "status", "detail", "instance"}
    wrong = await cloud.delete("/myself")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET")


async def test_cloud_answers_wrong_types_with_a_problem(cloud: Stand) -> None:
    number = await cloud.get("/search/jql?jql=project=BUG&maxResults=x")
    assert number.status == 400
    assert number.json["detail"] == "Failed to convert 'maxResults' with value: 'x'"
    text = await cloud.call("POST", "/issue", data="{}", headers={"Content-Type": "text/plain"})
    assert text.status == 415
    assert text.json["detail"] == "Content-Type 'text/plain' is not supported."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "No content to map to Object due to end of input"),
        ("{", "There was an error parsing JSON. Check that your request body is valid."),
        ("[]", "Invalid request payload."),
        ('{"jql": "project = BUG", "startAt": 0}', "Invalid request payload."),
        ('{"jql": "project = BUG", "expand": ["names"]}', "Invalid request payload."),
    ],
)
async def test_bodies_that_cannot_be_read_have_no_errors_by_field(
    cloud: Stand, body: str, sentence: str
) -> None:
    headers = {"Content-Type": "application/json"}
    reply = await cloud.call("POST", "/search/jql", data=body, headers=headers)
    assert reply.status == 400
    assert list(reply.json) == ["errorMessages"]
    assert reply.messages[0].startswith(sentence)


async def test_datacenter_names_the_unknown_property(datacenter: Stand) -> None:
    reply = await datacenter.post("/search", {"jql": "", "properties": []})
    assert reply.status == 400
    assert reply.messages[0].startswith('Unrecognized field "properties"')
    assert "not marked as ignorable" in reply.messages[0]


async def test_datacenter_has_nothing_of_cloud(datacenter: Stand) -> None:
    await datacenter.create()
    for method, path in (
        ("POST", "/search/jql"),
        ("POST", "/issue/bulkfetch"),
        ("POST", "/changelog/bulkfetch"),
        ("GET", "/issue/BUG-1/changelog"),
        ("GET", "/project/search"),
        ("GET", "/rest/api/3/myself"),
    ):
        reply = await datacenter.call(method, path, json={"jql": "project = BUG"})
        assert reply.status in {404, 405}, path


async def test_missing_issues_and_projects(stand: Stand) -> None:
    missing = await stand.get("/issue/BUG-99")
    assert missing.status == 404
    assert missing.messages == [
        "Issue does not exist or you do not have permission to see it."
        if stand.cloud
        else "Issue Does Not Exist"
    ]
    project = await stand.get("/project/NOPE")
    assert project.status == 404
    assert project.messages == ["No project could be found with key 'NOPE'."]


async def test_a_hidden_issue_is_missing_or_forbidden(stand: Stand) -> None:
    await stand.create()
    stand.site.hide("BUG-1")
    assert (await stand.get("/issue/BUG-1")).status == 404
    stand.server.switches.forbidden_issue_status = 403
    reply = await stand.get("/issue/BUG-1")
    assert reply.status == (404 if stand.cloud else 403)
    stand.site.show("BUG-1")
    assert (await stand.get("/issue/BUG-1")).status == 200


async def test_a_lost_project_looks_deleted(stand: Stand) -> None:
    await stand.create()
    stand.site.deny("casebot", "BROWSE_PROJECTS", "BUG")
    assert (await stand.get("/issue/BUG-1")).status == 404
    assert (await stand.get("/project/BUG")).status == 404
    assert (await stand.get("/myself")).status == 200


async def test_answers_are_json_in_utf_8(stand: Stand) -> None:
    await stand.create("Größe – 値")
    reply = await stand.get("/issue/BUG-1?fields=summary")
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert json.loads(reply.content.decode("utf-8"))["fields"] == {"summary": "Größe – 値"}


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing/here"), ("PATCH", "/myself")])
async def test_cloud_looks_at_the_caller_before_the_address(
    cloud: Stand, method: str, path: str
) -> None:
    bearer = await cloud.call(method, path, headers={"Authorization": "Bearer opaque"})
    assert (bearer.status, bearer.text) == (
        403,
        '{"error":"Failed to parse Connect Session Auth Token"}',
    )
    wrong = basic("somebody@example.org", "wrong")
    failed = await cloud.call(method, path, headers={"Authorization": wrong})
    assert failed.status in {404, 405}
    assert failed.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


async def test_datacenter_looks_at_the_caller_before_the_address(datacenter: Stand) -> None:
    bad = await datacenter.get("/nothing/here", headers={"Authorization": "Bearer unknown"})
    assert (bad.status, bad.json["status-code"]) == (401, 401)
    good = await datacenter.get("/nothing/here?a=b")
    assert good.headers["X-AUSERNAME"] == "casebot"
    assert good.json == {
        "message": f"null for uri: {datacenter.server.url}/rest/api/2/nothing/here?a=b",
        "status-code": 404,
    }


async def test_issues_may_be_sent_with_more_than_is_known_and_links_may_not(cloud: Stand) -> None:
    await cloud.create()
    await cloud.create()
    changed = await cloud.put("/issue/BUG-1", {"fields": {"summary": "New"}, "notifyUsers": True})
    assert changed.status == 204
    link = {
        "type": {"name": "Relates"},
        "inwardIssue": {"key": "BUG-1"},
        "outwardIssue": {"key": "BUG-2"},
    }
    refused = await cloud.post("/issueLink", link | {"unknown": 1})
    assert (refused.status, list(refused.json)) == (400, ["errorMessages"])
    assert (await cloud.post("/issueLink", link)).status == 201


async def test_what_can_be_read_can_be_asked_about(stand: Stand) -> None:
    await stand.create()
    asked = await stand.call("HEAD", "/issue/BUG-1")
    assert (asked.status, asked.content) == (200, b"")
    assert int(asked.headers["Content-Length"]) > 100
    assert (await stand.call("HEAD", "/issue/BUG-2")).status == 404
    wrong = await stand.put("/myself")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET")
