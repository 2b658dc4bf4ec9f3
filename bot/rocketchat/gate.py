"""Keeps below the server's rate limits by what its answers say is left.

Rocket.Chat counts per address, route and verb, and says with every answer of a limited route how
many calls are left and when the count begins anew (`X-RateLimit-Remaining`, `X-RateLimit-Reset`).
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.clock import Clock

# The reset is told by the server's clock, which may be wrong; no window is longer than this.
LONGEST = timedelta(seconds=60)
_MOST_DIGITS = 15


class Gate:
    """Holds back calls of a route that has none left."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed_until: dict[str, datetime] = {}

    async def pass_through(self, route: str) -> None:
        """Return when the route may be called."""
        until = self._closed_until.get(route)
        if until is None:
            return
        # Our clock may have been put back since.
        pause = min(until - self._clock.now(), LONGEST)
        if pause > timedelta(0):
            await asyncio.sleep(pause.total_seconds())
        self._closed_until.pop(route, None)

    def note(self, route: str, headers: Mapping[str, str]) -> None:
        """Learn from an answer of the route how many calls are left."""
        if headers.get("X-RateLimit-Remaining", "").strip() != "0":
            return
        reset = headers.get("X-RateLimit-Reset", "").strip()
        if reset.isdecimal():
            now = self._clock.now()
            at = datetime.fromtimestamp(min(int(reset[:_MOST_DIGITS]), 10**13) / 1000, UTC)
            self._closed_until[route] = min(at, now + LONGEST)
