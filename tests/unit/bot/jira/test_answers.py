import json
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.jira.answers import LONGEST_WAIT, Answer, NotJira, NotVisible, fault_in, reason_in

NOW = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=CIMultiDict(named), body=data)


def fault(status: int, body: object = b"", *, is_write: bool = False, **headers: str) -> Fault:
    return fault_in(answer(status, body, **headers), now=NOW, is_write=is_write)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            {"errorMessages": ["A."], "errors": {"summary": "needed", "customfield_1": "too"}},
            "A.; summary: needed; customfield_1: too",
        ),
        ({"errorMessages": [], "errors": {}, "message": "m"}, "m"),
        ({"message": "m", "status-code": 401}, "m"),
        ({"errorMessage": "Site temporarily unavailable"}, "Site temporarily unavailable"),
        ({"error": "Failed to parse"}, "Failed to parse"),
        ({"type": "about:blank", "title": "t", "detail": "d"}, "d"),
        (b"<html><style>x{}</style><h1>Not  here</h1>\n</html>", "Not here"),
        (b"\xff\x00 plain", "\ufffd plain"),
        ({"errorMessages": "x", "errors": [1]}, "status 400"),
        ([], "[]"),
        (b"", "status 400"),
    ],
)
def test_the_reason_is_found_in_every_shape(body: object, reason: str) -> None:
    assert reason_in(answer(400, body)) == reason


def test_a_page_is_shown_by_its_first_words_only() -> None:
    assert len(reason_in(answer(500, b"x" * 100_000))) == 300


def test_a_bottomless_body_is_no_data() -> None:
    assert answer(400, b"[" * 200_000).find_json() is None


def test_one_odd_character_or_number_does_not_spoil_a_page() -> None:
    body = b'\xef\xbb\xbf{"a": "\xff", "b": ' + b"9" * 10_000 + b', "c": 5}'
    assert answer(200, body).json() == {"a": "\ufffd", "b": None, "c": 5}


def test_a_redirect_names_its_host_and_nothing_more() -> None:
    reason = str(fault(302, Location="https://login.example/sso?session=private"))
    assert "login.example" in reason
    assert "private" not in reason
    assert "redirects" in str(fault(302, Location="http://[bad"))


@pytest.mark.parametrize("status", [408, 409, 423, 425, 429])
def test_not_now_is_retryable_even_for_a_write(status: int) -> None:
    assert type(fault(status, is_write=True)) is Retryable


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failed_write_may_have_happened(status: int) -> None:
    assert type(fault(status, is_write=True)) is OutcomeUnknown
    assert type(fault(status)) is Retryable


def test_a_refusal_at_the_door_did_not_happen() -> None:
    assert type(fault(503, is_write=True, Retry_After="5")) is Retryable
    assert type(fault(503, is_write=True)) is OutcomeUnknown


def test_a_suspended_site_is_not_a_missing_issue() -> None:
    body = {"errorMessage": "Site temporarily unavailable"}
    assert type(fault(404, body, is_write=True)) is Retryable


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (401, b"Client must be authenticated to access this resource.", {}),
        (403, {"error": "Failed to parse Connect Session Auth Token"}, {}),
        (403, b"<html>", {"X_Seraph_LoginReason": "AUTHENTICATION_DENIED"}),
        (403, b"<html>", {"X_Authentication_Denied_Reason": "CAPTCHA_CHALLENGE; login-url=x"}),
    ],
)
def test_who_we_are_is_refused(status: int, body: object, headers: dict[str, str]) -> None:
    refused = fault_in(answer(status, body, **headers), now=NOW, is_write=True)
    assert type(refused) is CredentialsRefused


@pytest.mark.parametrize("headers", [{"Location": "https://login.example"}, {}])
def test_a_redirect_says_nothing_of_who_we_are(headers: dict[str, str]) -> None:
    assert type(fault_in(answer(302, b"", **headers), now=NOW, is_write=True)) is NotJira


def test_a_captcha_is_explained() -> None:
    reason = str(fault(403, b"", X_Authentication_Denied_Reason="CAPTCHA_CHALLENGE; login-url=x"))
    assert "log in once with a browser" in reason


@pytest.mark.parametrize("status", [403, 404])
def test_hidden_and_missing_are_the_same(status: int) -> None:
    assert type(fault(status, {"errorMessages": ["x"]})) is NotVisible


@pytest.mark.parametrize("status", [400, 403, 413, 415, 422])
def test_a_refused_write_is_rejected(status: int) -> None:
    assert type(fault(status, {"errorMessages": ["no"]}, is_write=True)) is Rejected


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "7"}, timedelta(seconds=7)),
        ({"Retry_After": "0"}, timedelta()),
        ({"Retry_After": "1.5"}, timedelta(seconds=1.5)),
        ({"Retry_After": "9223372036854775807"}, LONGEST_WAIT),
        ({"Retry_After": "9" * 5000}, LONGEST_WAIT),
        ({"Retry_After": "Thu, 01 Jan 2026 01:00:30 GMT"}, timedelta(seconds=30)),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:00 GMT"}, timedelta()),
        ({"X_RateLimit_Reset": "2026-01-01T01:01:01Z"}, timedelta(seconds=61)),
        ({"X_RateLimit_Reset": "2026-01-01T01:01Z"}, timedelta(seconds=60)),
        ({"X_RateLimit_Reset": "9999-12-31T23:59:59-1200"}, None),
        ({"Retry_After": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: timedelta | None) -> None:
    found = fault_in(answer(429, **headers), now=NOW, is_write=False)
    assert isinstance(found, Retryable)
    assert found.retry_after == wait


def test_the_servers_own_clock_counts_for_its_dates() -> None:
    found = fault(
        429,
        X_RateLimit_Reset="2026-06-01T00:00:10Z",
        Date="Mon, 01 Jun 2026 00:00:00 GMT",
    )
    assert isinstance(found, Retryable)
    assert found.retry_after == timedelta(seconds=10)


def test_a_cached_answer_tells_no_time() -> None:
    date = "Mon, 01 Jun 2026 00:00:00 GMT"
    assert answer(200, Date=date).date() is not None
    assert answer(200, Date=date, Age="30").date() is None
    assert answer(200, Date="now").date() is None
