"""The command line: which subcommand, and how it ended.

Exit codes: 0 all is well, 1 something is wrong that trying again may mend (or `doctor` found
something), 2 something has to be mended first.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot import __version__

OK = 0
WRONG = 1
MEND_FIRST = 2

# Less than a supervisor waits before it kills, more than an orderly end takes.
GONE_WITHIN = 9.5
"""Seconds."""

Body = Callable[[asyncio.Event], Awaitable[int]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "run":
        return _run(options)
    if options.command == "doctor":
        return _doctor(options)
    if options.command == "storage":
        return _storage(options)
    return _sandbox(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Carries a product defect through Rocket.Chat to the release that fixes it.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="the bot, against the servers named in the settings")
    run.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")

    doctor = commands.add_parser("doctor", help="check everything the bot needs")
    doctor.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")

    _add_storage(commands)

    sandbox = commands.add_parser(
        "sandbox", help="both servers, the bot and a page to play with; nothing to configure"
    )
    sandbox.add_argument("--port", type=int, default=3000, help="of the chat; 0: any free one")
    sandbox.add_argument("--no-browser", action="store_true", help="do not open the page")
    sandbox.add_argument("--tour", action="store_true", help="play the whole path and end")
    sandbox.add_argument("--jira", choices=("cloud", "datacenter"), default="cloud")
    return parser


def _add_storage(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    storage = commands.add_parser("storage", help="tables, copies and exports of what is stored")
    actions = storage.add_subparsers(dest="action", required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="bring PostgreSQL's tables to this version")
    copy = actions.add_parser("copy", help="copy everything into an empty store")
    copy.add_argument("source", metavar="FROM", help="as STORAGE_URL")
    copy.add_argument("target", metavar="TO", help="as STORAGE_URL")
    export = actions.add_parser("export", help="write everything into a file, as JSON Lines")
    read_in = actions.add_parser("import", help="read such a file into an empty store")
    for action in (export, read_in):
        action.add_argument("file", type=Path, metavar="FILE")
    archive = actions.add_parser(
        "archive", help="put closed cases and old deliveries into a file, out of the store"
    )
    archive.add_argument("--older-than", required=True, metavar="DAYS", help="such as 365d")
    archive.add_argument("--to", type=Path, metavar="FILE", help="default: named by the time")
    archive.add_argument("--dry-run", action="store_true", help="only say how much it would be")
    for action in (upgrade, export, read_in, archive):
        action.add_argument("--url", metavar="URL", help="instead of STORAGE_URL")
        action.add_argument("--env-file", type=Path, default=Path(".env"), metavar="FILE")


def _run(options: argparse.Namespace) -> int:
    from bot.app import App  # noqa: PLC0415 - `--help` need not load the whole program
    from bot.log import set_up  # noqa: PLC0415
    from bot.settings import SettingsProblem, load, secrets_of  # noqa: PLC0415

    try:
        settings = load(options.env_file)
    except SettingsProblem as problem:
        return _mend(str(problem))
    set_up(form=settings.log_format, level=settings.log_level, secrets=secrets_of(settings))

    async def body(stop: asyncio.Event) -> int:
        await App(settings).run(stop)
        return OK

    last_resort = threading.Timer(GONE_WITHIN, _cut_short)
    last_resort.daemon = True
    try:
        return _until_stopped(body, on_stop=last_resort.start)
    finally:
        last_resort.cancel()
        if last_resort.is_alive():
            last_resort.join()


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor import examine  # noqa: PLC0415
    from bot.settings import SettingsProblem, load  # noqa: PLC0415

    try:
        settings = load(options.env_file)
    except SettingsProblem as problem:
        return _mend(str(problem))
    findings = asyncio.run(examine(settings))
    for finding in findings:
        print(finding)
    return OK if all(finding.good for finding in findings) else WRONG


def _storage(options: argparse.Namespace) -> int:
    from bot import storage_commands  # noqa: PLC0415

    async def body(stop: asyncio.Event) -> int:
        working = asyncio.ensure_future(storage_commands.run(options))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if working.done():
            working.result()
            return OK
        working.cancel()
        await asyncio.wait({working})
        print("Broken off. Nothing is lost: run the same command again.", file=sys.stderr)
        return WRONG

    return _until_stopped(body)


def _sandbox(options: argparse.Namespace) -> int:
    from bot.demo import play, tour  # noqa: PLC0415 - the only way from here to the sandbox

    async def body(stop: asyncio.Event) -> int:
        if options.tour:
            return await tour(deployment=options.jira)
        await play(
            port=options.port,
            browser=not options.no_browser,
            deployment=options.jira,
            stop=stop,
        )
        return OK

    return _until_stopped(body)


def _cut_short() -> None:
    """End now; what was not finished goes on at the next start, as after a crash.

    From a thread of its own: nothing that the rest of the program waits for may keep it.
    """
    import structlog  # noqa: PLC0415

    structlog.get_logger(__name__).warning("stop_cut_short")
    sys.stderr.flush()
    os._exit(OK)


def _until_stopped(body: Body, *, on_stop: Callable[[], None] = lambda: None) -> int:
    """Run until done or until SIGINT or SIGTERM; what must be mended is said in one sentence.

    Args:
        body: what to run.
        on_stop: called once, when it is asked to stop.
    """
    from bot.start import CannotStart  # noqa: PLC0415
    from storage.base import StoreError  # noqa: PLC0415

    async def supervised() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def heed() -> None:
            if not stop.is_set():
                stop.set()
                on_stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, heed)
        return await body(stop)

    try:
        return asyncio.run(supervised())
    except (CannotStart, StoreError) as problem:
        return _mend(str(problem))


def _mend(problem: str) -> int:
    print(problem, file=sys.stderr)
    return MEND_FIRST
