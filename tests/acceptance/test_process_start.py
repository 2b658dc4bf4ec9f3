"""The program as a process: what keeps it from starting, what it waits for, how it stops."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import cli
from bot.app import App
from bot.doctor import examine
from bot.settings import load
from bot.start import CannotStart
from storage.base import StoreError
from tests import postgres
from tests.program import Program
from tests.proxy import Proxy
from tests.waiting import eventually
from tests.world import BOT, Deployment, World


async def refused_with(world: World, folder: Path, **changes: object) -> str:
    """Start the program, expect that something has to be mended first; return what it says."""
    environment = world.environment(log_level="DEBUG", **changes)
    async with Program("bot", "run", folder=folder, settings=environment) as bot:
        assert await bot.ends() == cli.MEND_FIRST
    assert "Traceback" not in bot.output
    assert "wrong-token" not in bot.output
    assert bot.stdout == ""
    return bot.stderr.splitlines()[-1]


async def mend_first(folder: Path, **changes: Any) -> str:  # noqa: ANN401 - settings
    """The same without a process of its own."""
    async with World(folder, **changes) as world:
        with pytest.raises((CannotStart, StoreError)) as refused:
            await App(world.settings()).run(asyncio.Event())
    return str(refused.value)


async def test_refused_credentials_are_told_apart_by_server(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        chat, jira = await asyncio.gather(
            refused_with(world, tmp_path, rocketchat_auth_token="wrong-token"),
            refused_with(world, tmp_path, jira_api_token="wrong-token", storage_url="tinydb://"),
        )
        assert "Rocket.Chat" in chat
        assert "ROCKETCHAT_" in chat
        assert "Jira" in jira
        assert "JIRA_API_TOKEN" in jira


async def test_a_wrong_password_is_refused_too(tmp_path: Path) -> None:
    said = await mend_first(
        tmp_path,
        rocketchat_auth_token="",
        rocketchat_username="casebot",
        rocketchat_password="wrong-password",
    )
    assert "Rocket.Chat" in said
    assert "wrong-password" not in said


async def test_a_channel_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = await mend_first(tmp_path, level3_channel="nowhere")
    assert "no channel 'nowhere'" in said
    assert "LEVEL3_CHANNEL" in said


async def test_a_second_process_is_kept_out_of_the_store(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        said = await refused_with(world, tmp_path)
        assert str(tmp_path / "cases.json") in said
        assert "*CASE-1*" in await world.ask("ana", "support", "!case open Export fails")


async def test_a_damaged_store_is_left_as_it_is(tmp_path: Path) -> None:
    kept, content = tmp_path / "cases.json", '{"cases": 7}'
    kept.write_text(content)
    assert str(kept) in await mend_first(tmp_path)
    assert kept.read_text() == content


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"HTTP_PORT {port}" in await mend_first(tmp_path, http_port=port)


async def test_a_chat_server_that_is_down_is_waited_for(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.chat.faults.refuse_connections()
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            waiting = await bot.logs("server_unreachable")
            assert waiting["server"] == "Rocket.Chat"
            await world.chat.faults.accept_connections()
            await bot.logs("ready")
            assert await bot.stop() == cli.OK


async def test_it_answers_whoever_watches_it_while_it_waits(tmp_path: Path) -> None:
    """A supervisor would otherwise end it, again and again."""
    async with World(tmp_path) as world:
        await world.chat.faults.refuse_connections()
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            url = (await bot.logs("serving"))["endpoints"]
            await bot.logs("server_unreachable")
            async with aiohttp.ClientSession() as http:
                async with http.get(f"{url}/healthz") as alive:
                    assert alive.status == 200
                async with http.get(f"{url}/readyz") as ready:
                    assert ready.status == 503
            assert await bot.stop() == cli.OK


async def test_a_jira_that_is_down_keeps_nobody_from_reporting(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.jira.faults.refuse_connections()
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            waiting = await bot.logs("server_unreachable")
            assert waiting["server"] == "Jira"
            await bot.logs("ready")
            ana = await world.be("ana")
            await ana.type("support", "!case open Export fails")
            await ana.wait_for(lambda message: "*CASE-1* Export fails" in message["msg"])
            assert await bot.stop() == cli.OK


async def test_a_status_that_the_project_does_not_have_is_named_as_it_was_written(
    tmp_path: Path,
) -> None:
    async with World(tmp_path, jira_status_map="Ready=Redy;Done=DONE") as world:
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            doubtful = await bot.logs("setting_doubtful")
            assert "JIRA_STATUS_MAP names the status 'Redy'" in doubtful["problem"]
            await bot.logs("ready")
            assert await bot.stop() == cli.OK
        assert "'DONE'" not in bot.output


async def test_it_can_be_stopped_while_it_waits(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.chat.faults.refuse_connections()
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            await bot.logs("server_unreachable")
            assert await bot.stop() == cli.OK
        assert "Traceback" not in bot.output


@pytest.mark.parametrize("when", ["while it starts", "while it works"])
async def test_it_is_stopped_in_time_although_nobody_answers(tmp_path: Path, when: str) -> None:
    """Neither the servers, nor whoever has begun to send a webhook."""
    async with World(tmp_path, jira_webhook_secret="secret") as world:
        faults, asked = world.chat.faults, list[str]()
        faults.watch = lambda step, path, _: asked.append(path) if step == "received" else None
        if when == "while it starts":
            faults.delay(seconds=100, times=1_000)
        async with Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot:
            url = (await bot.logs("serving"))["endpoints"]
            if when == "while it works":
                await bot.logs("ready")
                asked.clear()
                faults.delay(seconds=100, times=1_000)
                workspace = world.chat.workspace
                workspace.post("carla", workspace.direct_room("carla", BOT).id, "status")
            host, _, port = url.removeprefix("http://").partition(":")
            _, webhook = await asyncio.open_connection(host, int(port))
            webhook.write(b"POST /webhooks/jira HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
            await eventually(lambda: asked)
            assert await bot.stop(within=15) == cli.OK
            webhook.close()
        assert "Traceback" not in bot.output


async def test_it_is_stopped_in_time_although_its_database_does_not_answer(tmp_path: Path) -> None:
    server = postgres.server()
    url = server.empty_store()
    async with (
        Proxy(server.socket) as proxy,
        World(tmp_path, storage_url=server.over_tcp(url, proxy.port)) as world,
        Program("bot", "run", folder=tmp_path, settings=world.environment()) as bot,
    ):
        await bot.logs("ready")
        proxy.swallow()
        assert await bot.stop(within=15) == cli.OK
        assert "stop_cut_short" in bot.output


async def test_settings_come_from_a_file_too_and_the_environment_wins(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        lines = [f"{name}='{value}'" for name, value in world.environment().items()]
        lines += ["", "# a comment", "SUPPORT_CHANNELS=nowhere", "UNKNOWN_SETTING=ignored"]
        (tmp_path / ".env").write_text("\n".join(lines))
        async with Program("bot", "run", folder=tmp_path) as bot:
            assert await bot.ends() == cli.MEND_FIRST
        assert "no channel 'nowhere'" in bot.stderr
        settings = {"SUPPORT_CHANNELS": "support"}
        async with Program("bot", "run", folder=tmp_path, settings=settings) as bot:
            await bot.logs("ready")
            assert await bot.stop() == cli.OK


async def test_doctor_finds_nothing_wrong_and_ends_with_0(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        settings = world.environment()
        async with Program("bot", "doctor", folder=tmp_path, settings=settings) as doctor:
            assert await doctor.ends() == cli.OK
        assert "WRONG" not in doctor.output
        for part in (
            "knows us as casebot",
            "is heard at once",
            "roles can be read",
            "'!case'",
            "JIRA_STATUS_MAP",
        ):
            assert part in doctor.stdout


async def test_doctor_names_everything_that_is_wrong_and_ends_with_1(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        world.chat.workspace.revoke("view-full-other-user-info", "support-bot")
        settings = world.environment(jira_status_map="Ready=Redy;Done=Done")
        async with Program("bot", "doctor", folder=tmp_path, settings=settings) as doctor:
            assert await doctor.ends() == cli.WRONG
        assert "Traceback" not in doctor.output
        [roles, status] = [one for one in doctor.stdout.splitlines() if one.startswith("WRONG")]
        assert "view-full-other-user-info" in roles
        assert "'Redy'" in status
        assert "It has: Backlog, Blocked, Done" in status


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rocketchat_auth_token": "wrong"}, "Rocket.Chat: "),
        ({"rocketchat_url": "http://127.0.0.1:1"}, "Rocket.Chat: "),
        ({"support_channels": "nowhere"}, "nowhere"),
        ({"jira_api_token": "wrong"}, "Jira: "),
        ({"jira_url": "http://127.0.0.1:1"}, "Jira: "),
        ({"jira_project": "NONE"}, "JIRA_PROJECT NONE"),
        ({"jira_issue_type": "Defect"}, "JIRA_ISSUE_TYPE is 'Defect'"),
        ({"storage_url": "tinydb:////proc/nowhere/cases.json"}, "storage: "),
    ],
)
async def test_doctor_finds_each_thing_that_is_wrong(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    async with World(tmp_path, **changes) as world:
        wrong = [finding.what for finding in await examine(world.settings()) if not finding.good]
        assert len(wrong) == 1
        assert said in wrong[0]


async def test_doctor_finds_nothing_wrong_while_the_bot_runs(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        findings = await examine(world.settings())
    assert [finding.what for finding in findings if not finding.good] == []
    assert "is in use: by the bot, if it is running" in findings[0].what


async def test_doctor_goes_on_after_what_the_server_lacks(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "support_channels": "support,nowhere",
        "level3_channel": "neither",
    }
    async with World(tmp_path, **changes) as world:
        world.chat.faults.fail_next("roles.list", status=404, times=9)
        world.chat.faults.fail_next("settings.public", status=404, times=9)
        findings = await examine(world.settings())
    channels, roles = [finding.what for finding in findings if not finding.good]
    assert "no channel 'nowhere' and no channel 'neither'" in channels
    assert "roles of the" in roles
    assert "does not know the request" in roles
    [commands] = [finding.what for finding in findings if finding.what.startswith("commands")]
    assert "whether '/case' does is not told" in commands


async def test_doctor_says_what_it_found_before_the_server_went_away(tmp_path: Path) -> None:
    async with World(tmp_path, support_channels="support,nowhere") as world:
        world.chat.faults.unavailable("roles.list", times=9)
        wrong = [finding.what for finding in await examine(world.settings()) if not finding.good]
    channels, roles = wrong
    assert "no channel 'nowhere'" in channels
    assert "503" in roles


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_doctor_names_what_the_account_may_not_do_in_jira(
    tmp_path: Path, deployment: Deployment
) -> None:
    async with World(tmp_path, deployment=deployment) as world:
        people = world.jira_people
        for permission in ("CREATE_ISSUES", "CREATE_ATTACHMENTS"):
            world.jira.site.deny(people.username, permission, people.project)
        wrong = [finding.what for finding in await examine(world.settings()) if not finding.good]
    assert len(wrong) == 2
    assert "may not create issues" in wrong[0]
    assert "may not attach files" in wrong[1]


async def test_doctor_praises_nothing_that_it_could_not_look_at(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        world.jira.faults.html("GET /project/{project}/statuses", times=9)
        findings = await examine(world.settings())
    [jira] = [finding for finding in findings if finding.what.startswith("Jira")]
    assert not jira.good
    assert "503" in jira.what


async def test_doctor_says_when_nothing_that_was_missed_can_be_read(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        for method in ("rooms.history", "chat.syncMessages", "channels.history", "groups.history"):
            world.chat.faults.fail_next(method, status=404, times=9)
        [wrong] = [finding.what for finding in await examine(world.settings()) if not finding.good]
    assert "while the bot is away" in wrong


async def test_doctor_names_a_role_that_nobody_can_have(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        settings = load(None, **world.values(), specialist_roles="second-level")
        wrong = [finding.what for finding in await examine(settings) if not finding.good]
        assert len(wrong) == 1
        assert "'second-level'" in wrong[0]
        assert "SPECIALIST_ROLES" in wrong[0]


async def test_doctor_names_whom_the_policy_names_and_nobody_knows_or_trusts(
    tmp_path: Path,
) -> None:
    policy = tmp_path / "policy.toml"
    text = '[alerts]\nlead = "lea"\ndeputies = { sam = "ana", rita = "carla" }\n'
    policy.write_text(text, encoding="utf-8")
    async with World(tmp_path, policy_file=str(policy)) as world:
        wrong = [finding.what for finding in await examine(world.settings()) if not finding.good]
        assert wrong == [
            (
                "policy: alerts.deputies in POLICY_FILE names 'carla', who has no role of the team."
                " Give them one, or mend the name; until then others are told instead."
            ),
            (
                "policy: alerts.lead in POLICY_FILE names 'lea', whom Rocket.Chat does not know."
                " Mend the name; until then others are told instead."
            ),
        ]
        async with world.bot():
            assert set(world.parts.rules.people) == {"sam", "ana", "rita", "carla"}
