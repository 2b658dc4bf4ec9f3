"""Deliveries against servers that refuse, break off or forget."""

import asyncio
import json
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.errors import CredentialsRefused, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.records import Session
from bot.rocketchat.sender import Sender
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.stub import ME, Request, Stub

# What a 7.x or 8.x server says when the id is stored already.
STORED_ALREADY = {"success": False, "error": "Cannot read properties of undefined (reading 'x')"}
READ_ONLY = {
    "success": False,
    "error": "You can't send messages because the room is readonly.",
}


@pytest.fixture
def sender(stub: Stub, http: aiohttp.ClientSession, bot: Session) -> Sender:
    stub.answer("me", ME)
    return Sender(url=stub.url, session=http, credentials=lambda: bot, timeout=timedelta(seconds=5))


async def send(sender: Sender, text: str = "Hello there", thread_id: str | None = None) -> None:
    await sender.send(message_id="m1", room_id="r1", text=text, thread_id=thread_id)


def stored(**changes: object) -> dict[str, object]:
    message = {"_id": "m1", "rid": "r1", "msg": "Hello there", "u": {"_id": "bot1"}, **changes}
    return {"message": message, "success": True}


async def test_a_message_goes_with_our_id_and_without_previews(stub: Stub, sender: Sender) -> None:
    stub.answer("chat.sendMessage", stored())
    await send(sender)
    await send(sender, thread_id="t1")
    first, second = stub.requests
    assert first.body == {
        "message": {"_id": "m1", "rid": "r1", "msg": "Hello there"},
        "previewUrls": [],
    }
    assert second.body["message"]["tmid"] == "t1"
    assert (first.headers["X-User-Id"], first.headers["X-Auth-Token"]) == ("bot1", TOKEN)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"msg": "hello   there\n"},
        {"msg": "H***o there"},
        {"msg": "something else", "editedAt": "2026-11-23T10:00:00.000Z"},
        {"msg": "", "t": "rm"},
    ],
)
@pytest.mark.parametrize("refusal", [STORED_ALREADY, READ_ONLY])
async def test_what_is_stored_already_counts_as_sent(
    stub: Stub, sender: Sender, changes: dict[str, object], refusal: dict[str, object]
) -> None:
    stub.answer("chat.sendMessage", refusal, status=400)
    stub.answer("chat.getMessage", stored(**changes))
    await send(sender)
    assert stub.asked("chat.getMessage")[0].query == {"msgId": "m1"}


@pytest.mark.parametrize(
    "changes", [{"u": {"_id": "jane"}}, {"rid": "r2"}, {"msg": "12345 67890"}, {"u": None}]
)
async def test_somebody_elses_message_with_our_id_is_a_refusal(
    stub: Stub, sender: Sender, changes: dict[str, object]
) -> None:
    stub.answer("chat.sendMessage", STORED_ALREADY, status=400)
    stub.answer("chat.getMessage", stored(**changes))
    with pytest.raises(Rejected):
        await send(sender)


async def test_a_refusal_of_what_is_not_stored_keeps_its_reason(stub: Stub, sender: Sender) -> None:
    stub.answer("chat.sendMessage", READ_ONLY, status=400)
    stub.answer("chat.getMessage", {"success": False}, status=400)
    with pytest.raises(Rejected, match="deactivated"):
        await send(sender)


async def test_when_it_cannot_be_read_back_it_is_tried_later(stub: Stub, sender: Sender) -> None:
    stub.answer("chat.sendMessage", STORED_ALREADY, status=400)
    stub.answer("chat.getMessage", {}, status=503)
    with pytest.raises(Retryable):
        await send(sender)


async def test_a_rate_limit_is_retryable_and_says_when(stub: Stub, sender: Sender) -> None:
    text = "You must wait 3 seconds before trying this endpoint again. [error-too-many-requests]"
    stub.answer("chat.sendMessage", {"success": False, "error": text}, status=429)
    with pytest.raises(Retryable) as limited:
        await send(sender)
    assert type(limited.value) is Retryable
    assert limited.value.retry_after == timedelta(seconds=3)


async def test_a_connection_that_breaks_after_sending_leaves_doubt(
    stub: Stub, sender: Sender
) -> None:
    async def vanish(_: Request) -> web.StreamResponse:
        raise asyncio.CancelledError

    stub.answers["chat.sendMessage"] = vanish
    with pytest.raises(OutcomeUnknown):
        await send(sender)


async def test_no_answer_in_time_leaves_doubt(
    stub: Stub, http: aiohttp.ClientSession, bot: Session
) -> None:
    released = asyncio.Event()

    async def wait(_: Request) -> web.StreamResponse:
        await released.wait()
        return web.json_response({})

    stub.answers["chat.sendMessage"] = wait
    sender = Sender(
        url=stub.url, session=http, credentials=lambda: bot, timeout=timedelta(seconds=0.1)
    )
    with pytest.raises(OutcomeUnknown):
        await send(sender)
    released.set()


async def test_a_server_that_is_away_was_sent_nothing(
    http: aiohttp.ClientSession, bot: Session, closed_port: int
) -> None:
    sender = Sender(url=f"http://127.0.0.1:{closed_port}", session=http, credentials=lambda: bot)
    with pytest.raises(Retryable) as away:
        await send(sender)
    assert type(away.value) is Retryable


async def test_a_proxys_page_is_not_taken_for_success(stub: Stub, sender: Sender) -> None:
    stub.answers["chat.sendMessage"] = lambda _: web.Response(text="<html>maintenance</html>")
    with pytest.raises(OutcomeUnknown, match="proxy"):
        await send(sender)


async def test_a_success_that_says_it_is_none_is_a_refusal(stub: Stub, sender: Sender) -> None:
    stub.answer("chat.sendMessage", {"success": False, "error": "no luck"})
    stub.answer("chat.getMessage", {"success": False}, status=400)
    with pytest.raises(Rejected, match="no luck"):
        await send(sender)


async def test_a_redirect_is_not_followed_with_the_token(stub: Stub, sender: Sender) -> None:
    stub.answers["chat.sendMessage"] = lambda _: web.Response(
        status=301, headers={"Location": f"{stub.url}/elsewhere"}
    )
    with pytest.raises(Retryable, match="ROCKETCHAT_URL"):
        await send(sender)
    assert not stub.asked("/elsewhere")


async def test_a_proxy_without_its_server_behind_it_costs_no_message(
    stub: Stub, sender: Sender
) -> None:
    stub.answers["chat.sendMessage"] = lambda _: web.Response(status=404, text="404 page not found")
    with pytest.raises(Retryable):
        await send(sender)
    stub.answer("chat.sendMessage", {"success": False, "error": "Resource not found"}, status=404)
    stub.answer("chat.getMessage", {"success": False}, status=400)
    with pytest.raises(Rejected):
        await send(sender)


async def test_a_401_counts_only_when_me_is_refused_too(stub: Stub, sender: Sender) -> None:
    refused = {"success": False, "error": "unauthorized"}
    stub.answer("chat.sendMessage", refused, status=401)
    stub.answer("chat.getMessage", {"success": False}, status=400)
    with pytest.raises(Rejected, match="does not allow"):
        await send(sender)
    stub.answer("me", refused, status=401)
    with pytest.raises(CredentialsRefused) as gone:
        await send(sender)
    assert TOKEN not in f"{gone.value!r}"


async def test_me_that_does_not_know_us_is_no_proof(stub: Stub, sender: Sender) -> None:
    """With anonymous reading a server answers `me` to anybody."""
    stub.answer("chat.sendMessage", {"success": False}, status=401)
    stub.answer("me", {"success": True})
    with pytest.raises(CredentialsRefused):
        await send(sender)


async def test_a_reaction_is_set_and_not_toggled(stub: Stub, sender: Sender) -> None:
    stub.answer("chat.react", {"success": True})
    await sender.react(message_id="m1", emoji=":eyes:")
    assert stub.requests[0].body == {
        "messageId": "m1",
        "emoji": ":eyes:",
        "shouldReact": True,
    }
    gone = {"success": False, "errorType": "error-message-not-found", "error": "x"}
    stub.answer("chat.react", gone, status=400)
    with pytest.raises(Rejected, match="not exist"):
        await sender.react(message_id="m1", emoji=":eyes:")


@pytest.mark.parametrize(
    ("me", "fault"),
    [
        (web.json_response(ME), Rejected),
        (web.Response(status=404, text="no such path"), Retryable),
    ],
)
async def test_a_server_without_reactions_is_told_from_one_that_is_away(
    stub: Stub, sender: Sender, me: web.Response, fault: type[Exception]
) -> None:
    stub.answers["chat.react"] = lambda _: web.Response(status=404, text="404: Not Found")
    stub.answers["me"] = lambda _: me
    with pytest.raises(fault):
        await sender.react(message_id="m1", emoji=":eyes:")


async def test_was_stored_tells_ours_from_nothing_and_from_others(
    stub: Stub, sender: Sender
) -> None:
    stub.answer("chat.getMessage", stored(msg="whatever"))
    assert await sender.was_stored("m1", "r1")
    assert not await sender.was_stored("m1", "r2")
    stub.answer("chat.getMessage", stored(u={"_id": "jane"}))
    assert not await sender.was_stored("m1", "r1")
    stub.answer("chat.getMessage", {"success": False}, status=400)
    assert not await sender.was_stored("m1", "r1")
    stub.answer("chat.getMessage", {}, status=502)
    with pytest.raises(Retryable):
        await sender.was_stored("m1", "r1")


async def test_an_odd_id_reaches_the_server_unharmed(stub: Stub, sender: Sender) -> None:
    stub.answers["chat.getMessage"] = lambda request: web.Response(
        text=json.dumps(stored(_id=request.query["msgId"])), content_type="application/json"
    )
    assert await sender.was_stored("a&b=c d#e+f", "r1")
    assert stub.requests[0].query == {"msgId": "a&b=c d#e+f"}
