"""What surrounds issues: work, components, versions, people, permissions, help with queries."""

from typing import Any

import pytest

from tests.integration.sandbox.jira.caller import Stand


async def test_work_is_logged_changed_and_deleted(stand: Stand) -> None:
    await stand.create()
    path = "/issue/BUG-1/worklog"
    body = {
        "timeSpent": "1d 1h 30m",
        "started": "2026-11-20T10:00:00.000+0000",
        "comment": stand.long_text("found it"),
    }
    added = await stand.post(path, body)
    assert added.status == 201, added.text
    work = added.json
    assert (work["timeSpentSeconds"], work["timeSpent"]) == (34_200, "1d 1h 30m")
    assert work["started"] == "2026-11-20T02:00:00.000-0800"
    assert work["comment"] if stand.cloud else work["comment"] == "found it"
    changed = await stand.put(f"{path}/{work['id']}", {"timeSpentSeconds": 7200})
    assert (changed.json["timeSpent"], changed.json["started"]) == ("2h", work["started"])
    listed = (await stand.get(path)).json
    assert (listed["total"], listed["worklogs"][0]["id"]) == (1, work["id"])
    assert (await stand.delete(f"{path}/{work['id']}")).status == 204
    assert (await stand.get(f"{path}/{work['id']}")).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"timeSpent": "soon"},
        {"timeSpent": "1h later"},
        {"timeSpentSeconds": 1},
        {"timeSpentSeconds": "3600"},
        {"timeSpentSeconds": 10**30},
        {"timeSpentSeconds": 3600, "started": "2026-11-20T10:00:00Z?"},
        {"timeSpentSeconds": 3600, "started": "0001-01-01T00:00:00.000+2359"},
        {"timeSpentSeconds": 3600, "comment": []},
    ],
)
async def test_bad_work_is_refused(stand: Stand, body: dict[str, Any]) -> None:
    await stand.create()
    reply = await stand.post("/issue/BUG-1/worklog", body)
    assert reply.status == 400
    assert reply.json["errors"]
    assert (await stand.get("/issue/BUG-1/worklog")).json["total"] == 0


async def test_a_component_is_made_renamed_and_replaced(stand: Stand) -> None:
    wanted = {"name": "Network", "project": "BUG", "description": "wires"}
    assert (await stand.post("/component", wanted)).status == 403
    made = await stand.post("/component", wanted, who="admin")
    assert (made.status, made.json["description"]) == (201, "wires")
    assert (await stand.post("/component", wanted, who="admin")).status == 400
    identifier = made.json["id"]
    other = (await stand.post("/component", wanted | {"name": "Disk"}, who="admin")).json["id"]
    issue = await stand.create(components=[{"name": "Network"}])
    renamed = await stand.put(f"/component/{identifier}", {"name": "Wires"}, who="admin")
    assert renamed.json["name"] == "Wires"
    fields = (await stand.get(f"/issue/{issue['key']}")).json["fields"]
    assert [one["name"] for one in fields["components"]] == ["Wires"]
    found = await stand.search("component = Wires")
    assert len(found["issues"]) == 1
    count = await stand.get(f"/component/{identifier}/relatedIssueCounts")
    assert count.json["issueCount"] == 1
    gone = await stand.delete(f"/component/{identifier}?moveIssuesTo={other}", who="admin")
    assert gone.status == 204
    fields = (await stand.get(f"/issue/{issue['key']}")).json["fields"]
    assert [one["name"] for one in fields["components"]] == ["Disk"]
    assert [one["name"] for one in (await stand.get("/project/BUG/components")).json] == ["Disk"]


async def test_versions_change_places_and_take_over_issues(stand: Stand) -> None:
    first, second = (await stand.get("/project/BUG/versions")).json
    moved = await stand.post(f"/version/{second['id']}/move", {"position": "First"}, who="admin")
    assert moved.status == 200
    names = [one["name"] for one in (await stand.get("/project/BUG/versions")).json]
    assert names == ["7.2.0", "7.1.0"]
    after = {"after": f"{stand.server.url}/rest/api/2/version/{first['id']}"}
    await stand.post(f"/version/{second['id']}/move", after, who="admin")
    names = [one["name"] for one in (await stand.get("/project/BUG/versions")).json]
    assert names == ["7.1.0", "7.2.0"]
    await stand.create(fixVersions=[{"id": first["id"]}], versions=[{"id": first["id"]}])
    swap = {"moveFixIssuesTo": int(second["id"])}
    assert (
        await stand.post(f"/version/{first['id']}/removeAndSwap", swap, who="admin")
    ).status == 204
    fields = (await stand.get("/issue/BUG-1")).json["fields"]
    assert [one["name"] for one in fields["fixVersions"]] == ["7.2.0"]
    assert fields["versions"] == []


async def test_versions_are_found_by_state_and_in_order(stand: Stand) -> None:
    stand.site.release("BUG", "7.1.0")
    page = (await stand.get("/project/BUG/version?orderBy=-name&maxResults=1")).json
    assert [one["name"] for one in page["values"]] == ["7.2.0"]
    assert page["nextPage"].endswith("startAt=1")
    released = (await stand.get("/project/BUG/version?status=released")).json
    assert [one["name"] for one in released["values"]] == ["7.1.0"]
    assert "nextPage" not in released
    assert (await stand.get("/project/BUG/version?orderBy=size")).status == 400


async def test_comments_have_properties(stand: Stand) -> None:
    await stand.create()
    body = {"body": stand.long_text("x")}
    comment = (await stand.post("/issue/BUG-1/comment", body)).json["id"]
    path = f"/comment/{comment}/properties"
    before = (await stand.get("/issue/BUG-1")).json["fields"]["updated"]
    assert (await stand.put(f"{path}/sd.public.comment", {"internal": True})).status == 201
    assert (await stand.put(f"{path}/sd.public.comment", {"internal": True})).status == 200
    assert [one["key"] for one in (await stand.get(path)).json["keys"]] == ["sd.public.comment"]
    assert (await stand.get(f"{path}/sd.public.comment")).json["value"] == {"internal": True}
    if stand.cloud:
        shown = (await stand.get(f"/issue/BUG-1/comment/{comment}?expand=renderedBody")).json
        assert (shown["jsdPublic"], shown["renderedBody"]) == (False, "<p>x</p>")
    assert (await stand.get("/issue/BUG-1")).json["fields"]["updated"] == before
    assert (await stand.delete(f"{path}/sd.public.comment")).status == 204
    assert (await stand.get(f"{path}/sd.public.comment")).status == 404


async def test_groups_follow_from_the_accounts(stand: Stand) -> None:
    member = "/group/member?groupname=jira-administrators"
    assert (await stand.get(member)).status == 403
    page = (await stand.get(member, who="admin")).json
    assert [one["displayName"] for one in page["values"]] == ["Ada Admin"]
    assert (await stand.get("/group/member?groupname=none", who="admin")).status == 404
    picked = (await stand.get("/groups/picker?query=software")).json
    assert [one["name"] for one in picked["groups"]] == ["jira-software-users"]
    me = (await stand.get("/myself?expand=groups", who="admin")).json
    assert {one["name"] for one in me["groups"]["items"]} == {
        "jira-administrators",
        "jira-software-users",
    }


async def test_people_are_picked_by_a_name(stand: Stand) -> None:
    users = (await stand.get("/user/picker?query=dan")).json["users"]
    assert [one["displayName"] for one in users] == ["Dana Developer"]
    both = (await stand.get("/groupuserpicker?query=dan")).json
    assert both["users"]["total"] == 1
    stand.site.deny("dev", "ASSIGNABLE_USER")
    path = "/user/assignable/multiProjectSearch?projectKeys=BUG"
    names = {one["displayName"] for one in (await stand.get(path)).json}
    assert names == {"Case Bot", "Ada Admin"}
    viewers = (await stand.get("/user/viewissue/search?projectKey=BUG&query=dan")).json
    assert [one["displayName"] for one in viewers] == ["Dana Developer"]


async def test_cloud_gives_people_by_their_ids(cloud: Stand) -> None:
    everybody = (await cloud.get("/users/search")).json
    assert len(everybody) == 3
    ids = [one["accountId"] for one in everybody]
    page = (await cloud.get(f"/user/bulk?accountId={ids[0]}&accountId={ids[2]}&accountId=x")).json
    assert [one["accountId"] for one in page["values"]] == [ids[0], ids[2]]
    assert (await cloud.get("/user/bulk", who=None)).status == 401
    groups = (await cloud.get(f"/user/groups?accountId={ids[2]}")).json
    assert {one["name"] for one in groups} == {"jira-administrators", "jira-software-users"}


async def test_cloud_tells_who_may_what_where(cloud: Stand) -> None:
    issue = cloud.site.create_issue("BUG", "x")
    hidden = cloud.site.create_issue("BUG", "y")
    cloud.site.hide(hidden)
    cloud.site.add_project("OPS", "Operations")
    cloud.site.deny("casebot", "CREATE_ISSUES", "OPS")
    ids = {p["key"]: int(p["id"]) for p in (await cloud.get("/project")).json}
    body = {
        "globalPermissions": ["ADMINISTER"],
        "projectPermissions": [
            {
                "permissions": ["CREATE_ISSUES"],
                "projects": [*ids.values(), 999],
                "issues": [issue.id, hidden.id, 999],
            }
        ],
    }
    granted = (await cloud.post("/permissions/check", body)).json
    assert granted["globalPermissions"] == []
    assert granted["projectPermissions"] == [
        {"permission": "CREATE_ISSUES", "projects": [ids["BUG"]], "issues": [issue.id]}
    ]
    allowed = (await cloud.post("/permissions/project", {"permissions": ["CREATE_ISSUES"]})).json
    assert allowed == {"projects": [{"id": ids["BUG"], "key": "BUG"}]}


async def test_all_permissions_are_for_administrators(stand: Stand) -> None:
    assert (await stand.get("/permissions")).status == 403
    shown = (await stand.get("/permissions", who="admin")).json["permissions"]
    assert shown["ADMINISTER"]["type"] == "GLOBAL"


async def test_small_lists_come_in_pages_too(stand: Stand) -> None:
    kinds = ("priority/search", "resolution/search") if stand.cloud else (
        "priority/page", "resolution/page", "issuetype/page",
    )  # fmt: skip
    for path in kinds:
        page = (await stand.get(f"/{path}?maxResults=2")).json
        assert (len(page["values"]), page["isLast"]) == (2, False), path
    assert (await stand.get("/configuration")).json["issueLinkingEnabled"] is True
    assert (await stand.get("/project/type")).json[0]["key"] == "software"
    assert (await stand.get("/filter/favourite")).json == []
    assert (await stand.get("/dashboard")).json["dashboards"] == []
    assert (await stand.get("/filter/10000")).status == 400
    roles = (await stand.get("/role", who="admin")).json
    assert {"id", "name", "self", "actors"} <= set(roles[0])


async def test_statuses_by_id_are_for_administrators(cloud: Stand) -> None:
    status = cloud.site.statuses[0]
    assert (await cloud.get(f"/statuses?id={status.id}")).status == 403
    shown = (await cloud.get(f"/statuses?id={status.id}&id=9", who="admin")).json
    assert [(one["id"], one["statusCategory"]) for one in shown] == [(status.id, "TODO")]


async def test_queries_are_matched_against_issues(cloud: Stand) -> None:
    first, second = (cloud.site.create_issue("BUG", name) for name in ("a", "b"))
    body = {"issueIds": [first.id, second.id], "jqls": ["summary ~ b", "nothing = 1", "a ="]}
    matches = (await cloud.post("/jql/match", body)).json["matches"]
    assert [one["matchedIssues"] for one in matches] == [[second.id], [], []]
    assert [bool(one["errors"]) for one in matches] == [False, True, True]


async def test_what_may_be_typed_in_a_query(stand: Stand) -> None:
    known = (await stand.get("/jql/autocompletedata")).json
    assert "status" in {one["value"] for one in known["visibleFieldNames"]}
    assert "select" in known["jqlReservedWords"]
    path = "/jql/autocompletedata/suggestions?fieldName=status&fieldValue=in"
    results = (await stand.get(path)).json["results"]
    assert [one["value"] for one in results] == ['"In Progress"', '"In Review"']


async def test_issues_are_picked_by_a_part_of_the_summary(stand: Stand) -> None:
    await stand.create("Login <fails>")
    hidden = stand.site.create_issue("BUG", "Login is secret")
    stand.site.hide(hidden)
    (section,) = (await stand.get("/issue/picker?query=login")).json["sections"]
    (picked,) = section["issues"]
    assert (picked["key"], picked["summary"]) == ("BUG-1", "Login &lt;fails&gt;")


async def test_an_archived_issue_is_read_and_neither_found_nor_changed(datacenter: Stand) -> None:
    await datacenter.create(labels=["old"])
    assert (await datacenter.put("/issue/BUG-1/archive")).status == 403
    assert (await datacenter.put("/issue/BUG-1/archive", who="admin")).status == 204
    assert (await datacenter.get("/issue/BUG-1")).status == 200
    assert (await datacenter.search("labels = old"))["total"] == 0
    edit = {"fields": {"summary": "New"}}
    assert (await datacenter.put("/issue/BUG-1", edit)).status == 403
    assert (await datacenter.put("/issue/BUG-1/restore", who="admin")).status == 204
    assert (await datacenter.put("/issue/BUG-1", edit)).status == 204
    assert (await datacenter.search("labels = old"))["total"] == 1


async def test_projects_come_and_go(stand: Stand) -> None:
    lead = stand.site.account("dev")
    assert lead is not None
    wanted: dict[str, Any] = {"key": "OPS", "name": "Operations", "projectTypeKey": "software"}
    wanted |= {"leadAccountId": lead.account_id} if stand.cloud else {"lead": "dev"}
    assert (await stand.post("/project", wanted)).status == 403
    made = await stand.post("/project", wanted, who="admin")
    assert (made.status, made.json["key"]) == (201, "OPS")
    again = await stand.post("/project", wanted | {"key": "ops"}, who="admin")
    assert set(again.json["errors"]) == {"projectKey", "projectName"}
    assert (await stand.post("/project", {"key": "X1", "name": "X"}, who="admin")).status == 400
    issue = await stand.create(project={"key": "OPS"})
    renamed = await stand.put("/project/OPS", {"name": "Running"}, who="admin")
    assert (renamed.json["name"], renamed.json["lead"]["displayName"]) == (
        "Running",
        "Dana Developer",
    )
    assert (await stand.delete("/project/OPS")).status == 403
    assert (await stand.delete("/project/OPS", who="admin")).status == 204
    assert (await stand.get("/project/OPS")).status == 404
    assert (await stand.get(f"/issue/{issue['key']}")).status == 404
    assert (await stand.search("created <= now()"))["issues"] == []
