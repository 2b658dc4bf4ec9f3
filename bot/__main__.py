"""`python -m bot`."""

import os
import signal
import sys
import threading


def program() -> None:
    """Run, and end the process when that is over."""
    # Until there is anything to finish, and when all is finished.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from bot.cli import main  # noqa: PLC0415 - takes longer than somebody may want to wait

    code = main()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if threading.active_count() > 1:
        # A thread that waits for a server that does not answer would keep the process for as long.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    program()
