"""Incoming webhooks: made over REST, posted to by whoever knows the address."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Answer, Rest

As = Callable[[str | None], Rest]
GIVEN: dict[str, Any] = {
    "type": "webhook-incoming",
    "name": "builds",
    "username": "casebot",
    "channel": "#support",
    "scriptEnabled": False,
    "enabled": True,
}


async def make(rest: As, **more: object) -> dict[str, Any]:
    answer = await rest("admin").post("integrations.create", {**GIVEN, **more})
    made: dict[str, Any] = answer.body["integration"]
    return made


async def call(rest: As, made: dict[str, Any], **options: Any) -> Answer:  # noqa: ANN401 - aiohttp's own
    return await rest(None).call("POST", f"/hooks/{made['_id']}/{made['token']}", **options)


async def test_what_is_posted_comes_from_the_user_of_the_integration(
    rest: As, server: RocketChatServer
) -> None:
    made = await make(rest, alias="Builds", emoji=":rocket:")
    answer = await call(rest, made, json={"text": "done", "attachments": [{"text": "all green"}]})
    assert (answer.status, answer.body) == (200, {"success": True})
    stored = server.records.messages("support")[-1]
    assert (stored.author, stored.text) == ("casebot", "done")
    assert stored.document["bot"] == {"i": made["_id"]}
    assert (stored.document["alias"], stored.document["emoji"]) == ("Builds", ":rocket:")
    assert stored.document["attachments"][0]["text"] == "all green"


async def test_forms_carry_it_in_a_payload(rest: As, server: RocketChatServer) -> None:
    made = await make(rest)
    answer = await call(rest, made, data={"payload": json.dumps({"text": "from a form"})})
    assert answer.status == 200
    assert server.records.messages("support")[-1].text == "from a form"
    assert (await call(rest, made, data={"payload": "{"})).status == 400


async def test_nothing_posts_nothing(rest: As, server: RocketChatServer) -> None:
    assert (await call(rest, await make(rest))).status == 200
    assert server.records.messages("support") == []


async def test_another_room_only_where_it_is_allowed(rest: As, server: RocketChatServer) -> None:
    elsewhere = {"text": "x", "channel": "#general"}
    refused = await call(rest, await make(rest), json=elsewhere)
    assert refused.error == (
        400,
        "overriding destination channel is disabled for this integration",
        None,
    )
    free = await make(rest, overrideDestinationChannelEnabled=True)
    assert (await call(rest, free, json=elsewhere)).status == 200
    room = server.workspace.room("level2").id
    assert (await call(rest, free, json={"text": "x", "roomId": room})).status == 200
    assert [len(server.records.messages(one)) for one in ("support", "general", "level2")] == [
        0,
        1,
        1,
    ]


async def test_wrong_and_disabled_addresses_post_nothing(
    rest: As, server: RocketChatServer
) -> None:
    made = await make(rest)
    for wrong in ({**made, "token": "x"}, {**made, "_id": "x"}):
        answer = await call(rest, wrong, json={"text": "x"})
        assert answer.body["error"] == "Invalid integration id or token provided."
        assert answer.status == 404
    off = await make(rest, enabled=False)
    assert (await call(rest, off, json={"text": "x"})).status == 503
    await rest("admin").post("integrations.remove", type=GIVEN["type"], integrationId=made["_id"])
    assert (await call(rest, made, json={"text": "x"})).status == 404
    twice = {"type": GIVEN["type"], "integrationId": made["_id"]}
    gone = await rest("admin").post("integrations.remove", twice)
    assert gone.error == (400, "No integration found.", None)
    assert server.records.messages("support") == []


@pytest.mark.parametrize(
    "body", [{"text": 5}, {"attachments": "x"}, {"text": "x", "tmid": {}}, {"channel": 5}]
)
async def test_a_payload_of_other_kinds_is_refused(rest: As, body: dict[str, object]) -> None:
    made = await make(rest, overrideDestinationChannelEnabled=True)
    answer = await call(rest, made, json=body)
    assert (answer.status, answer.body["success"]) == (400, False)


async def test_they_are_listed_changed_and_read_by_who_may(rest: As) -> None:
    made, admin = await make(rest), rest("admin")
    listed = (await admin.get("integrations.list")).body
    assert (listed["items"], listed["total"]) == (1, 1)
    assert listed["integrations"] == [made]
    changed = {**GIVEN, "integrationId": made["_id"], "enabled": False}
    answer = await admin.call("PUT", "/api/v1/integrations.update", json=changed)
    assert answer.body["integration"]["enabled"] is False
    got = await admin.get("integrations.get", integrationId=made["_id"])
    assert got.body["integration"] == answer.body["integration"]
    unknown = await admin.get("integrations.get", integrationId="x")
    assert unknown.error == (400, "The integration does not exists.", None)
    assert (await rest("ana").get("integrations.list")).status == 403
    for wrong, kind in (
        ("support", "error-invalid-channel-start-with-chars"),
        ("#x", "error-invalid-room"),
    ):
        refused = await admin.post("integrations.create", {**GIVEN, "channel": wrong})
        assert refused.body["errorType"] == kind
