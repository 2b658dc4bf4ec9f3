"""What differs between the releases the sandbox can stand for."""

from dataclasses import dataclass
from typing import Self

SUPPORTED = ("7.7", "8.8", "9.0")


@dataclass(frozen=True, slots=True)
class Version:
    """A release of the server, and what it does differently from the others."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `9.0`; raise ValueError for a release the sandbox cannot stand for."""
        if text not in SUPPORTED:
            raise ValueError(f"version {text!r} is not one of {', '.join(SUPPORTED)}")
        major, minor = text.split(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def since(self, major: int, minor: int = 0) -> bool:
        """Tell whether this release is that one or a later one."""
        return (self.major, self.minor) >= (major, minor)

    @property
    def forbids_with_403(self) -> bool:
        """9.0 answers 403 `error-forbidden` where older ones answer 400 with a code."""
        return self.since(9)

    @property
    def short_401(self) -> bool:
        """9.0 leaves `status` and `message` out of its 401 bodies."""
        return self.since(9)

    @property
    def has_methods(self) -> bool:
        """Until 8.x the DDP methods answer; 9.0 keeps `login` and the stream writes."""
        return not self.since(9)

    @property
    def limits_rest(self) -> bool:
        """7.7.1 never finds the limiter of a route, so it never limits."""
        return self.since(7, 12)

    @property
    def has_room_history(self) -> bool:
        """`rooms.history` came with 8.8."""
        return self.since(8, 8)

    @property
    def refuses_empty(self) -> bool:
        """8.x refuses a message without text, attachments and blocks."""
        return self.since(8)

    @property
    def checks_archived(self) -> bool:
        """8.x refuses a message to an archived room."""
        return self.since(8)

    @property
    def names_roles(self) -> bool:
        """Before 8.0 `roles.*` take names; from then on identifiers only."""
        return not self.since(8)
