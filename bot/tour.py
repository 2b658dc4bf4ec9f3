"""The scripted tour: a case from the first report to the contact, as the people see it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from bot.delivery.pace import back_off
from sandbox.jira.server import JiraServer
from sandbox.people import ANA, BOT, CARLA, RITA, SAM, Person
from sandbox.rocketchat.clients import RefusedError, WebClient
from sandbox.rocketchat.server import RocketChatServer

WITHIN_SECONDS = 20.0
_INVISIBLE = dict.fromkeys(map(ord, "\u2060\u200b"))
_TOO_MANY_REQUESTS = 429
DIRECT = f"@{BOT.username}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One step of the tour."""

    title: str
    play: Callable[[], Awaitable[None]]


class Tour:
    """Plays everybody.

    Args:
        console: where the transcript goes.
        chat: with its people in it.
        jira: with its project in it.
    """

    def __init__(self, *, console: Console, chat: RocketChatServer, jira: JiraServer) -> None:
        self._console = console
        self._chat = chat
        self._jira = jira
        self._clients: Mapping[str, WebClient] = {}
        self._shown: set[str] = set()
        self._number = ""
        self._issue = ""

    async def play(self) -> bool:
        """Play all chapters; False if a message did not come."""
        chapters = self._chapters()
        async with AsyncExitStack() as stack:
            self._clients = {
                person.username: await stack.enter_async_context(
                    WebClient(self._chat.url, person.username, person.password)
                )
                for person in (ANA, SAM, RITA, CARLA)
            }
            for number, chapter in enumerate(chapters, start=1):
                self._console.print(f"\n[bold]{number}/{len(chapters)}  {chapter.title}[/bold]\n")
                try:
                    await chapter.play()
                except AssertionError as missing:
                    self._console.print(f"[bold]The tour stops here:[/bold] {escape(str(missing))}")
                    return False
        self._console.print(
            f"\n[bold]The whole path, {len(self._shown)} messages.[/bold]"
            " Play it yourself: python -m bot sandbox\n"
        )
        return True

    def _chapters(self) -> Sequence[Chapter]:
        return (
            Chapter(title="Support opens a case for a customer", play=self._open),
            Chapter(title="It cannot go up before everything is known", play=self._too_early),
            Chapter(title="Customer and support add what is known", play=self._evidence),
            Chapter(title="Level 1 hands over to Level 2", play=self._to_level_two),
            Chapter(title="Level 2 confirms it and hands over to R&D", play=self._to_level_three),
            Chapter(title="R&D confirms a defect: its Jira issue is made", play=self._confirm),
            Chapter(title="The issue moves, and the customer is told", play=self._milestones),
            Chapter(title="Done: the specialist is alerted", play=self._done),
            Chapter(title="The customer knows, and the case is closed", play=self._contacted),
        )

    async def _open(self) -> None:
        answer = await self._ask(
            ANA, "#support", f"/case open Export fails on save --customer @{CARLA.username}"
        )
        self._number = answer.split("CASE-")[1].split("*")[0]
        await self._read(CARLA, DIRECT, "We have your report")

    async def _too_early(self) -> None:
        await self._ask(ANA, "#support", f"/escalate {self._number}")

    async def _evidence(self) -> None:
        number = self._number
        await self._ask(CARLA, DIRECT, "evidence steps Open a report, press Export, then Save")
        for item, text in (
            ("version", "7.1.0"),
            ("expected", "A file is saved"),
            ("actual", "Nothing happens, and nothing is said"),
            ("reproduction", "Seen on 7.1.0 and 7.0.4, not on 6.9"),
        ):
            await self._ask(ANA, "#support", f"!case evidence {number} {item} {text}")

    async def _to_level_two(self) -> None:
        await self._ask(ANA, "#support", f"/escalate {self._number} Reproduced twice")
        await self._read(SAM, "#level2", "Handed over to Level 2")

    async def _to_level_three(self) -> None:
        await self._ask(SAM, "#level2", f"!case take {self._number}")
        await self._ask(SAM, "#level2", f"!escalate {self._number} Looks like the new writer")
        await self._read(RITA, "#level3", "Handed over to Level 3")

    async def _confirm(self) -> None:
        await self._ask(RITA, "#level3", f"@{BOT.username} case confirm {self._number}")
        created = await self._read(RITA, "#level3", "Created ")
        self._issue = created.split("Created ")[1].split()[0]
        await self._read(CARLA, DIRECT, "Confirmed:")

    async def _milestones(self) -> None:
        for status in ("Specifying", "Ready", "In Progress"):
            self._move(status)
            await self._read(CARLA, DIRECT, f"Now *{status}*")
        await self._ask(CARLA, DIRECT, f"status {self._number}")

    async def _done(self) -> None:
        self._jira.site.set_fix_versions(self._issue, ["7.2.0"])
        self._move("Done", resolution="Fixed")
        await self._read(SAM, DIRECT, "*Done*: solved in")

    async def _contacted(self) -> None:
        number = self._number
        await self._ask(SAM, DIRECT, f"case ack {number}")
        await self._ask(SAM, DIRECT, f"case contacted {number} Phoned, sent the release notes")
        await self._ask(CARLA, DIRECT, f"status {number}")
        await self._ask(SAM, DIRECT, f"case close {number} Works in 7.2.0")
        await self._read(CARLA, DIRECT, "closed now")

    def _move(self, status: str, *, resolution: str | None = None) -> None:
        self._jira.site.transition(self._issue, status, resolution=resolution)
        self._console.print(f"  [bold]Jira[/bold]  {self._issue} is {status} now\n")

    async def _ask(self, who: Person, room: str, text: str) -> str:
        """Type a command, show it, and show and return the bot's answer to it."""
        client = self._clients[who.username]
        before = {message["_id"] for message in client.messages()}
        room_id = await self._type(client, room, text)
        self._show(who.name, room, text)
        answer = await client.wait_for(
            lambda message: (
                message["_id"] not in before | self._shown
                and message["rid"] == room_id
                and message["u"]["username"] == BOT.username
            ),
            within=WITHIN_SECONDS,
        )
        return self._show_message(answer, room)

    async def _type(self, client: WebClient, room: str, text: str) -> str:
        attempts = 0
        while True:
            try:
                sent = await client.type(room, text)
            except RefusedError as refused:
                if refused.status != _TOO_MANY_REQUESTS:
                    raise
                attempts += 1
                await asyncio.sleep(back_off(attempts).total_seconds())
            else:
                if sent is None:
                    raise AssertionError(f"the client kept {text!r} to itself")
                return str(sent["rid"])

    async def _read(self, who: Person, room: str, part: str) -> str:
        """Wait until somebody reads a message of the bot, show and return it."""
        message = await self._clients[who.username].wait_for(
            lambda message: (
                message["_id"] not in self._shown
                and message["u"]["username"] == BOT.username
                and f"CASE-{self._number}*" in message["msg"]
                and part in message["msg"]
            ),
            within=WITHIN_SECONDS,
        )
        return self._show_message(message, room if room != DIRECT else f"@{who.username}")

    def _show_message(self, message: Mapping[str, object], room: str) -> str:
        self._shown.add(str(message["_id"]))
        text = str(message["msg"])
        self._show(BOT.name, room, text)
        return text

    def _show(self, who: str, room: str, text: str) -> None:
        to = room if room != DIRECT else "direct message"
        self._console.print(f"  [bold]{escape(who)}[/bold]  [dim]{escape(to)}[/dim]")
        self._console.print(Padding(as_read(text), (0, 0, 1, 4), expand=False))


def as_read(text: str) -> str:
    """Return a chat message as rich markup: bold is bold, escapes and invisible marks are gone."""
    shown = escape(text.translate(_INVISIBLE))
    shown = re.sub(r"(?<![\\\w])\*([^*\n]+)\*", r"[bold]\1[/bold]", shown)
    shown = re.sub(r"`([^`\n]+)`", r"[cyan]\1[/cyan]", shown)
    return re.sub(r"\\([*_~`#.])", r"\1", shown)
