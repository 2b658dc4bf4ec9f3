"""Creating, reading, editing and deleting issues."""

import pytest

from tests.integration.sandbox.jira.caller import Stand

MINIMAL = {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "x"}


async def test_what_is_created_is_read_back(stand: Stand) -> None:
    created = await stand.create(
        "Disk full",
        labels=["b", "a"],
        description=stand.long_text("all of it"),
        priority={"name": "High"},
        fixVersions=[{"name": "7.1.0"}],
        duedate="2026-12-24",
    )
    assert set(created) == {"id", "key", "self"}
    issue = (await stand.get("/issue/" + created["id"])).json
    fields = issue["fields"]
    assert issue["key"] == "BUG-1"
    assert fields["status"]["name"] == "Backlog"
    assert fields["status"]["statusCategory"]["key"] == "new"
    assert fields["labels"] == ["a", "b"]
    assert fields["priority"]["name"] == "High"
    assert fields["resolution"] is None
    assert fields["description"] == stand.long_text("all of it")
    assert fields["fixVersions"][0]["released"] is False
    assert fields["reporter"]["displayName"] == "Case Bot"
    assert fields["updated"][-5:] in {"-0800", "-0700"}  # the site's zone, not the bot's
    assert stand.server.records.issues[0].key == "BUG-1"


async def test_version_2_of_cloud_has_plain_texts(cloud: Stand) -> None:
    await cloud.create(description=cloud.long_text("line"))
    old = await cloud.get("/rest/api/2/issue/BUG-1?fields=description")
    assert old.json["fields"]["description"] == "line"
    assert old.json["self"].endswith("/rest/api/2/issue/10000")
    await cloud.put("/rest/api/2/issue/BUG-1", {"fields": {"description": "one\n\ntwo"}})
    new = (await cloud.get("/issue/BUG-1")).json["fields"]["description"]
    assert [block["content"][0]["text"] for block in new["content"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"summary": ""}, "summary", "You must specify a summary of the issue."),
        ({"summary": "x" * 256}, "summary", "Summary must be less than 255 characters."),
        ({"summary": "a\nb"}, "summary", "newline"),
        ({"summary": 7}, "summary", "Operation value must be a string"),
        ({"labels": ["a b"]}, "labels", "The label 'a b' contains spaces which is invalid."),
        ({"labels": "a"}, "labels", "data was not an array"),
        ({"nope": 1}, "nope", "Field 'nope' cannot be set. It is not on the appropriate screen"),
        ({"status": {"name": "Done"}}, "status", "Field 'status' cannot be set."),
        ({"resolution": {"name": "Done"}}, "resolution", "Field 'resolution' cannot be set."),
        ({"priority": {"name": "Urgent!"}}, "priority", "is not valid"),
        ({"issuetype": {"name": "Epic"}}, "issuetype", "Specify a valid issue type"),
        ({"project": {"key": "NOPE"}}, "project", "valid project is required"),
        ({"fixVersions": [{"name": "9"}]}, "fixVersions", "Version name '9' is not valid"),
        ({"duedate": "soon"}, "duedate", "Error parsing date string: soon"),
    ],
)
async def test_bad_fields_are_refused_by_name(
    stand: Stand, fields: dict[str, object], field: str, sentence: str
) -> None:
    reply = await stand.post("/issue", {"fields": MINIMAL | fields})
    assert reply.status == 400
    assert sentence in reply.json["errors"][field]
    assert stand.site.issues == {}


async def test_all_that_is_missing_is_said_at_once(stand: Stand) -> None:
    stand.site.add_field("Severity", "option", required=True, allowed=("high", "low"))
    body = {"fields": {"project": {"key": "BUG"}}}
    reply = await stand.post("/issue", body)
    assert set(reply.json["errors"]) == {"summary", "issuetype", "customfield_10000"}
    assert reply.json["errors"]["customfield_10000"] == "Severity is required."
    stand.server.switches.required_field_errors = "messages"
    reply = await stand.post("/issue", body)
    assert reply.json["errors"] == {}
    assert "Field 'summary' is required" in reply.json["errorMessages"]


async def test_a_required_field_can_be_found_beforehand_and_given(stand: Stand) -> None:
    stand.site.add_field("Severity", "option", required=True, allowed=("high", "low"))
    types = (await stand.get("/issue/createmeta/BUG/issuetypes")).json
    listed = types["issueTypes" if stand.cloud else "values"]
    assert [kind["name"] for kind in listed] == ["Bug", "Task", "Story"]
    path = f"/issue/createmeta/BUG/issuetypes/{listed[0]['id']}"
    metas = (await stand.get(path)).json["fields" if stand.cloud else "values"]
    (severity,) = [meta for meta in metas if meta["name"] == "Severity"]
    assert severity["required"]
    assert [value["value"] for value in severity["allowedValues"]] == ["high", "low"]
    given: dict[str, object] = {severity["fieldId"]: {"value": "low"}}
    await stand.create("graded", **given)
    issue = (await stand.get("/issue/BUG-1")).json
    assert issue["fields"][severity["fieldId"]]["value"] == "low"
    too_many = await stand.get(path + "?maxResults=201")
    assert too_many.status == (400 if stand.cloud else 200)


async def test_version_3_wants_documents(cloud: Stand) -> None:
    reply = await cloud.post("/issue", {"fields": MINIMAL | {"description": "plain"}})
    assert reply.status == 400
    assert reply.json["errors"] == {
        "description": "Operation value must be an Atlassian Document "
        "(see the Atlassian Document Format)"
    }


async def test_nobody_creates_nothing(stand: Stand) -> None:
    reply = await stand.post("/issue", {"fields": MINIMAL}, who=None)
    assert reply.status == 400
    assert reply.messages[0].startswith("Anonymous users do not have permission")
    stand.site.deny("casebot", "CREATE_ISSUES", "BUG")
    reply = await stand.post("/issue", {"fields": MINIMAL})
    assert reply.status == 400
    assert "permission to create issues" in reply.json["errors"]["project"]


async def test_fields_can_be_chosen(stand: Stand) -> None:
    await stand.create()
    some = await stand.get("/issue/BUG-1?fields=status,summary&fields=labels")
    assert set(some.json["fields"]) == {"status", "summary", "labels"}
    but = await stand.get("/issue/BUG-1?fields=*all,-comment")
    assert "comment" not in but.json["fields"]
    assert "summary" in but.json["fields"]
    navigable = await stand.get("/issue/BUG-1?fields=*navigable")
    assert "comment" not in navigable.json["fields"]


async def test_editing_sets_adds_and_removes(stand: Stand) -> None:
    await stand.create(labels=["a", "b"])
    body = {
        "fields": {"summary": "new", "assignee": None},
        "update": {
            "labels": [{"add": "c"}, {"remove": "a"}],
            "fixVersions": [{"add": {"name": "7.2.0"}}],
            "comment": [{"add": {"body": stand.long_text("edited")}}],
        },
    }
    reply = await stand.put("/issue/BUG-1", body)
    assert (reply.status, reply.content) == (204, b"")
    fields = (await stand.get("/issue/BUG-1")).json["fields"]
    assert fields["summary"] == "new"
    assert sorted(fields["labels"]) == ["b", "c"]
    assert fields["fixVersions"][0]["name"] == "7.2.0"
    assert fields["comment"]["total"] == 1
    twice = {"fields": {"labels": []}, "update": {"labels": [{"add": "c"}]}}
    refused = await stand.put("/issue/BUG-1", twice)
    assert "cannot appear in both" in refused.json["errors"]["labels"]


async def test_silence_is_for_administrators(stand: Stand) -> None:
    await stand.create()
    path, body = "/issue/BUG-1?notifyUsers=false", {"fields": {"summary": "y"}}
    refused = await stand.put(path, body)
    assert refused.status == 403
    assert refused.messages[0].startswith("To discard the user notification")
    assert (await stand.put(path, body, who="admin")).status == 204


async def test_assigning(stand: Stand) -> None:
    await stand.create()
    developer = stand.site.account("dev")
    assert developer is not None
    key = "accountId" if stand.cloud else "name"
    wanted = developer.account_id if stand.cloud else "dev"
    assert (await stand.put("/issue/BUG-1/assignee", {key: wanted})).status == 204
    fields = (await stand.get("/issue/BUG-1?fields=assignee")).json["fields"]
    assert fields["assignee"]["displayName"] == "Dana Developer"
    assert (await stand.put("/issue/BUG-1/assignee", {key: "nobody"})).status == 400
    assert (await stand.put("/issue/BUG-1/assignee", {key: None})).status == 204


async def test_a_moved_issue_answers_to_its_old_key_without_a_redirect(stand: Stand) -> None:
    created = await stand.create()
    stand.site.add_project("NEW", "Newer")
    stand.site.move("BUG-1", "NEW")
    for name in ("BUG-1", "bug-1", "NEW-1", created["id"]):
        reply = await stand.get(f"/issue/{name}?fields=project")
        assert (reply.status, reply.json["key"], reply.json["id"]) == (200, "NEW-1", created["id"])
        assert reply.json["fields"]["project"]["key"] == "NEW"


async def test_deleting(stand: Stand) -> None:
    await stand.create()
    stand.site.deny("casebot", "DELETE_ISSUES", "BUG")
    assert (await stand.delete("/issue/BUG-1")).status == 403
    assert (await stand.delete("/issue/BUG-1", who="admin")).status == 204
    assert (await stand.get("/issue/BUG-1")).status == 404
    assert stand.server.records.issues[0].key == "BUG-1"  # it was created all the same


async def test_many_at_once(stand: Stand) -> None:
    reply = await stand.post(
        "/issue/bulk", {"issueUpdates": [{"fields": MINIMAL}, {"fields": {}}, {"fields": MINIMAL}]}
    )
    assert reply.status == 201
    assert [issue["key"] for issue in reply.json["issues"]] == ["BUG-1", "BUG-2"]
    (error,) = reply.json["errors"]
    assert error["failedElementNumber"] == 1
    assert "project" in error["elementErrors"]["errors"]
    none = await stand.post("/issue/bulk", {"issueUpdates": [{"fields": {}}]})
    assert none.status == 400


async def test_bulkfetch_leaves_out_what_is_not_there(cloud: Stand) -> None:
    for _ in range(3):
        await cloud.create()
    cloud.site.delete("BUG-2")
    cloud.site.add_project("NEW", "Newer")
    cloud.site.move("BUG-1", "NEW")
    body = {"issueIdsOrKeys": ["10002", "10001", "BUG-1", "999"], "fields": ["status"]}
    reply = await cloud.post("/issue/bulkfetch", body)
    assert [(i["id"], i["key"]) for i in reply.json["issues"]] == [
        ("10000", "NEW-1"),
        ("10002", "BUG-3"),
    ]
    assert reply.json["issueErrors"] == []
    for ids in ([], [str(n) for n in range(101)]):
        assert (await cloud.post("/issue/bulkfetch", {"issueIdsOrKeys": ids})).status == 400


async def test_everything_around_issues_is_listed(stand: Stand) -> None:
    statuses = (await stand.get("/project/BUG/statuses")).json
    assert [kind["name"] for kind in statuses] == ["Bug", "Task", "Story"]
    assert [status["name"] for status in statuses[0]["statuses"]] == [
        "Backlog", "Specifying", "Ready", "In Progress", "In Review", "Blocked", "Done",
    ]  # fmt: skip
    everything = (await stand.get("/status")).json
    in_progress = (await stand.get("/status/In%20Progress")).json
    assert in_progress in everything
    assert in_progress["id"] == "3"
    categories = {c["key"]: c["id"] for c in (await stand.get("/statuscategory")).json}
    assert categories == {"undefined": 1, "new": 2, "done": 3, "indeterminate": 4}
    names = {r["name"] for r in (await stand.get("/resolution")).json}
    assert names >= {"Done", "Fixed", "Won't Do", "Duplicate", "Cannot Reproduce"}
    assert [p["key"] for p in (await stand.get("/project")).json] == ["BUG"]
    assert [v["name"] for v in (await stand.get("/project/BUG/versions")).json] == [
        "7.1.0",
        "7.2.0",
    ]
    assert "summary" in {f["id"] for f in (await stand.get("/field")).json}
    assert (await stand.get("/priority/1")).json["name"] == "Highest"


async def test_versions_are_made_and_released(stand: Stand) -> None:
    body = {"name": "8.0", "project": "BUG"}
    assert (await stand.post("/version", body)).status == 403
    made = await stand.post("/version", body, who="admin")
    assert made.status == 201
    path = "/version/" + made.json["id"]
    assert (await stand.put(path, {"released": True}, who="admin")).status == 200
    version = (await stand.get(path)).json
    assert version["released"]
    assert version["releaseDate"]
    again = await stand.post("/version", body, who="admin")
    assert "already exists" in again.json["errors"]["name"]


async def test_people_are_found(stand: Stand) -> None:
    name = "query" if stand.cloud else "username"
    found = (await stand.get(f"/user/search?{name}=dan")).json
    assert [user["displayName"] for user in found] == ["Dana Developer"]
    one = f"accountId={found[0]['accountId']}" if stand.cloud else "username=dev"
    assert (await stand.get("/user?" + one)).json["displayName"] == "Dana Developer"
    assert (await stand.get("/user?accountId=x&username=x")).status == 404


async def test_an_edit_must_say_what_to_change(stand: Stand) -> None:
    await stand.create()
    reply = await stand.put("/issue/BUG-1", {})
    assert (reply.status, reply.messages) == (400, ["one of 'fields' or 'update' required"])


async def test_a_name_assigns_nobody_on_cloud(cloud: Stand) -> None:
    await cloud.create()
    cloud.site.edit("BUG-1", assignee=cloud.site.account("dev"))
    assert (await cloud.put("/issue/BUG-1/assignee", {"name": "casebot"})).status == 400
    assert cloud.site.issue("BUG-1").assignee is cloud.site.account("dev")
    assert (await cloud.put("/issue/BUG-1/assignee", {"accountId": "-1"})).status == 204
    assert cloud.site.issue("BUG-1").assignee is None
