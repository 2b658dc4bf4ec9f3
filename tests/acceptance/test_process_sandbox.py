"""`python -m sandbox`: both servers for other clients, and the bot as a process against them."""

import json
import socket
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from bot import cli
from sandbox.rocketchat.clients import WebClient
from tests.program import Program


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [int(one.getsockname()[1]) for one in sockets]


async def test_both_servers_listen_on_the_ports_they_are_given(tmp_path: Path) -> None:
    chat, jira = free_ports(2)
    ports = ("--rocketchat-port", str(chat), "--jira-port", str(jira))
    async with Program("sandbox", *ports, folder=tmp_path) as sandbox:
        await sandbox.says("Ctrl-C")
        assert f"http://127.0.0.1:{chat}" in sandbox.stdout
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{chat}/api/info") as answer:
                assert (await answer.json())["success"] is True
            url = f"http://127.0.0.1:{jira}/rest/api/2/serverInfo"
            async with http.get(url) as answer:
                assert (await answer.json())["deploymentType"] == "Cloud"
        assert await sandbox.stop() == 0
    assert sandbox.stderr == ""


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = ("--rocketchat-port", port, "--jira-port", "0")
        async with Program("sandbox", *arguments, folder=tmp_path) as sandbox:
            assert await sandbox.ends() == 1
    assert "Traceback" not in sandbox.output
    assert port in sandbox.stderr


async def test_bot_and_servers_as_processes_of_their_own(tmp_path: Path) -> None:
    arguments = ("--rocketchat-port", "0", "--jira-port", "0", "--json")
    async with Program("sandbox", *arguments, folder=tmp_path) as sandbox:
        facts = json.loads(await sandbox.says('"rocketchat"'))
        chat, jira = facts["rocketchat"], facts["jira"]
        settings = {
            "ROCKETCHAT_URL": chat["url"],
            "ROCKETCHAT_USER_ID": chat["bot"]["user_id"],
            "ROCKETCHAT_AUTH_TOKEN": chat["bot"]["auth_token"],
            "SUPPORT_CHANNELS": "support",
            "JIRA_URL": jira["url"],
            "JIRA_EMAIL": jira["email"],
            "JIRA_API_TOKEN": jira["api_token"],
            "JIRA_PROJECT": jira["project"],
            "HTTP_PORT": "0",
            "LOG_FORMAT": "json",
        }
        async with Program("bot", "run", folder=tmp_path, settings=settings) as bot:
            await bot.logs("ready")
            ana = next(one for one in chat["people"] if one["username"] == "ana")
            async with WebClient(chat["url"], "ana", ana["password"]) as client:
                await client.type("support", "!case open Export fails")
                await client.wait_for(lambda message: "*CASE-1* Export" in message["msg"])
            # The default storage, below the folder where it was started.
            assert "Export fails" in (tmp_path / "data" / "cases.json").read_text()
            assert await bot.stop() == cli.OK
        assert bot.stdout == ""
        assert "Traceback" not in bot.stderr
