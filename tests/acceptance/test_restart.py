"""What is on disk when: before anything is acknowledged, and after every restart."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.cases.case import CaseId, TimelineEntry
from tests.waiting import eventually
from tests.world import BOT, World


async def test_a_restart_repeats_nothing(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            number = await world.reach_level_three()
            key = await world.confirm(number)
            for status in ("Specifying", "Ready", "Done"):
                world.jira.site.transition(key, status)
            await world.hear("sam", "*Done*")
            await world.settle()
            installation = world.parts.rules.installation
            timeline = await timeline_of(world, number)
        said = [one.id for one in world.chat.records.by(BOT)]
        for _ in range(2):
            async with world.bot():
                await world.look_at_jira()
                await world.parts.poller.sweep()
                await world.parts.watch()
                await world.settle()
                assert world.parts.rules.installation == installation
                assert await timeline_of(world, number) == timeline
        assert [one.id for one in world.chat.records.by(BOT)] == said
        assert len(world.jira.records.issues) == 1


async def test_what_was_owed_when_the_bot_stopped_is_sent_after_the_next_start(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            world.chat.faults.unavailable(
                "chat.sendMessage", times=99, when=lambda sent: sent["message"]["msg"][0] == "*"
            )
            ana = await world.be("ana")
            await ana.type("support", "!case open Export fails --customer @carla")
            await eventually(lambda: world.chat.records.calls("chat.sendMessage") >= 2)
        assert world.chat.records.by(BOT) == []
        world.chat.faults.clear()
        async with world.bot():
            await world.hear("carla", "*CASE-1*", "We have your report")
            await world.settle()
            assert len(world.said("carla")) == 1
            assert len(world.said_in("support")) == 1


async def test_a_reply_is_sent_only_after_the_case_is_on_disk(tmp_path: Path) -> None:
    on_disk: dict[str, bool] = {}

    async with World(tmp_path) as world, world.bot():

        def look(params: Mapping[str, Any]) -> bool:
            text = params["message"]["msg"]
            if text.startswith("*CASE-"):
                title = text.split("\n")[0].split("* ")[1]
                on_disk[title] = title in (tmp_path / "cases.json").read_text()
            return False

        # Called when a request arrives, before it is carried out; it never applies.
        world.chat.faults.fail_next("chat.sendMessage", when=look)
        for number in range(20):
            await world.ask("ana", "support", f"!case open Export {number} fails")
        assert on_disk == {f"Export {number} fails": True for number in range(20)}


async def test_a_milestone_is_told_only_after_it_is_on_disk(tmp_path: Path) -> None:
    on_disk: list[bool] = []

    async with World(tmp_path) as world, world.bot():
        key = await world.confirm(await world.reach_level_three())

        def look(params: Mapping[str, Any]) -> bool:
            if "Now *Specifying*" in params["message"]["msg"]:
                kept = (tmp_path / "cases.json").read_text()
                on_disk.append("milestone Specifying" in kept)
            return False

        world.chat.faults.fail_next("chat.sendMessage", when=look)
        world.jira.site.transition(key, "Specifying")
        await world.hear("carla", "*Specifying*")
        assert on_disk == [True]


async def timeline_of(world: World, number: str) -> Sequence[TimelineEntry]:
    async with world.parts.store.transaction(durable=False) as tx:
        return list(await tx.list_timeline(CaseId(int(number))))
