"""`python -m sandbox` as a program of its own."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.integration.sandbox.jira.caller import basic

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_both_servers_run_until_a_signal(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--rocketchat-port=0",
        "--jira-port=0",
        "--rocketchat-version=8.8",
        "--json",
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        facts = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        chat, bot = facts["rocketchat"], facts["rocketchat"]["bot"]
        headers = {"X-User-Id": bot["user_id"], "X-Auth-Token": bot["auth_token"]}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(f"{chat['url']}/api/v1/me") as answer:
                me = await answer.json()
            async with session.get(f"{chat['url']}/api/info") as answer:
                info = await answer.json()
        assert (me["username"], info["version"]) == ("casebot", "8.8")
        jira = facts["jira"]
        admin = next(one for one in jira["people"] if one["admin"])
        known = {"Authorization": basic(admin["email"], admin["api_token"])}
        async with (
            aiohttp.ClientSession(headers=known) as session,
            session.get(f"{jira['url']}/rest/api/3/myself") as answer,
        ):
            assert (await answer.json())["displayName"] == admin["name"]
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_port_that_is_taken_is_said() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sandbox",
            f"--rocketchat-port={port}",
            "--jira-port=0",
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        _, said = await asyncio.wait_for(process.communicate(), 30)
    finally:
        taken.close()
        await taken.wait_closed()
    assert process.returncode == 1
    assert b"cannot listen" in said
