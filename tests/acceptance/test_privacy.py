"""A customer sees their own cases, and of those only what is meant for them."""

from collections.abc import Iterator
from pathlib import Path

from tests.world import World

ASKED = (
    "case list",
    "case list all",
    "case list mine",
    "case list level 3",
    "case mine",
    "case",
    "case list closed",
    "case list done",
    "case list @carlos",
    "case search fails",
    "case search Import",
    "status",
    "status 1",
    "case show 1",
    "case timeline 1",
    "case evidence 1",
)
THEIRS = ("Import", "CASE-2", "BUG-2", "secret")


async def test_nothing_of_others_and_nothing_internal_reaches_a_customer(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        for who in ("carla", "carlos"):
            number = await world.reach_level_three(customer=who)
            await world.ask("ana", "support", f"!case note {number} a secret note")
            await world.ask("rita", "level3", f"!case return {number} a secret reason")
            await world.ask("sam", "level2", f"!escalate {number} a secret hand-over")
            key = await world.confirm(number)
            world.jira.site.comment(key, "a secret comment")
            world.jira.site.edit(key, summary="a secret summary")
            world.jira.site.transition(key, "Specifying")
        await world.ask("carlos", "@casebot", "open Import fails")
        await world.look_at_jira()
        for command in ASKED:
            answer = await world.ask("carla", "@casebot", command)
            if not command.endswith(("Import", "closed", "done", "level 3", "@carlos")):
                assert "CASE-1" in answer, command
        for text in world.said("carla"):
            # Words they typed themselves may come back to them.
            read = text.replace("No case found for Import", "")
            assert not [part for part in THEIRS if part in read], text


async def test_internal_notes_are_shown_to_staff_in_direct_messages_only(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        await world.ask("carla", "@casebot", "open Export fails")
        await world.ask("ana", "@casebot", "case note 1 a secret note")
        assert "a secret note" in await world.ask("ana", "@casebot", "case show 1")
        for room, command in rooms_and_commands():
            assert "secret" not in await world.ask("ana", room, command)


def rooms_and_commands() -> Iterator[tuple[str, str]]:
    """Yield what shows a case in channels that more people may read."""
    for room in ("support", "level2"):
        for command in ("show", "timeline", "proof"):
            yield room, f"!case {command} 1"
