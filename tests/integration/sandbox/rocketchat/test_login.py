import hashlib
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Ddp, Rest

As = Callable[[str | None], Rest]
Connect = Callable[..., Awaitable[Ddp]]
MakeServer = Callable[..., Awaitable[RocketChatServer]]

UNAUTHORIZED = {
    "success": False,
    "status": "error",
    "error": "Unauthorized",
    "message": "Unauthorized",
}


@pytest.mark.parametrize(
    "who",
    [{"user": "ana"}, {"username": "ana"}, {"email": "ana@example.org"}, {"user": "ANA"}],
)
async def test_login_by_password_gives_a_token_that_works(rest: As, who: dict[str, str]) -> None:
    answer = await rest(None).post("login", {**who, "password": "ana-password"})

    assert answer.status == 200
    assert answer.body["status"] == "success"
    data = answer.body["data"]
    nobody = rest(None)
    nobody.headers = {"X-User-Id": data["userId"], "X-Auth-Token": data["authToken"]}
    me = await nobody.get("me")
    assert me.body["username"] == "ana"
    assert me.body["success"] is True
    assert data["me"]["_id"] == me.body["_id"]


async def test_wrong_password_and_unknown_user_look_the_same(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    old = Rest(session, await make_server(version="7.7"), None)
    for body in ({"user": "ana", "password": "x"}, {"user": "who", "password": "x"}, {}):
        answer = await old.post("login", body)
        assert (answer.status, answer.body) == (401, UNAUTHORIZED)


async def test_refusals_of_9_0_are_short(rest: As) -> None:
    wrong = await rest(None).post("login", {"user": "ana", "password": "x"})
    assert (wrong.status, wrong.body) == (401, {"success": False, "error": "unauthorized"})

    nobody = await rest(None).get("me")
    assert nobody.status == 401
    assert nobody.body == {"success": False, "error": "You must be logged in to do this."}


async def test_both_headers_must_fit(rest: As, server: RocketChatServer) -> None:
    ana = rest("ana")
    ana.headers["X-User-Id"] = server.workspace.user("sam").id
    assert (await ana.get("me")).status == 401


async def test_logout_ends_the_token(rest: As) -> None:
    ana = rest("ana")
    assert (await ana.post("logout")).body["status"] == "success"
    assert (await ana.get("me")).status == 401


async def test_second_factor_is_asked_for_a_password_but_not_for_a_token(
    make_server: MakeServer, session: aiohttp.ClientSession
) -> None:
    server = await make_server(version="8.8")
    server.workspace.add_user("tom", password="p", two_factor_code="123456")
    nobody = Rest(session, server, None)

    missing = await nobody.post("login", {"user": "tom", "password": "p"})
    assert missing.error[:2] == (401, "totp-required")
    assert missing.body["details"]["method"] == "email"
    wrong = await nobody.post("login", {"user": "tom", "password": "p", "code": "1"})
    assert wrong.error[:2] == (401, "totp-invalid")
    right = await nobody.post("login", {"user": "tom", "password": "p", "code": "123456"})
    assert right.status == 200

    token = server.workspace.personal_access_token("tom")
    assert (await nobody.post("login", {"resume": token})).status == 200


async def test_personal_access_tokens_need_a_permission_that_bots_lack(
    rest: As, server: RocketChatServer
) -> None:
    refused = await rest("casebot").post("users.generatePersonalAccessToken", tokenName="t")
    assert refused.error[::2] == (403, "error-forbidden")

    server.workspace.grant("create-personal-access-tokens", "bot")
    bot = rest("casebot")
    made = await bot.post("users.generatePersonalAccessToken", tokenName="t", bypassTwoFactor=True)
    twice = await bot.post("users.generatePersonalAccessToken", tokenName="t")
    assert twice.error[::2] == (400, "error-token-already-exists")
    listed = (await bot.get("users.getPersonalAccessTokens")).body["tokens"]
    assert (listed[-1]["name"], listed[-1]["bypassTwoFactor"]) == ("t", True)
    assert listed[-1]["lastTokenPart"] == made.body["token"][-6:]
    await bot.post("users.removePersonalAccessToken", tokenName="t")
    assert (await rest(None).post("login", {"resume": made.body["token"]})).status == 401


async def test_deactivation_ends_every_token(rest: As, server: RocketChatServer) -> None:
    sam, token = rest("sam"), server.workspace.personal_access_token("sam")
    server.workspace.deactivate("sam")

    assert (await sam.get("me")).status == 401
    assert (await rest(None).post("login", {"resume": token})).status == 401
    again = await rest(None).post("login", {"user": "sam", "password": "sam-password"})
    assert again.status == 401


async def test_ddp_login_by_digest_and_by_token(ddp: Connect, server: RocketChatServer) -> None:
    client = await ddp()
    digest = hashlib.sha256(b"ana-password").hexdigest()
    login = {
        "user": {"username": "ana"},
        "password": {"digest": digest, "algorithm": "sha-256"},
    }
    result = (await client.method("login", login))["result"]
    ana = server.workspace.user("ana")
    assert result["id"] == ana.id
    assert isinstance(result["tokenExpires"]["$date"], int)
    added = await client.wait(lambda frame: frame.get("msg") == "added")
    assert (added["collection"], added["id"]) == ("users", ana.id)

    other = await ddp()
    resumed = await other.method("login", {"resume": result["token"]})
    assert resumed["result"]["type"] == "resume"
    await other.wait(lambda frame: frame.get("msg") == "updated")


@pytest.mark.parametrize(("version", "error"), [("7.7", 401), ("9.0", 403)])
async def test_ddp_login_with_a_bad_token_is_refused(
    ddp: Connect, make_server: MakeServer, version: str, error: int
) -> None:
    client = await ddp(to=await make_server(version=version))
    answer = await client.method("login", {"resume": "nonsense"})
    assert answer["error"]["error"] == error
    assert answer["error"]["errorType"] == "Meteor.Error"
    assert answer["error"]["isClientSafe"] is True


async def test_ending_a_token_closes_the_connections_that_live_on_it(
    ddp: Connect, server: RocketChatServer
) -> None:
    client = await ddp()
    token = server.workspace.personal_access_token("ana")
    await client.method("login", {"resume": token})
    server.workspace.deactivate("ana")
    await client.wait(lambda _: client.socket.closed)


async def test_info_tells_only_the_release(rest: As) -> None:
    answer = await rest(None).call("GET", "/api/info")
    assert answer.body == {"version": "9.0", "success": True}
    full = await rest("admin").call("GET", "/api/info")
    assert full.body["info"]["version"] == "9.0.0"


@pytest.mark.parametrize(("version", "status"), [("7.7", 200), ("9.0", 403)])
async def test_create_token_needs_the_secret_since_8_0(
    make_server: MakeServer, session: aiohttp.ClientSession, version: str, status: int
) -> None:
    server = await make_server(version=version)
    server.workspace.grant("user-generate-access-token", "admin")
    admin, carla = Rest(session, server, "admin"), server.workspace.user("carla")
    answer = await admin.post("users.createToken", userId=carla.id)
    assert answer.status in {status, 400}
    assert ("data" in answer.body) is (version == "7.7")
