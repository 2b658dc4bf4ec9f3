"""Two widely used clients, held against both personalities."""

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from atlassian import Jira
from jira import JIRA
from jira.exceptions import JIRAError

from tests.integration.sandbox.jira.caller import Stand

T = TypeVar("T")
MINIMAL = {"project": {"key": "BUG"}, "issuetype": {"name": "Bug"}, "summary": "From a client"}


async def off_the_loop(work: Callable[[], T]) -> T:
    """Run something that blocks, as these clients do."""
    return await asyncio.to_thread(work)


@contextmanager
def pycontribs(stand: Stand, **how: Any) -> Iterator[Any]:  # noqa: ANN401 - passed on
    """Give the client, untyped as it is."""
    if not how and stand.cloud:
        how = {"basic_auth": (stand.people.email, stand.people.api_token)}
    elif not how:
        how = {"token_auth": stand.people.personal_token}
    client: Any = JIRA(stand.server.url, max_retries=0, **how)
    try:
        yield client
    finally:
        client.close()


def atlassian(stand: Stand) -> Any:  # noqa: ANN401 - untyped as it is
    if stand.cloud:
        return Jira(
            url=stand.server.url,
            username=stand.people.email,
            password=stand.people.api_token,
            cloud=True,
        )
    return Jira(url=stand.server.url, token=stand.people.personal_token, cloud=False)


async def test_pycontribs_carries_an_issue_through_its_life(stand: Stand) -> None:
    def life() -> None:
        with pycontribs(stand) as client:
            assert client.myself()["displayName"] == "Case Bot"
            issue = client.create_issue(
                fields=MINIMAL | {"labels": ["ours"], "description": "text"}
            )
            assert issue.fields.status.name == "Backlog"
            issue.update(fields={"summary": "Renamed"})
            comment = client.add_comment(issue, "A comment")
            assert client.comment(issue, comment.id).body == "A comment"
            attachment = client.add_attachment(issue, io.BytesIO(b"abc"), filename="a.txt")
            assert attachment.get() == b"abc"
            client.transition_issue(issue, "Finish", fields={"resolution": {"name": "Fixed"}})
            issue = client.issue(issue.key, expand="changelog")
            assert (issue.fields.status.name, issue.fields.resolution.name) == ("Done", "Fixed")
            items = [item for history in issue.changelog.histories for item in history.items]
            assert ("Backlog", "Done") in [(i.fromString, i.toString) for i in items]
            found = client.search_issues("labels = ours ORDER BY updated", fields="status,labels")
            assert [i.key for i in found] == [issue.key]
            link = client.add_simple_link(issue, {"url": "https://x.example", "title": "CASE-1"})
            assert link.id
            assert client.remote_links(issue)[0].object.title == "CASE-1"
            other = client.create_issue(fields=MINIMAL)
            client.create_issue_link("Relates", issue, other)
            assert client.issue(issue.key).fields.issuelinks
            client.add_issue_property(issue, "cf.case", {"id": "1"})
            assert client.issue_property(issue, "cf.case").value.id == "1"
            other.delete()
            with pytest.raises(JIRAError) as missing:
                client.issue(other.key)
            assert missing.value.status_code == 404

    await off_the_loop(life)


async def test_pycontribs_reads_what_surrounds_issues(stand: Stand) -> None:
    def read() -> None:
        with pycontribs(stand) as client:
            assert [project.key for project in client.projects()] == ["BUG"]
            assert client.project("BUG").name == "Product"
            assert [v.name for v in client.project_versions("BUG")] == ["7.1.0", "7.2.0"]
            assert "Ready" in {status.name for status in client.statuses()}
            assert "Bug" in {kind.name for kind in client.issue_types()}
            assert "Fixed" in {resolution.name for resolution in client.resolutions()}
            assert "High" in {priority.name for priority in client.priorities()}
            assert {field["id"] for field in client.fields()} >= {"summary", "labels"}
            assert client.issue_link_types()
            name = {"query": "Dana"} if stand.cloud else {"user": "dev"}
            assert client.search_users(**name)[0].displayName == "Dana Developer"

    await off_the_loop(read)


async def test_pycontribs_reads_all_pages(stand: Stand) -> None:
    for number in range(130):
        stand.site.create_issue("BUG", f"{number}")

    def read() -> list[str]:
        with pycontribs(stand) as client:
            found = client.search_issues("project = BUG ORDER BY key ASC", maxResults=False)
            return [issue.key for issue in found]

    assert await off_the_loop(read) == [f"BUG-{number}" for number in range(1, 131)]


async def test_pycontribs_signs_in_with_a_cookie(datacenter: Stand) -> None:
    auth = (datacenter.people.username, datacenter.people.password)

    def sign_in() -> str:
        with pycontribs(datacenter, auth=auth) as client:
            return str(client.myself()["name"])

    with pytest.warns(DeprecationWarning, match="Cookie"):
        assert await off_the_loop(sign_in) == "casebot"


async def test_atlassian_python_api_carries_an_issue_through_its_life(stand: Stand) -> None:
    def life() -> None:
        client = atlassian(stand)
        created = client.issue_create(fields=MINIMAL | {"labels": ["ours"]})
        key = created["key"]
        assert client.get_issue_status(key) == "Backlog"
        client.issue_add_comment(key, "A comment")
        client.set_issue_status(key, "In Progress")
        assert client.get_issue_status(key) == "In Progress"
        client.update_issue_field(key, {"summary": "Renamed"})
        assert client.issue_field_value(key, "summary") == "Renamed"
        changelog = client.get_issue_changelog(key)
        histories = changelog.get("values") or changelog["histories"]
        items = [item for history in histories for item in history["items"]]
        assert "In Progress" in [item["toString"] for item in items]
        jql = "labels = ours ORDER BY updated"
        found = client.enhanced_jql(jql) if stand.cloud else client.jql(jql)
        assert [issue["key"] for issue in found["issues"]] == [key]
        assert client.projects()[0]["key"] == "BUG"
        assert client.get_all_statuses()
        client.create_or_update_issue_remote_links(key, "https://x.example", "CASE-1", "cf=1")
        assert client.get_issue_remote_links(key)[0]["globalId"] == "cf=1"
        client.delete_issue(key)
        client.close()

    await off_the_loop(life)
    assert stand.site.issues == {}
