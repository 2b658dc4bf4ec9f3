"""JSON as the two interfaces write it: dates are ISO texts over REST, `$date` over DDP."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

SECOND = 1000
# Documents of the real server's database may not be nested deeper.
DEEPEST = 100
Hook = Callable[[dict[str, Any]], object]


def to_ms(moment: datetime) -> int:
    """Return the milliseconds since the epoch."""
    return round(moment.timestamp() * SECOND)


def from_ms(milliseconds: int) -> datetime:
    """Return the moment, in UTC."""
    return datetime.fromtimestamp(milliseconds / SECOND, UTC)


def iso(moment: datetime) -> str:
    """Return `2026-11-23T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // SECOND:03d}Z"
    )


def _rest_value(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _ddp_value(value: object) -> object:
    if isinstance(value, datetime):
        return {"$date": to_ms(value)}
    raise TypeError(f"{type(value).__name__} cannot be sent")


_rest = json.JSONEncoder(default=_rest_value, ensure_ascii=False, separators=(",", ":"))
_ddp = json.JSONEncoder(default=_ddp_value, ensure_ascii=False, separators=(",", ":"))


def rest_json(value: object) -> str:
    """Write a value for REST."""
    return _rest.encode(value)


def ddp_json(value: object) -> str:
    """Write a value for DDP."""
    return _ddp.encode(value)


def parse_json(text: str, hook: Hook | None = None) -> Any:  # noqa: ANN401 - whatever was sent
    """Read JSON from outside; ValueError for everything that is none.

    A lone half of a surrogate pair is replaced, as the real server does when
    it writes it out: nothing here could send it on.
    """
    try:
        value = json.loads(text, object_hook=hook, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if text.count("[") + text.count("{") > DEEPEST and _is_deep(value):
        raise ValueError("nested too deeply")
    return _whole(value) if "\\ud" in text.lower() else value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _is_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(DEEPEST):
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return False
    return True


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def parse_iso(text: str) -> datetime | None:
    """Read a date of a query; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
