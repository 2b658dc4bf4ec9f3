"""`python -m bot`."""

import os
import sys
import threading

from bot.cli import main


def program() -> None:
    """Run, and end the process when that is over."""
    code = main()
    if threading.active_count() > 1:
        # A thread that waits for a server that does not answer would keep the process for as long.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    program()
