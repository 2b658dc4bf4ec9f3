"""Each command with tables of another version says so, and names the command that mends it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection

from bot.cli import main
from storage import open_store
from storage.base import StoreError
from storage.postgres_connect import connector, engine
from storage.postgres_schema import REVISION
from storage.postgres_upgrade import configuration, upgrade
from tests.postgres import Server
from tests.waiting import eventually

FIRST = "0001"
NOBODY = "http://127.0.0.1:9"
SETTINGS = {
    "ROCKETCHAT_URL": NOBODY,
    "ROCKETCHAT_USERNAME": "casebot",
    "ROCKETCHAT_PASSWORD": "secret",
    "SUPPORT_CHANNELS": "support",
    "JIRA_URL": NOBODY,
    "JIRA_TOKEN": "secret",
    "JIRA_PROJECT": "SUP",
    "HTTP_PORT": "0",
}
FILE = "tinydb:///cases.json"
COMMANDS: dict[str, Sequence[str]] = {
    "run": ["run"],
    "doctor": ["doctor"],
    "copy from": ["storage", "copy", "URL", FILE],
    "copy to": ["storage", "copy", FILE, "URL"],
    "export": ["storage", "export", "new.jsonl"],
    "import": ["storage", "import", "old.jsonl"],
    "archive": ["storage", "archive", "--older-than", "365d"],
}


def make_first(url: str) -> None:
    """Make the tables as the very first version had them."""

    def step(connection: Connection) -> None:
        command.upgrade(configuration(connection), FIRST)

    async def make() -> None:
        pool = engine(connector(url))
        async with pool.begin() as connection:
            await connection.run_sync(step)
        await pool.dispose()

    asyncio.run(make())


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a file, an export of it, and all settings but one."""
    # Loggers are kept once they were used: they would write to what is closed after this test.
    monkeypatch.setattr("bot.log.set_up", lambda **_: None)
    monkeypatch.chdir(tmp_path)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    asyncio.run(begin(FILE))
    assert main(["storage", "export", "old.jsonl", "--url", FILE]) == 0
    return tmp_path


async def begin(url: str) -> None:
    """Make an empty store."""
    async with open_store(url):
        pass


def say(arguments: Sequence[str], url: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return how a command ended, and what it said."""
    capsys.readouterr()
    status = main([url if argument == "URL" else argument for argument in arguments])
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("elsewhere")
def test_older_tables_are_refused_by_every_command_until_they_are_upgraded(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.create_database()
    make_first(url)
    if REVISION == FIRST:
        server.run(url, "UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setenv("STORAGE_URL", url)
    status, said = say(COMMANDS[name], url, capsys)
    assert status != 0
    assert "older version" in said
    assert "python -m bot storage upgrade" in said
    assert "secret" not in said


@pytest.mark.parametrize("name", [*COMMANDS, "upgrade"])
@pytest.mark.usefixtures("elsewhere")
def test_newer_tables_are_refused_by_every_command(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.create_store()
    server.run(url, "UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setenv("STORAGE_URL", url)
    status, said = say(COMMANDS.get(name, ["storage", "upgrade"]), url, capsys)
    assert status != 0
    assert "newer version (9999" in said
    assert "update this program" in said


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ("UPDATE alembic_version SET version_num = 'a1b2c3'", "tables of another program"),
        ("DROP TABLE alembic_version", "tables of the same names"),
        ("DROP TABLE inbox, marks", "are missing (inbox, marks): restore the database"),
    ],
)
def test_tables_that_no_upgrade_mends_are_told_apart(
    server: Server, capsys: pytest.CaptureFixture[str], statements: str, said: str
) -> None:
    url = server.create_store()
    server.run(url, statements)
    status, answer = say(["storage", "upgrade", "--url", url], url, capsys)
    assert (status, answer.count("\n")) == (2, 1)
    assert said in answer


@pytest.mark.usefixtures("elsewhere")
def test_the_command_that_is_named_mends_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.create_database()
    make_first(url)
    server.run(url, "INSERT INTO marks VALUES ('installation', 'kept')")
    monkeypatch.setenv("STORAGE_URL", url)
    assert say(["storage", "upgrade"], url, capsys)[0] == 0
    status, said = say(COMMANDS["export"], url, capsys)
    assert status == 0
    assert "1 mark" in said


async def test_tables_are_not_changed_under_bots_that_work(server: Server) -> None:
    url = server.create_store()
    older = "UPDATE alembic_version SET version_num = '0000'"
    async with open_store(url):
        # Nothing is to be done: nobody is disturbed.
        assert await upgrade(url) == (REVISION, REVISION)
        server.run(url, older)
        with pytest.raises(StoreError, match=r"Bots are at work.*stop all of them first"):
            await upgrade(url)
    [[version]] = server.rows(url, "SELECT version_num FROM alembic_version")
    assert version == "0000"


async def test_a_bot_that_starts_while_tables_are_changed_finds_the_new_ones(
    server: Server,
) -> None:
    url = server.create_database()
    await asyncio.to_thread(make_first, url)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"

    async def are_waiting(sessions: int) -> None:
        await eventually(lambda: server.rows(url, waiting)[0][0] == sessions, within=30)

    reader = await asyncpg.connect(url)
    async with asyncio.TaskGroup() as group, reader.transaction():
        # So that the upgrade is still at work when a bot starts.
        await reader.fetch("SELECT 1 FROM cases")
        upgrading = group.create_task(upgrade(url))
        await are_waiting(1)
        starting = group.create_task(begin(url))
        await are_waiting(2)
    assert upgrading.result() == (FIRST, REVISION)
    assert starting.done()
    await reader.close()
