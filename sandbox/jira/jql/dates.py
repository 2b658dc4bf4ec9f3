"""Dates in a query: literals in the searcher's zone, periods, and the functions of time."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from sandbox.jira.jql.syntax import Function, Value
from sandbox.jira.times import zone

_LITERAL = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d{2}))?", re.ASCII)
# A number without a unit may only come last, so there is one way to read any text.
_PERIOD = re.compile(r"([+-])?\s*((?:\d{1,9}\s*[wdhmWDH]\s*)*(?:\d{1,9})?)", re.ASCII)
_PART = re.compile(r"(\d+)\s*([wdhmWDH]?)", re.ASCII)
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "": timedelta(minutes=1),
}
_INCREMENT = re.compile(r"([+-]?)(\d{1,6})([yMwdhm]?)", re.ASCII)
_DECEMBER = 12

Edge = Callable[[datetime], datetime]


def literal(value: Value, *, now: datetime, zone_name: str) -> datetime | None:
    """Return the instant a date value means, or None when it is none.

    An unquoted number is milliseconds since 1970; a quoted one is minutes from now
    (support.atlassian.com, "JQL fields").
    """
    text = value.text.strip()
    if (number := value.number) is not None:
        return _instant(lambda: datetime.fromtimestamp(number / 1000, UTC))
    if match := _LITERAL.fullmatch(text):
        year, _, month, day, hour, minute = match.groups(default="0")
        return _instant(
            lambda: datetime(
                int(year), int(month), int(day), int(hour), int(minute), tzinfo=zone(zone_name)
            ).astimezone(UTC)
        )
    period = _period(text)
    return None if period is None else _instant(lambda: now + period)


def _instant(make: Callable[[], datetime]) -> datetime | None:
    try:
        return make()
    except (ValueError, OverflowError, OSError):
        return None


def _period(text: str) -> timedelta | None:
    match = _PERIOD.fullmatch(text)
    if match is None or not match[2]:
        return None
    try:
        total = sum(
            (int(n) * _UNITS[unit.lower()] for n, unit in _PART.findall(match[2])), timedelta()
        )
    except OverflowError:
        return None
    return -total if match[1] == "-" else total


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _start_of_week(local: datetime) -> datetime:
    return _midnight(local) - timedelta(days=(local.weekday() + 1) % 7)


def _start_of_month(local: datetime) -> datetime:
    return _midnight(local).replace(day=1)


def _start_of_year(local: datetime) -> datetime:
    return _midnight(local).replace(month=1, day=1)


def _add_months(local: datetime, months: int) -> datetime:
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    day = local.day
    while True:
        try:
            return local.replace(year=year, month=month + 1, day=day)
        except ValueError:
            if day <= 28:  # noqa: PLR2004 - every month has 28 days
                raise
            day -= 1


_STARTS: Mapping[str, tuple[Edge, str]] = {
    "day": (_midnight, "d"),
    "week": (_start_of_week, "w"),
    "month": (_start_of_month, "M"),
    "year": (_start_of_year, "y"),
}


def _step(local: datetime, amount: int, unit: str) -> datetime:
    if unit in {"M", "y"}:
        return _add_months(local, amount * (_DECEMBER if unit == "y" else 1))
    return local + amount * _UNITS[unit]


def _edge(name: str, now: datetime, zone_name: str, arguments: tuple[str, ...]) -> datetime | None:
    kind = name[7:] if name.startswith("startof") else name[5:]
    start, unit = _STARTS[kind]
    local = now.astimezone(zone(zone_name))
    if arguments:
        match = _INCREMENT.fullmatch(arguments[0])
        if match is None:
            return None
        amount = int(match[2]) * (-1 if match[1] == "-" else 1)
        moved = _instant(partial(_step, local, amount, match[3] or unit))
        if moved is None:
            return None
        local = moved
    if name.startswith("startof"):
        return start(local).astimezone(UTC)
    return (_step(start(local), 1, unit) - timedelta(seconds=1)).astimezone(UTC)


FUNCTIONS = frozenset(
    {"now", "currentlogin", "lastlogin", *(f"{e}of{k}" for e in ("start", "end") for k in _STARTS)}
)


def function(call: Function, *, now: datetime, zone_name: str) -> datetime | str:
    """Return the instant of a function of time, or the sentence that says what is wrong."""
    name = call.name.lower()
    if name not in FUNCTIONS:
        return f"Unable to find JQL function '{call.name}({', '.join(call.arguments)})'."
    if name in {"now", "currentlogin", "lastlogin"}:
        if call.arguments:
            return (
                f"Function '{call.name}' expected '0' arguments but received "
                f"'{len(call.arguments)}'."
            )
        return now
    if len(call.arguments) > 1:
        return (
            f"Function '{call.name}' expected between '0' and '1' arguments but received "
            f"'{len(call.arguments)}'."
        )
    moment = _edge(name, now, zone_name, call.arguments)
    if moment is None:
        return f"Unable to parse the duration '{call.arguments[0]}' for the function '{call.name}'."
    return moment
