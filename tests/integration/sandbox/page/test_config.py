"""What the page is told, and that it is true."""

import json
import re
from typing import Any

import pytest

from bot.cases.access import Actor, Role
from bot.cases.case import Person, UserId
from handlers import ALL
from handlers.parsing import Vocabulary, parse
from sandbox.page import FOLDER, page_config
from sandbox.page.suggestions import SUGGESTIONS
from sandbox.rocketchat.clients import WebClient
from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.page.conftest import BOARD, Served

ROLES = {
    "ana": Role.ANALYST,
    "sam": Role.SPECIALIST,
    "rita": Role.RND,
    "carla": Role.CUSTOMER,
    "carlos": Role.CUSTOMER,
}
README = (FOLDER / "README.md").read_text("utf-8")
LINES = [(who, text) for who, lines in SUGGESTIONS.items() for _, text in lines]


async def config_of(served: Served) -> dict[str, Any]:
    answer, text = await served.get("/page-config.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    # Other pages in the same browser are not to read the passwords.
    assert "Access-Control-Allow-Origin" not in answer.headers
    config: dict[str, Any] = json.loads(text)
    return config


async def test_it_has_the_shape_the_readme_describes(served: Served) -> None:
    config = await config_of(served)
    assert set(config) == {"title", "bot", "board_url", "placeholders", "people"}
    assert config["board_url"] == BOARD
    keys = {"username", "password", "name", "role", "room", "suggestions"}
    assert [set(person) for person in config["people"]] == [keys] * 5
    lines = [line for person in config["people"] for line in person["suggestions"]]
    assert all(set(line) == {"label", "text"} and line["label"] for line in lines)
    assert all(re.search(rf"{key}(\[\])?`", README) for key in {*config, *keys, "label", "text"})


async def test_everybody_can_log_in_and_has_the_room_shown_first(served: Served) -> None:
    config = await config_of(served)
    for person in config["people"]:
        url = served.server.url
        async with WebClient(url, person["username"], person["password"]) as client:
            sent = await client.type(person["room"], "hello")
            assert sent is not None


async def test_it_may_change_while_the_server_runs(served: Served) -> None:
    served.server.page_config = page_config(served.people, board_url=None, title="Another")
    config = await config_of(served)
    assert (config["title"], config["board_url"]) == ("Another", None)


async def test_without_people_the_page_is_told_so(served: Served) -> None:
    served.server.page_config = None
    answer, text = await served.get("/page-config.json")
    assert (answer.status, json.loads(text)) == (404, {"people": []})


async def test_it_can_be_given_at_once() -> None:
    server = RocketChatServer(page=FOLDER, page_config={"people": []})
    assert server.page_config == {"people": []}


@pytest.mark.parametrize(("who", "text"), LINES, ids=[text for _, text in LINES])
def test_each_suggestion_is_a_command_its_person_may_use(who: str, text: str) -> None:
    vocabulary = Vocabulary(
        top=[one.verb for one in ALL if one.top],
        under_case=[one.verb for one in ALL if not one.top],
    )
    # Customers are offered theirs in the direct messages with the bot, staff in a channel.
    direct = ROLES[who] is Role.CUSTOMER
    line = re.sub(r"\{case\}", "1", text)
    command = parse(line, me="casebot", direct=direct, vocabulary=vocabulary)
    assert command is not None
    person = Person(id=UserId(who), username=who, name=who)
    assert Actor(person=person, roles=frozenset({ROLES[who]})).may(command.verb)
    assert "{" not in line
