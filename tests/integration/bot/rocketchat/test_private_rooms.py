"""Which direct rooms are between the bot and one person: notes are shown there only."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.directory import PeopleDirectory
from bot.errors import Retryable
from bot.rocketchat.records import IncomingMessage, TokenCredentials
from bot.rocketchat.rest import RestGateway
from tests.factories import NOW
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.stub import ME, Stub


@pytest.fixture
async def directory(stub: Stub) -> AsyncIterator[PeopleDirectory]:
    stub.answer("me", ME)
    gateway = RestGateway(url=stub.url, timeout=timedelta(seconds=5), roles_of_interest=[])
    await gateway.login(TokenCredentials(user_id="bot1", auth_token=TOKEN))
    yield PeopleDirectory(rest=gateway, roles={})
    await gateway.close()


def said_in(room_id: str, room_type: str = "d") -> IncomingMessage:
    return IncomingMessage(
        id="m1",
        room_id=room_id,
        room_type=room_type,
        text="case show 1",
        sender_id="carla",
        sender_username="carla",
        sender_name="Carla",
        sent_at=NOW,
        updated_at=NOW,
    )


def room_of(stub: Stub, *usernames: str) -> None:
    room = {"_id": "wX3pQ9", "t": "d", "usernames": list(usernames)}
    stub.answer("rooms.info", {"room": room, "success": True})


@pytest.mark.parametrize(
    ("room_id", "room_type", "private"),
    [("carlabot1", "d", True), ("bot1carla", "d", True), ("bot1carla", "c", False)],
)
async def test_a_room_named_after_its_two_people_needs_no_question(
    directory: PeopleDirectory, stub: Stub, *, room_id: str, room_type: str, private: bool
) -> None:
    assert await directory.is_private(said_in(room_id, room_type), own_id="bot1") is private
    assert not stub.asked("rooms.info")


async def test_an_old_room_of_two_is_private_whatever_its_name(
    directory: PeopleDirectory, stub: Stub
) -> None:
    room_of(stub, "carla", "casebot")
    for _ in range(2):
        assert await directory.is_private(said_in("wX3pQ9"), own_id="bot1")
    assert len(stub.asked("rooms.info")) == 1


@pytest.mark.parametrize(
    ("people", "private"), [(["carla", "bot1"], True), (["carla", "owen", "bot1"], False)]
)
async def test_a_room_without_names_is_known_by_its_ids(
    directory: PeopleDirectory, stub: Stub, people: list[str], *, private: bool
) -> None:
    stub.answer(
        "rooms.info", {"room": {"_id": "wX3pQ9", "t": "d", "uids": people}, "success": True}
    )
    assert await directory.is_private(said_in("wX3pQ9"), own_id="bot1") is private


@pytest.mark.parametrize("usernames", [("carla", "owen", "casebot"), ()])
async def test_a_direct_room_of_more_is_not_private(
    directory: PeopleDirectory, stub: Stub, usernames: tuple[str, ...]
) -> None:
    room_of(stub, *usernames)
    assert not await directory.is_private(said_in("wX3pQ9"), own_id="bot1")


async def test_a_room_that_is_not_shown_is_not_private(
    directory: PeopleDirectory, stub: Stub
) -> None:
    refused = {"success": False, "error": "not-allowed", "errorType": "Not Allowed"}
    stub.answer("rooms.info", refused, status=400)
    assert not await directory.is_private(said_in("wX3pQ9"), own_id="bot1")


async def test_a_server_that_fails_is_asked_again(directory: PeopleDirectory, stub: Stub) -> None:
    stub.answer("rooms.info", {"success": False}, status=500)
    with pytest.raises(Retryable):
        await directory.is_private(said_in("wX3pQ9"), own_id="bot1")
    room_of(stub, "carla", "casebot")
    assert await directory.is_private(said_in("wX3pQ9"), own_id="bot1")
