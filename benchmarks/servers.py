"""Both servers in a process of their own, told what to do over standard input.

One JSON document per line in each direction. What is timed here is timed by one clock: from the
moment a message is posted to the moment the answer is stored.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from benchmarks.seed import BEGAN, PROJECT
from sandbox.jira.seed import populate_jira
from sandbox.jira.server import JiraServer
from sandbox.people import populate_rocketchat
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.server import RocketChatServer

CHANNELS = tuple(f"desk-{number}" for number in range(10))
CUSTOMERS = tuple(f"client-{number}" for number in range(10))
QUIET_ROOMS = tuple(f"quiet-{number}" for number in range(20))
"""The bot is in none of them, so it costs nothing what is posted there."""

# So many are posted before the server may do something else: as if by many people at once.
_AT_ONCE = 20
Answer = dict[str, Any]


class Servers:
    """What the other process may ask for; every public method is a command."""

    def __init__(self, deployment: Literal["cloud", "datacenter"]) -> None:
        # Without the disorder it usually plays: the order of the answers is compared.
        self._chat = RocketChatServer(seed=1, shuffle=None)
        self._jira = JiraServer(deployment=deployment, seed=1)
        self._stored: dict[str, tuple[float, str]] = {}
        self._by_bot: dict[str, list[str]] = {}
        self._arrived = asyncio.Event()

    async def start(self) -> Answer:
        """Listen, and return what a client needs to know."""
        people = populate_rocketchat(self._chat)
        jira_people = populate_jira(self._jira)
        workspace = self._chat.workspace
        workspace.grant("api-bypass-rate-limit", "user")
        for name in CHANNELS:
            workspace.add_channel(name, members=["ana", "casebot"])
        for name in QUIET_ROOMS:
            workspace.add_channel(name, members=["ana", "carla"], private=True)
        for name in CUSTOMERS:
            workspace.add_user(name)
            workspace.direct_room(name, "casebot")
        self._watch()
        await self._chat.start()
        await self._jira.start()
        rooms = [
            *((workspace.room(name).id, "ana") for name in CHANNELS),
            *((workspace.direct_room(name, "casebot").id, name) for name in CUSTOMERS),
        ]
        return {
            "chat": self._chat.url,
            "bot_id": people.bot_user_id,
            "bot_token": people.bot_token,
            "poster_id": workspace.user("ana").id,
            "poster_token": workspace.personal_access_token("ana"),
            "rooms": rooms,
            "quiet_rooms": [workspace.room(name).id for name in QUIET_ROOMS],
            "jira": self._jira.url,
            "jira_email": jira_people.email,
            "jira_api_token": jira_people.api_token,
            "jira_token": jira_people.personal_token,
        }

    async def stop(self) -> None:
        """Close the ports."""
        await self._chat.stop()
        await self._jira.stop()

    async def round_trips(self, messages: list[tuple[str, str, str, str, str]]) -> Answer:
        """Post messages, each when the last one was answered; return the seconds of each."""
        seconds = []
        for message in messages:
            began = time.monotonic()
            *_, awaited = message
            self._post(message)
            await self._until(lambda awaited=awaited: awaited in self._stored)  # type: ignore[misc]
            seconds.append(self._stored[awaited][0] - began)
        return {"seconds": seconds}

    async def burst(self, messages: list[tuple[str, str, str, str, str]]) -> Answer:
        """Post all messages at once; return when the last one is answered.

        What the bot has stored comes back by room, in the order in which it was stored.
        """
        self._by_bot.clear()
        began = time.monotonic()
        for number, message in enumerate(messages, start=1):
            self._post(message)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        posted = time.monotonic()
        missing = {awaited for *_, awaited in messages}

        def answered() -> bool:
            missing.difference_update(self._stored)
            return not missing

        await self._until(answered)
        ended = max(self._stored[awaited][0] for *_, awaited in messages)
        return {
            "seconds": ended - began,
            "posting": posted - began,
            "by_bot": self._by_bot,
            "texts": {awaited: self._stored[awaited][1] for *_, awaited in messages},
        }

    async def add_issues(self, count: int) -> Answer:
        """Add issues that nobody has touched for long; return their ids and keys."""
        issues = [
            self._jira.site.create_issue(PROJECT, f"Report {number} fails", at=BEGAN)
            for number in range(count)
        ]
        return {"issues": [(str(issue.id), issue.key) for issue in issues]}

    async def change_issues(self, keys: list[str], to: str) -> Answer:
        """Give issues another status, a moment ago, and forget the requests so far."""
        at = datetime.now(UTC) - timedelta(seconds=1)
        for key in keys:
            self._jira.site.transition(key, to, by="dev", at=at)
        self._jira.requests.clear()
        return {}

    async def requests(self) -> Answer:
        """Return how many requests Jira has had, by route."""
        return {"by_route": dict(self._jira.requests)}

    def _watch(self) -> None:
        messages, bot = self._chat.workspace.messages, "casebot"
        store = messages.store

        def store_and_note(*args: Any, **kwargs: Any) -> Document:  # noqa: ANN401 - passed on
            message = store(*args, **kwargs)
            if message["u"]["username"] == bot:
                self._stored[message["_id"]] = (time.monotonic(), message["msg"])
                self._by_bot.setdefault(message["rid"], []).append(message["_id"])
                self._arrived.set()
            return message

        messages.store = store_and_note  # type: ignore[method-assign]

    def _post(self, message: tuple[str, str, str, str, str]) -> None:
        user, room, text, message_id, _ = message
        self._chat.workspace.post(user, room, text, message_id=message_id)

    async def _until(self, condition: Callable[[], bool], *, seconds: float = 180) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()


async def serve(deployment: Literal["cloud", "datacenter"]) -> None:
    """Serve until standard input ends."""
    servers = Servers(deployment)
    _say(await servers.start())
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=1 << 26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    commands: Mapping[str, Callable[..., Awaitable[Answer]]] = {
        "round_trips": servers.round_trips,
        "burst": servers.burst,
        "add_issues": servers.add_issues,
        "change_issues": servers.change_issues,
        "requests": servers.requests,
    }
    async for line in lines:
        asked = json.loads(line)
        try:
            _say(await commands[asked.pop("do")](**asked))
        except Exception as error:  # noqa: BLE001 - the other side decides what to do
            _say({"problem": f"{type(error).__name__}: {error}"})
    await servers.stop()


def _say(answer: Answer) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve("datacenter" if sys.argv[1:] == ["datacenter"] else "cloud"))
