"""Health, readiness, metrics and the webhook of a bot that polls rarely."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.schedule.poll_jira import JiraHealth
from sandbox.jira.webhooks import sign
from tests.waiting import eventually
from tests.world import Deployment, World

SECRET = "a secret of the webhook"
HOUR = 3600


async def get(url: str) -> tuple[int, str]:
    """Return status and body."""
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def post(url: str, body: bytes, signature: str | None) -> int:
    """Send a webhook; returns the status of the answer."""
    headers = {"X-Hub-Signature": signature} if signature is not None else {}
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_health_and_readiness(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        await world.settle()
        assert await get(f"{app.http_url}/healthz") == (200, '{"status": "ok"}')
        status, body = await get(f"{app.http_url}/readyz")
        works = {"ready": True, "chat": True, "jira": True, "storage": True, "incidents": []}
        assert (status, json.loads(body)) == (200, works)
        await world.chat.faults.refuse_connections()
        await eventually(lambda: not world.parts.intake.connected)
        status, body = await get(f"{app.http_url}/readyz")
        assert (status, json.loads(body)) == (503, works | {"ready": False, "chat": False})
        assert (await get(f"{app.http_url}/healthz"))[0] == 200
        await world.chat.faults.accept_connections()
        await eventually(lambda: world.parts.intake.connected)

        async def is_ready() -> bool:
            return (await get(f"{app.http_url}/readyz"))[0] == 200

        await eventually(is_ready)


async def test_a_jira_that_is_down_shows_in_the_readiness(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        await world.confirm(await world.reach_level_three())
        await world.jira.faults.refuse_connections()
        await world.parts.poller.poll()
        status, body = await get(f"{app.http_url}/readyz")
        found = json.loads(body)
        assert (status, found["ready"], found["jira"], found["chat"]) == (503, False, False, True)


async def test_an_incident_is_named_in_the_readiness_while_it_lasts(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        await world.confirm(await world.reach_level_three())
        account = next(one for one in world.jira.site.accounts if one.api_token)
        account.token_expires_at = datetime.now(UTC) - timedelta(days=1)
        await eventually(lambda: world.parts.poller.health is JiraHealth.REFUSED)
        await world.parts.watch()
        status, body = await get(f"{app.http_url}/readyz")
        assert (status, json.loads(body)["incidents"]) == (503, ["jira_refused"])
        account.token_expires_at = None
        await eventually(lambda: world.parts.poller.health is JiraHealth.OK)
        await world.parts.watch()
        status, body = await get(f"{app.http_url}/readyz")
        assert (status, json.loads(body)["incidents"]) == (200, [])


async def test_the_metrics_are_true_when_they_are_asked_for(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        for expected in ("1.0", "0.0"):
            _, body = await get(f"{app.http_url}/metrics")
            assert f"casebot_chat_connected {expected}" in body.splitlines()
            await world.chat.stop()
            await eventually(lambda: not world.parts.intake.connected)


async def test_jira_is_known_to_be_away_before_anything_is_followed(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        await eventually(lambda: world.parts.poller.health is JiraHealth.OK)
        await world.jira.stop()
        await eventually(lambda: world.parts.poller.health is JiraHealth.UNREACHABLE)
        status, body = await get(f"{app.http_url}/readyz")
        assert (status, json.loads(body)["jira"]) == (503, False)


async def test_the_metrics_count_what_happened(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        for number in range(3):
            await world.ask("ana", "support", f"!case open Export {number} fails")
        ana = await world.be("ana")
        await ana.type("support", "Good morning")
        await world.settle()  # reads all of it again
        status, body = await get(f"{app.http_url}/metrics")
        assert status == 200
        values = dict(line.rsplit(" ", 1) for line in body.splitlines() if line[:1] != "#")
        assert float(values["casebot_messages_taken_in_total"]) == 3
        assert float(values["casebot_deliveries_sent_total"]) == 3
        assert float(values["casebot_deliveries_failed_total"]) == 0
        assert float(values["casebot_deliveries_pending"]) == 0
        assert float(values["casebot_chat_connected"]) == 1


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_a_webhook_brings_a_milestone_long_before_the_poll(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with (
        World(
            tmp_path,
            deployment=deployment,
            poll_interval_seconds=HOUR,
            jira_webhook_secret=SECRET,
        ) as world,
        world.bot() as app,
    ):
        key = await world.confirm(await world.reach_level_three())
        world.jira.site.add_webhook(f"{app.http_url}/webhooks/jira", SECRET)
        for status in ("Specifying", "Ready"):
            world.jira.site.transition(key, status)
            await world.hear("carla", f"*{status}*")
        await eventually(lambda: len(world.jira.records.webhooks) == 2)
        assert {one.status for one in world.jira.records.webhooks} == {200}


async def test_webhooks_that_come_twice_and_swapped_tell_once_and_in_order(
    tmp_path: Path,
) -> None:
    async with (
        World(tmp_path, poll_interval_seconds=HOUR, jira_webhook_secret=SECRET) as world,
        world.bot() as app,
    ):
        key = await world.confirm(await world.reach_level_three())
        world.jira.switches.webhooks.shuffle = True
        world.jira.switches.webhooks.duplicates = 2
        world.jira.site.add_webhook(f"{app.http_url}/webhooks/jira", SECRET)
        for status in ("Specifying", "Ready", "In Progress"):
            world.jira.site.transition(key, status)
        await eventually(lambda: len(world.jira.records.webhooks) == 9)
        await world.settle()
        told = [text.split("Now *")[1] for text in world.said("carla") if "Now *" in text]
        assert [one.split("*")[0] for one in told] == ["Specifying", "Ready", "In Progress"]


async def test_a_webhook_without_the_right_signature_is_refused(tmp_path: Path) -> None:
    async with (
        World(tmp_path, poll_interval_seconds=HOUR, jira_webhook_secret=SECRET) as world,
        world.bot() as app,
    ):
        key = await world.confirm(await world.reach_level_three())
        world.jira.site.transition(key, "Specifying")
        issue_id = str(world.jira.site.issue(key).id)
        body = json.dumps(
            {"webhookEvent": "jira:issue_updated", "issue": {"id": issue_id}}
        ).encode()
        url = f"{app.http_url}/webhooks/jira"
        asked = world.jira.requests.total()
        right = sign(SECRET, body)
        for wrong in (None, "", "sha256=", right[:-1], sign("another", body), f"md5={right}", "é"):
            assert await post(url, body, wrong) == 401
        assert await post(url, body + b" ", right) == 401
        assert world.jira.requests.total() == asked
        assert await post(url, body, right) == 200
        await world.hear("carla", "*Specifying*")


async def test_a_signed_webhook_that_makes_no_sense_does_no_harm(tmp_path: Path) -> None:
    async with (
        World(tmp_path, jira_webhook_secret=SECRET) as world,
        world.bot() as app,
    ):
        url = f"{app.http_url}/webhooks/jira"
        bodies = {
            b"": 400,
            b"not JSON": 400,
            b"\xff\xfe": 400,
            b"[" * 100_000: 400,
            b"null": 200,
            b"[]": 200,
            b"{}": 200,
            b'{"webhookEvent": "jira:issue_updated"}': 200,
            b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "../../myself"}}': 200,
            b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "999999"}}': 200,
        }
        for body, status in bodies.items():
            assert await post(url, body, sign(SECRET, body)) == status, body[:60]
        assert "No case found" in await world.ask("ana", "support", "!case list")


async def test_without_a_secret_there_is_no_webhook(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        assert await post(f"{app.http_url}/webhooks/jira", b"{}", sign("", b"{}")) == 404


async def test_many_webhooks_at_once_are_all_answered(tmp_path: Path) -> None:
    async with (
        World(tmp_path, poll_interval_seconds=HOUR, jira_webhook_secret=SECRET) as world,
        world.bot() as app,
    ):
        key = await world.confirm(await world.reach_level_three())
        world.jira.site.transition(key, "Ready")
        issue_id = str(world.jira.site.issue(key).id)
        body = json.dumps(
            {"webhookEvent": "jira:issue_updated", "issue": {"id": issue_id}}
        ).encode()
        url = f"{app.http_url}/webhooks/jira"
        statuses = await asyncio.gather(*(post(url, body, sign(SECRET, body)) for _ in range(20)))
        assert set(statuses) == {200}
        await world.settle()
        assert sum("*Ready*" in text for text in world.said("carla")) == 1
