"""In which room somebody is told something."""

import pytest

from bot.cases.effects import ToPerson
from bot.delivery.chat import ChatPerformer
from bot.errors import Rejected
from bot.rocketchat.faults import NotFound
from bot.rocketchat.records import User
from tests.factories import build_person


class People:
    """The workspace, as far as its people go; sends nothing."""

    def __init__(self, found: User | Rejected) -> None:
        self.found = found

    async def get_user(self, *, user_id: str) -> User:
        if isinstance(self.found, Rejected):
            raise self.found
        assert user_id == self.found.id
        return self.found

    async def open_direct(self, username: str) -> str:
        return f"direct with {username}"

    async def send(
        self, *, message_id: str, room_id: str, text: str, thread_id: str | None = None
    ) -> None:
        raise NotImplementedError

    async def react(self, *, message_id: str, emoji: str) -> None:
        raise NotImplementedError


def performer(found: User | Rejected) -> ChatPerformer:
    people = People(found)
    return ChatPerformer(sender=people, rooms=people, installation="test")


async def test_somebody_is_found_under_a_new_name() -> None:
    carla = build_person("carla")
    found = User(id=carla.id, username="carla.new", name="Carla")
    room = await performer(found).room_of(ToPerson(person=carla))
    assert room == "direct with carla.new"


async def test_whom_the_bot_may_not_look_at_is_told_under_the_name_they_wrote_under() -> None:
    refused = Rejected("the bot's roles lack the permission for this")
    room = await performer(refused).room_of(ToPerson(person=build_person("carla")))
    assert room == "direct with carla"


async def test_who_is_gone_is_not_told() -> None:
    with pytest.raises(NotFound):
        await performer(NotFound("gone")).room_of(ToPerson(person=build_person("carla")))
