"""No secret is ever written, whatever fails and however much is logged."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from tests.program import Program
from tests.world import Deployment, World

WEBHOOK_SECRET = "a-secret-of-the-webhook"


def secrets_in(environment: dict[str, str]) -> set[str]:
    """Return every secret of the settings, plain and as it goes over the wire."""
    names = ("AUTH_TOKEN", "PASSWORD", "API_TOKEN", "JIRA_TOKEN", "SECRET")
    plain = {value for name, value in environment.items() if value and name.endswith(names)}
    basic = f"{environment.get('JIRA_EMAIL')}:{environment.get('JIRA_API_TOKEN')}"
    wire = {base64.b64encode(basic.encode()).decode()}
    return plain | wire | {hashlib.sha256(one.encode()).hexdigest() for one in plain}


@pytest.mark.parametrize(
    ("deployment", "log_format"), [("cloud", "json"), ("datacenter", "console")]
)
async def test_no_secret_is_written_while_everything_fails(
    tmp_path: Path, deployment: Deployment, log_format: str
) -> None:
    async with World(tmp_path, deployment=deployment, jira_webhook_secret=WEBHOOK_SECRET) as world:
        password = world.people.person("casebot").password
        environment = world.environment(
            log_level="DEBUG",
            log_format=log_format,
            rocketchat_user_id="",
            rocketchat_auth_token="",
            rocketchat_username="casebot",
            rocketchat_password=password,
        )
        async with world.bot():
            key = await world.confirm(await world.reach_level_three())
        async with Program("bot", "run", folder=tmp_path, settings=environment) as bot:
            await bot.says("ready")
            break_everything(world)
            world.jira.site.transition(key, "Specifying")
            ana = await world.be("ana")
            await ana.type("support", "!case open Import fails")
            await bot.says("delivery_postponed")
            await bot.says("jira_health", "unreachable")
            await world.hear("carla", "*Specifying*")
            world.chat.faults.clear()
            world.chat.workspace.end_sessions(world.chat.workspace.user("casebot"))
            await bot.says("session_refused")
            await ana.wait_for(lambda message: "*CASE-2*" in message["msg"], within=20)
            assert await bot.stop() == cli.OK
        for secret in secrets_in(environment):
            assert secret not in bot.output
            assert secret not in (tmp_path / "cases.json").read_text()


def break_everything(world: World) -> None:
    """Let both servers fail in the ways that tempt a program to log what it sent."""
    world.chat.faults.fail_next("chat.sendMessage", times=1, when=of_the_bot)
    world.chat.faults.unavailable("chat.sendMessage", times=1, when=of_the_bot)
    world.chat.faults.drop_after("users.info", times=1)
    world.jira.faults.html("*", times=2, status=502)
    world.jira.faults.redirect_to_login("*", times=2)
    world.jira.faults.drop("*", times=2)


def of_the_bot(sent: Mapping[str, Any]) -> bool:
    """Tell the bot's messages from those of people."""
    return str(sent["message"]["msg"]).startswith("*CASE")
