"""The moments at which the bot is killed, seen from outside: no part of it knows of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from tests.acceptance.faults.scene import Scene
from tests.world import World

Phase = Literal["start", "commands", "issue", "milestones"]
"""What goes on: it starts with commands waiting, commands come, Jira is asked for an issue, the
issue moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When to strike.

    Attributes:
        at: `chat` or `jira`, the step of the request, and its route, with `*` for anything.
        phase: from when on it is waited for.
        also: what goes wrong with the same request besides.
        later: seconds between the moment and the strike.
        holding: what the frame or the parameters must have in them.
        slow: whether it is in the short form: some take minutes.
    """

    at: tuple[Literal["chat", "jira"], str, str]
    phase: Phase = "commands"
    also: Callable[[World], None] | None = None
    later: float = 0.0
    holding: str = ""
    slow: bool = False


def _lose_message(world: World) -> None:
    world.chat.faults.drop_before("chat.sendMessage")


def _lose_create(world: World) -> None:
    world.jira.faults.drop("POST /issue")


# Long enough for the bot to have read the answer, too short for it to have kept it.
AFTER_THE_ANSWER = 0.003
MESSAGES = '"stream-room-messages"'

MOMENTS: Mapping[str, Moment] = {
    "login-at-start": Moment(at=("chat", "done", "me"), phase="start"),
    "rooms-looked-up-at-start": Moment(at=("chat", "done", "rooms.info"), phase="start"),
    "jira-asked-at-start": Moment(at=("jira", "received", "GET /serverInfo"), phase="start"),
    "rooms-listed-while-catching-up": Moment(at=("chat", "done", "rooms.get"), phase="start"),
    "history-read-while-catching-up": Moment(
        at=("chat", "done", "rooms.history"), phase="start", later=AFTER_THE_ANSWER
    ),
    "event-sent": Moment(at=("chat", "sent", "websocket"), holding=MESSAGES),
    "event-taken-in": Moment(
        at=("chat", "sent", "websocket"), holding=MESSAGES, later=2 * AFTER_THE_ANSWER
    ),
    "direct-room-opened": Moment(at=("chat", "done", "im.create")),
    "message-received": Moment(at=("chat", "received", "chat.sendMessage"), also=_lose_message),
    "message-stored": Moment(at=("chat", "done", "chat.sendMessage")),
    "message-answered": Moment(at=("chat", "done", "chat.sendMessage"), later=AFTER_THE_ANSWER),
    "issue-received": Moment(
        at=("jira", "received", "POST /issue"), phase="issue", also=_lose_create, slow=True
    ),
    "issue-stored": Moment(at=("jira", "done", "POST /issue"), phase="issue"),
    "issue-answered": Moment(
        at=("jira", "done", "POST /issue"), phase="issue", later=AFTER_THE_ANSWER
    ),
    "issue-looked-for": Moment(at=("jira", "done", "*/search*"), phase="issue"),
    "changes-searched": Moment(
        at=("jira", "done", "*/search*"), phase="milestones", later=AFTER_THE_ANSWER
    ),
    "histories-read": Moment(
        at=("jira", "done", "*changelog*"), phase="milestones", later=AFTER_THE_ANSWER
    ),
    "milestone-received": Moment(
        at=("chat", "received", "chat.sendMessage"), phase="milestones", also=_lose_message
    ),
    "milestone-stored": Moment(at=("chat", "done", "chat.sendMessage"), phase="milestones"),
    "milestone-answered": Moment(
        at=("chat", "done", "chat.sendMessage"), phase="milestones", later=AFTER_THE_ANSWER
    ),
}


class Trap:
    """Strikes the bot at a moment.

    Args:
        times: how often, at most.
    """

    def __init__(self, scene: Scene, moment: Moment, *, times: int = 1) -> None:
        self._scene = scene
        self._moment = moment
        self._left = times
        self._struck_in: int | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self.sprung = asyncio.Event()

    def set(self) -> None:
        """Wait for the moment."""
        world = self._scene.world
        if self._moment.at[0] == "chat":
            world.chat.faults.watch = self._on_chat
        else:
            world.jira.faults.watch = self._on_jira

    def clear(self) -> None:
        """Wait no longer."""
        self._scene.world.chat.faults.watch = None
        self._scene.world.jira.faults.watch = None
        for timer in self._timers:
            timer.cancel()

    def _on_chat(self, step: str, route: str, params: Mapping[str, Any]) -> None:
        if self._moment.holding in str(params.get("frame", "")):
            self._on_step(step, route)

    def _on_jira(self, step: str, route: str) -> None:
        self._on_step(step, route)

    def _on_step(self, step: str, route: str) -> None:
        _, wanted, pattern = self._moment.at
        if step != wanted or not fnmatchcase(route, pattern) or not self._left:
            return
        if self._struck_in == self._scene.starts or not self._scene.bot.runs:
            return
        self._struck_in = self._scene.starts
        self._left -= 1
        self.sprung.set()
        if self._moment.also is not None:
            self._moment.also(self._scene.world)
        if self._moment.later:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(self._moment.later, self._scene.strike))
        else:
            self._scene.strike()


@contextlib.asynccontextmanager
async def store_watched(scene: Scene, *, writing: bool, times: int) -> AsyncIterator[asyncio.Event]:
    """Strike whenever the store is being written, or has just been.

    Args:
        writing: strike while it is written, not after.
        times: how often, at most.
    """
    sprung = asyncio.Event()

    def written() -> object:
        return sorted(
            (one.name, one.stat().st_ino, one.stat().st_size)
            for one in scene.folder.iterdir()
            if one.is_file() and "lock" not in one.suffix
        )

    async def watch() -> None:
        struck_in = None
        left = times
        before = written()
        while left:
            await asyncio.sleep(0)
            with contextlib.suppress(FileNotFoundError):  # replaced between two looks
                now = written()
                changed, before = now != before, now
                half_done = any(name.endswith(".tmp") for name, *_ in now)  # type: ignore[attr-defined]
                if changed and half_done == writing and struck_in != scene.starts:
                    struck_in = scene.starts
                    left -= 1
                    sprung.set()
                    scene.strike()

    watching = asyncio.create_task(watch(), name="watch the store")
    try:
        yield sprung
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
