"""Writing to an issue, and the reads that go with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import OutcomeUnknown, Rejected
from bot.jira.client import JiraClient, NotVisible
from bot.jira.documents import Document, Heading, Paragraph
from tests.integration.bot.jira.stub import Reply, Stub

STATUSES = "/rest/api/3/project/DEF/statuses"
ATTACHMENTS = "/rest/api/3/issue/10001/attachments"
OPEN = {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}


async def test_statuses_of_a_project(cloud: JiraClient, cloud_stub: Stub) -> None:
    cloud_stub.on("GET", STATUSES, Reply(json=[{"name": "Bug", "statuses": [OPEN]}]))
    found = await cloud.list_statuses("DEF")
    assert [(one.id, one.name, one.category) for one in found] == [("1", "Open", "new")]


async def test_a_status_names_every_type_of_issue_that_can_have_it(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    types = [{"name": name, "statuses": [OPEN]} for name in ("Bug", "Task")]
    cloud_stub.on("GET", STATUSES, Reply(json=[*types, {"statuses": [OPEN]}]))
    [found] = await cloud.list_statuses("DEF")
    assert found.issue_types == {"Bug", "Task"}


async def test_what_the_account_may_not_do_is_told(cloud: JiraClient, cloud_stub: Stub) -> None:
    given = {"CREATE_ISSUES": {"havePermission": True}, "ADD_COMMENTS": {"havePermission": False}}
    path = "/rest/api/3/mypermissions"
    asked = ["CREATE_ISSUES", "ADD_COMMENTS", "CREATE_ATTACHMENTS"]
    cloud_stub.on("GET", path, Reply(json={"permissions": given}))
    assert await cloud.lacking_permissions("DEF", asked) == ("ADD_COMMENTS",)
    assert cloud_stub.calls[-1].query == {"permissions": ",".join(asked), "projectKey": "DEF"}


async def test_a_server_that_does_not_tell_is_not_doubted(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    assert await cloud.lacking_permissions("DEF", ["CREATE_ISSUES"]) == ()


async def test_a_server_without_project_statuses_tells_all(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    cloud_stub.on("GET", STATUSES, Reply(status=404, json={"detail": "Not Found"}))
    cloud_stub.on("GET", "/rest/api/3/status", Reply(json=[OPEN]))
    assert [one.name for one in await cloud.list_statuses("DEF")] == ["Open"]


async def test_a_missing_project_is_not_a_missing_resource(
    cloud: JiraClient, cloud_stub: Stub
) -> None:
    missing = {"errorMessages": ["No project could be found with key 'DEF'."], "errors": {}}
    cloud_stub.on("GET", STATUSES, Reply(status=404, json=missing))
    with pytest.raises(NotVisible, match="No project could be found"):
        await cloud.list_statuses("DEF")
    assert cloud_stub.paths("/rest/api/3/status") == []


async def test_found_issues_begin_with_the_oldest(cloud: JiraClient, cloud_stub: Stub) -> None:
    fields = {
        "status": OPEN, "updated": "2026-01-01T00:00:00Z", "created": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    rows = [{"id": str(one), "key": f"DEF-{one}", "fields": fields} for one in (100, 9, 20)]
    cloud_stub.on("POST", "/rest/api/3/search/jql", Reply(json={"issues": rows}))
    found = await cloud.find_issues_by_label("DEF", 'a" OR 1')
    assert [one.id for one in found] == ["9", "20", "100"]
    assert cloud_stub.calls[-1].json()["jql"] == (
        'project = "DEF" AND labels = "a\\" OR 1" ORDER BY key ASC'
    )


async def test_a_comment_is_written_and_named(
    cloud: JiraClient, cloud_stub: Stub, center: JiraClient, center_stub: Stub
) -> None:
    document = Document((Heading("Answer"), Paragraph("*text*")))
    cloud_stub.on("POST", "/rest/api/3/issue/10001/comment", Reply(status=201, json={"id": "7"}))
    center_stub.on("POST", "/rest/api/2/issue/10001/comment", Reply(status=201, json={"id": "8"}))
    assert await cloud.add_comment("10001", document) == "7"
    assert await center.add_comment("10001", document, internal=False) == "8"
    assert cloud_stub.calls[-1].json()["properties"]
    assert "heading" not in str(cloud_stub.calls[-1].json())
    assert center_stub.calls[-1].json() == {"body": "h3. Answer\n\n\\*text\\*"}


async def test_a_remote_link_is_safe_to_repeat(cloud: JiraClient, cloud_stub: Stub) -> None:
    path = "/rest/api/3/issue/10001/remotelink"
    cloud_stub.on("POST", path, Reply(drop=True), Reply(json={"id": 1}))
    await cloud.add_remote_link("10001", global_id="case=1", url="https://x.example", title="C\n1")
    assert cloud_stub.calls[-1].json() == {
        "globalId": "case=1",
        "object": {"url": "https://x.example", "title": "C 1"},
    }
    assert len(cloud_stub.paths(path)) == 2


async def test_a_file_arrives_with_its_name_as_it_is(cloud: JiraClient, cloud_stub: Stub) -> None:
    stored = {"id": "5", "filename": "снимок.png", "size": 3}
    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[stored]))
    attachment = await cloud.attach("10001", "снимок.png", b"\x89PN", "image/png")
    assert (attachment.id, attachment.filename, attachment.size) == ("5", "снимок.png", 3)
    call = cloud_stub.calls[-1]
    assert call.headers["X-Atlassian-Token"] == "no-check"
    assert 'name="file"; filename="снимок.png"'.encode() in call.body
    assert b"image/png" in call.body
    assert b"\x89PN" in call.body


async def test_a_file_may_be_streamed(cloud: JiraClient, cloud_stub: Stub) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first,"
        yield b"second"

    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[{"id": "5", "filename": "a", "size": 12}]))
    await cloud.attach("10001", "a.log", parts(), "text/plain")
    assert b"first,second" in cloud_stub.calls[-1].body


META = "/rest/api/3/attachment/meta"


async def test_how_long_a_file_may_be_is_asked(cloud: JiraClient, cloud_stub: Stub) -> None:
    cloud_stub.on("GET", META, Reply(json={"enabled": True, "uploadLimit": 5_000}))
    assert await cloud.largest_attachment() == 5_000
    cloud_stub.on("GET", META, Reply(json={"enabled": False, "uploadLimit": 5_000}))
    with pytest.raises(Rejected, match="turned off"):
        await cloud.largest_attachment()


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(status=404, json={"errorMessages": ["no"]}), Reply(json={})]
)
async def test_a_server_that_does_not_say_how_long_takes_any(
    cloud: JiraClient, cloud_stub: Stub, reply: Reply
) -> None:
    cloud_stub.on("GET", META, reply)
    assert await cloud.largest_attachment() > 10**12


async def test_a_file_on_disk_is_sent_with_its_length(
    cloud: JiraClient, cloud_stub: Stub, tmp_path: Path
) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(b"line\n" * 50_000)
    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[{"id": "5", "filename": "a", "size": 1}]))
    await cloud.attach("10001", "a.log", file, "text/plain")
    call = cloud_stub.calls[-1]
    assert int(call.headers["Content-Length"]) == len(call.body) > 250_000
    assert b"line\n" * 50_000 in call.body


@pytest.mark.parametrize("name", ['a"\r\nX-Evil: 1', "../../etc/passwd", "", "...", "\udcff\x00"])
async def test_a_hostile_file_name_stays_a_name(
    cloud: JiraClient, cloud_stub: Stub, name: str
) -> None:
    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[{"id": "5", "filename": "a", "size": 1}]))
    await cloud.attach("10001", name, b"x", "text/plain")
    head = cloud_stub.calls[-1].body.partition(b"\r\n\r\n")[0]
    assert b"\r\nX-Evil" not in head
    assert b"/" not in head.partition(b"filename=")[2].partition(b"\r\n")[0]


@pytest.mark.parametrize("kind", ["text/plain\r\nX-Evil: 1", "", "nothing", "a/b/c"])
async def test_a_hostile_content_type_is_not_passed_on(
    cloud: JiraClient, cloud_stub: Stub, kind: str
) -> None:
    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[{"id": "5", "filename": "a", "size": 1}]))
    await cloud.attach("10001", "a", b"x", kind)
    head = cloud_stub.calls[-1].body.partition(b"\r\n\r\n")[0]
    assert b"Content-Type: application/octet-stream" in head
    assert b"X-Evil" not in head


async def test_a_file_that_is_too_big_is_rejected(cloud: JiraClient, cloud_stub: Stub) -> None:
    cloud_stub.on("POST", ATTACHMENTS, Reply(status=413, json={"errorMessages": ["too big"]}))
    with pytest.raises(Rejected, match="too big"):
        await cloud.attach("10001", "a", b"x", "text/plain")


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(json=[]), Reply(json={"x": 1})])
async def test_an_upload_without_an_answer_may_have_happened(
    cloud: JiraClient, cloud_stub: Stub, reply: Reply
) -> None:
    cloud_stub.on("POST", ATTACHMENTS, reply)
    with pytest.raises(OutcomeUnknown):
        await cloud.attach("10001", "a", b"x", "text/plain")
    assert len(cloud_stub.paths(ATTACHMENTS)) == 1


async def test_a_source_that_fails_leaves_a_doubt(cloud: JiraClient, cloud_stub: Stub) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        raise OSError("the download broke")

    cloud_stub.on("POST", ATTACHMENTS, Reply(json=[{"id": "5"}]))
    with pytest.raises(OutcomeUnknown):
        await cloud.attach("10001", "a", parts(), "text/plain")


async def test_attachments_are_listed(cloud: JiraClient, cloud_stub: Stub) -> None:
    files = [{"id": "5", "filename": "a.log", "size": 12}, None, {"filename": "no id"}]
    cloud_stub.on("GET", "/rest/api/3/issue/10001", Reply(json={"fields": {"attachment": files}}))
    found = await cloud.list_attachments("10001")
    assert [(one.id, one.filename, one.size) for one in found] == [("5", "a.log", 12)]
    assert cloud_stub.calls[-1].query == {"fields": "attachment"}
