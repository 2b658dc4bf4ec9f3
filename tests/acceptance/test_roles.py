"""Somebody's role changes while the bot runs: what they may do and are told changes with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cases.case import CaseId, Owners
from tests.factories import build_alert, build_issue_link
from tests.world import World


async def test_who_left_the_team_reads_no_more_and_the_others_learn_that(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        await world.ask("carla", "@casebot", "open Export fails")
        await world.ask("ana", "support", "!case take 1")
        await world.ask("ana", "@casebot", "case ask 1 Which version?")
        world.chat.workspace.take_role("ana", "support-analyst")
        refused = await world.ask("ana", "@casebot", "yes")
        assert "needs the role support analyst" in refused
        assert "Which version?" not in "".join(world.said("carla"))
        before = world.said("ana")
        await world.ask("carla", "@casebot", "my password is canary")
        await world.settle()
        assert world.said("ana") == before
        told = world.said_in("support")[-1].text
        assert "Ana Analyst (ana) is not one of the team" in told
        assert "`!case assign 1 @\N{WORD JOINER}name`" in told
        assert "canary" not in told
        assert "I do not find CASE-1" in await world.ask("ana", "@casebot", "case show 1")


async def test_a_deputy_that_is_a_customer_is_told_nothing(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    text = (
        '[alerts]\nlead = "carlos"\ndeputy_after = 1\nlead_after = 1\ndeputies = { sam = "carla" }'
    )
    policy.write_text(text, encoding="utf-8")
    async with (
        World(tmp_path / "data", policy_file=str(policy), alert_reminder_minutes=1) as world,
        world.bot(),
    ):
        await world.ask("ana", "support", "!case open Export fails")
        sam = (await world.find_case()).opened_by
        long_ago = datetime.now(UTC) - timedelta(days=1)
        async with world.parts.store.transaction() as tx:
            case = await tx.find_case(CaseId(1))
            assert case is not None
            owner = replace(sam, id=world.parts.rules.people["sam"].id, username="sam")
            alert = build_alert(opened_at=long_ago, reminded_at=long_ago, reminders=5)
            done = replace(case, issue=build_issue_link(7), alert=alert, due_at=long_ago)
            await tx.save_case(replace(done, owners=Owners(specialist=owner)))
        await world.parts.clocks.look()
        await world.settle()
        assert "Still open" in "".join(world.said("sam"))
        assert world.said("carla") == world.said("carlos") == []
        told = "".join(message.text for message in world.said_in("support"))
        assert "Carla Customer (carla) is not one of the team" in told
        assert "Carlos Customer (carlos) is not one of the team" in told
