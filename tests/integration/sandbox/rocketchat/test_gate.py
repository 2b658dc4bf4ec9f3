"""Routes, closed shapes, permissions, the limiter and CORS."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Rest

As = Callable[[str | None], Rest]
NEEDS_PERMISSION = (
    "User does not have the permissions required for this action [error-unauthorized]"
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nothing.here"),
        ("POST", "me"),
        ("GET", "chat.sendMessage"),
        ("POST", "rooms.upload/x"),
        ("GET", "me/too"),
        ("GET", ""),
    ],
)
async def test_unknown_routes_are_404(rest: As, method: str, path: str) -> None:
    answer = await rest("ana").call(method, f"/api/v1/{path}")
    assert answer.status == 404
    assert answer.body["success"] is False


async def test_a_parameter_too_many_is_refused(rest: As, server: RocketChatServer) -> None:
    rid = server.workspace.room("support").id
    ana = rest("ana")
    body = await ana.post("chat.sendMessage", message={"rid": rid, "msg": "x"}, extra=1)
    assert body.error == (
        400,
        "must NOT have additional properties [invalid-params]",
        "invalid-params",
    )
    query = await ana.get("channels.info", roomId=rid, extra="1")
    assert (query.status, query.body["errorType"]) == (400, "error-invalid-params")
    missing = await ana.post("chat.react", emoji="eyes")
    assert "must have required property 'messageId'" in missing.body["error"]
    mistyped = await ana.post("chat.update", roomId=rid, msgId=1, text="x")
    assert mistyped.error == (400, "must be string [invalid-params]", "invalid-params")


async def test_before_8_0_queries_have_the_code_of_bodies(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    old = Rest(session, await make_server(version="7.7"), "ana")
    answer = await old.get("channels.info", roomId="x", extra="1")
    assert answer.body["errorType"] == "invalid-params"


async def test_a_body_that_is_no_object_is_refused(rest: As) -> None:
    for data in (b"{nonsense", b"[1]"):
        answer = await rest("ana").call("POST", "/api/v1/im.create", data=data)
        assert answer.status == 400
        assert answer.body["success"] is False


async def test_a_route_may_ask_for_a_permission(rest: As) -> None:
    answer = await rest("ana").get("roles.getUsersInRole", role="admin")
    assert answer.error == (403, NEEDS_PERMISSION, None)
    allowed = await rest("admin").get("roles.getUsersInRole", role="admin")
    assert [one["username"] for one in allowed.body["users"]] == ["admin"]


@pytest.fixture
def time() -> list[datetime]:
    return [datetime(2026, 11, 24, tzinfo=UTC)]


@pytest.fixture
async def limiting(make_server: MakeServer, time: list[datetime]) -> RocketChatServer:
    return await make_server(settings={}, now=lambda: time[0])


async def test_the_eleventh_call_of_a_minute_is_too_many(
    limiting: RocketChatServer, session: aiohttp.ClientSession, time: list[datetime]
) -> None:
    ana = Rest(session, limiting, "ana")
    answers = [await ana.get("rooms.get") for _ in range(11)]

    assert [one.status for one in answers] == [200] * 10 + [429]
    assert answers[0].headers["X-RateLimit-Limit"] == "10"
    assert answers[0].headers["X-RateLimit-Remaining"] == "9"
    reset = int(answers[10].headers["X-RateLimit-Reset"])
    assert reset == int((time[0] + timedelta(minutes=1)).timestamp() * 1000)
    assert "Retry-After" not in answers[10].headers
    assert answers[10].body == {
        "success": False,
        "error": "Error, too many requests. Please slow down. You must wait 60 seconds "
        "before trying this endpoint again. [error-too-many-requests]",
    }
    # By address, not by user; another route counts for itself.
    assert (await Rest(session, limiting, "sam").get("rooms.get")).status == 429
    assert (await ana.get("me")).status == 200
    elsewhere = Rest(session, limiting, "ana")
    elsewhere.headers["X-Forwarded-For"] = "10.1.2.3"
    assert (await elsewhere.get("rooms.get")).status == 200
    # Who is not logged in is told so first.
    assert (await Rest(session, limiting, None).get("rooms.get")).status == 401
    time[0] += timedelta(minutes=1)
    assert (await ana.get("rooms.get")).status == 200


async def test_sending_has_a_limit_of_its_own_and_bots_have_none(
    limiting: RocketChatServer, session: aiohttp.ClientSession, time: list[datetime]
) -> None:
    rid = limiting.workspace.room("support").id
    ana, bot = Rest(session, limiting, "ana"), Rest(session, limiting, "casebot")
    assert [(await ana.send(rid, "x")).status for _ in range(6)] == [200] * 5 + [429]
    time[0] += timedelta(seconds=1)
    assert (await ana.send(rid, "x")).status == 200

    answers = [await bot.send(rid, "x") for _ in range(30)]
    assert {one.status for one in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers
    limiting.workspace.revoke("api-bypass-rate-limit", "bot")
    assert 429 in [(await bot.send(rid, "x")).status for _ in range(10)]


async def test_7_7_never_limits(make_server: MakeServer, session: aiohttp.ClientSession) -> None:
    ana = Rest(session, await make_server(version="7.7", settings={}), "ana")
    answers = [await ana.get("rooms.get") for _ in range(15)]
    assert {one.status for one in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


async def test_browsers_of_any_origin_may_call_while_the_setting_is_on(
    rest: As, server: RocketChatServer
) -> None:
    asked = await rest(None).call("OPTIONS", "/api/v1/login")
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Auth-Token" in asked.headers["Access-Control-Allow-Headers"]
    server.workspace.set_setting("API_Enable_CORS", value=False)
    answer = await rest("ana").get("me")
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_page_is_served_beside_the_interface(
    make_server: MakeServer, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<h1>play</h1>")
    (tmp_path / "app.js").write_text("play()")
    nobody = Rest(session, await make_server(page=tmp_path), None)
    assert (await nobody.call("GET", "/")).body == "<h1>play</h1>"
    assert (await nobody.call("GET", "/app.js")).body == "play()"
    assert (await nobody.call("GET", "/api/info")).status == 200
    assert (await nobody.call("GET", "/../secret")).status == 404


async def test_lists_are_paged_and_capped(rest: As, server: RocketChatServer) -> None:
    for number in range(120):
        server.workspace.add_user(f"u{number:03}")
    ana = rest("ana")
    first = (await ana.get("users.list")).body
    assert (first["count"], first["offset"], first["total"]) == (50, 0, 128)
    capped = (await ana.get("users.list", count="500")).body
    assert capped["count"] == 100
    assert (await ana.get("users.list", count="0")).body["count"] == 128
    last = (await ana.get("users.list", count="5", offset="126")).body
    assert last["count"] == 2
    turned = (await ana.get("users.list", sort='{"username":-1}', count="1")).body
    assert turned["users"][0]["username"] == "u119"
    assert (await ana.get("users.list", sort="{")).status == 400


async def test_public_settings_need_no_login(rest: As) -> None:
    query = {"_id": "Message_MaxAllowedSize,Message_AllowUnrecognizedSlashCommand"}
    answer = await rest(None).get("settings.public", **query)
    assert {one["_id"]: one["value"] for one in answer.body["settings"]} == {
        "Message_MaxAllowedSize": 5000,
        "Message_AllowUnrecognizedSlashCommand": False,
    }
    hidden = await rest(None).get("settings.public", _id="API_Enable_Rate_Limiter")
    assert hidden.body["settings"] == []
