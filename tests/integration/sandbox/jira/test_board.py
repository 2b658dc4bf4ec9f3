"""The board for people."""

import re
from base64 import b64encode
from hashlib import sha256

from tests.integration.sandbox.jira.caller import Stand


def token_of(page: str) -> str:
    match = re.search(r'name="token" value="([^"]+)"', page)
    assert match
    return match[1]


async def test_issues_are_moved_with_a_resolution_when_done(stand: Stand) -> None:
    issue = stand.site.create_issue("BUG", "Disk full")
    page = (await stand.get("/board", who=None)).text
    assert "Disk full" in page
    assert "BUG-1" in page
    done = issue.project.statuses[-1]
    form = {"token": token_of(page), "status": done.id, "resolution": "Duplicate"}
    reply = await stand.call("POST", f"/board/{issue.id}", data=form, who=None)
    assert (reply.status, reply.headers["Location"]) == (303, "/board?project=BUG")
    assert issue.status is done
    assert issue.resolution is not None
    assert issue.resolution.name == "Duplicate"
    assert issue.histories[-1].author is stand.site.account("dev")
    form |= {"status": issue.project.statuses[1].id}
    await stand.call("POST", f"/board/{issue.id}", data=form, who=None)
    after = (await stand.get("/issue/BUG-1?fields=status,resolution")).json["fields"]
    assert (after["status"]["name"], after["resolution"]) == ("Specifying", None)


async def test_a_foreign_form_is_refused(stand: Stand) -> None:
    issue = stand.site.create_issue("BUG", "x")
    form = {"token": "guessed", "status": issue.project.statuses[-1].id}
    reply = await stand.call("POST", f"/board/{issue.id}", data=form, who=None)
    assert reply.status == 403
    assert issue.status.name == "Backlog"


async def test_unknown_issues_and_statuses(stand: Stand) -> None:
    stand.site.create_issue("BUG", "x")
    token = token_of((await stand.get("/board", who=None)).text)
    for path, status in (("/board/99", "3"), ("/board/BUG-1", "nope"), ("/board/x", "3")):
        form = {"token": token, "status": status}
        assert (await stand.call("POST", path, data=form, who=None)).status == 404


async def test_only_what_the_workflow_allows_is_offered_and_done(stand: Stand) -> None:
    arrows = {"Open": ["Doing"], "Doing": ["Closed"], "Closed": ["Open"]}
    stand.site.add_project("STEP", "Steps", statuses=list(arrows), arrows=arrows)
    issue = stand.site.create_issue("STEP", "x")
    opened, doing, closed = issue.project.statuses
    page = (await stand.get("/board?project=STEP", who=None)).text
    assert f'<option value="{doing.id}" selected>Doing' in page
    assert f'<option value="{closed.id}"' not in page
    for status, expected in ((closed, 404), (doing, 303), (opened, 404)):
        form = {"token": token_of(page), "status": status.id}
        reply = await stand.call("POST", "/board/STEP-1", data=form, who=None)
        assert reply.status == expected
    assert issue.status is doing


async def test_what_people_typed_is_only_ever_text(stand: Stand) -> None:
    stand.site.create_issue("BUG", "<script>alert(1)</script> & \"quotes\" 'too'")
    reply = await stand.get("/board", who=None)
    assert "<script>alert" not in reply.text
    assert "&lt;script&gt;alert(1)" in reply.text
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


async def test_the_board_is_not_counted_and_does_not_fail(stand: Stand) -> None:
    stand.server.faults.fail("*", times=None)
    assert (await stand.get("/board", who=None)).status == 200
    assert stand.server.requests.total() == 0


async def test_a_copy_of_the_page_read_later_keeps_to_the_policy_of_the_first(stand: Stand) -> None:
    first = await stand.get("/board", who=None)
    later = (await stand.get("/board", who=None)).text
    (style,) = re.findall(r"<style>(.*?)</style>", later, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in first.headers["Content-Security-Policy"]
