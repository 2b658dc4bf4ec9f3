"""Comments, files, properties and links."""

import aiohttp
import pytest

from tests.integration.sandbox.jira.caller import Reply, Stand

NO_CHECK = {"X-Atlassian-Token": "no-check"}
PATH = "/issue/BUG-1"


# -- comments --------------------------------------------------------------------------


async def test_comments_are_written_read_changed_and_deleted(stand: Stand) -> None:
    await stand.create()
    body = {"body": stand.long_text("one"), "visibility": {"type": "role", "value": "Developers"}}
    made = await stand.post(PATH + "/comment", body)
    assert made.status == 201
    comment = made.json
    assert comment["visibility"]["value"] == "Developers"
    assert ("jsdPublic" in comment) is stand.cloud
    one = f"{PATH}/comment/{comment['id']}"
    changed = await stand.put(one, {"body": stand.long_text("two")}, who="dev")
    assert changed.json["body"] == stand.long_text("two")
    assert changed.json["updateAuthor"]["displayName"] == "Dana Developer"
    assert changed.json["author"]["displayName"] == "Case Bot"
    listed = (await stand.get(PATH + "/comment")).json
    assert (listed["total"], listed["comments"][0]["id"]) == (1, comment["id"])
    assert (await stand.delete(one)).status == 204
    assert (await stand.get(one)).status == 404


async def test_comments_come_in_pages_and_orders(stand: Stand) -> None:
    issue = stand.site.create_issue("BUG", "x")
    for number in range(120):
        stand.site.comment(issue, f"{number}", by="dev")
    listed = (await stand.get(PATH + "/comment?maxResults=1000")).json
    assert len(listed["comments"]) == (100 if stand.cloud else 120)
    newest = (await stand.get(PATH + "/comment?orderBy=-created&maxResults=1")).json
    assert newest["comments"][0]["id"] == issue.comments[-1].id
    assert (await stand.get(PATH + "/comment?orderBy=author")).status == 400


@pytest.mark.parametrize("body", ["", None, 7, {"type": "doc"}])
async def test_bad_bodies_are_refused(stand: Stand, body: object) -> None:
    await stand.create()
    reply = await stand.post(PATH + "/comment", {"body": body})
    assert reply.status == 400
    assert "comment" in reply.json["errors"]


async def test_a_string_is_no_comment_in_version_3(cloud: Stand) -> None:
    await cloud.create()
    reply = await cloud.post(PATH + "/comment", {"body": "plain"})
    assert reply.json["errors"] == {"comment": "Comment body is not valid!"}
    assert (await cloud.post("/rest/api/2" + PATH + "/comment", {"body": "plain"})).status == 201


async def test_an_internal_comment_of_a_service_project(cloud: Stand) -> None:
    await cloud.create()
    properties = [{"key": "sd.public.comment", "value": {"internal": True}}]
    body = {"body": cloud.long_text("x"), "properties": properties}
    assert (await cloud.post(PATH + "/comment", body)).json["jsdPublic"] is False


# -- files -----------------------------------------------------------------------------


async def upload(
    stand: Stand, name: str, content: bytes, headers: dict[str, str] | None = None
) -> Reply:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", content, filename=name, content_type="text/plain")
    return await stand.call(
        "POST", PATH + "/attachments", data=form, headers=NO_CHECK if headers is None else headers
    )


async def test_a_file_goes_up_and_comes_back(stand: Stand) -> None:
    await stand.create()
    reply = await upload(stand, "отчёт.log", b"line\n")
    assert reply.status == 200
    (attachment,) = reply.json
    assert (attachment["filename"], attachment["size"]) == ("отчёт.log", 5)
    fields = (await stand.get(PATH)).json["fields"]
    assert fields["attachment"][0]["id"] == attachment["id"]
    assert attachment["content"].startswith(stand.server.url)
    headers = {"Authorization": stand.authorization()}
    async with stand.session.get(attachment["content"], headers=headers) as response:
        assert response.status == 200
        assert await response.read() == b"line\n"
        assert [past.status for past in response.history] == ([303] if stand.cloud else [])
    about = (await stand.get("/attachment/" + attachment["id"])).json
    assert about["filename"] == "отчёт.log"
    assert (await stand.delete("/attachment/" + attachment["id"])).status == 204
    assert (await stand.get("/attachment/" + attachment["id"])).status == 404


async def test_cloud_sends_the_file_itself_when_asked(cloud: Stand) -> None:
    await cloud.create()
    (attachment,) = (await upload(cloud, "a.txt", b"abc")).json
    reply = await cloud.get(f"/attachment/content/{attachment['id']}?redirect=false")
    assert (reply.status, reply.content) == (200, b"abc")


async def test_without_the_header_nothing_is_taken(stand: Stand) -> None:
    await stand.create()
    reply = await upload(stand, "a.txt", b"abc", headers={})
    assert (reply.status, reply.text) == (403, "XSRF check failed")
    assert stand.site.issue("BUG-1").attachments == ()


async def test_files_have_a_limit_that_can_be_read(stand: Stand) -> None:
    stand.server.switches.upload_limit = 10
    await stand.create()
    assert (await stand.get("/attachment/meta")).json == {"enabled": True, "uploadLimit": 10}
    assert (await upload(stand, "a.txt", b"x" * 10)).status == 200
    assert (await upload(stand, "a.txt", b"x" * 11)).status == (413 if stand.cloud else 404)


async def test_the_part_must_be_called_file(stand: Stand) -> None:
    await stand.create()
    form = aiohttp.FormData({"other": "x"}, quote_fields=False)
    form.add_field("upload", b"x", filename="x")
    reply = await stand.call("POST", PATH + "/attachments", data=form, headers=NO_CHECK)
    assert reply.status == 400
    not_a_form = await stand.call("POST", PATH + "/attachments", data=b"x", headers=NO_CHECK)
    assert not_a_form.status == 415


async def test_a_name_that_only_the_extended_form_has_is_too_much_for_datacenter(
    datacenter: Stand,
) -> None:
    await datacenter.create()
    body = (
        "--b\r\nContent-Disposition: form-data; name=file; filename*=utf-8''%D1%81.txt\r\n\r\n"
        "x\r\n--b--\r\n"
    )
    headers = NO_CHECK | {"Content-Type": "multipart/form-data; boundary=b"}
    path = PATH + "/attachments"
    reply = await datacenter.call("POST", path, data=body.encode(), headers=headers)
    assert reply.status == 500


# -- properties ------------------------------------------------------------------------


async def test_properties_are_kept_without_counting_as_a_change(stand: Stand) -> None:
    await stand.create()
    before = (await stand.get(PATH + "?fields=updated")).json["fields"]["updated"]
    path = PATH + "/properties/cf.case"
    assert (await stand.put(path, {"id": "1"})).status == 201
    assert (await stand.put(path, {"id": "2"})).status == 200
    assert (await stand.get(path)).json == {"key": "cf.case", "value": {"id": "2"}}
    assert [k["key"] for k in (await stand.get(PATH + "/properties")).json["keys"]] == ["cf.case"]
    issue = (await stand.get(PATH + "?properties=cf.case")).json
    assert issue["properties"] == {"cf.case": {"id": "2"}}
    assert issue["fields"]["updated"] == before
    assert (await stand.delete(path)).status == 204
    assert (await stand.get(path)).status == 404


async def test_properties_have_limits(stand: Stand) -> None:
    await stand.create()
    assert (await stand.put(PATH + "/properties/" + "k" * 256, 1)).status == 400
    assert (await stand.put(PATH + "/properties/k", "x" * 32_768)).status == 400
    headers = {"Content-Type": "application/json"}
    empty = await stand.call("PUT", PATH + "/properties/k", data=b"", headers=headers)
    assert empty.status == 400


# -- links -----------------------------------------------------------------------------


async def test_a_remote_link_with_the_same_global_id_is_replaced(stand: Stand) -> None:
    await stand.create()
    link = {
        "globalId": "cf:case=1",
        "relationship": "support case",
        "object": {"url": "https://chat.example.org/1", "title": "CASE-1", "summary": "s"},
    }
    path = PATH + "/remotelink"
    assert (await stand.post(path, link)).status == 201
    again = link | {"object": {"url": "https://chat.example.org/1", "title": "CASE-1 (closed)"}}
    del again["relationship"]
    assert (await stand.post(path, again)).status == 200
    (found,) = (await stand.get(path)).json
    assert found["object"]["title"] == "CASE-1 (closed)"
    assert "summary" not in found["object"]
    assert "relationship" not in found
    one = await stand.get(path, params={"globalId": "cf:case=1"})
    assert one.json["id"] == found["id"]
    assert (await stand.delete(path, params={"globalId": "cf:case=1"})).status == 204
    assert (await stand.get(path)).json == []


async def test_a_remote_link_needs_an_address_and_a_title(stand: Stand) -> None:
    await stand.create()
    reply = await stand.post(PATH + "/remotelink", {"object": {"url": "https://x.example"}})
    assert reply.status == 400
    assert reply.json == {"errorMessages": [], "errors": {"title": "'title' is required."}}
    stand.site.deny("casebot", "LINK_ISSUES", "BUG")
    whole = {"object": {"url": "https://x.example", "title": "t"}}
    assert (await stand.post(PATH + "/remotelink", whole)).status == 403


async def test_issues_are_linked_from_the_source_to_the_target(stand: Stand) -> None:
    await stand.create("source")
    await stand.create("target")
    assert "Blocks" in {
        kind["name"] for kind in (await stand.get("/issueLinkType")).json["issueLinkTypes"]
    }
    body = {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "BUG-1"},
        "outwardIssue": {"key": "BUG-2"},
    }
    for _ in range(2):  # the second is answered as created as well
        reply = await stand.post("/issueLink", body)
        assert (reply.status, reply.content) == (201, b"")
    source = (await stand.get("/issue/BUG-1?fields=issuelinks")).json["fields"]["issuelinks"]
    target = (await stand.get("/issue/BUG-2?fields=issuelinks")).json["fields"]["issuelinks"]
    assert [link["outwardIssue"]["key"] for link in source] == ["BUG-2"]
    assert [link["inwardIssue"]["key"] for link in target] == ["BUG-1"]
    path = "/issueLink/" + source[0]["id"]
    assert (await stand.get(path)).json["inwardIssue"]["key"] == "BUG-1"
    assert (await stand.delete(path)).status == 204
    assert (await stand.get("/issue/BUG-2?fields=issuelinks")).json["fields"]["issuelinks"] == []
    bad = await stand.post("/issueLink", body | {"type": {"name": "Nope"}})
    assert bad.status == 404


async def test_pictures_have_a_thumbnail(stand: Stand) -> None:
    await stand.create()
    for name, kind in (("a/b.png", "image/png"), ("c.txt", "text/plain")):
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", b"abc", filename=name, content_type=kind)
        await stand.call(
            "POST", "/issue/BUG-1/attachments", data=form, headers={"X-Atlassian-Token": "no-check"}
        )
    picture, text = (await stand.get("/issue/BUG-1")).json["fields"]["attachment"]
    assert "thumbnail" not in text
    headers = {"Authorization": stand.authorization()}
    for address in (picture["thumbnail"], picture["content"]):
        async with stand.session.get(address, headers=headers) as shown:
            assert (shown.status, await shown.read()) == (200, b"abc")
    missing = text["content"].replace("attachment/content", "attachment/thumbnail")
    missing = missing.replace("secure/attachment", "secure/thumbnail")
    async with stand.session.get(missing, headers=headers) as reply:
        assert reply.status == 404


async def test_cloud_knows_the_old_address_of_a_file(cloud: Stand) -> None:
    issue = cloud.site.create_issue("BUG", "x")
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", b"abc", filename="a.txt")
    sent = await cloud.call(
        "POST",
        f"/issue/{issue.key}/attachments",
        data=form,
        headers={"X-Atlassian-Token": "no-check"},
    )
    address = f"{cloud.server.url}/secure/attachment/{sent.json[0]['id']}/a.txt"
    headers = {"Authorization": cloud.authorization()}
    async with cloud.session.get(address, headers=headers) as shown:
        assert await shown.read() == b"abc"
    async with cloud.session.get(address) as refused:
        assert refused.status == 404
