"""Commands to inject, and the id that the answer to each one must have."""

import itertools

from benchmarks.seed import INSTALLED_AS
from bot.cases.effects import message_id_of

Message = tuple[str, str, str, str, str]
"""Who, which room, what, under which id, and the id of the answer."""

_numbers = itertools.count(1)


def opening(room: str, username: str) -> Message:
    """Return a command that opens a case: one answer, and nobody else is told."""
    number = next(_numbers)
    # Ascending, so that messages of the same millisecond have an order too.
    message_id = f"command{number:010d}"
    answer = message_id_of(INSTALLED_AS, f"reply/{message_id}")
    return username, room, f"!case open Export {number} fails on save", message_id, answer
