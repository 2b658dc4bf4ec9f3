"""Commands to inject, and the id that the answer to each one must have."""

import itertools
from collections.abc import Callable

from benchmarks.seed import INSTALLED_AS
from bot.cases.effects import message_id_of

Message = tuple[str, str, str, str, str]
"""Who, which room, what, under which id, and the id of the answer."""

_numbers = itertools.count(1)


def opening(room: str, username: str) -> Message:
    """Return a command that opens a case: one answer.

    Of a case that a customer opens in a direct message the support channel is told besides.
    """
    return _message(room, username, lambda number: f"case open Export {number} fails on save")


def asking(question: str) -> Callable[[str, str], Message]:
    """Return what makes a command that changes nothing, always the same."""
    return lambda room, username: _message(room, username, lambda _: question)


def _message(room: str, username: str, text: Callable[[int], str]) -> Message:
    number = next(_numbers)
    # Ascending, so that messages of the same millisecond have an order too.
    message_id = f"command{number:010d}"
    answer = message_id_of(INSTALLED_AS, f"reply/{message_id}")
    return username, room, f"!{text(number)}", message_id, answer
