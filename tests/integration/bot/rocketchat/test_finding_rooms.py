"""The rooms of the settings on servers that hide them, or let nobody in."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.rocketchat.records import TokenCredentials
from bot.rocketchat.rest import RestGateway
from bot.settings import Settings, load
from bot.start import CannotStart, find_rooms
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.stub import ME, Request, Stub

SUPPORT = {"_id": "r1", "t": "c", "name": "support"}


@pytest.fixture
def settings() -> Settings:
    return load(
        None,
        rocketchat_url="https://chat.example.org",
        rocketchat_user_id="bot1",
        rocketchat_auth_token=TOKEN,
        support_channels="support",
        jira_url="https://jira.example.org",
        jira_token="no-token",
        jira_project="BUG",
    )


@pytest.fixture
async def rest(stub: Stub) -> AsyncIterator[RestGateway]:
    stub.answer("me", ME)
    stub.answer("rooms.info", {"room": SUPPORT, "success": True})
    gateway = RestGateway(url=stub.url, timeout=timedelta(seconds=5))
    await gateway.login(TokenCredentials(user_id="bot1", auth_token=TOKEN))
    yield gateway
    await gateway.close()


async def test_a_private_channel_that_nobody_opened_is_named(
    stub: Stub, rest: RestGateway, settings: Settings
) -> None:
    def answer(request: Request) -> web.Response:
        if request.query["roomName"] == "support":
            return web.json_response({"room": SUPPORT, "success": True})
        refused = {"success": False, "error": "not-allowed", "errorType": "Not Allowed"}
        return web.json_response(refused, status=400)

    stub.answers["rooms.info"] = answer
    stub.answer("channels.join", {"success": True})
    stub.answer("rooms.get", {"success": True, "update": []})
    settings = settings.model_copy(update={"level2_channel": "experts"})
    with pytest.raises(CannotStart, match="no channel 'experts'"):
        await find_rooms(settings, rest)


@pytest.mark.parametrize(("ours", "unjoined"), [([], ("support",)), ([SUPPORT], ())])
async def test_a_channel_that_lets_nobody_in_is_named_unless_we_are_in_it(
    stub: Stub,
    rest: RestGateway,
    settings: Settings,
    *,
    ours: list[object],
    unjoined: tuple[str, ...],
) -> None:
    refused = {"success": False, "error": "x [error-not-allowed]", "errorType": "error-not-allowed"}
    stub.answer("channels.join", refused, status=400)
    stub.answer("rooms.get", {"success": True, "update": ours})
    assert (await find_rooms(settings, rest)).unjoined == unjoined


async def test_a_server_that_does_not_say_who_is_where_is_believed(
    stub: Stub, rest: RestGateway, settings: Settings
) -> None:
    assert (await find_rooms(settings, rest)).unjoined == ()
    assert stub.asked("rooms.join")
