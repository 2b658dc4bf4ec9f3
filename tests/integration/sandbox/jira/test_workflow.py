"""Transitions and the history they leave."""

from datetime import timedelta

import pytest

from tests.integration.sandbox.jira.caller import Stand


async def transition_to(stand: Stand, status: str) -> dict[str, str]:
    """Return the body that leads to a status."""
    listed = (await stand.get("/issue/BUG-1/transitions")).json["transitions"]
    (found,) = [t for t in listed if t["to"]["name"] == status]
    return {"id": found["id"]}


async def test_transitions_are_chosen_by_where_they_lead(stand: Stand) -> None:
    await stand.create()
    listed = (await stand.get("/issue/BUG-1/transitions?expand=transitions.fields")).json
    finish = listed["transitions"][-1]
    assert (finish["name"], finish["to"]["name"]) == ("Finish", "Done")
    assert "resolution" in finish["fields"]
    body = {
        "transition": {"id": finish["id"]},
        "fields": {"resolution": {"name": "Fixed"}},
        "update": {"comment": [{"add": {"body": stand.long_text("there you are")}}]},
    }
    reply = await stand.post("/issue/BUG-1/transitions", body, who="dev")
    assert (reply.status, reply.content) == (204, b"")
    fields = (await stand.get("/issue/BUG-1")).json["fields"]
    assert fields["status"]["name"] == "Done"
    assert fields["resolution"]["name"] == "Fixed"
    assert fields["resolutiondate"] == fields["updated"]
    assert fields["comment"]["total"] == 1


@pytest.mark.parametrize(
    ("transition", "sentence"),
    [
        ({"id": "999"}, "Transition id '999' is not valid for this issue."),
        ({"id": "x"}, "'transition' identifier must be an integer"),
        ({}, "Missing 'transition' identifier"),
        (None, "Missing 'transition' identifier"),
    ],
)
async def test_wrong_transitions(stand: Stand, transition: object, sentence: str) -> None:
    await stand.create()
    reply = await stand.post("/issue/BUG-1/transitions", {"transition": transition})
    assert reply.status == 400
    assert sentence in reply.messages[0]


async def test_only_the_fields_of_the_screen_may_be_set(stand: Stand) -> None:
    await stand.create()
    body = {
        "transition": await transition_to(stand, "Ready"),
        "fields": {"resolution": {"name": "Done"}},
    }
    reply = await stand.post("/issue/BUG-1/transitions", body)
    assert reply.status == 400
    assert "resolution" in reply.json["errors"]
    assert stand.site.issue("BUG-1").status.name == "Backlog"


async def test_without_the_permission_there_are_no_transitions(stand: Stand) -> None:
    await stand.create()
    stand.site.deny("casebot", "TRANSITION_ISSUES", "BUG")
    reply = await stand.get("/issue/BUG-1/transitions")
    assert (reply.status, reply.json["transitions"]) == (200, [])


async def test_a_workflow_with_arrows_offers_what_leads_on(stand: Stand) -> None:
    stand.site.add_project(
        "STEP",
        "Steps",
        statuses=("Open", "In Progress", "Done"),
        arrows={"Open": ["In Progress"], "In Progress": ["Done", "Open"]},
    )
    stand.site.create_issue("STEP", "x")
    listed = (await stand.get("/issue/STEP-1/transitions")).json["transitions"]
    assert [t["to"]["name"] for t in listed] == ["In Progress"]


async def test_the_history_is_the_steps_and_the_status_the_end(cloud: Stand) -> None:
    await cloud.create()
    for status in ("Ready", "In Progress", "Ready", "Done"):
        body = {"transition": await transition_to(cloud, status)}
        await cloud.post("/issue/BUG-1/transitions", body)
    page = (await cloud.get("/issue/BUG-1/changelog")).json
    assert page["isLast"]
    steps = [entry["items"][0] for entry in page["values"]]
    assert [step["toString"] for step in steps] == ["Ready", "In Progress", "Ready", "Done"]
    assert all(step["fieldId"] == "status" for step in steps)
    assert [s["from"] for s in steps[1:]] == [s["to"] for s in steps[:-1]]
    embedded = (await cloud.get("/issue/BUG-1?expand=changelog")).json["changelog"]
    assert [h["id"] for h in embedded["histories"]] == [h["id"] for h in page["values"]][::-1]


async def test_a_long_history_comes_in_pages_of_a_hundred(cloud: Stand) -> None:
    issue = cloud.site.create_issue("BUG", "x")
    for number in range(130):
        cloud.site.transition(issue, ("Ready", "Specifying")[number % 2])
    first = (await cloud.get("/issue/BUG-1/changelog?maxResults=1000")).json
    assert (len(first["values"]), first["total"], first["isLast"]) == (100, 130, False)
    async with cloud.session.get(
        first["nextPage"], headers={"Authorization": cloud.authorization()}
    ) as response:
        second = await response.json()
    assert (len(second["values"]), second["isLast"]) == (30, True)
    embedded = (await cloud.get("/issue/BUG-1?expand=changelog")).json["changelog"]
    assert (len(embedded["histories"]), embedded["total"]) == (100, 130)


async def test_histories_can_come_in_any_order(cloud: Stand) -> None:
    issue = cloud.site.create_issue("BUG", "x")
    for number in range(20):
        cloud.site.transition(issue, ("Ready", "Specifying")[number % 2])
    cloud.server.switches.shuffle_histories = True
    ids = [int(h["id"]) for h in (await cloud.get("/issue/BUG-1/changelog")).json["values"]]
    assert ids != sorted(ids)
    assert len(set(ids)) == 20


async def test_bulk_changelogs_are_filtered_ordered_and_paged(cloud: Stand) -> None:
    for name in "abc":
        cloud.site.create_issue("BUG", name)
    now = cloud.site.now()
    steps = [("BUG-2", "Ready"), ("BUG-1", "Ready"), ("BUG-2", "Done"), ("BUG-1", "Done")]
    for second, (key, status) in enumerate(steps):
        cloud.site.transition(key, status, at=now + timedelta(seconds=second))
    cloud.site.edit("BUG-1", summary="renamed")
    ids = ["10000", "BUG-2", "10002", "999"]
    body = {"issueIdsOrKeys": ids, "fieldIds": ["status"], "maxResults": 3}
    first = (await cloud.post("/changelog/bulkfetch", body)).json
    token = {"nextPageToken": first["nextPageToken"]}
    second = (await cloud.post("/changelog/bulkfetch", body | token)).json
    assert "nextPageToken" not in second
    entries = [
        (log["issueId"], entry["items"][0]["toString"])
        for page in (first, second)
        for log in page["issueChangeLogs"]
        for entry in log["changeHistories"]
    ]
    # The three oldest first, together by issue; the newest on the next page.
    assert entries == [
        ("10001", "Ready"),
        ("10001", "Done"),
        ("10000", "Ready"),
        ("10000", "Done"),
    ]
    bodies: list[dict[str, object]] = [
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": ids, "maxResults": 0},
        {"issueIdsOrKeys": ids, "fieldIds": list("abcdefghijk")},
        {"issueIdsOrKeys": ids, "nextPageToken": "made-up"},
    ]
    for bad in bodies:
        assert (await cloud.post("/changelog/bulkfetch", bad)).status == 400


async def test_entries_by_id(cloud: Stand) -> None:
    cloud.site.create_issue("BUG", "x")
    entries = [cloud.site.transition("BUG-1", status) for status in ("Ready", "Done")]
    assert entries[1] is not None
    body = {"changelogIds": [entries[1].id]}
    reply = await cloud.post("/issue/BUG-1/changelog/list", body)
    assert [history["id"] for history in reply.json["histories"]] == [str(entries[1].id)]
