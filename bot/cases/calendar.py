"""Working time: how long a team has worked between two moments, and when some work is over.

Hours are local, so a day on which the clocks change is as long as it really is.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from zoneinfo import ZoneInfo

from bot.cases.policy import WorkingHours

_DAY = timedelta(days=1)
_LAST_YEAR = 9000
"""Nobody waits longer; arithmetic beyond it would leave what a date can say."""


class Calendar:
    """The working time of a team.

    Args:
        hours: when it works.
    """

    def __init__(self, hours: WorkingHours) -> None:
        self._hours = hours
        self.zone = ZoneInfo(hours.time_zone)
        self._holidays = _holidays_of(hours)
        # Whatever is counted, it is mostly the same few days that are looked at.
        self._span = lru_cache(maxsize=64)(self._work_out_span)

    def is_working(self, at: datetime) -> bool:
        """Tell whether it is working time."""
        local = at.astimezone(self.zone).date()
        return any(begin <= at < end for begin, end in self._spans(local - _DAY, local))

    def works_on(self, at: datetime) -> bool:
        """Tell whether it is a day on which the team works, be it before or after hours."""
        return self._works_on(at.astimezone(self.zone).date())

    def add(self, start: datetime, work: timedelta) -> datetime:
        """Return when so much working time has passed since `start`, in UTC.

        With no work at all: `start` itself if it is working time, else when the next begins.
        """
        left = work
        for begin, end in self._spans_from(start):
            here = max(begin, start)
            if here + left < end or (left and here + left == end):
                return here + left
            left -= end - here
        raise OverflowError("there is no such day")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; none if that is earlier."""
        passed = timedelta()
        if end <= start:
            return passed
        last = end.astimezone(self.zone).date()
        for opens, closes in self._spans(start.astimezone(self.zone).date() - _DAY, last):
            passed += max(timedelta(), min(closes, end) - max(opens, start))
        return passed

    def next_at(self, after: datetime, at: time) -> datetime:
        """Return when the clock next shows `at` on a working day, later than `after`, in UTC."""
        day = after.astimezone(self.zone).date()
        while True:
            moment = datetime.combine(day, at, self.zone).astimezone(UTC)
            if moment > after and self._works_on(day):
                return moment
            day += _DAY

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        first = start.astimezone(self.zone).date() - _DAY
        last = date(_LAST_YEAR, 1, 1)
        return (span for span in self._spans(first, last) if span[1] > start)

    def _spans(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield begin and end of the work of each day, in UTC, in order."""
        day = first
        while day <= last:
            if self._works_on(day):
                begin, end = self._span(day)
                if begin < end:  # hours that the clocks leap over are none
                    yield begin, end
            day += _DAY

    def _work_out_span(self, day: date) -> tuple[datetime, datetime]:
        midnight = self._hours.end == time(0)
        begin = datetime.combine(day, self._hours.begin, self.zone)
        end = datetime.combine(day + _DAY if midnight else day, self._hours.end, self.zone)
        return begin.astimezone(UTC), end.astimezone(UTC)

    def _works_on(self, day: date) -> bool:
        return day.weekday() in self._hours.days and day not in self._holidays


@lru_cache(maxsize=8)
def calendar_of(hours: WorkingHours) -> Calendar:
    """Return the calendar of these hours; the holidays of a year are worked out once."""
    return Calendar(hours)


def countries() -> Mapping[str, Sequence[str]]:
    """Return the countries whose holidays are known, with their subdivisions."""
    known: Mapping[str, Sequence[str]] = _library().list_supported_countries()
    return known


def _holidays_of(hours: WorkingHours) -> Container[date]:
    if not hours.country:
        return frozenset[date]()
    found: Container[date] = _library().country_holidays(
        hours.country, subdiv=hours.subdivision or None
    )
    return found


def _library() -> ModuleType:
    # Not at the top: it takes 9 MB, and only teams that name a country need it.
    return import_module("holidays")
