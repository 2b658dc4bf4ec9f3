"""Counting calls in fixed windows of time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """How a key stands in its window."""

    allowed: bool
    remaining: int
    reset_at: int


class Windows:
    """Counts per key; a window begins with its first call and is forgotten at its end."""

    def __init__(self) -> None:
        self._windows: dict[object, tuple[int, int]] = {}

    def hit(self, key: object, *, limit: int, span: int, now: int) -> Count:
        """Count one call.

        Args:
            key: whose call.
            limit: calls allowed in one window.
            span: length of the window in milliseconds.
            now: milliseconds since the epoch.
        """
        started, used = self._windows.get(key, (now, 0))
        if now - started >= span:
            started, used = now, 0
        used += 1
        self._windows[key] = (started, used)
        return Count(used <= limit, max(limit - used, 0), started + span)

    def clear(self) -> None:
        """Forget all counts."""
        self._windows.clear()
