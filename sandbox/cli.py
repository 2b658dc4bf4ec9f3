"""The command line of the two servers."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sandbox.jira.seed import JiraPeople, populate_jira
from sandbox.jira.server import JiraServer
from sandbox.page import FOLDER, page_config
from sandbox.people import People, populate_rocketchat
from sandbox.rocketchat.server import RocketChatServer
from sandbox.rocketchat.version import SUPPORTED

PORT_TAKEN = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both servers until SIGTERM or SIGINT.

    Returns:
        0 after a signal, 1 when a port is taken.
    """
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(options))
    except KeyboardInterrupt:
        # Where signals cannot be handled in the loop.
        return 0
    except OSError as error:
        print(f"cannot listen: {error}", file=sys.stderr)  # noqa: T201 - a command line prints
        return PORT_TAKEN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A Rocket.Chat-compatible and a Jira-compatible server, in memory, "
        "with people to play with.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--rocketchat-port", type=int, default=3000, help="0 takes any free one")
    parser.add_argument("--jira-port", type=int, default=3001, help="0 takes any free one")
    parser.add_argument("--rocketchat-version", choices=SUPPORTED, default=SUPPORTED[-1])
    parser.add_argument("--jira", choices=("cloud", "datacenter"), default="cloud")
    parser.add_argument(
        "--allow-unrecognized-slash",
        action="store_true",
        help="let web clients post commands nobody registered",
    )
    parser.add_argument(
        "--page", type=Path, default=FOLDER, help="a folder to serve at / of Rocket.Chat"
    )
    parser.add_argument("--json", action="store_true", help="print the facts as one line of JSON")
    return parser


async def _run(options: argparse.Namespace) -> None:
    # Before anything is printed: whoever starts us may stop us at once.
    stopped = asyncio.Event()
    _on_signals(stopped.set)
    rocketchat = RocketChatServer(
        version=options.rocketchat_version,
        settings={"Message_AllowUnrecognizedSlashCommand": options.allow_unrecognized_slash},
        page=options.page,
    )
    jira = JiraServer(deployment=options.jira)
    people, jira_people = populate_rocketchat(rocketchat), populate_jira(jira)
    try:
        await rocketchat.start(host=options.host, port=options.rocketchat_port)
        await jira.start(host=options.host, port=options.jira_port)
        rocketchat.page_config = page_config(people, board_url=f"{jira.url}/board")
        write = _as_json if options.json else _as_text
        print(write(rocketchat.url, people, jira, jira_people), flush=True)  # noqa: T201
        await stopped.wait()
    finally:
        await rocketchat.stop()
        await jira.stop()


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop)


def _as_json(rocketchat_url: str, people: People, jira: JiraServer, jira_people: JiraPeople) -> str:
    return json.dumps(
        {
            "rocketchat": {
                "url": rocketchat_url,
                "bot": {"user_id": people.bot_user_id, "auth_token": people.bot_token},
                "channels": list(people.channels),
                "people": [
                    {
                        "username": one.username,
                        "password": one.password,
                        "name": one.name,
                        "roles": list(one.roles),
                    }
                    for one in people.everybody
                ],
            },
            "jira": {
                "url": jira.url,
                "project": jira_people.project,
                "email": jira_people.email,
                "api_token": jira_people.api_token,
                "personal_token": jira_people.personal_token,
                "username": jira_people.username,
                "password": jira_people.password,
                "people": [
                    {
                        "username": one.username,
                        "name": one.name,
                        "email": one.email,
                        "password": one.password,
                        "api_token": one.api_token,
                        "personal_token": one.personal_token,
                        "admin": one.admin,
                    }
                    for one in jira_people.everybody
                ],
            },
        }
    )


def _as_text(rocketchat_url: str, people: People, jira: JiraServer, jira_people: JiraPeople) -> str:
    rows = [
        f"  {one.username:<8} {one.password:<17} {', '.join(one.roles):<25} {one.about}"
        for one in people.everybody
    ]
    if jira.deployment == "cloud":
        heads = ("e-mail", "API token", "who")
        accounts = [(one.email, one.api_token, one.about) for one in jira_people.everybody]
    else:
        heads = ("username, password", "personal token", "who")
        accounts = [
            (f"{one.username}, {one.password}", one.personal_token, one.about)
            for one in jira_people.everybody
        ]
    signs = [f"  {way:<25} {token:<25} {about}" for way, token, about in (heads, *accounts)]
    return "\n".join(
        [
            f"Rocket.Chat  {rocketchat_url}",
            f"Jira         {jira.url}   project {jira_people.project}",
            "",
            "  username password          roles                     who",
            *rows,
            "",
            f"  channels: {', '.join(people.channels)}",
            f"  ROCKETCHAT_USER_ID={people.bot_user_id}",
            f"  ROCKETCHAT_AUTH_TOKEN={people.bot_token}",
            f"  JIRA_EMAIL={jira_people.email}  JIRA_API_TOKEN={jira_people.api_token}",
            f"  JIRA_TOKEN={jira_people.personal_token}  (Data Center)",
            "",
            "In Jira:",
            *signs,
            "",
            "Ctrl-C ends both; nothing is kept.",
        ]
    )
