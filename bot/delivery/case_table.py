"""Cases as rows of a table, for spreadsheets and programs.

Times are in UTC, ISO 8601. What a spreadsheet would take for a formula is led by an apostrophe,
also behind a semicolon, which parts the cells in many countries: what customers typed must not
be calculated on somebody's machine.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO

from bot.cases.case import Case, Person

COLUMNS = (
    "case", "title", "state", "level", "milestone", "status", "severity", "product", "version",
    "customer", "owner", "issue", "issue_url", "opened_at", "updated_at", "due_at",
    "waiting_since", "last_told_at", "last_heard_at", "alert", "contacted_at", "evidence", "files",
    "closed_reason",
)  # fmt: skip
_FORMULA = re.compile(r"""((?:^|[;\t\r\n])[\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")


def row_of(case: Case) -> Mapping[str, str | int]:
    """Return a case as a row; what is not there is empty."""
    alert = case.alert
    return {
        "case": case.name,
        "title": case.title,
        "state": case.state.value,
        "level": int(case.level),
        "milestone": case.progress.milestone.value if case.progress.milestone else "",
        "status": case.progress.status,
        "severity": case.severity,
        "product": case.product,
        "version": case.version,
        "customer": case.customer.username,
        "owner": _name(case.owners.at(case.level)),
        "issue": case.issue.key if case.issue else "",
        "issue_url": case.issue.url if case.issue else "",
        "opened_at": _time(case.opened_at),
        "updated_at": _time(case.updated_at),
        "due_at": _time(case.due_at),
        "waiting_since": _time(case.question.at if case.question else None),
        "last_told_at": _time(case.told_at),
        "last_heard_at": _time(case.heard_at),
        "alert": "" if alert is None else "open" if alert.is_open else "contacted",
        "contacted_at": _time(alert.contacted_at if alert else None),
        "evidence": " ".join(case.evidence),
        "files": len(case.files),
        "closed_reason": case.closed_reason,
    }


def csv_head() -> bytes:
    """Return the first line, with the mark by which spreadsheets know UTF-8."""
    return "\N{BOM}".encode() + _csv_line(COLUMNS)


def csv_lines(cases: Iterable[Case]) -> Iterator[bytes]:
    """Return one line for each case."""
    for case in cases:
        yield _csv_line([_harmless(value) for value in row_of(case).values()])


def json_lines(cases: Iterable[Case]) -> Iterator[bytes]:
    """Return one line for each case, an object with the columns as names."""
    for case in cases:
        yield json.dumps(dict(row_of(case)), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _csv_line(cells: Iterable[object]) -> bytes:
    line = StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def _harmless(value: str | int) -> str | int:
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def _name(person: Person | None) -> str:
    return person.username if person else ""


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""
