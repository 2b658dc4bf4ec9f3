"""Until when, as people write it: a short closed list, and no guessing."""

from datetime import UTC, date, datetime, time, timedelta

from bot.cases.calendar import Calendar
from bot.cases.durations import find_span

_TOMORROW = frozenset({"tomorrow", "amanhã", "amanha"})
EXAMPLES = ("2h", "3d", "tomorrow", "2026-12-01", "2026-12-01 14:00")


def find_until(text: str, *, now: datetime, calendar: Calendar, begin: time) -> datetime | None:
    """Return the moment a text names, or None if it names none; it may be past.

    Args:
        text: `30m`, `2h`, `3d`, `tomorrow`, `2026-12-01` or `2026-12-01 14:00`.
        now: what durations are counted from.
        calendar: its zone is that of dates.
        begin: when work begins; a day without a time means then.
    """
    words = " ".join(text.casefold().split())
    if span := find_span(words):
        return now + span.by_clock()
    if words in _TOMORROW:
        tomorrow = now.astimezone(calendar.zone).date() + timedelta(days=1)
        return _at(tomorrow, begin, calendar)
    day, _, clock = words.partition(" ")
    try:
        at = time.fromisoformat(clock) if clock else begin
        return _at(date.fromisoformat(day), at, calendar)
    except ValueError:
        return None


def _at(day: date, at: time, calendar: Calendar) -> datetime | None:
    if at.tzinfo is not None or not date.min < day < date.max:
        return None
    return datetime.combine(day, at, calendar.zone).astimezone(UTC)
