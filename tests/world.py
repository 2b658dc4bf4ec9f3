"""Both sandbox servers with people in them, and the real bot between them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from bot.app import App
from bot.assembly import Parts
from bot.cases.case import Case, CaseId
from bot.cases.effects import message_id_of
from bot.patience import Patience
from bot.settings import Settings, load
from sandbox.jira.seed import JiraPeople, populate_jira
from sandbox.jira.server import JiraServer
from sandbox.people import People, populate_rocketchat
from sandbox.rocketchat.clients import WebClient
from sandbox.rocketchat.records import StoredMessage
from sandbox.rocketchat.server import RocketChatServer
from tests.waiting import eventually

Deployment = Literal["cloud", "datacenter"]
Document = dict[str, Any]

STATUS_MAP = (
    "Specifying=Specifying;Ready=Ready;In Progress=In Progress,In Review;Done=Done;None=Backlog"
)
BOT = "casebot"


class World:
    """What an acceptance test plays in. `async with World(folder) as world`.

    Args:
        folder: for the bot's data.
        version: of Rocket.Chat.
        deployment: of Jira.
        chat_settings: of Rocket.Chat, over those of a fresh server.
        **settings: of the bot, over the defaults for tests.
    """

    def __init__(
        self,
        folder: Path,
        *,
        version: str = "9.0",
        deployment: Deployment = "cloud",
        chat_settings: Mapping[str, object] | None = None,
        **settings: object,
    ) -> None:
        self.folder = folder
        self.deployment = deployment
        self.chat = RocketChatServer(
            version=version,
            settings={"Message_AllowUnrecognizedSlashCommand": True, **(chat_settings or {})},
            seed=1,
        )
        self.jira = JiraServer(deployment=deployment, seed=1)
        self._overrides = settings
        self._stack = contextlib.AsyncExitStack()
        self._clients: dict[str, WebClient] = {}
        self._app: App | None = None

    async def __aenter__(self) -> Self:
        await self.chat.start()
        self._stack.push_async_callback(self.chat.stop)
        await self.jira.start()
        self._stack.push_async_callback(self.jira.stop)
        self.people: People = populate_rocketchat(self.chat)
        self.jira_people: JiraPeople = populate_jira(self.jira)
        # The people of a test type faster than people do.
        self.chat.workspace.grant("api-bypass-rate-limit", "user")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    def values(self) -> dict[str, object]:
        """Return the settings, by field name."""
        values: dict[str, object] = {
            "rocketchat_url": self.chat.url,
            "rocketchat_user_id": self.people.bot_user_id,
            "rocketchat_auth_token": self.people.bot_token,
            "support_channels": "support",
            "level2_channel": "level2",
            "level3_channel": "level3",
            "jira_url": self.jira.url,
            "jira_project": self.jira_people.project,
            "jira_status_map": STATUS_MAP,
            "poll_interval_seconds": 0.1,
            "storage_url": f"tinydb:///{self.folder / 'cases.json'}",
            "http_port": 0,
        }
        if self.deployment == "cloud":
            values["jira_email"] = self.jira_people.email
            values["jira_api_token"] = self.jira_people.api_token
        else:
            values["jira_token"] = self.jira_people.personal_token
        return values | self._overrides

    def environment(self, **changes: object) -> dict[str, str]:
        """Return the settings as environment variables, with some changed."""
        values = self.values() | {"log_format": "json"} | changes
        return {name.upper(): str(value) for name, value in values.items()}

    def settings(self) -> Settings:
        """Return the bot's settings."""
        return load(None, **self.values())

    @contextlib.asynccontextmanager
    async def bot(
        self, *, patience: Patience | None = None, **changes: object
    ) -> AsyncIterator[App]:
        """Run the bot until the block is left; it is ready when the block begins.

        Args:
            patience: how long it waits for the servers.
            **changes: of its settings.
        """
        app = App(load(None, **(self.values() | changes)), patience=patience)
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop), name="the bot")
        ready = asyncio.create_task(app.ready.wait(), name="the bot is ready")
        try:
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=40)
            if running.done():
                running.result()
            assert ready.done(), "the bot is not ready"
            self._app = app
            yield app
        finally:
            self._app = None
            ready.cancel()
            stop.set()
            await running

    @property
    def parts(self) -> Parts:
        """Return the parts of the running bot."""
        assert self._app is not None, "the bot is not running"
        assert self._app.parts is not None, "the bot is not ready"
        return self._app.parts

    async def look_at_jira(self) -> None:
        """Let the bot poll once more, and deliver what it found."""
        await self.parts.poller.poll()
        await self.settle()

    async def settle(self) -> None:
        """Let the bot read everything once more, and deliver everything it owes."""
        await self.parts.intake.on_connected()
        await self.parts.intake.drain()
        async with asyncio.timeout(30):
            while await self._pending():  # noqa: ASYNC110 - nothing tells when the bot is idle
                await asyncio.sleep(0.005)

    async def _pending(self) -> int:
        async with self.parts.store.transaction(durable=False) as tx:
            return await tx.count_pending()

    async def find_case(self, number: str = "1") -> Case:
        """Return a case as the bot keeps it."""
        async with self.parts.store.transaction(durable=False) as tx:
            case = await tx.find_case(CaseId(int(number)))
        assert case is not None, f"there is no CASE-{number}"
        return case

    async def be(self, username: str) -> WebClient:
        """Return somebody's client, logged in."""
        if username not in self._clients:
            person = self.people.person(username)
            client = WebClient(self.chat.url, username, person.password)
            self._clients[username] = await self._stack.enter_async_context(client)
        return self._clients[username]

    async def ask(self, username: str, room: str, text: str, *, thread: str | None = None) -> str:
        """Let somebody type a command and return the bot's answer."""
        client = await self.be(username)
        sent = await client.type(room, text, thread=thread)
        assert sent is not None, f"{text!r} never became a message"
        answer = await client.wait_for(lambda message: message["_id"] == self.answer_id(sent))
        assert answer["u"]["username"] == BOT
        assert (answer["rid"], answer.get("tmid")) == (sent["rid"], sent.get("tmid"))
        return str(answer["msg"])

    def answer_id(self, message: Document) -> str:
        """Return the `_id` that the bot's answer to a message has, or will have."""
        return message_id_of(self.parts.rules.installation, f"reply/{message['_id']}")

    def said(self, username: str) -> list[str]:
        """Return what the bot said to somebody in their direct message, in order."""
        return [one.text for one in self.chat.records.direct_messages(BOT, username, author=BOT)]

    def said_in(self, room: str) -> list[StoredMessage]:
        """Return what the bot said in a room, in order."""
        return list(self.chat.records.messages(room, author=BOT))

    async def hear(self, username: str, *parts: str, within: float = 30) -> str:
        """Wait until the bot has told somebody something with all these parts in it."""

        def found() -> str | None:
            for text in self.said(username):
                if all(part in text for part in parts):
                    return text
            return None

        try:
            return await eventually(found, within=within) or ""
        except AssertionError as error:
            raise AssertionError(
                f"{username} was not told {parts}; they were told {self.said(username)}"
            ) from error

    async def reach_level_three(self, *, customer: str = "carla") -> str:
        """Open a case and raise it to R&D; returns its number."""
        answer = await self.ask("ana", "support", f"!case open Export fails --customer @{customer}")
        number = answer.split("CASE-")[1].split("*")[0]
        for item in ("version", "steps", "expected", "actual", "reproduction"):
            await self.ask("ana", "support", f"!case evidence {number} {item} the {item}")
        await self.ask("ana", "support", f"!escalate {number} reproduced")
        await self.ask("sam", "level2", f"!escalate {number}")
        return number

    async def confirm(self, number: str) -> str:
        """Confirm a case as R&D and return the key of its issue."""
        rita = await self.be("rita")
        await self.ask("rita", "level3", f"!case confirm {number}")
        created = await rita.wait_for(
            lambda message: f"CASE-{number}*" in message["msg"] and "Created " in message["msg"]
        )
        return str(created["msg"].split("Created ")[1].split()[0])
