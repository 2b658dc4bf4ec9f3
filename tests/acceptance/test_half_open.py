"""A connection goes dead without being closed: it is noticed, and nothing is lost or doubled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.patience import Patience
from tests.tunnel import Tunnel
from tests.waiting import eventually
from tests.world import World

IMPATIENT = Patience(request=timedelta(seconds=2), silence=timedelta(seconds=0.5))


@asynccontextmanager
async def tunnelled(folder: Path) -> AsyncIterator[tuple[World, Tunnel]]:
    """Run a bot that reaches the chat through a tunnel; people reach it directly."""
    async with (
        World(folder) as world,
        Tunnel(world.chat.url) as tunnel,
        world.bot(rocketchat_url=tunnel.url, patience=IMPATIENT),
    ):
        yield world, tunnel


async def test_a_stream_that_went_dead_is_opened_anew_and_caught_up(tmp_path: Path) -> None:
    async with tunnelled(tmp_path) as (world, tunnel):
        assert "CASE-1" in await world.ask("ana", "support", "!case open Export 1 fails")
        since = world.parts.realtime.connected_since
        tunnel.die()
        for number in (2, 3):
            world.chat.workspace.post("ana", "support", f"!case open Export {number} fails")
        await eventually(
            lambda: world.parts.realtime.connected_since not in {None, since}, within=30
        )
        await eventually(lambda: len(world.said_in("support")) == 3, within=30)
        await world.settle()
        cases = [one.text.split("*")[1] for one in world.said_in("support")]
        assert cases == ["CASE-1", "CASE-2", "CASE-3"]


@pytest.mark.parametrize("arrives", [False, True])
async def test_a_send_into_a_dead_connection_is_there_once(tmp_path: Path, arrives: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Whether the request still arrived, nobody can tell from here."""
    async with tunnelled(tmp_path) as (world, tunnel):
        number = await world.reach_level_three()
        key = await world.confirm(number)
        await world.settle()
        tunnel.die(only_answers=arrives)
        for status in ("Specifying", "Ready"):
            world.jira.site.transition(key, status)
        for status in ("Specifying", "Ready"):
            await world.hear("carla", f"Now *{status}*", within=30)
        assert tunnel.swallowed > 0
        await eventually(lambda: world.parts.intake.connected, within=30)
        await world.settle()
        told = [
            text.split("Now *")[1].split("*")[0] for text in world.said("carla") if "Now *" in text
        ]
        assert told == ["Specifying", "Ready"]
