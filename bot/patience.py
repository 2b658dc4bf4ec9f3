"""How long the bot waits for a server before it counts as gone."""

from dataclasses import dataclass
from datetime import timedelta

from bot.rocketchat.realtime import SILENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Long enough for a busy server, short enough for people.

    Attributes:
        request: for one request, answer included.
        silence: of the chat's stream until it is asked for a sign of life; after as much again it
            is opened anew.
    """

    request: timedelta = timedelta(seconds=30)
    silence: timedelta = SILENCE
