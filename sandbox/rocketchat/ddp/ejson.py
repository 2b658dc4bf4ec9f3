"""Reading the dates of DDP."""

from typing import Any

from sandbox.rocketchat.wire import from_ms


def revive(value: dict[str, Any]) -> object:
    """Turn `{"$date": ms}` into a moment; to be used as an object hook."""
    if len(value) == 1 and isinstance(value.get("$date"), int | float):
        try:
            return from_ms(int(value["$date"]))
        except (OverflowError, ValueError, OSError):
            return value
    return value
