"""What the practice Jiras send is recognised as genuine and names its issue."""

import json

import pytest

from bot.jira.webhooks import issue_id_of, verify
from sandbox.jira.model import Deployment
from sandbox.jira.server import JiraServer
from tests.integration.bot.jira.stub import Reply, Stub
from tests.waiting import eventually

SECRET = "hook secret"
EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created")


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_every_event_is_signed_and_names_its_issue(deployment: Deployment) -> None:
    server = JiraServer(deployment=deployment, seed=1)
    project = server.site.add_project("DEF", "Defects")
    await server.start()
    async with Stub() as receiver:
        receiver.on("POST", "/hook", Reply())
        server.site.add_webhook(f"{receiver.url}/hook", SECRET, events=EVENTS)
        issue = server.site.create_issue("DEF", "It breaks")
        server.site.transition(issue, project.statuses[-1])
        server.site.comment(issue, "a word")
        server.site.delete(issue)
        await eventually(lambda: len(receiver.calls) >= len(EVENTS))
        calls = list(receiver.calls)
        await server.stop()
    assert {json.loads(call.body)["webhookEvent"] for call in calls} == set(EVENTS)
    for call in calls:
        assert verify(SECRET, call.body, call.headers["X-Hub-Signature"])
        assert not verify("another", call.body, call.headers["X-Hub-Signature"])
        assert issue_id_of(json.loads(call.body)) == str(issue.id)
