"""How long, as people write it: `30m`, `4h`, `2d`."""

import re
from dataclasses import dataclass
from datetime import timedelta

_WRITTEN = re.compile(
    r"(\d{1,4})\s*(?:(m|min|minutes?)|(h|hours?)|(d|days?))", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """So many minutes, hours and days; what a day is depends on what is counted."""

    minutes: int = 0
    hours: int = 0
    days: int = 0

    def by_clock(self) -> timedelta:
        """Return it with days of the calendar."""
        return self.of_days(timedelta(days=1))

    def of_days(self, day: timedelta) -> timedelta:
        """Return it with days that are so long."""
        return timedelta(minutes=self.minutes, hours=self.hours) + self.days * day


def find_span(text: str) -> Span | None:
    """Return what a text says, or None if it says no duration."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    number = int(found[1])
    if found[2]:
        return Span(minutes=number)
    return Span(hours=number) if found[3] else Span(days=number)
