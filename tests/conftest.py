"""What every test shares: an environment without our settings."""

import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing else.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

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


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Return a port on which nobody listens, and nobody can begin to while the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
