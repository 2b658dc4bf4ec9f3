"""What people are to the process, as the server tells it, and for how long that counts."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.cases.access import Role
from bot.directory import PeopleDirectory
from bot.rocketchat.records import TokenCredentials
from bot.rocketchat.rest import RestGateway
from tests.factories import build_person
from tests.integration.bot.rocketchat.conftest import TOKEN
from tests.integration.bot.rocketchat.stub import ME, Request, Stub

ANA = build_person("ana")


@pytest.fixture
async def directory(stub: Stub) -> AsyncIterator[PeopleDirectory]:
    stub.answer("me", ME)
    stub.answer("roles.list", {"roles": [{"_id": "r1", "name": "analyst"}], "success": True})
    gateway = RestGateway(
        url=stub.url, timeout=timedelta(seconds=5), roles_of_interest=("analyst",)
    )
    await gateway.login(TokenCredentials(user_id="bot1", auth_token=TOKEN))
    yield PeopleDirectory(rest=gateway, roles={"analyst": frozenset({Role.ANALYST})})
    await gateway.close()


def shown(stub: Stub, *roles: str) -> None:
    user = {"_id": ANA.id, "username": "ana", "active": True, "roles": list(roles)}
    stub.answer("users.info", {"user": user, "success": True})


async def test_a_role_counts_until_it_changes_and_is_asked_for_once(
    directory: PeopleDirectory, stub: Stub
) -> None:
    shown(stub, "user", "r1")
    for _ in range(3):
        for find in (directory.actor, directory.find_actor):
            actor = await find(ANA)
            assert actor is not None
            assert actor.is_staff
    assert len(stub.asked("users.info")) == 1
    shown(stub, "user")
    directory.forget()
    actor = await directory.find_actor(ANA)
    assert actor is not None
    assert not actor.is_staff


@pytest.mark.parametrize("look_up", ["actor", "find_actor"])
@pytest.mark.parametrize("are_shown", [True, False])
async def test_a_role_that_changes_while_it_is_asked_for_is_asked_for_again(
    directory: PeopleDirectory,
    stub: Stub,
    look_up: str,
    are_shown: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The answer on its way may be from before the change."""
    members = [{"_id": ANA.id, "username": "ana"}]
    slow = "users.info" if are_shown else "roles.getUsersInRole"

    def answer(ana_is_one: bool) -> web.StreamResponse:  # noqa: FBT001 - one line further
        if are_shown:
            user = {"_id": ANA.id, "username": "ana", "roles": ["r1"] if ana_is_one else ["user"]}
            return web.json_response({"user": user, "success": True})
        found = members if ana_is_one else []
        return web.json_response({"users": found, "total": len(found), "success": True})

    def changing(_: Request) -> web.StreamResponse:
        directory.forget()
        stub.answers[slow] = lambda _: answer(ana_is_one=False)
        return answer(ana_is_one=True)

    hidden = {"_id": ANA.id, "username": "ana", "active": True}
    stub.answer("users.info", {"user": hidden, "success": True})
    stub.answers[slow] = changing
    find = getattr(directory, look_up)
    assert (await find(ANA)).is_staff
    assert not (await find(ANA)).is_staff


async def test_whose_roles_are_hidden_is_not_taken_for_one_without_any(
    directory: PeopleDirectory, stub: Stub
) -> None:
    user = {"_id": ANA.id, "username": "ana", "active": True}
    stub.answer("users.info", {"user": user, "success": True})
    actor = await directory.actor(ANA)
    assert actor is not None
    assert not actor.is_staff
    assert await directory.find_actor(ANA) is None


async def test_somebody_may_be_named_by_their_id(directory: PeopleDirectory, stub: Stub) -> None:
    missing = {"success": False, "error": "User not found."}
    stub.answer("users.info", missing, status=400)
    assert await directory.find_person("nobody") is None
    assert len(stub.asked("users.info")) == 1
    assert await directory.find_person("AbCdEfGhIjKlMnOpQ") is None
    by_name, by_id = stub.asked("users.info")[1:]
    assert by_name.query == {"username": "AbCdEfGhIjKlMnOpQ"}
    assert by_id.query == {"userId": "AbCdEfGhIjKlMnOpQ"}
