"""A conversation that is played against the sandbox and written down as people see it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sandbox.rocketchat.records import StoredMessage
from tests.waiting import eventually
from tests.world import BOT, World

DIRECT = f"@{BOT}"
_INVISIBLE = dict.fromkeys(map(ord, "\u2060\u200b"))
# What differs from one run to the next, and what is shown instead.
_STABLE: Mapping[re.Pattern[str], str] = {
    re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"): "2026-11-24 09:30 UTC",
    re.compile(r"\d{4}-\d\d-\d\d"): "2026-11-24",
    re.compile(r"http://[\w.]+:\d+"): "https://jira.example.org",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One of the main flows."""

    slug: str
    """Of the file it is written to."""
    title: str
    summary: str
    play: Callable[["Scene"], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Scene:
    """Everybody types; what they and the bot said is kept in the order it was looked at."""

    world: World
    lines: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def step(self, title: str) -> None:
        """Begin a part."""
        self._end_block()
        self.lines += ["", f"## {title}", "", "```"]

    def finish(self) -> str:
        """Return everything as Markdown, without the title."""
        self._end_block()
        return "\n".join(self.lines).strip() + "\n"

    async def ask(self, who: str, room: str, text: str, *, thread: str | None = None) -> str:
        """Let somebody type a command, and show the answer."""
        self._show(who, room, text)
        client = await self.world.be(who)
        sent = await client.type(room, text, thread=thread)
        assert sent is not None, text
        answer_id = self.world.answer_id(sent)
        found = await self._wait(who, room, lambda one: one.id == answer_id)
        return found.text

    async def say(self, who: str, room: str, text: str) -> None:
        """Let somebody type something that is answered elsewhere, or not at all."""
        self._show(who, room, text)
        client = await self.world.be(who)
        await client.type(room, text)

    async def upload(self, who: str, room: str, name: str, caption: str = "") -> None:
        """Let somebody send a file."""
        shown = f"[file] {name}" + (f"\n{caption}" if caption else "")
        self._show(who, room, shown)
        client = await self.world.be(who)
        await client.upload(room, name, b"what is in it", caption=caption)

    async def read(self, who: str, room: str, *parts: str) -> str:
        """Show the next thing the bot says to somebody, or in a room, with these parts in it."""
        found = await self._wait(who, room, lambda one: all(part in one.text for part in parts))
        return found.text

    async def _wait(
        self, who: str, room: str, fits: Callable[[StoredMessage], bool]
    ) -> StoredMessage:
        def found() -> StoredMessage | None:
            for one in self._said(who, room):
                if one.id not in self._seen and fits(one):
                    return one
            return None

        message = await eventually(found)
        assert message is not None
        self._seen.add(message.id)
        text = message.text
        if file := message.document.get("file"):
            text = f"[file] {file['name']}\n{text}".strip()
        self._show(BOT, room if room != DIRECT else f"direct message to {who}", text)
        return message

    def _said(self, who: str, room: str) -> list[StoredMessage]:
        records = self.world.chat.records
        if room == DIRECT:
            return list(records.direct_messages(BOT, who, author=BOT))
        return list(records.messages(room.removeprefix("#"), author=BOT))

    def _show(self, who: str, room: str, text: str) -> None:
        where = "direct message" if room == DIRECT else room
        for pattern, stable in _STABLE.items():
            text = pattern.sub(stable, text)
        if self.lines and self.lines[-1] != "```":
            self.lines.append("")
        self.lines.append(f"{who} · {where}")
        self.lines += [f"  {line}".rstrip() for line in text.translate(_INVISIBLE).split("\n")]

    def _end_block(self) -> None:
        if self.lines:
            self.lines.append("```")
