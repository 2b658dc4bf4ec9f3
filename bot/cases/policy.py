"""The rules a team sets for itself: checklists, files, hours, limits, alerts, privacy.

All durations of work (`Limits`, `Alerts`) are counted in working hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from bot.cases.case import Level

CHECKLIST: Mapping[str, str] = {
    "version": "the product version it happens in",
    "steps": "what to do to see it",
    "expected": "what should happen",
    "actual": "what happens instead",
    "reproduction": "what came of trying it ourselves",
}
"""Item → what it asks for, in the order it is asked."""

TEAM_ITEMS = frozenset({"reproduction"})
"""Items that only the team can give: customers are not asked for them."""

SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklists:
    """What an escalation needs, by product or severity; the first that fits counts."""

    default: Mapping[str, str] = field(default_factory=lambda: CHECKLIST)
    by_product: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Product, folded → checklist."""
    by_severity: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """Which files are taken."""

    most_bytes: int = 50_000_000
    refused_endings: tuple[str, ...] = (
        ".exe",
        ".bat",
        ".cmd",
        ".com",
        ".msi",
        ".scr",
        ".js",
        ".vbs",
    )
    """With the dot, in small letters."""
    most_per_case: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When people work. Times are local to `time_zone`."""

    time_zone: str = "UTC"
    begin: time = time(9)
    end: time = time(18)
    days: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    """0 is Monday."""
    country: str = ""
    """ISO 3166 code whose holidays are kept; empty: none."""
    subdivision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things may take, in working time; None: no limit."""

    first_response: timedelta | None = timedelta(hours=4)
    next_update: timedelta | None = timedelta(hours=45)
    """From one word to the customer to the next."""
    level: Mapping[Level, timedelta] = field(
        default_factory=lambda: {
            Level.ANALYSIS: timedelta(hours=18),
            Level.CONFIRMATION: timedelta(hours=27),
            Level.ASSESSMENT: timedelta(hours=45),
        }
    )
    """How long a case may stay at a level without an issue."""
    untaken: timedelta | None = timedelta(hours=2)
    """How long a case may wait at a new level until somebody takes it."""
    warn_at: float = 0.8
    """The part of a limit after which its owner is warned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """How a Done alert is repeated until the contact is recorded, in working time."""

    repeat: timedelta = timedelta(hours=4)
    every: timedelta | None = None
    """Instead of `repeat`: by the clock, at any hour."""
    deputy_after: int = 2
    """After so many reminders the deputy is told too."""
    lead_after: int = 4
    """After so many the lead is."""
    deputies: Mapping[str, str] = field(default_factory=dict)
    """User name → user name of the deputy."""
    lead: str = ""
    """User name; empty: the Level 2 channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """How long things are kept, in days of the calendar; None: for ever."""

    closed_cases: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a team may set for itself."""

    checklists: Checklists = field(default_factory=Checklists)
    severities: tuple[str, ...] = SEVERITIES
    """In small letters; empty: any."""
    products: tuple[str, ...] = ()
    """As people write them; empty: any."""
    files: FileRules = field(default_factory=FileRules)
    hours: WorkingHours = field(default_factory=WorkingHours)
    limits: Limits = field(default_factory=Limits)
    limits_by_severity: Mapping[str, Limits] = field(default_factory=dict)
    """Severity, folded → limits."""
    alerts: Alerts = field(default_factory=Alerts)
    silence: timedelta | None = timedelta(days=14)
    """How long, in days of the calendar, a customer may hear nothing while the issue sits."""
    digest_at: time = time(9)
    privacy: Privacy = field(default_factory=Privacy)
