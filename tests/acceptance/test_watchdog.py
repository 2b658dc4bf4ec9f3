"""What goes silent is noticed, made good, and told once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.schedule.poll_jira import JiraHealth
from tests.waiting import eventually
from tests.world import BOT, World


async def test_commands_are_found_while_the_stream_is_silent(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        assert app.parts is not None
        assert "CASE-1" in await world.ask("carla", "@casebot", "open Export fails")
        world.chat.faults.silence_streams()
        carla = await world.be("carla")
        await carla.type("@casebot", "open Import fails")
        await app.parts.patrol()
        await eventually(lambda: any("CASE-2" in text for text in world.said("carla")))
        await app.parts.patrol()
        assert sum("CASE-2" in text for text in world.said("carla")) == 1


async def test_a_silent_stream_is_told_once_and_once_when_it_is_heard_again(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        parts = app.parts
        assert parts is not None
        world.chat.faults.silence_streams()
        workspace = world.chat.workspace
        room = workspace.direct_room("carla", BOT).id
        for number in range(3):
            # Late, by the time that the messages have.
            parts.intake._ahead += timedelta(minutes=1)
            workspace.post("carla", room, f"case open Export {number}")
            await eventually(lambda: world.parts.intake.connected)
            await parts.patrol()
            await world.hear("carla", f"Export {number}")
            await parts.patrol()
            await parts.watch()
        told = await eventually(lambda: about_stream(world))
        assert len(told) == 1
        world.chat.faults.silence_streams(on=False)
        assert "CASE-1" in await world.ask("carla", "@casebot", "status 1")
        await parts.patrol()
        await parts.watch()
        await eventually(lambda: len(about_stream(world)) == 2)


async def test_a_session_that_ends_under_a_living_stream_is_renewed(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        password = world.people.person("casebot").password
        login = {"rocketchat_username": "casebot", "rocketchat_password": password}
        no_token = {"rocketchat_user_id": "", "rocketchat_auth_token": ""}
        async with world.bot(patience=None, **login, **no_token) as app:
            assert app.parts is not None
            accounts = world.chat.workspace.accounts
            for token in accounts.tokens(world.chat.workspace.user("casebot")):
                token.expires_at = datetime.now(UTC) - timedelta(days=1)
            carla = await world.be("carla")
            await carla.type("@casebot", "open Export fails")
            await app.parts.patrol()
            await world.hear("carla", "CASE-1")


async def test_expired_jira_credentials_are_told_once_and_once_when_mended(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world, world.bot() as app:
        assert app.parts is not None
        parts = app.parts
        number = await world.reach_level_three()
        key = await world.confirm(number)
        account = next(one for one in world.jira.site.accounts if one.api_token)
        account.token_expires_at = datetime.now(UTC) - timedelta(days=1)
        await eventually(lambda: parts.poller.health is JiraHealth.REFUSED)
        for _ in range(3):
            await parts.watch()
        told = await eventually(lambda: about_jira(world))
        assert len(told) == 1
        assert "no longer accepts my credentials" in told[0]
        world.jira.site.transition(key, "Specifying")
        account.token_expires_at = None
        await world.hear("carla", f"CASE-{number}", "*Specifying*")
        await parts.watch()
        await eventually(lambda: len(about_jira(world)) == 2)


def about_jira(world: World) -> list[str]:
    """Return what the specialists' room was told about Jira's credentials."""
    return [
        one.text
        for one in world.chat.records.messages("level2", author="casebot")
        if "credentials" in one.text
    ]


def about_stream(world: World) -> list[str]:
    """Return what the specialists' room was told about the chat's stream."""
    said = world.chat.records.messages("level2", author=BOT)
    return [one.text for one in said if "new messages" in one.text.lower()]
