"""From the file to the policy; everything that is wrong with it is named at once."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.cases.case import Level
from bot.cases.durations import Span
from bot.cases.milestones import fold
from bot.cases.policy import (
    Alerts,
    Checklists,
    FileRules,
    Limits,
    Policy,
    Privacy,
    WorkingHours,
)
from bot.policy.schema import DAYS, AlertsPart, FilesPart, HoursPart, LimitsPart, Part, PolicyFile

EXAMPLES: Mapping[str, str] = {
    "severities": '["critical", "high", "low"]',
    "products": '["Big App", "Small App"]',
    "silence": '"14d", or "none"',
    "digest_at": '"09:00"',
    "time_zone": '"America/Sao_Paulo"',
    "begin": '"09:00"',
    "end": '"18:00"',
    "days": '["mon", "tue", "wed", "thu", "fri"]',
    "country": '"BR"',
    "subdivision": '"SP"',
    "first_response": '"4h", or "none"',
    "next_update": '"5d", or "none"',
    "untaken": '"2h", or "none"',
    "analysis": '"2d", or "none"',
    "confirmation": '"3d", or "none"',
    "assessment": '"5d", or "none"',
    "warn_at": "0.8",
    "repeat": '"4h"',
    "deputy_after": "2",
    "lead_after": "4",
    "lead": '"lea"',
    "deputies": '{ sam = "sue" }',
    "most_megabytes": "50",
    "most_per_case": "100",
    "refused_endings": '[".exe", ".bat"]',
    "closed_cases": '"730d", or "none"',
}
"""What a value looks like, for whoever has to mend one."""

_PLAIN: Mapping[str, str] = {
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table of its own",
    "model_type": "must be a table of its own",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number without quotes",
    "int_parsing": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number without quotes",
    "float_parsing": "must be a number without quotes",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
}
"""What the library says in the words of programmers."""

_TABLE = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")


class PolicyProblem(Exception):
    """The policy file cannot be used; one line for each thing that is wrong, with an example."""


def read(path: Path) -> Policy:
    """Read and check a policy file.

    Raises:
        PolicyProblem: everything that is wrong is named.
    """
    try:
        # Editors on Windows put a mark before the first line.
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise PolicyProblem(
            f"POLICY_FILE {path} cannot be read: {error.strerror}. Mend the path, or leave the"
            " setting empty for the rules that hold without a file."
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyProblem(f"{path} is not saved as UTF-8. Save it so in your editor.") from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyProblem(
            f"{path} is not TOML: {error}. Texts, times and durations stand in quotes; see"
            " policy.example.toml."
        ) from error
    try:
        return _policy(PolicyFile.model_validate(document))
    except ValidationError as error:
        lines = (_explain(dict(one), text) for one in error.errors())
        raise PolicyProblem("\n".join(f"{path}: {line}" for line in dict.fromkeys(lines))) from None


def _explain(error: Mapping[str, Any], text: str) -> str:
    kind = str(error["type"])
    names = [part for part in error["loc"] if isinstance(part, str) and part != "[key]"]
    sentence = str(error["msg"]).removeprefix("Value error, ")
    if plain := _PLAIN.get(kind):
        sentence = plain.format(**error.get("ctx", {}))
    if kind == "value_error" and (not names or sentence.startswith((*names, "the item"))):
        return f"{sentence}."
    place = ".".join(names)
    line = _line_of(text, names)
    where = f"line {line}, {place}" if line else place
    example = f" Example: {names[-1]} = {EXAMPLES[names[-1]]}" if names[-1] in EXAMPLES else ""
    if kind == "extra_forbidden":
        return f"{where} is not known.{_hint(names[-1])}"
    return f"{where} is wrong: {sentence[:1].lower()}{sentence[1:]}.{example}"


def _hint(name: str) -> str:
    places = dict(_places(PolicyFile))
    if (table := places.get(name)) is not None:
        where = f"under [{table}]" if table else "at the top of the file, before the first [table]"
        return f" It stands {where}."
    close = get_close_matches(name, [*EXAMPLES, *places], n=1)
    return f" Did you mean {close[0]}?" if close else " See policy.example.toml."


def _places(part: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key with the table it stands in."""
    for name, field in part.model_fields.items():
        kind = field.annotation
        yield name, table
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from _places(kind, f"{table}.{name}".strip("."))


def _line_of(text: str, names: list[str]) -> int | None:
    """Return the line where a key stands, if it stands there in the plain way."""
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = [part.strip().strip("\"'") for part in header[1].split(".")]
            if table == names:
                return number
        elif (key := _KEY.match(line)) and [*table, key[1] or key[2] or key[3]] == names:
            return number
    return None


def _policy(file: PolicyFile) -> Policy:
    hours = _hours(file.hours)
    day = _length_of_a_day(hours)
    checklists = file.checklists
    return Policy(
        checklists=Checklists(
            default=checklists.default,
            by_product={fold(name): items for name, items in checklists.product.items()},
            by_severity={fold(name): items for name, items in checklists.severity.items()},
        ),
        severities=tuple(fold(name) for name in file.severities),
        products=file.products,
        files=_files(file.files),
        hours=hours,
        limits=_limits(file.limits, day),
        limits_by_severity={
            fold(name): _limits(_over(file.limits, limits), day)
            for name, limits in file.limits.severity.items()
        },
        alerts=_alerts(file.alerts, day),
        silence=file.silence.by_clock() if file.silence else None,
        digest_at=file.digest_at,
        privacy=Privacy(closed_cases=_by_clock(file.privacy.closed_cases)),
    )


def _hours(part: HoursPart) -> WorkingHours:
    return WorkingHours(
        time_zone=part.time_zone,
        begin=part.begin,
        end=part.end,
        days=frozenset(DAYS.index(day) for day in part.days),
        country=part.country,
        subdivision=part.subdivision,
    )


def _length_of_a_day(hours: WorkingHours) -> timedelta:
    day = date(2000, 1, 1)
    length = datetime.combine(day, hours.end) - datetime.combine(day, hours.begin)
    return length if length > timedelta() else length + timedelta(days=1)


def _over(general: LimitsPart, special: LimitsPart) -> LimitsPart:
    """Return the special limits, with the general ones where nothing is said."""
    level = general.level.model_copy(update=_given(special.level))
    return general.model_copy(update={**_given(special), "level": level})


def _given(part: BaseModel) -> dict[str, object]:
    return {name: getattr(part, name) for name in part.model_fields_set}


def _limits(part: LimitsPart, day: timedelta) -> Limits:
    levels = {
        Level.ANALYSIS: part.level.analysis,
        Level.CONFIRMATION: part.level.confirmation,
        Level.ASSESSMENT: part.level.assessment,
    }
    return Limits(
        first_response=_of_work(part.first_response, day),
        next_update=_of_work(part.next_update, day),
        level={level: span.of_days(day) for level, span in levels.items() if span is not None},
        untaken=_of_work(part.untaken, day),
        warn_at=part.warn_at,
    )


def _alerts(part: AlertsPart, day: timedelta) -> Alerts:
    return Alerts(
        repeat=part.repeat.of_days(day),
        deputy_after=part.deputy_after,
        lead_after=part.lead_after,
        deputies=part.deputies,
        lead=part.lead,
    )


def _files(part: FilesPart) -> FileRules:
    return FileRules(
        most_bytes=part.most_megabytes * 1_000_000,
        refused_endings=tuple(f".{ending}" for ending in part.refused_endings),
        most_per_case=part.most_per_case,
    )  # fmt: skip


def _of_work(span: Span | None, day: timedelta) -> timedelta | None:
    return span.of_days(day) if span is not None else None


def _by_clock(span: Span | None) -> timedelta | None:
    return span.by_clock() if span is not None else None
