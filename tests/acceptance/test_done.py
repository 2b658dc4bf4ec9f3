"""From Done to the customer's last word, on both servers."""

from pathlib import Path

from bot.cases.case import Alert, CaseState
from tests.waiting import eventually
from tests.world import World

POLICY = """
[alerts]
deputy_after = 1
lead_after = 2
lead = "rita"
[alerts.deputies]
sam = "ana"
"""


async def reach_done(world: World) -> str:
    number = await world.reach_level_three()
    key = await world.confirm(number)
    world.jira.site.transition(key, "Done", resolution="Fixed")
    await world.hear("sam", f"*CASE-{number}*", "*Done*: solved")
    return number


async def alert_of(world: World, number: str) -> Alert:
    alert = (await world.find_case(number)).alert
    assert alert is not None
    return alert


async def react(world: World, who: str, number: str) -> None:
    """Let somebody react on the first message of the alert."""
    message_id = (await alert_of(world, number)).messages[0]
    await (await world.be(who)).react(message_id, ":eyes:")


async def is_seen(world: World, number: str) -> bool:
    return (await alert_of(world, number)).acknowledged_by is not None


async def test_an_alert_goes_on_until_the_customer_has_the_last_word(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    world = World(tmp_path, policy_file=str(policy), alert_reminder_minutes=0.003)
    async with world, world.bot():
        number = await reach_done(world)
        await world.hear("sam", "Still open: Carla Customer")
        await world.hear("ana", "after 2 reminders", "It is with Sam")
        await world.hear("rita", "after 3 reminders")
        await react(world, "sam", number)
        await eventually(lambda: is_seen(world, number))

        answer = await world.ask("sam", "@casebot", f"case contacted {number} by phone")
        assert "I have asked Carla Customer" in answer
        await world.hear("carla", "Does it work for you now?", f"`solved {number}`")
        answer = await world.ask("carla", "@casebot", "still broken, a blank page")
        assert "The case is open" in answer
        await world.hear("sam", "still broken", "a blank page")
        assert (await world.find_case(number)).state is CaseState.OPEN
        await world.settle()
        reminders = sum("Still open" in text for text in world.said("sam"))

        assert "Thank you" in await world.ask("carla", "@casebot", f"solved {number}")
        await world.hear("sam", "says that it is solved")
        assert (await world.find_case(number)).state is CaseState.CLOSED
        assert sum("Still open" in text for text in world.said("sam")) == reminders


async def test_a_reaction_while_the_bot_was_away_is_found(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world:
        async with world.bot():
            number = await reach_done(world)
            message_id = (await alert_of(world, number)).messages[0]
            assert not await is_seen(world, number)
        await (await world.be("sam")).react(message_id, ":white_check_mark:")
        async with world.bot():
            assert await is_seen(world, number)
