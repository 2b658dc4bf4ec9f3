"""The time, as a dependency, so that tests choose it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the machine's current time, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """A clock put right by how far it is behind, which may change.

    Args:
        offset: asked each time.
    """

    def __init__(self, clock: Clock, offset: Callable[[], timedelta]) -> None:
        self._clock = clock
        self._offset = offset

    def now(self) -> datetime:
        """Return the right time, aware, in UTC."""
        return self._clock.now() + self._offset()
