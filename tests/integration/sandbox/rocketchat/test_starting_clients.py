"""What the clients of people ask for when they start."""

from collections.abc import Callable

import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.harness import Rest

As = Callable[[str | None], Rest]


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ("custom-user-status.list", "statuses", []),
        ("custom-sounds.list", "sounds", []),
        ("emoji-custom.all", "emojis", []),
        ("emoji-custom.list", "emojis", {"update": [], "remove": []}),
        ("banners?platform=web", "banners", []),
        ("teams.list", "teams", []),
        ("pw.getPolicy", "policy", []),
        ("users.getAvatarSuggestion", "suggestions", {}),
    ],
)
async def test_what_there_is_none_of_is_an_empty_list(
    rest: As, path: str, key: str, value: object
) -> None:
    answer = await rest("ana").call("GET", f"/api/v1/{path}")
    assert (answer.status, answer.body[key]) == (200, value)
    assert (await rest(None).call("GET", f"/api/v1/{path}")).status == 401


async def test_ways_to_log_in_are_told_to_everybody(rest: As) -> None:
    assert (await rest(None).get("service.configurations")).body["configurations"] == []
    assert (await rest(None).get("settings.oauth")).body["services"] == []


async def test_rooms_are_found_by_the_beginning_of_their_name(
    rest: As, server: RocketChatServer
) -> None:
    server.workspace.add_channel("superb", private=True, members=["sam"])
    for username, found in (("ana", ["support"]), ("sam", ["superb", "support"])):
        answer = await rest(username).get(
            "rooms.autocomplete.channelAndPrivate", selector='{"name":"SUP"}'
        )
        assert [one["name"] for one in answer.body["items"]] == found


async def test_other_sessions_end_and_personal_tokens_stay(
    rest: As, server: RocketChatServer
) -> None:
    other, one = rest("ana"), rest("ana")
    personal = server.workspace.personal_access_token("ana")
    assert (await one.post("users.removeOtherTokens")).status == 200
    assert (await one.get("me")).status == 200
    assert (await other.get("me")).status == 401
    assert (await rest(None).post("login", resume=personal)).status == 200


async def test_numbers_are_for_who_may_see_them(rest: As, server: RocketChatServer) -> None:
    server.workspace.post("ana", "support", "x")
    assert (await rest("admin").get("statistics")).body["totalMessages"] == 1
    assert (await rest("ana").get("statistics")).status == 403
    receipts = await rest("ana").get("chat.getMessageReadReceipts", messageId="x")
    assert receipts.body["errorType"] == "error-action-not-allowed"
