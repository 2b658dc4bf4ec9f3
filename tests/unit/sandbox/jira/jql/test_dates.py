from datetime import UTC, datetime

import pytest

from sandbox.jira.jql.dates import function, literal
from sandbox.jira.jql.syntax import Function, Value

NOW = datetime(2026, 11, 24, 22, 15, 30, tzinfo=UTC)
NAIROBI = "Africa/Nairobi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24 10:30", "2026-11-24T07:30:00+00:00"),
        ("2026/11/24 10:30", "2026-11-24T07:30:00+00:00"),
        ("2026-11-24", "2026-11-23T21:00:00+00:00"),
        ("-15m", "2026-11-24T22:00:30+00:00"),
        ("-15", "2026-11-24T22:00:30+00:00"),
        ("-1d 2h", "2026-11-23T20:15:30+00:00"),
        ("1w", "2026-12-01T22:15:30+00:00"),
    ],
)
def test_quoted_literals_are_read_in_the_searchers_zone(text: str, expected: str) -> None:
    found = literal(Value(text, quoted=True), now=NOW, zone_name=NAIROBI)
    assert found is not None
    assert found.isoformat() == expected


def test_an_unquoted_number_is_milliseconds() -> None:
    found = literal(Value("1764000000000"), now=NOW, zone_name=NAIROBI)
    assert found == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 10:30:00",
        "2026-11-24T10:30",
        "2026-13-01",
        "2026-11/24",
        "tomorrow",
        "-5x",
        "",
        "-99999999999999w",
    ],
)
def test_other_forms_are_none(text: str) -> None:
    assert literal(Value(text, quoted=True), now=NOW, zone_name=NAIROBI) is None


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        # In Nairobi it is already the 25th.
        (Function("startOfDay"), "2026-11-24T21:00:00+00:00"),
        (Function("startOfDay", ("-1d",)), "2026-11-23T21:00:00+00:00"),
        (Function("endOfDay"), "2026-11-25T20:59:59+00:00"),
        (Function("startOfWeek"), "2026-11-21T21:00:00+00:00"),
        (Function("startOfMonth", ("-1",)), "2026-09-30T21:00:00+00:00"),
        (Function("endOfMonth"), "2026-11-30T20:59:59+00:00"),
        (Function("startOfYear"), "2025-12-31T21:00:00+00:00"),
        (Function("now"), "2026-11-24T22:15:30+00:00"),
    ],
)
def test_functions_of_time(call: Function, expected: str) -> None:
    found = function(call, now=NOW, zone_name=NAIROBI)
    assert isinstance(found, datetime)
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (Function("now", ("-15m",)), "Function 'now' expected '0' arguments but received '1'."),
        (Function("nope"), "Unable to find JQL function 'nope()'."),
        (Function("startOfDay", ("x",)), "Unable to parse the duration 'x'"),
        (Function("startOfDay", ("1", "2")), "expected between '0' and '1' arguments"),
    ],
)
def test_bad_calls_are_explained(call: Function, complaint: str) -> None:
    found = function(call, now=NOW, zone_name=NAIROBI)
    assert isinstance(found, str)
    assert complaint in found
