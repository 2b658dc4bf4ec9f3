"""Working time, in a zone whose clocks change, with public holidays."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.calendar import Calendar
from bot.cases.policy import WorkingHours

BERLIN = WorkingHours(time_zone="Europe/Berlin", country="DE", subdivision="BE")
NIGHTS = WorkingHours(time_zone="America/New_York", begin=time(1), end=time(5))
ROUND_THE_CLOCK = WorkingHours(
    time_zone="Europe/Berlin", begin=time(0), end=time(0), days=frozenset(range(7))
)
HOURS = st.sampled_from([WorkingHours(), BERLIN, NIGHTS, ROUND_THE_CLOCK])
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
SPANS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=100))


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@given(HOURS, MOMENTS, SPANS)
def test_what_is_added_has_passed_between(
    hours: WorkingHours, start: datetime, work: timedelta
) -> None:
    calendar = Calendar(hours)
    assert calendar.between(start, calendar.add(start, work)) == work


@given(HOURS, MOMENTS, SPANS, SPANS)
def test_more_work_ends_later_and_parts_add_up(
    hours: WorkingHours, start: datetime, some: timedelta, more: timedelta
) -> None:
    calendar = Calendar(hours)
    first = calendar.add(start, some)
    both = calendar.add(start, some + more)
    assert start <= first <= both
    assert calendar.between(start, first) + calendar.between(first, both) == some + more


@given(HOURS, MOMENTS, MOMENTS)
def test_no_more_work_than_time_passes_between_two_moments(
    hours: WorkingHours, one: datetime, other: datetime
) -> None:
    calendar = Calendar(hours)
    assert timedelta() <= calendar.between(one, other) <= max(timedelta(), other - one)


@given(HOURS, MOMENTS)
def test_it_is_working_time_exactly_where_work_passes(hours: WorkingHours, at: datetime) -> None:
    calendar = Calendar(hours)
    moment = timedelta(microseconds=1)
    assert calendar.is_working(at) is (calendar.between(at, at + moment) == moment)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T10:00", 2, "2026-11-23T12:00"),  # a Monday
        ("2026-11-23T17:00", 2, "2026-11-24T10:00"),
        ("2026-11-27T17:00", 2, "2026-11-30T10:00"),  # over the weekend
        ("2026-11-28T12:00", 0, "2026-11-30T09:00"),  # a Saturday: when work begins
        ("2026-11-23T09:00", 9, "2026-11-23T18:00"),  # a whole day ends with the day
        ("2026-12-24T17:00", 2, "2026-12-28T10:00"),  # Christmas, a Friday
        ("2027-03-08T10:00", 1, "2027-03-09T10:00"),  # a holiday in Berlin only
        ("2026-03-27T17:00", 2, "2026-03-30T10:00"),  # the clocks go forward on the Sunday
    ],
)
def test_nights_weekends_and_holidays_do_not_count(start: str, hours: int, end: str) -> None:
    calendar = Calendar(BERLIN)
    assert calendar.add(local(start), timedelta(hours=hours)) == local(end)


def test_a_night_is_as_long_as_it_really_is() -> None:
    calendar = Calendar(ROUND_THE_CLOCK)
    spring = calendar.between(local("2026-03-29T00:00"), local("2026-03-30T00:00"))
    autumn = calendar.between(local("2026-10-25T00:00"), local("2026-10-26T00:00"))
    assert (spring, autumn) == (timedelta(hours=23), timedelta(hours=25))


def test_hours_that_the_clocks_leap_over_are_none() -> None:
    hours = WorkingHours(
        time_zone="Europe/Berlin", begin=time(2, 30), end=time(3), days=frozenset({6})
    )
    leap = local("2026-03-29T00:00")
    assert Calendar(hours).between(leap, leap + timedelta(days=1)) == timedelta()


def test_a_time_of_the_day_comes_on_the_next_working_day() -> None:
    calendar = Calendar(BERLIN)
    assert calendar.next_at(local("2026-11-23T08:00"), time(9)) == local("2026-11-23T09:00")
    assert calendar.next_at(local("2026-11-27T09:00"), time(9)) == local("2026-11-30T09:00")
    assert calendar.next_at(local("2026-12-24T10:00"), time(9)) == local("2026-12-28T09:00")
