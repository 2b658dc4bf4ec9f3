"""Settings that would leak."""

from typing import Any

import pytest

from bot.settings import Settings, SettingsProblem, load, secrets_of

GOOD: dict[str, Any] = {
    "rocketchat_url": "https://chat.example.org",
    "rocketchat_username": "casebot",
    "rocketchat_password": "pass-a",
    "support_channels": "support",
    "jira_url": "https://jira.example.org",
    "jira_token": "token-b",
    "jira_project": "BUG",
}


def settings(**others: Any) -> Settings:  # noqa: ANN401
    return load(None, **{**GOOD, **others})


@pytest.mark.parametrize("name", ["rocketchat_url", "jira_url"])
def test_an_address_with_a_password_is_refused(name: str) -> None:
    with pytest.raises(SettingsProblem) as problem:
        settings(**{name: "https://me:hunter2@jira.example.org"})
    assert "must not contain a user name or password" in str(problem.value)
    assert "hunter2" not in str(problem.value)


@pytest.mark.parametrize("name", ["rocketchat_url", "jira_url"])
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://127.0.0.1:port",
        "http://[bad",
        "https://jira example.org",
        "https://jira.example.org/?os_username=me",
        "https://jira.example.org/#top",
    ],
)
def test_an_address_that_leads_nowhere_is_refused(name: str, address: str) -> None:
    with pytest.raises(SettingsProblem, match=f"{name.upper()} is wrong: .* Example: "):
        settings(**{name: address})


def test_a_password_that_breaks_its_url_is_known_all_the_same() -> None:
    assert "p[ss" in secrets_of(settings(storage_url="postgresql://bot:p[ss@db/cases"))


def test_every_secret_is_known_and_none_is_shown() -> None:
    given = settings(storage_url="postgresql://bot:p%40ss-c@db/cases")
    assert {"pass-a", "token-b", "p%40ss-c", "p@ss-c"} <= set(secrets_of(given))
    for secret in ("pass-a", "token-b", "p%40ss-c"):
        assert secret not in repr(given)
