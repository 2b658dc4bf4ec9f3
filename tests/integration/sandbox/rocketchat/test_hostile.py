"""Nothing that is sent makes the server fail."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest

from sandbox.rocketchat.ddp.methods import methods_of
from sandbox.rocketchat.rest.route import Route
from sandbox.rocketchat.rest.routes import ROUTES
from sandbox.rocketchat.rest.shapes import Shape
from sandbox.rocketchat.server import RocketChatServer
from sandbox.rocketchat.slash import COMMANDS
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest

As = Callable[[str | None], Rest]
Connect = Callable[..., Awaitable[Ddp]]
NASTY: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "²",
    "--5",
    "9" * 5000,
    "\u0000\ud7ff😀",
    "[" * 2000,
    '{"a": 1e999, "term": 5, "exceptions": 5}',
    [],
    [[]],
    ["x", {"_id": [], "roles": 5, "name": {}}],
    {},
    {
        "_id": {},
        "name": 5,
        "username": [],
        "roles": 5,
        "email": {},
        "language": {},
        "newPassword": 5,
        "status": [],
        "customFields": 5,
    },
]
RATES = ("Connection", "Connection_By_Method", "IP", "User", "User_By_Method")
ODD_PARAMETERS: list[Any] = [5, [5], {}, [{"_id": {}}]]
# `dm` is another word for `im`.
PREFIXES = sorted({route.name.partition(".")[0] for route in ROUTES} - {"dm"})
# These would end what the rest of the walk needs.
LEFT_OUT = {"logout", "users.logout", "users.logoutOtherClients"}
WRITTEN = {"string": "x", "integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}


def shapes(route: Route) -> tuple[Shape, ...]:
    if route.params is None:
        return ()
    return route.params.shapes if not isinstance(route.params, Shape) else (route.params,)


def bodies(route: Route, known: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Each parameter of a route in each wrong way, the others as they should be."""
    for one in shapes(route):
        right = {
            name: known.get(name, WRITTEN.get(kind, "x"))
            for name, kind in one.fields.items()
            if name in one.required or name in known
        }
        for name in one.fields:
            for value in NASTY:
                yield {**right, name: value}


def as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_no_parameter_makes_a_route_fail(
    rest: As, server: RocketChatServer, prefix: str
) -> None:
    workspace = server.workspace
    message = workspace.post("ana", "support", "x")["_id"]
    room = workspace.room("support").id
    known = {
        "roomId": room,
        "rid": room,
        "prid": room,
        "msgId": message,
        "messageId": message,
        "mid": message,
        "tmid": message,
        "userId": workspace.user("carla").id,
        "username": "carlos",
        "command": "hide",
    }
    last = {"settings": ["Message_MaxAllowedSize"], "method.call": ["sendMessage"]}
    for route in ROUTES:
        if route.name.partition(".")[0] != prefix or route.name in LEFT_OUT:
            continue
        path = "/".join([route.name, *last.get(route.name, [room, "x"])[: route.parts]])
        admin = rest("admin")
        for body in bodies(route, known):
            if route.method == "GET":
                given = {name: as_text(value) for name, value in body.items()}
                answer = await admin.get(path, **given)
            else:
                answer = await admin.call(route.method, f"/api/v1/{path}", json=body)
            assert answer.status < 500, (path, body, answer.body)
            assert answer.body["success"] is (answer.status == 200), (path, body, answer.body)
    # What was set meanwhile has broken nothing.
    sound = await rest("admin").get("users.list")
    assert sound.status == 200


async def test_no_words_make_a_command_fail(rest: As, server: RocketChatServer) -> None:
    workspace = server.workspace
    workspace.set_setting("Message_MaxAllowedSize", 100)
    rooms = [
        workspace.room("general").id,
        workspace.add_channel("nobody").id,
        workspace.direct_room("admin", "ana").id,
    ]
    admin = rest("admin")
    words = ["", " ", "@", "#", "@ana", "@nobody x", "#general", "#nobody", "all", "x" * 200, "²"]
    for name in COMMANDS:
        for room in rooms:
            for params in words:
                body = {"command": name, "roomId": room, "params": params}
                answer = await admin.post("commands.run", body)
                assert answer.status < 500, (body, answer.body)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
@pytest.mark.parametrize(
    "body", [b"{", b"null", b"\xff\xfe", b'{"a":NaN}', b"[" * 100_000, b'{"message":' * 5_000]
)
async def test_no_body_makes_a_route_fail(
    rest: As, server: RocketChatServer, kind: str, body: bytes
) -> None:
    room = server.workspace.room("support").id
    for path in ("chat.sendMessage", f"rooms.media/{room}", "im.create", "login"):
        headers = {"Content-Type": kind}
        answer = await rest("ana").call("POST", f"/api/v1/{path}", data=body, headers=headers)
        assert 400 <= answer.status < 500, (path, answer.body)
        assert answer.body["success"] is False


async def test_a_body_of_any_length_is_answered(
    make_server: MakeServer, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.rocketchat.server.LARGEST_BODY", 1000)
    server = await make_server()
    ana, room = Rest(session, server, "ana"), server.workspace.room("support").id
    sent = await ana.send(room, "x" * 2000)
    assert (sent.status, sent.body["success"]) == (413, False)
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 2000, filename="a", content_type="text/plain")
    file = await ana.call("POST", f"/api/v1/rooms.media/{room}", data=form)
    assert (file.status, file.body["errorType"]) == (400, "error-file-too-large")
    assert (await ana.send(room, "short")).status == 200


async def test_unknown_charsets_and_encodings_are_borne(rest: As, server: RocketChatServer) -> None:
    ana, room = rest("ana"), server.workspace.room("support").id
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=none-such"}
    answer = await ana.call("POST", "/api/v1/im.create", data=b"username=sam", headers=form)
    assert answer.status == 200
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
        b"Content-Transfer-Encoding: none-such\r\n\r\nabc\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await ana.call("POST", f"/api/v1/rooms.media/{room}", data=parts, headers=headers)
    assert answer.error == (400, "Malformed request body", None)


@pytest.mark.parametrize("header", [b"X-User-Id", b"X-Auth-Token", b"Cookie"])
async def test_credentials_that_are_no_text_are_nobodys(
    server: RocketChatServer, header: bytes
) -> None:
    answer = await raw_request(server, header + b": \xff\xfe")
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_a_host_that_is_no_text_is_borne(rest: As, server: RocketChatServer) -> None:
    ana = rest("ana")
    written = [f"{name}: {value}".encode() for name, value in ana.headers.items()]
    answer = await raw_request(server, *written, b"X-Forwarded-For: \xff", host=b"\xff")
    assert answer.startswith(b"HTTP/1.1 200 ")


async def raw_request(server: RocketChatServer, *headers: bytes, host: bytes = b"x") -> bytes:
    name, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    lines = [b"GET /api/v1/me HTTP/1.1", b"Host: " + host, b"Connection: close", *headers]
    writer.write(b"\r\n".join([*lines, b"", b""]))
    answer = await reader.read()
    writer.close()
    return answer


async def test_what_is_nested_too_deeply_is_refused_and_not_kept(
    rest: As, server: RocketChatServer
) -> None:
    room = server.workspace.room("support").id
    for depth, status in ((50, 200), (90, 200), (150, 400), (900, 400)):
        blocks = "[" * depth + "]" * depth
        body = f'{{"message": {{"rid": "{room}", "msg": "{depth}", "blocks": {blocks}}}}}'
        answer = await rest("ana").call("POST", "/api/v1/chat.sendMessage", data=body)
        assert answer.status == status, (depth, answer.body)
    assert [one.text for one in server.records.messages("support")] == ["50", "90"]


async def test_a_setting_keeps_its_kind(rest: As, server: RocketChatServer) -> None:
    admin = rest("admin")
    for key, value in (
        ("Message_MaxAllowedSize", "many"),
        ("Message_MaxAllowedSize", True),
        ("Message_AllowEditing", 1),
        ("Hide_System_Messages", [5]),
        ("Site_Url", {}),
    ):
        answer = await admin.post(f"settings/{key}", value=value)
        assert answer.body["errorType"] == "error-invalid-setting-value", key
        answer = await admin.post("settings", settings=[{"_id": key, "value": value}])
        assert answer.body["errorType"] == "error-invalid-setting-value", key
    assert (await admin.post("settings/Message_MaxAllowedSize", value=10)).status == 200
    assert server.workspace.settings.get("Message_MaxAllowedSize") == 10


async def test_a_pattern_that_is_none_falls_back_to_the_usual_one(
    rest: As, server: RocketChatServer
) -> None:
    await rest("admin").post("settings/UTF8_User_Names_Validation", value="(")
    sent = await rest("ana").send(server.workspace.room("support").id, "@sam look")
    assert [one["username"] for one in sent.body["message"]["mentions"]] == ["sam"]


@pytest.mark.parametrize("depth", [50, 90, 200, 480, 800, 950, 1200])
async def test_frames_however_deep_are_answered(ddp: Connect, depth: int) -> None:
    client = await ddp("ana")
    await client.socket.send_str('{"msg":"none-such","a":' + "[" * depth + "]" * depth + "}")
    await client.say(msg="ping", id="after")
    await client.wait(lambda frame: frame == {"msg": "pong", "id": "after"})
    assert any(frame["msg"] == "error" for frame in client.frames)


async def test_no_parameters_make_a_method_fail(
    make_server: MakeServer,
    ddp: Connect,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # An exception without a code looks like a failure; a failure is written down.
    caplog.set_level(logging.ERROR)
    # It has the most of them.
    server = await make_server(version="7.7")
    workspace = server.workspace
    for name in RATES:
        workspace.set_setting(f"DDP_Rate_Limit_{name}_Enabled", value=False)
    message = workspace.post("ana", "support", "x")["_id"]
    client, rest = await ddp("admin", to=server), Rest(session, server, "admin")
    room = workspace.room("support").id
    right: list[Any] = [room, {"_id": message, "rid": room, "msg": "x"}]
    for method in [*methods_of(server.version), "login", "none-such"]:
        for value in NASTY:
            for params in ([value], *([one, value, value] for one in right)):
                await client.say(msg="method", method=method, id="odd", params=params)
        # Answers come in order: this one last.
        await client.method("none-such")
        assert not caplog.records, method
        client.frames.clear()
        # In a path, as the clients write it.
        path = f"method.call/{method.replace('/', ':')}"
        assert (await rest.post(path, message='{"msg":"method","params":5}')).status == 400
        for given in ODD_PARAMETERS:
            message = json.dumps({"msg": "method", "id": "1", "method": method, "params": given})
            called = await rest.post(path, message=message)
            assert called.status in {200, 400}, (method, given)
    assert not client.socket.closed


async def test_an_unsub_without_an_id_is_passed_over(ddp: Connect) -> None:
    client = await ddp("ana")
    await client.say(msg="unsub")
    await client.say(msg="unsub", id=5)
    await client.say(msg="ping", id="after")
    await client.wait(lambda frame: frame == {"msg": "pong", "id": "after"})
    assert not [frame for frame in client.frames if frame["msg"] == "nosub"]
