"""Settings that are missing or wrong end the program with one line each and exit code 2."""

from pathlib import Path

import pytest

from bot import cli
from tests.program import Program

GOOD = {
    "ROCKETCHAT_URL": "http://127.0.0.1:1",
    "ROCKETCHAT_USERNAME": "casebot",
    "ROCKETCHAT_PASSWORD": "rocket-password",
    "SUPPORT_CHANNELS": "support",
    "JIRA_URL": "http://127.0.0.1:1",
    "JIRA_TOKEN": "jira-token",
    "JIRA_PROJECT": "BUG",
}

# What is set otherwise, and what is said; an empty value counts as missing.
WRONG = (
    ({"ROCKETCHAT_URL": ""}, "ROCKETCHAT_URL is missing"),
    ({"ROCKETCHAT_URL": "chat.example.org"}, "ROCKETCHAT_URL is wrong"),
    ({"ROCKETCHAT_URL": "ftp://chat.example.org"}, "ROCKETCHAT_URL is wrong"),
    ({"ROCKETCHAT_PASSWORD": ""}, "ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN are missing"),
    ({"ROCKETCHAT_USERNAME": ""}, "ROCKETCHAT_USERNAME and ROCKETCHAT_PASSWORD"),
    ({"SUPPORT_CHANNELS": ""}, "SUPPORT_CHANNELS is missing"),
    ({"SUPPORT_CHANNELS": " , "}, "SUPPORT_CHANNELS is missing"),
    ({"JIRA_URL": ""}, "JIRA_URL is missing"),
    ({"JIRA_URL": "https://"}, "JIRA_URL is wrong"),
    ({"JIRA_TOKEN": ""}, "JIRA_EMAIL and JIRA_API_TOKEN are missing"),
    ({"JIRA_TOKEN": "", "JIRA_EMAIL": "a@b.c"}, "JIRA_EMAIL and JIRA_API_TOKEN are missing"),
    ({"JIRA_PROJECT": ""}, "JIRA_PROJECT is missing"),
    ({"JIRA_STATUS_MAP": "Reday=To Do"}, "JIRA_STATUS_MAP has 'Reday=To Do'"),
    ({"JIRA_STATUS_MAP": "Ready=To Do;Done=To Do"}, "JIRA_STATUS_MAP gives 'To Do' two meanings"),
    ({"JIRA_STATUS_MAP": ";"}, "JIRA_STATUS_MAP names no status"),
    ({"POLL_INTERVAL_SECONDS": "soon"}, "POLL_INTERVAL_SECONDS is wrong"),
    ({"POLL_INTERVAL_SECONDS": "0"}, "POLL_INTERVAL_SECONDS is wrong"),
    ({"POLL_INTERVAL_SECONDS": "nan"}, "POLL_INTERVAL_SECONDS is wrong"),
    ({"ALERT_REMINDER_MINUTES": "-1"}, "ALERT_REMINDER_MINUTES is wrong"),
    ({"HTTP_PORT": "eighty"}, "HTTP_PORT is wrong"),
    ({"HTTP_PORT": "70000"}, "HTTP_PORT is wrong"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is wrong"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is wrong"),
    ({"RECEIPT": "perhaps"}, "RECEIPT is wrong"),
    ({"CONFIRMATION": "perhaps"}, "CONFIRMATION is wrong"),
)


@pytest.mark.parametrize("command", ["run", "doctor"])
@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_is_wrong_is_named_with_an_example(
    command: str,
    changes: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(name, value)
    assert cli.main([command]) == cli.MEND_FIRST
    written = capsys.readouterr()
    assert written.out == ""
    [line] = written.err.splitlines()
    assert said in line
    assert "Example: " in line
    for secret in ("rocket-password", "jira-token"):
        assert secret not in line


async def test_texts_that_cannot_be_used_end_the_start_before_anybody_is_asked(
    tmp_path: Path,
) -> None:
    text = tmp_path / "texts" / "customer" / "closed.j2"
    text.parent.mkdir(parents=True)
    text.write_text("{{ case.name }} is closed.\n{{ case.closed_reason }}\n", encoding="utf-8")
    settings = {**GOOD, "TEMPLATES_FOLDER": "texts"}
    async with Program("bot", "run", folder=tmp_path, settings=settings) as bot:
        assert await bot.ends() == cli.MEND_FIRST
    [line] = bot.stderr.splitlines()
    assert "texts/customer/closed.j2:2: unknown field `case.closed_reason`" in line
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"DEFAULT_LANGUAGE": "tlh"}, "DEFAULT_LANGUAGE tlh: there are no texts in it, only in en"),
        ({"TEMPLATES_FOLDER": "nowhere"}, "TEMPLATES_FOLDER nowhere: there is no such folder"),
    ],
)
def test_the_doctor_looks_at_the_texts(
    changes: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["doctor"]) == cli.WRONG
    assert f"WRONG  texts: {said}" in capsys.readouterr().out


POLICY = '[hours]\ntime_zone = "Mars/Base"\n[alerts]\nrepeet = "4h"\n'


async def test_a_policy_that_cannot_be_used_ends_the_start_before_anybody_is_asked(
    tmp_path: Path,
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    settings = {**GOOD, "POLICY_FILE": "policy.toml"}
    async with Program("bot", "run", folder=tmp_path, settings=settings) as bot:
        assert await bot.ends() == cli.MEND_FIRST
    zone, key = bot.stderr.splitlines()
    assert "policy.toml: line 2, hours.time_zone is wrong: names no time zone" in zone
    assert "policy.toml: line 4, alerts.repeet is not known. Did you mean repeat?" in key
    assert not (tmp_path / "data").exists()


def test_the_doctor_looks_at_the_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    for name, value in (GOOD | {"POLICY_FILE": "policy.toml"}).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["doctor"]) == cli.WRONG
    assert "WRONG  policy: policy.toml: line 2, hours.time_zone" in capsys.readouterr().out


async def test_everything_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    async with Program("bot", "run", folder=tmp_path) as bot:
        assert await bot.ends() == cli.MEND_FIRST
    assert bot.stdout == ""
    assert "Traceback" not in bot.stderr
    for name in ("ROCKETCHAT_URL", "SUPPORT_CHANNELS", "JIRA_URL", "JIRA_PROJECT"):
        [line] = [one for one in bot.stderr.splitlines() if one.startswith(f"{name} is missing")]
        assert f"Example: {name}=" in line


async def test_help_names_the_commands(tmp_path: Path) -> None:
    async with Program("bot", "--help", folder=tmp_path) as bot:
        assert await bot.ends() == cli.OK
    for command in ("run", "doctor", "sandbox"):
        assert f"\n    {command}" in bot.stdout
    assert bot.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "--fast"]])
def test_a_command_line_that_is_wrong_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == cli.MEND_FIRST
    assert "usage: python -m bot" in capsys.readouterr().err
