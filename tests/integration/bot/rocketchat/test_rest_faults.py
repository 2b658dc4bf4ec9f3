"""The REST gateway against servers that refuse, are old, or lead astray."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.documents import iso, milliseconds
from bot.rocketchat.faults import NotFound
from bot.rocketchat.records import Credentials, PasswordCredentials, Room, TokenCredentials
from bot.rocketchat.rest import RestGateway
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.stub import ME, Request, Stub, serving
from tests.waiting import eventually

PAT = TokenCredentials(user_id="bot1", auth_token=TOKEN)
PASSWORD = PasswordCredentials(username="casebot", password="a-password-for-nobody")
ROOM = Room(id="r1", type="c", name="support")
SINCE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
UNAUTHORIZED = {"success": False, "status": "error", "error": "Unauthorized"}


@pytest.fixture
async def rest(stub: Stub) -> AsyncIterator[RestGateway]:
    stub.answer("me", ME)
    gateway = RestGateway(
        url=stub.url + "/", timeout=timedelta(seconds=5), roles_of_interest=["rnd", "admin"]
    )
    yield gateway
    await gateway.close()


def json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def message(number: int, at: datetime) -> dict[str, object]:
    return {
        "_id": f"m{number}",
        "rid": "r1",
        "msg": "x",
        "ts": iso(at),
        "_updatedAt": iso(at),
        "u": {"_id": "u1", "username": "jane"},
    }


# --- logging in -------------------------------------------------------------------------------


async def test_a_password_becomes_a_session_that_me_confirms(stub: Stub, rest: RestGateway) -> None:
    data = {"userId": "bot1", "authToken": TOKEN}
    stub.answer("login", {"status": "success", "data": data, "success": True})
    session = await rest.login(PASSWORD)
    assert (session.user_id, session.auth_token, session.username) == ("bot1", TOKEN, "casebot")
    login, me = stub.requests
    assert login.body == {"user": "casebot", "password": "a-password-for-nobody"}
    assert me.headers["X-Auth-Token"] == TOKEN
    assert TOKEN not in repr(session)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (UNAUTHORIZED, "ROCKETCHAT_PASSWORD"),
        ({"success": False, "error": "unauthorized"}, "ROCKETCHAT_PASSWORD"),
        ({"status": "error", "error": "totp-required", "message": "TOTP"}, "access token"),
        ({"success": False, "error": "error-user-is-not-activated"}, "deactivated"),
        ({"success": False, "error": "error-login-blocked-for-ip"}, "wait"),
    ],
)
async def test_a_refused_password_says_why_and_what_next(
    stub: Stub, rest: RestGateway, body: object, words: str
) -> None:
    stub.answer("login", body, status=401)
    with pytest.raises(CredentialsRefused, match=words) as refused:
        await rest.login(PASSWORD)
    assert PASSWORD.password not in f"{refused.value!r}{PASSWORD!r}"


async def test_a_refused_token_says_what_next(stub: Stub, rest: RestGateway) -> None:
    stub.answer("me", UNAUTHORIZED, status=401)
    with pytest.raises(CredentialsRefused, match="ROCKETCHAT_AUTH_TOKEN"):
        await rest.login(PAT)
    # With anonymous reading the server answers without knowing us.
    stub.answer("me", {"success": True})
    with pytest.raises(CredentialsRefused, match="ROCKETCHAT_AUTH_TOKEN"):
        await rest.login(PAT)


@pytest.mark.parametrize("token", ["two\nlines", "schlüssel-€"])
async def test_a_token_that_no_header_can_carry_is_refused_and_not_quoted(
    rest: RestGateway, token: str
) -> None:
    with pytest.raises(CredentialsRefused) as refused:
        await rest.login(TokenCredentials(user_id="bot1", auth_token=token))
    assert token not in f"{refused.value!r}"
    assert refused.value.__cause__ is None


async def test_a_server_that_is_down_is_not_a_wrong_password(
    stub: Stub, rest: RestGateway, closed_port: int
) -> None:
    stub.answer("login", {}, status=502)
    with pytest.raises(Retryable):
        await rest.login(PASSWORD)
    away = RestGateway(
        url=f"http://127.0.0.1:{closed_port}", timeout=timedelta(seconds=1), threads=1
    )
    with pytest.raises(Retryable, match="cannot reach") as fault:
        await away.login(PASSWORD)
    assert type(fault.value) is Retryable
    await away.close()


@pytest.mark.parametrize("credentials", [PASSWORD, PAT])
async def test_an_address_that_is_not_rocketchat_is_named(
    stub: Stub, rest: RestGateway, credentials: Credentials
) -> None:
    del stub.answers["me"]
    with pytest.raises(Rejected, match="ROCKETCHAT_URL"):
        await rest.login(credentials)


# --- asking -----------------------------------------------------------------------------------


async def test_values_reach_the_server_unharmed(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("users.info", {"success": True, "user": {"_id": "u1", "username": "x"}})
    await rest.get_user(username="@a&roles=admin#?+ %ü")
    assert stub.asked("users.info")[0].query == {"username": "a&roles=admin#?+ %ü"}


async def test_a_redirect_is_not_followed_with_the_token(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answers["users.info"] = lambda _: web.Response(
        status=302, headers={"Location": f"{stub.url}/elsewhere"}
    )
    with pytest.raises(Rejected, match="redirect"):
        await rest.get_user(user_id="u1")
    assert not stub.asked("/elsewhere")


async def test_a_proxys_page_is_not_taken_for_an_answer(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answers["rooms.get"] = lambda _: web.Response(text="<html>maintenance</html>")
    with pytest.raises(Retryable, match="proxy"):
        await rest.list_rooms()


async def test_a_rate_limit_is_retryable_and_its_header_is_seen(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answer("users.info", {"success": False, "error": "x"}, status=429, Retry_After="9")
    with pytest.raises(Retryable) as limited:
        await rest.get_user(username="ana")
    assert limited.value.retry_after == timedelta(seconds=9)


async def test_a_401_counts_only_when_me_is_refused_too(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("rooms.get", UNAUTHORIZED, status=401)
    with pytest.raises(Rejected, match="does not allow"):
        await rest.list_rooms()
    # With anonymous reading the server answers `me` without knowing us.
    stub.answer("me", {"success": True})
    with pytest.raises(CredentialsRefused):
        await rest.list_rooms()
    stub.answer("me", UNAUTHORIZED, status=401)
    with pytest.raises(CredentialsRefused):
        await rest.list_rooms()
    with pytest.raises(CredentialsRefused):
        await rest.me()


async def test_a_write_that_breaks_off_leaves_doubt_and_a_read_does_not(
    stub: Stub, rest: RestGateway
) -> None:
    async def vanish(_: Request) -> web.StreamResponse:
        raise asyncio.CancelledError

    await rest.login(PAT)
    stub.answers["im.create"] = stub.answers["rooms.get"] = vanish
    with pytest.raises(OutcomeUnknown):
        await rest.open_direct("jane")
    with pytest.raises(Retryable) as read:
        await rest.list_rooms()
    assert type(read.value) is Retryable


async def test_no_more_calls_at_once_than_threads_and_the_loop_stays_free(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    under_way, most, released = 0, 0, asyncio.Event()

    async def slow(_: Request) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await released.wait()
        under_way -= 1
        return json({"success": True, "update": []})

    stub.answers["rooms.get"] = slow
    async with asyncio.TaskGroup() as tasks:
        for _ in range(9):
            tasks.create_task(rest.list_rooms())
        await eventually(lambda: under_way == 4)
        released.set()
    assert most == 4
    ours = [thread for thread in threading.enumerate() if "rocketchat-rest" in thread.name]
    assert len(ours) <= 4


async def test_no_thread_is_left_after_closing(stub: Stub) -> None:
    stub.answer("me", ME)
    gateway = RestGateway(url=stub.url, timeout=timedelta(seconds=5), threads=2)
    await gateway.login(PAT)
    before = {thread for thread in threading.enumerate() if "rocketchat-rest" in thread.name}
    assert before
    await gateway.close()
    assert not any(thread.is_alive() for thread in before)


async def test_what_the_library_logs_has_no_secret(
    stub: Stub, rest: RestGateway, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await rest.login(PAT)
    assert TOKEN not in caplog.text


# --- rooms and users --------------------------------------------------------------------------


async def test_an_unknown_room_is_none_and_a_closed_one_a_refusal(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    room = {"_id": "r1", "t": "c", "name": "support"}
    stub.answer("rooms.info", {"success": True, "room": room})
    assert await rest.find_room("#support") == ROOM
    assert stub.asked("rooms.info")[0].query == {"roomName": "support"}
    missing = {"success": False, "error": "x [error-room-not-found]"}
    stub.answer("rooms.info", missing, status=400)
    assert await rest.find_room("support") is None
    closed = {"success": False, "error": "not-allowed", "errorType": "Not Allowed"}
    stub.answer("rooms.info", closed, status=400)
    with pytest.raises(Rejected, match="member"):
        await rest.find_room("support")
    stub.answer("rooms.get", {"success": True, "update": [room], "remove": []})
    assert await rest.find_room("support") == ROOM


async def test_a_channel_is_joined_on_servers_with_either_endpoint(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answer("rooms.join", {"success": True})
    await rest.join_room(ROOM)
    assert stub.asked("rooms.join")[0].body == {"roomId": "r1"}
    with pytest.raises(Rejected, match="invite"):
        await rest.join_room(Room(id="p1", type="p", name="secret"))


async def test_an_unknown_user_is_not_found(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("users.info", {"success": False, "error": "User not found."}, status=400)
    with pytest.raises(NotFound):
        await rest.get_user(user_id="u1")
    with pytest.raises(NotFound):
        await rest.user_roles("u1")


def offer_roles(stub: Stub, **user: object) -> None:
    stub.answer("users.info", {"success": True, "user": {"_id": "u1", "username": "x", **user}})
    roles = [{"_id": "Xy12", "name": "rnd"}, {"_id": "admin", "name": "admin"}]
    stub.answer("roles.list", {"success": True, "roles": roles})


async def test_shown_roles_come_with_their_names(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    offer_roles(stub, roles=["Xy12", "user"])
    assert await rest.user_roles("u1") == frozenset({"Xy12", "rnd", "user"})


async def test_roles_that_nobody_lists_count_by_their_ids(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("users.info", {"success": True, "user": {"_id": "u1", "roles": ["rnd", "user"]}})
    assert await rest.user_roles("u1") == frozenset({"rnd", "user"})
    with pytest.raises(Rejected):
        await rest.unknown_roles(["rnd"])


async def test_roles_that_nobody_lists_have_members_all_the_same(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answer("users.info", {"success": True, "user": {"_id": "u1", "username": "x"}})
    stub.answers["roles.getUsersInRole"] = lambda request: json(
        {"success": True, "users": [{"_id": f"one of {request.query['role']}"}], "total": 1}
    )
    assert await rest.user_roles("one of rnd") == frozenset({"rnd"})


async def test_who_may_not_look_at_people_may_list_the_members_of_a_role(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    offer_roles(stub)
    stub.answer("users.info", {"success": False, "error": "unauthorized"}, status=403)
    stub.answer("roles.getUsersInRole", {"success": True, "users": [{"_id": "u1"}], "total": 1})
    assert await rest.user_roles("u1") == frozenset({"Xy12", "rnd", "admin"})


async def test_a_server_that_knows_no_pages_comes_to_an_end(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("settings.public", {"success": True, "settings": [{"_id": "A", "value": 1}]})
    assert await rest.public_settings(["A"]) == {"A": 1}
    assert len(stub.asked("settings.public")) == 2


async def test_a_setting_is_found_behind_those_that_nobody_asked_for(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    settings = [{"_id": f"S{number}", "value": number} for number in range(120)]

    def page(request: Request) -> web.Response:
        offset = int(request.query["offset"])
        some = settings[offset : offset + 50]
        return json({"success": True, "settings": some, "total": len(settings)})

    stub.answers["settings.public"] = page
    assert await rest.public_settings(["S117"]) == {"S117": 117}


async def test_rooms_are_known_by_their_subscriptions_where_they_are_not_listed(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    ours = {"_id": "s1", "rid": "r1", "t": "c", "name": "support", "_updatedAt": iso(SINCE)}
    stub.answer("subscriptions.get", {"success": True, "update": [ours], "remove": []})
    [room] = await rest.list_rooms(SINCE + timedelta(hours=1))
    assert (room.id, room.type, room.name) == ("r1", "c", "support")
    assert stub.asked("subscriptions.get")[0].query == {}


async def test_hidden_roles_are_found_among_the_members_of_those_of_interest(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    offer_roles(stub)
    people = {"Xy12": [f"other{n}" for n in range(120)] + ["u1"], "admin": []}

    def members(request: Request) -> web.Response:
        listed, offset = people.get(request.query["role"], []), int(request.query["offset"])
        # Fewer than asked for, as a server with a lower limit gives.
        page = [{"_id": user} for user in listed[offset : offset + 50]]
        return json({"success": True, "users": page, "total": len(listed)})

    stub.answers["roles.getUsersInRole"] = members
    assert await rest.user_roles("u1") == frozenset({"Xy12", "rnd"})
    asked = len(stub.asked("roles.getUsersInRole"))
    people["Xy12"] = []
    assert await rest.user_roles("u1") == frozenset({"Xy12", "rnd"})
    assert len(stub.asked("roles.getUsersInRole")) == asked
    rest.forget_roles()
    assert await rest.user_roles("u1") == frozenset()


@pytest.mark.parametrize("by_id", [{"success": False, "error": "[error-invalid-role]"}, None])
async def test_a_server_that_knows_roles_by_name_only_is_asked_so(
    stub: Stub, rest: RestGateway, by_id: object
) -> None:
    await rest.login(PAT)
    offer_roles(stub)

    def members(request: Request) -> web.Response:
        if request.query["role"] == "rnd":
            return json({"success": True, "users": [{"_id": "u1", "username": "x"}], "total": 1})
        if request.query["role"] == "Xy12" and by_id is not None:
            return json(by_id, status=400)
        return json({"success": True, "users": [], "total": 0})

    stub.answers["roles.getUsersInRole"] = members
    assert await rest.user_roles("u1") == frozenset({"Xy12", "rnd"})
    assert [user.id for user in await rest.list_members(["rnd"])] == ["u1"]


async def test_roles_that_cannot_be_learnt_are_none(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    offer_roles(stub)
    stub.answer("roles.getUsersInRole", {"success": False, "error": "unauthorized"}, status=403)
    assert await rest.user_roles("u1") is None


async def test_roles_are_seen_where_their_members_can_be_listed(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    offer_roles(stub)
    stub.answer("permissions.listAll", {"success": True, "update": []})
    listed = {"success": True, "users": [{"_id": "u1"}], "total": 1}
    stub.answer("roles.getUsersInRole", listed)
    assert await rest.sees_roles()
    stub.answer("roles.getUsersInRole", {"success": False, "error": "unauthorized"}, status=403)
    rest.forget_roles()
    assert not await rest.sees_roles()


async def test_roles_nobody_made_are_named(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    offer_roles(stub)
    assert await rest.unknown_roles(["support", "rnd", "admin", "Xy12", "boss"]) == [
        "boss",
        "support",
    ]


async def test_public_settings_are_asked_for_by_name(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    settings = [{"_id": "Site_Url", "value": "x"}, {"_id": "Other", "value": 1}, None]
    stub.answer("settings.public", {"success": True, "settings": settings})
    assert await rest.public_settings(["Site_Url", "Missing"]) == {"Site_Url": "x"}
    assert stub.asked("settings.public")[0].query["_id"] == "Missing,Site_Url"


async def test_a_message_is_read_or_none(stub: Stub, rest: RestGateway) -> None:
    await rest.login(PAT)
    stub.answer("chat.getMessage", {"success": True, "message": message(1, SINCE)})
    read = await rest.read_message("m1")
    assert read is not None
    assert read.sent_at == SINCE
    stub.answer("chat.getMessage", {"success": False}, status=400)
    assert await rest.read_message("m1") is None


# --- catching up ------------------------------------------------------------------------------


def at(number: int) -> datetime:
    """Three messages share each millisecond, so that pages end inside of one."""
    return SINCE + timedelta(milliseconds=number // 3)


def by_room(request: Request, page: int = 10) -> web.Response:
    """`rooms.history` with its exclusive cursor, newest first within a page."""
    after = int(request.query["next"])
    newer = [n for n in range(-30, 65) if milliseconds(at(n)) > after][:page]
    following = milliseconds(at(newer[-1])) if newer and newer[-1] < 64 else None
    messages = [message(n, at(n)) for n in reversed(newer)]
    cursor = {"next": str(following) if following else None, "previous": None}
    return json({"success": True, "messages": messages, "cursor": cursor})


EXPECTED = sorted(f"m{n}" for n in range(65))


async def test_all_pages_are_read_and_none_lost_within_a_millisecond(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answers["rooms.history"] = by_room
    found = await rest.messages_since(ROOM, SINCE)
    assert sorted(message.id for message in found) == EXPECTED
    assert [m.sent_at for m in found] == sorted(m.sent_at for m in found)
    assert found[0].room_type == "c"


async def test_a_whole_page_within_one_millisecond_does_not_stop_the_reading(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answers["rooms.history"] = lambda request: by_room(request, page=3)
    found = await rest.messages_since(ROOM, SINCE)
    assert sorted(message.id for message in found) == EXPECTED


async def test_an_older_server_is_read_by_change_and_that_is_remembered(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)

    def by_change(request: Request) -> web.Response:
        assert request.query["type"] == "UPDATED"
        after = int(request.query["next"])
        newer = [n for n in range(65) if milliseconds(at(n)) > after][:10]
        following = str(milliseconds(at(newer[-1]))) if newer and newer[-1] < 64 else None
        # An old message that was only touched since comes as well.
        old = message(-1, SINCE - timedelta(days=1))
        updated = [*([old] if 0 in newer else []), *(message(n, at(n)) for n in newer)]
        result = {"updated": updated, "cursor": {"next": following}}
        return json({"success": True, "result": result})

    stub.answers["chat.syncMessages"] = by_change
    for _ in range(2):
        found = await rest.messages_since(ROOM, SINCE)
        assert sorted(message.id for message in found) == EXPECTED
    assert len(stub.asked("rooms.history")) == 1


@pytest.mark.parametrize(
    ("kind", "method"), [("c", "channels.history"), ("p", "groups.history"), ("d", "im.history")]
)
async def test_the_oldest_way_asks_for_threads_and_reads_every_page(
    stub: Stub, rest: RestGateway, kind: str, method: str
) -> None:
    await rest.login(PAT)

    def by_type(request: Request) -> web.Response:
        assert request.query["showThreadMessages"] == "true"
        assert request.query["inclusive"] == "true"
        assert request.query["oldest"] == iso(SINCE)
        offset = int(request.query["offset"])
        newest = [message(n, at(n)) for n in reversed(range(65))]
        return json({"success": True, "messages": newest[offset : offset + 20]})

    stub.answers[method] = by_type
    found = await rest.messages_since(Room(id="r1", type=kind), SINCE)
    assert sorted(message.id for message in found) == EXPECTED


async def test_a_room_we_may_not_read_does_not_make_us_forget_the_better_way(
    stub: Stub, rest: RestGateway
) -> None:
    await rest.login(PAT)
    stub.answer("rooms.history", {"success": False, "error": "Resource not found"}, status=404)
    with pytest.raises(Rejected):
        await rest.messages_since(ROOM, SINCE)
    stub.answers["rooms.history"] = by_room
    assert len(await rest.messages_since(ROOM, SINCE)) == 65


# --- files ------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_file_is_stored_complete_or_not_at_all(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    await rest.login(PAT)
    content = b"x" * 600_000
    stub.answers["/file-upload/f1/a b#.log"] = lambda _: web.Response(body=content)
    to = tmp_path / "a.log"
    size = await rest.download_file(file_id="f1", name="a b#.log", to=to, limit=600_000)
    assert (size, to.read_bytes()) == (600_000, content)
    assert stub.requests[-1].headers["X-Auth-Token"] == TOKEN
    with pytest.raises(Rejected, match="longer"):
        await rest.download_file(
            file_id="f1", name="a b#.log", to=tmp_path / "b.log", limit=599_999
        )
    assert names(tmp_path) == ["a.log"]


async def test_a_length_that_was_not_declared_is_still_limited(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    async def endless(request: Request) -> web.StreamResponse:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 100_000

        return web.Response(body=chunks())

    await rest.login(PAT)
    stub.answers["/file-upload/f1/x"] = endless
    with pytest.raises(Rejected, match="longer"):
        await rest.download_file(file_id="f1", name="x", to=tmp_path / "x", limit=1_000_000)
    assert names(tmp_path) == []


async def test_a_file_declared_too_long_is_refused_before_it_is_sent(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    released = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"
        await released.wait()

    await rest.login(PAT)
    stub.answers["/file-upload/f1/x"] = lambda _: web.Response(
        body=chunks(), headers={"Content-Length": "1000000"}
    )
    with pytest.raises(Rejected, match="longer"):
        await rest.download_file(file_id="f1", name="x", to=tmp_path / "x", limit=999_999)
    released.set()


async def test_the_token_does_not_follow_a_file_to_another_host(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    await rest.login(PAT)
    async with serving(Stub()) as store:
        store.answers["/bucket/x"] = lambda _: web.Response(body=b"content")
        stub.answers["/file-upload/f1/x"] = lambda _: web.Response(
            status=302, headers={"Location": f"{stub.url}/same"}
        )
        stub.answers["/same"] = lambda _: web.Response(
            status=302, headers={"Location": f"{store.url}/bucket/x?signature=1"}
        )
        to = tmp_path / "x"
        assert await rest.download_file(file_id="f1", name="x", to=to, limit=100) == 7
        (asked,) = store.requests
        assert not {"X-Auth-Token", "X-User-Id"} & asked.headers.keys()
        assert stub.asked("/same")[0].headers["X-Auth-Token"] == TOKEN


async def test_a_file_that_leads_in_circles_or_is_forbidden_is_refused(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    await rest.login(PAT)
    stub.answers["/file-upload/f1/x"] = lambda _: web.Response(
        status=302, headers={"Location": f"{stub.url}/file-upload/f1/x"}
    )
    to = tmp_path / "x"
    with pytest.raises(Rejected, match="without end"):
        await rest.download_file(file_id="f1", name="x", to=to, limit=100)
    stub.answers["/file-upload/f1/x"] = lambda _: web.Response(status=403)
    with pytest.raises(Rejected, match="member"):
        await rest.download_file(file_id="f1", name="x", to=to, limit=100)
    stub.answers["/file-upload/f1/x"] = lambda _: web.Response(status=502)
    with pytest.raises(Retryable):
        await rest.download_file(file_id="f1", name="x", to=to, limit=100)


async def test_a_session_that_has_ended_is_no_reason_to_give_a_file_up(
    stub: Stub, rest: RestGateway, tmp_path: Path
) -> None:
    await rest.login(PAT)
    stub.answers["/file-upload/f1/x"] = lambda _: web.Response(status=403)
    stub.answers["me"] = lambda _: web.json_response({"status": "error"}, status=401)
    with pytest.raises(CredentialsRefused):
        await rest.download_file(file_id="f1", name="x", to=tmp_path / "x", limit=100)


async def test_an_upload_takes_two_steps(stub: Stub, rest: RestGateway, tmp_path: Path) -> None:
    await rest.login(PAT)
    source = tmp_path / "log.txt"
    source.write_bytes(b"the content")
    stub.answer("rooms.media/r1", {"success": True, "file": {"_id": "f9", "url": "x"}})
    stub.answer("rooms.mediaConfirm/r1/f9", {"success": True, "message": {"_id": "m9"}})
    posted = await rest.upload_file(
        room_id="r1", source=source, name="log.txt", caption="see this", thread_id="t1"
    )
    assert posted == "m9"
    media, confirm = stub.requests[-2:]
    assert b"the content" in media.body
    assert b'filename="log.txt"' in media.body
    assert confirm.body == {"msg": "see this", "tmid": "t1"}
