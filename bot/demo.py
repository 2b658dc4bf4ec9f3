"""`python -m bot sandbox`: both servers, people to play, and the bot, with nothing configured."""

import asyncio
import contextlib
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from bot.app import App
from bot.log import set_up
from bot.settings import Settings, load, secrets_of
from bot.start import CannotStart
from bot.tour import Tour
from sandbox.jira.seed import JiraPeople, populate_jira
from sandbox.jira.server import JiraServer
from sandbox.page import FOLDER, page_config
from sandbox.people import BOT, People, populate_rocketchat
from sandbox.rocketchat.server import RocketChatServer

Deployment = Literal["cloud", "datacenter"]

STATUS_MAP = (
    "Specifying=Specifying;Ready=Ready;In Progress=In Progress,In Review;Done=Done;None=Backlog"
)
READY_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A workspace, a Jira and the bot, running."""

    chat: RocketChatServer
    jira: JiraServer
    people: People
    project: str


@contextlib.asynccontextmanager
async def practice(
    *, deployment: Deployment, port: int = 0, level: str = "WARNING"
) -> AsyncIterator[Practice]:
    """Run both servers and the bot on an empty data folder until the block is left."""
    # As a workspace that wants `/case` would be set up; see docs/connect.md.
    chat = RocketChatServer(settings={"Message_AllowUnrecognizedSlashCommand": True}, page=FOLDER)
    jira = JiraServer(deployment=deployment)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casebot-")))
        await _start(chat, port)
        stack.push_async_callback(chat.stop)
        await jira.start()
        stack.push_async_callback(jira.stop)
        people = populate_rocketchat(chat)
        chat.page_config = page_config(
            people, board_url=f"{jira.url}/board", title="casebot sandbox"
        )
        jira_people = populate_jira(jira)
        settings = _settings(chat, jira, people, jira_people, deployment, folder)
        set_up(form="console", level=level, secrets=secrets_of(settings))
        await stack.enter_async_context(_running(App(settings)))
        yield Practice(chat=chat, jira=jira, people=people, project=jira_people.project)


async def _start(chat: RocketChatServer, port: int) -> None:
    try:
        await chat.start(port=port)
    except OSError as error:
        raise CannotStart(
            f"Port {port} cannot be used: {error.strerror}."
            " Choose another with --port, or 0 for any free one."
        ) from error


def _settings(
    chat: RocketChatServer,
    jira: JiraServer,
    people: People,
    jira_people: JiraPeople,
    deployment: Deployment,
    folder: Path,
) -> Settings:
    cloud = deployment == "cloud"
    return load(
        None,
        rocketchat_url=chat.url,
        rocketchat_user_id=people.bot_user_id,
        rocketchat_auth_token=people.bot_token,
        support_channels="support",
        level2_channel="level2",
        level3_channel="level3",
        jira_url=jira.url,
        jira_email=jira_people.email if cloud else "",
        jira_api_token=jira_people.api_token if cloud else "",
        jira_token="" if cloud else jira_people.personal_token,
        jira_project=jira_people.project,
        jira_status_map=STATUS_MAP,
        poll_interval_seconds=0.5,
        storage_url=f"tinydb:///{folder / 'cases.json'}",
        http_port=0,
    )


@contextlib.asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.ensure_future(app.run(stop))
    ready = asyncio.ensure_future(app.ready.wait())
    try:
        await asyncio.wait(
            {running, ready},
            return_when=asyncio.FIRST_COMPLETED,
            timeout=READY_WITHIN_SECONDS,
        )
        if running.done():
            running.result()
        if not ready.done():
            raise CannotStart("the bot did not become ready; run it again with LOG_LEVEL=DEBUG")
        yield
    finally:
        ready.cancel()
        stop.set()
        await running


async def play(*, port: int, browser: bool, deployment: Deployment, stop: asyncio.Event) -> None:
    """Run until stopped, and say how to try it."""
    console = Console()
    async with practice(deployment=deployment, port=port) as there:
        _explain(console, there)
        if browser:
            await asyncio.to_thread(webbrowser.open, there.chat.url)
        await stop.wait()
    console.print("Stopped.")


def _explain(console: Console, there: Practice) -> None:
    console.print(f"\n[bold]Chat[/bold]  {there.chat.url}")
    console.print(f"[bold]Jira[/bold]  {there.jira.url}/board   project {there.project}\n")
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for title in ("Who", "Is", "User name", "Password"):
        table.add_column(title)
    for person in there.people.everybody:
        if person.username != BOT.username:
            table.add_row(person.name, person.about, person.username, person.password)
    console.print(table)
    console.print(
        "\nOpen the chat in a browser to play everybody at once."
        "\nAs Ana in #support:  !case open Export fails --customer @carla"
        "\nThen move the issue on the Jira board and watch Carla's messages."
        "\nStop with Ctrl+C.\n"
    )


async def tour(*, deployment: Deployment) -> int:
    """Play the whole path and return the exit code: 0 if every message came."""
    console = Console(highlight=False)
    async with practice(deployment=deployment, level="ERROR") as there:
        played = await Tour(console=console, chat=there.chat, jira=there.jira).play()
    return 0 if played else 1
