"""What every test shares: an environment without our settings."""

import os

import pytest

OURS = (
    "ROCKETCHAT_",
    "JIRA_",
    "SUPPORT_",
    "LEVEL",
    "ANALYST_",
    "SPECIALIST_",
    "RND_",
    "ADMIN_",
    "POLL_",
    "STORAGE_",
    "HTTP_",
    "DEFAULT_",
    "LOG_",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine that runs the tests must not reach them."""
    for name in list(os.environ):
        if name.upper().startswith(OURS):
            monkeypatch.delenv(name)
