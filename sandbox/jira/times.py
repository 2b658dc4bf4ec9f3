"""Instants the way Jira writes and reads them."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def system_now() -> datetime:
    """Return the machine's time, aware, in UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of that name, read once."""
    return ZoneInfo(name)


def to_millisecond(instant: datetime) -> datetime:
    """Cut an aware instant to the precision Jira stores, in UTC."""
    moment = instant.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def format_instant(instant: datetime, zone_name: str) -> str:
    """Write an instant as `2026-08-24T11:11:52.944+0000`: milliseconds, no colon in the offset."""
    local = instant.astimezone(zone(zone_name))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def epoch_ms(instant: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(instant.timestamp() * 1000)


def local_date(instant: datetime, zone_name: str) -> date:
    """Return the calendar day of an instant in a zone."""
    return instant.astimezone(zone(zone_name)).date()
