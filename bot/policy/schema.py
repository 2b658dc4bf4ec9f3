"""What may stand in the policy file, and what is wrong with it otherwise."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bot.cases.calendar import countries
from bot.cases.durations import Span, find_span
from bot.cases.milestones import fold
from bot.cases.policy import CHECKLIST, SEVERITIES, FileRules

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NO_LIMIT = "none"
_ITEM = re.compile(r"[a-z][a-z0-9_-]{0,29}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _span(value: object) -> object:
    found = find_span(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a duration in minutes, hours or days")
    if not found.by_clock():
        raise ValueError("must be longer than nothing")
    return found


def _span_or_none(value: object) -> object:
    return None if value == NO_LIMIT else _span(value)


def _days_or_none(value: object) -> object:
    found = _span_or_none(value)
    if isinstance(found, Span) and (found.minutes or found.hours):
        # "24m" may be meant for months, and what is erased does not come back.
        raise ValueError("must be a number of days")
    return found


def _time(value: object) -> object:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value
    raise ValueError("must be a time of the day, with two digits each (00:00 is midnight)")


def _user_name(value: str) -> str:
    return value.strip().lstrip("@").casefold()


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return words without odd spaces; none may be empty or there twice."""
    words = tuple(" ".join(value.split()) for value in values)
    if not all(words):
        raise ValueError("must not have an empty entry")
    if len({fold(word) for word in words}) < len(words):
        raise ValueError("must not have the same entry twice")
    return words


def _ending(value: str) -> str:
    """Return the ending of a file name without its dot, however it was written: `*.exe`."""
    ending = value.strip().lstrip("*").lstrip(".").casefold()
    if not ending or "*" in ending:
        raise ValueError("must be the ending of a file name")
    return ending


Duration = Annotated[Span, BeforeValidator(_span)]
Words = Annotated[tuple[str, ...], AfterValidator(_words)]
Ending = Annotated[str, AfterValidator(_ending)]
Days = Annotated[Span | None, BeforeValidator(_days_or_none)]
Limit = Annotated[Span | None, BeforeValidator(_span_or_none)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
UserName = Annotated[str, AfterValidator(_user_name)]
Item = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Checklist = Annotated[Mapping[str, Item], Field(min_length=1, max_length=30)]


class Part(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class HoursPart(Part):
    """`[hours]`."""

    time_zone: str = "UTC"
    begin: TimeOfDay = time(9)
    end: TimeOfDay = time(18)
    days: tuple[str, ...] = DAYS[:5]
    country: str = ""
    subdivision: str = ""

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"names no time zone: {value[:60]!r}") from error
        return value

    @field_validator("days")
    @classmethod
    def _are_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or set(value) - set(DAYS):
            raise ValueError(f"must name days of the week: {', '.join(DAYS)}")
        return value

    @field_validator("country")
    @classmethod
    def _country_exists(cls, value: str) -> str:
        if value and value not in countries():
            raise ValueError(f"names no country whose holidays are known: {value[:60]!r}")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.begin >= self.end != time(0):
            raise ValueError("hours.end must be later than hours.begin (00:00 is midnight)")
        if not self.subdivision:
            return self
        known = countries().get(self.country, [])
        if self.subdivision not in known:
            if not self.country:
                raise ValueError("hours.subdivision needs hours.country, of which it is a part")
            there = f"has: {', '.join(known)}" if known else "has none"
            raise ValueError(
                f"hours.subdivision {self.subdivision[:60]!r} is unknown; {self.country} {there}"
            )
        return self


class LevelsPart(Part):
    """`[limits.level]`."""

    analysis: Limit = Span(days=2)
    confirmation: Limit = Span(days=3)
    assessment: Limit = Span(days=5)


class LimitsPart(Part):
    """`[limits]`, without those of a severity."""

    first_response: Limit = Span(hours=4)
    next_update: Limit = Span(days=5)
    untaken: Limit = Span(hours=2)
    warn_at: float = Field(default=0.8, gt=0, lt=1)
    level: LevelsPart = LevelsPart()


class AllLimitsPart(LimitsPart):
    """`[limits]`."""

    severity: Mapping[str, LimitsPart] = Field(default_factory=dict)


class AlertsPart(Part):
    """`[alerts]`."""

    repeat: Duration = Span(hours=4)
    deputy_after: int = Field(default=2, ge=1, le=1000)
    lead_after: int = Field(default=4, ge=1, le=1000)
    lead: UserName = ""
    deputies: Mapping[str, UserName] = Field(default_factory=dict)

    @field_validator("deputies")
    @classmethod
    def _stand_in_for_others(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        deputies: dict[str, str] = {}
        for written, deputy in value.items():
            name = _user_name(written)
            if not name or not deputy or name == deputy:
                raise ValueError(f"must name somebody else for {written[:60]!r}")
            if name in deputies:
                raise ValueError(f"names {name[:60]!r} twice")
            deputies[name] = deputy
        return deputies


class ChecklistsPart(Part):
    """`[checklists]`."""

    default: Checklist = Field(default_factory=lambda: dict(CHECKLIST))
    product: Mapping[str, Checklist] = Field(default_factory=dict)
    severity: Mapping[str, Checklist] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_typed(self) -> Self:
        for checklist in (self.default, *self.product.values(), *self.severity.values()):
            for item in checklist:
                if not _ITEM.fullmatch(item):
                    raise ValueError(
                        f"the item {item[:60]!r} of a checklist cannot be typed in a command;"
                        " use one word in small letters"
                    )
        return self


class FilesPart(Part):
    """`[files]`."""

    most_megabytes: int = Field(default=FileRules().most_bytes // 1_000_000, ge=1, le=10_000)
    most_per_case: int = Field(default=FileRules().most_per_case, ge=1, le=10_000)
    refused_endings: tuple[Ending, ...] = Field(
        default=FileRules().refused_endings, validate_default=True
    )


class PrivacyPart(Part):
    """`[privacy]`."""

    closed_cases: Days = None


class PolicyFile(Part):
    """The whole file."""

    severities: Words = SEVERITIES
    products: Words = ()
    silence: Limit = Span(days=14)
    digest_at: TimeOfDay = time(9)
    hours: HoursPart = HoursPart()
    limits: AllLimitsPart = AllLimitsPart()
    alerts: AlertsPart = AlertsPart()
    checklists: ChecklistsPart = ChecklistsPart()
    files: FilesPart = FilesPart()
    privacy: PrivacyPart = PrivacyPart()

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        _all_known("limits.severity", self.limits.severity, "severities", self.severities)
        _all_known("checklists.severity", self.checklists.severity, "severities", self.severities)
        _all_known("checklists.product", self.checklists.product, "products", self.products)
        return self


def _all_known(
    place: str, named: Mapping[str, object], list_name: str, known: tuple[str, ...]
) -> None:
    there = {fold(name) for name in known}
    for name in named:
        if there and fold(name) not in there:
            raise ValueError(
                f"{place} names {name[:60]!r}, which is not in {list_name}: {', '.join(known)}"
            )
