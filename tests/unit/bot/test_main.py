"""The process: being asked to stop is never a failure."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

import bot.cli
from bot.__main__ import program


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Whoever runs the tests may have threads of their own.
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_stop_before_anything_has_begun_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 1

    monkeypatch.setattr(bot.cli, "main", main)
    with pytest.raises(SystemExit) as ended:
        program()
    assert ended.value.code == 0


def test_a_second_stop_changes_nothing_about_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def main() -> int:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # as a closed event loop leaves it
        return 2

    monkeypatch.setattr(bot.cli, "main", main)
    with pytest.raises(SystemExit) as ended:
        program()
    assert ended.value.code == 2
    os.kill(os.getpid(), signal.SIGTERM)
