"""Starts bots quickly: a process that has loaded the program and forks one for each start.

Loading is most of a start, and nothing that a kill could spoil. Listens on a socket, for one
client after the other: reads one JSON object per line (`env`, `log`, `arguments`, `clock_ahead` in
seconds), writes `{"pid": …}` for each, and `{"pid": …, "status": …}` when one has ended. What a
client started is killed when it goes.
"""

import contextlib
import json
import os
import signal
import socket
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

# Loaded for those that are forked.
import bot.app
import bot.cli
import bot.clock
import bot.log
import bot.settings
import storage.postgres
import storage.postgres_listener
import storage.tinydb

LOOK_FOR_PARENT_SECONDS = 2.0


class Forker:
    """Serves one client."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._children: set[int] = set()

    def serve(self) -> None:
        """Start what is ordered until the client goes."""
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        with self._client.makefile() as orders, contextlib.suppress(ConnectionError):
            for order in orders:
                self._start(json.loads(order))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _start(self, order: dict[str, Any]) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            become_bot(order)
        self._children.add(pid)
        self._tell(pid=pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._children.discard(pid)
            self._tell(pid=pid, status=os.waitstatus_to_exitcode(status))

    def _tell(self, **facts: int) -> None:
        with contextlib.suppress(ConnectionError):
            self._client.sendall(json.dumps(facts).encode() + b"\n")


def become_bot(order: dict[str, Any]) -> None:
    """Be what `python -m bot` with these arguments and this environment would be."""
    status = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.environ.clear()
        os.environ.update(order["env"])
        log = os.open(Path(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, 256)
        if order["clock_ahead"]:
            set_clock_ahead(timedelta(seconds=order["clock_ahead"]))
        status = bot.cli.main(order["arguments"])
    finally:
        # Nothing of the launcher is to be run on the way out.
        os._exit(status)


def set_clock_ahead(ahead: timedelta) -> None:
    """Let this process believe that it is later, in the two places that look at the clock."""

    class WrongTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    for module in (bot.clock, storage.postgres_listener):
        vars(module)["datetime"] = WrongTime


def main(path: str) -> None:
    """Serve clients until killed, or until whoever started it is gone."""
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as server:
        # Under its name only when it listens: whoever sees it connects at once.
        server.bind(f"{path}.new")
        server.listen()
        os.rename(f"{path}.new", path)  # noqa: PTH104 - a socket
        server.settimeout(LOOK_FOR_PARENT_SECONDS)
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                client, _ = server.accept()
                client.setblocking(True)  # noqa: FBT003 - the module's own way
                with client:
                    Forker(client).serve()


if __name__ == "__main__":
    main(sys.argv[1])
