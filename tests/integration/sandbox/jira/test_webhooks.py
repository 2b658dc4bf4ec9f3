"""Webhooks: signed, retried, doubled and out of order."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from tests.integration.sandbox.jira.caller import Stand
from tests.waiting import eventually


@dataclass(slots=True)
class Receiver:
    """Takes webhooks and answers as told; 200 when nothing was said."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[CIMultiDictProxy[str], bytes]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    @property
    def payloads(self) -> list[Any]:
        """What has come, in order."""
        return [json.loads(body) for _, body in self.got]

    @property
    def names(self) -> list[str]:
        """The events that have come."""
        return [payload["webhookEvent"] for payload in self.payloads]

    async def take(self, request: web.Request) -> web.Response:
        """Take one."""
        self.queries.append(request.query_string)
        self.got.append((request.headers, await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/{tail:.*}", receiver.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as made:
        yield made


async def test_a_transition_is_told_with_the_id_of_its_history_entry(
    stand: Stand, receiver: Receiver
) -> None:
    stand.site.add_webhook(receiver.url, events=["jira:issue_updated"])
    issue = stand.site.create_issue("BUG", "x")
    entry = stand.site.transition(issue, "Done", resolution="Fixed", by="dev")
    assert entry is not None
    await eventually(lambda: receiver.got)
    (payload,) = payloads = receiver.payloads
    assert len(payloads) == 1
    assert payload["changelog"]["id"] == str(entry.id)
    assert {item["field"] for item in payload["changelog"]["items"]} == {"status", "resolution"}
    assert payload["user"]["displayName"] == "Dana Developer"
    assert payload["issue"]["key"] == "BUG-1"
    assert payload["issue"]["fields"]["status"]["name"] == "Done"
    assert payload["issue"]["fields"]["status"]["self"].startswith(
        stand.server.url + "/rest/api/2/"
    )
    assert payload["timestamp"] == round(entry.created.timestamp() * 1000)
    expected = "issue_generic" if stand.cloud else "issue_resolved"
    assert payload["issue_event_type_name"] == expected


async def test_the_body_is_signed(stand: Stand, receiver: Receiver) -> None:
    stand.site.add_webhook(receiver.url, "s3cret")
    stand.site.create_issue("BUG", "x")
    await eventually(lambda: receiver.got)
    headers, body = receiver.got[0]
    digest = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature"] == f"sha256={digest}"
    assert ("JIRA" in headers["User-Agent"]) is not stand.cloud
    assert ("X-Atlassian-Webhook-Identifier" in headers) is stand.cloud


async def test_a_creation_on_cloud_carries_its_first_status(
    cloud: Stand, receiver: Receiver
) -> None:
    cloud.site.add_webhook(receiver.url)
    cloud.site.create_issue("BUG", "x")
    await eventually(lambda: receiver.got)
    (item,) = receiver.payloads[0]["changelog"]["items"]
    assert (item["field"], item["fieldId"], item["from"]) == ("Status", "status", None)


async def test_a_failed_delivery_is_tried_again_under_the_same_name(
    cloud: Stand, receiver: Receiver
) -> None:
    cloud.server.switches.webhooks.retry_delay = timedelta(milliseconds=5)
    receiver.answers = [503, 429, 200]
    cloud.site.add_webhook(receiver.url)
    cloud.site.create_issue("BUG", "x")
    await eventually(lambda: len(cloud.server.records.webhooks) == 3)
    headers = [headers for headers, _ in receiver.got]
    assert len({h["X-Atlassian-Webhook-Identifier"] for h in headers}) == 1
    assert [h.get("X-Atlassian-Webhook-Retry") for h in headers] == [None, "1", "2"]
    assert len({body for _, body in receiver.got}) == 1


@pytest.mark.parametrize(("status", "attempts"), [(400, 1), (404, 1), (500, 6)])
async def test_some_failures_are_not_tried_again_and_others_not_for_ever(
    cloud: Stand, receiver: Receiver, status: int, attempts: int
) -> None:
    cloud.server.switches.webhooks.retry_delay = timedelta(0)
    receiver.answers = [status] * 6
    cloud.site.add_webhook(receiver.url)
    cloud.site.create_issue("BUG", "first")
    await eventually(lambda: len(cloud.server.records.webhooks) == attempts)
    cloud.site.create_issue("BUG", "second")
    await eventually(lambda: len(cloud.server.records.webhooks) > attempts)
    bodies = [payload["issue"]["key"] for payload in receiver.payloads]
    assert bodies.count("BUG-1") == attempts


async def test_a_refused_connection_is_tried_again(cloud: Stand, receiver: Receiver) -> None:
    cloud.server.switches.webhooks.retry_delay = timedelta(0)
    cloud.site.add_webhook("http://127.0.0.1:1/nobody")
    cloud.site.create_issue("BUG", "x")
    await eventually(lambda: len(cloud.server.records.webhooks) == 6)
    assert {attempt.status for attempt in cloud.server.records.webhooks} == {None}


async def test_datacenter_tries_once(datacenter: Stand, receiver: Receiver) -> None:
    datacenter.server.switches.webhooks.retry_delay = timedelta(0)
    receiver.answers = [500]
    datacenter.site.add_webhook(receiver.url)
    datacenter.site.create_issue("BUG", "first")
    datacenter.site.create_issue("BUG", "second")
    await eventually(lambda: len(receiver.got) == 2)
    keys = sorted(payload["issue"]["key"] for payload in receiver.payloads)
    assert keys == ["BUG-1", "BUG-2"]


async def test_deliveries_can_be_doubled(cloud: Stand, receiver: Receiver) -> None:
    cloud.server.switches.webhooks.duplicates = 1
    cloud.site.add_webhook(receiver.url)
    cloud.site.create_issue("BUG", "x")
    await eventually(lambda: len(receiver.got) == 2)
    first, second = (h["X-Atlassian-Webhook-Identifier"] for h, _ in receiver.got)
    assert first == second


async def test_deliveries_can_come_out_of_order(cloud: Stand, receiver: Receiver) -> None:
    await cloud.server.stop()
    switches = cloud.server.switches.webhooks
    switches.shuffle, switches.batch, switches.at_once = True, 3, 1
    await cloud.server.start()
    cloud.site.add_webhook(receiver.url)
    for number in range(3):
        cloud.site.create_issue("BUG", f"{number}")
    await eventually(lambda: len(receiver.got) == 3)
    keys = [payload["issue"]["key"] for payload in receiver.payloads]
    assert keys == ["BUG-3", "BUG-2", "BUG-1"]


async def test_a_batch_that_does_not_fill_is_sent_all_the_same(
    cloud: Stand, receiver: Receiver
) -> None:
    switches = cloud.server.switches.webhooks
    switches.shuffle, switches.hold = True, timedelta(milliseconds=10)
    cloud.site.add_webhook(receiver.url)
    cloud.site.create_issue("BUG", "x")
    await eventually(lambda: receiver.got)


async def test_comments_on_datacenter_do_not_name_their_issue(
    stand: Stand, receiver: Receiver
) -> None:
    events = ["comment_created", "jira:issue_updated"]
    stand.site.add_webhook(receiver.url, events=events)
    issue = stand.site.create_issue("BUG", "x")
    stand.site.comment(issue, "hello", by="dev")
    await eventually(lambda: len(receiver.got) == (1 if stand.cloud else 2))
    by_name = {payload["webhookEvent"]: payload for payload in receiver.payloads}
    comment = by_name["comment_created"]
    assert "user" not in comment
    assert comment["comment"]["body"] == "hello"
    assert f"/issue/{issue.id}/comment/" in comment["comment"]["self"]
    assert ("issue" in comment) is stand.cloud
    if not stand.cloud:
        updated = by_name["jira:issue_updated"]
        assert updated["issue_event_type_name"] == "issue_commented"
        assert "changelog" not in updated


async def test_a_query_filters_and_the_address_is_filled_in(
    stand: Stand, receiver: Receiver
) -> None:
    stand.site.add_webhook(receiver.url + "?key=${issue.key}", jql="labels = ours")
    stand.site.create_issue("BUG", "not ours")
    stand.site.create_issue("BUG", "ours", labels=["ours"])
    stand.site.delete("BUG-2")
    await eventually(lambda: len(receiver.got) == 2)
    assert sorted(receiver.names) == ["jira:issue_created", "jira:issue_deleted"]
    assert {payload["issue"]["key"] for payload in receiver.payloads} == {"BUG-2"}
    assert receiver.queries == ["key=BUG-2", "key=BUG-2"]


async def test_a_released_version_is_told(stand: Stand, receiver: Receiver) -> None:
    stand.site.add_webhook(receiver.url, events=["jira:version_released"])
    stand.site.release("BUG", "7.1.0")
    await eventually(lambda: receiver.got)
    assert receiver.payloads[0]["version"]["released"] is True


async def test_administrators_manage_webhooks(stand: Stand, receiver: Receiver) -> None:
    path = "/rest/webhooks/1.0/webhook"
    body = {
        "name": "ours",
        "url": receiver.url,
        "events": ["jira:issue_created"],
        "filters": {"issue-related-events-section": "project = BUG"},
        "secret": "s3cret",
    }
    assert (await stand.post(path, body)).status == 403
    made = await stand.post(path, body, who="admin")
    assert made.status == 201
    assert made.json["isSigned"] is True
    assert "s3cret" not in made.text
    stand.site.create_issue("BUG", "x")
    await eventually(lambda: receiver.got)
    assert "X-Hub-Signature" in receiver.got[0][0]
    address = made.json["self"].removeprefix(stand.server.url)
    off = await stand.put(address, {"enabled": False}, who="admin")
    assert off.json["enabled"] is False
    assert (await stand.get(path, who="admin")).json[0]["name"] == "ours"
    assert (await stand.delete(address, who="admin")).status == 204
    assert (await stand.get(address, who="admin")).status == 404
    bad = await stand.post(path, body | {"events": ["nope"]}, who="admin")
    assert bad.status == 400


async def test_dynamic_webhooks_are_for_apps(cloud: Stand) -> None:
    reply = await cloud.post("/webhook", {"url": "https://x.example", "webhooks": []})
    assert reply.status == 403


async def test_every_change_of_a_version_is_told(stand: Stand, receiver: Receiver) -> None:
    events = [f"jira:version_{what}" for what in ("created", "updated", "unreleased", "deleted")]
    stand.site.add_webhook(receiver.url, events=[*events, "jira:version_released"])
    wanted = {"name": "8.0.0", "project": "BUG"}
    path = f"/version/{(await stand.post('/version', wanted, who='admin')).json['id']}"
    for change in ({"description": "x"}, {"released": True}, {"released": False}):
        assert (await stand.put(path, change, who="admin")).status == 200
    assert (await stand.delete(path, who="admin")).status == 204
    await eventually(lambda: len(receiver.got) == 5)
    assert sorted(receiver.names) == sorted([*events, "jira:version_released"])


async def test_what_a_change_is_called(stand: Stand, receiver: Receiver) -> None:
    stand.site.add_webhook(receiver.url, events=["jira:issue_updated"])
    issue = stand.site.create_issue("BUG", "x")
    stand.site.edit(issue, assignee=stand.site.account("dev"))
    for status in ("In Progress", "Done", "In Progress"):
        stand.site.transition(issue, status)
    await eventually(lambda: len(receiver.got) == 4)
    moves = (
        ["issue_generic"] * 3
        if stand.cloud
        else ["issue_work_started", "issue_resolved", "issue_reopened"]
    )
    names = [payload["issue_event_type_name"] for payload in receiver.payloads]
    assert sorted(names) == sorted(["issue_assigned", *moves])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/webhook"), ("DELETE", "/webhook"),
        ("PUT", "/webhook/refresh"), ("GET", "/webhook/failed"),
    ],
)  # fmt: skip
async def test_webhooks_that_expire_are_for_apps(cloud: Stand, method: str, path: str) -> None:
    assert (await cloud.call(method, path, json={"webhookIds": [1]})).status == 403
