"""A person is forgotten on a running bot, and does not come back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cases.case import CaseState
from bot.cases.dialogue import Intake
from bot.cases.erasure import ERASED
from bot.cases.retention import GRACE
from handlers.on_retention import ANNOUNCED_AT
from tests.factories import build_case, build_dialogue
from tests.waiting import eventually
from tests.world import BOT, World

CANARY = "canary-of-carla"


def traces(folder: Path) -> list[str]:
    """Return the files that still say anything of carla."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    marks = (CANARY.encode(), b"carla")
    return [one.name for one in files if any(mark in one.read_bytes().lower() for mark in marks)]


async def test_a_person_is_shown_what_is_kept_and_then_forgotten_for_good(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            number = await world.reach_level_three(customer="carla")
            await world.ask("ana", "support", f"!case note {number} {CANARY}")
            key = await world.confirm(number)
            await world.ask("ana", "support", f"!case close {number} solved by phone")
            await world.ask("admin", "@casebot", "case dossier @carla")
            file = await eventually(lambda: _file_for(world, "admin"))
            assert CANARY in json.dumps(json.loads(file or b""))
            await world.settle()
            assert traces(tmp_path)
            shown = await world.ask("admin", "@casebot", "case erase @carla")
            assert key in shown
            assert "Erased." in await world.ask("admin", "@casebot", "yes")
            await world.settle()
            assert traces(tmp_path) == []
            before = world.said("carla"), world.said("sam")
            world.jira.site.transition(key, "Done")
            await world.look_at_jira()
            assert (await world.find_case(number)).progress.status == "Done"
            assert (world.said("carla"), world.said("sam")) == before
        # Whatever is read of the chat again, what was erased is not taken in a second time.
        async with world.bot():
            await world.settle()
            assert traces(tmp_path) == []
        assert traces(tmp_path) == []


def _file_for(world: World, username: str) -> bytes | None:
    said = world.chat.records.direct_messages(BOT, username, author=BOT)
    for one in said:
        if "file" in one.document:
            upload = world.chat.workspace.uploads.find(one.document["file"]["_id"])
            return upload.content if upload else None
    return None


async def test_closed_cases_are_announced_to_administrators_and_erased_by_age(
    tmp_path: Path,
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[privacy]\nclosed_cases = "5d"\n', encoding="utf-8")
    async with World(tmp_path / "data", policy_file=str(policy)) as world, world.bot():
        long_ago = datetime.now(UTC) - timedelta(days=10)
        old = build_case(1, title=CANARY, state=CaseState.CLOSED, opened_at=long_ago)
        stale = build_dialogue("ana", step=Intake(asked="title"), until=long_ago)
        async with world.parts.store.transaction() as tx:
            await tx.add_case(replace(old, updated_at=long_ago))
            await tx.save_dialogue(stale)
        await world.parts.retain()
        await world.settle()
        # This server does not tell the bot who its administrators are.
        [told] = [one.text for one in world.said_in("level2")]
        assert "*1 closed case is about to be erased*" in told
        assert (await world.find_case("1")).title == CANARY
        async with world.parts.store.transaction() as tx:
            at = datetime.fromisoformat(await tx.get_mark(ANNOUNCED_AT) or "")
            await tx.set_mark(ANNOUNCED_AT, (at - GRACE).isoformat())
        await world.parts.retain()
        assert (await world.find_case("1")).title == ERASED
        await world.parts.keep_house()
        async with world.parts.store.transaction() as tx:
            assert await tx.find_dialogue(stale.key) is None
        assert len(world.said_in("level2")) == 1
