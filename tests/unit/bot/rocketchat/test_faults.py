from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import CredentialsRefused, Fault, OutcomeUnknown, Rejected, Retryable
from bot.rocketchat.faults import NotAccepted, NotFound, Unsupported, fault_for

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def fault(
    status: int, body: object = None, headers: dict[str, str] | None = None, *, writes: bool = True
) -> Fault:
    return fault_for(status=status, body=body, headers=headers or {}, now=NOW, writes=writes)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, {"error": "error-invalid-room"}, NotFound, "room does not exist"),
        (400, {"error": "x [error-room-not-found]"}, NotFound, "room does not exist"),
        (400, {"error": "User not found."}, NotFound, "no such user"),
        (400, {"error": "Not allowed", "errorType": "error-not-allowed"}, Rejected, "member"),
        (400, {"error": "error-not-allowed"}, Rejected, "member"),
        (403, {"error": "x", "errorType": "error-forbidden"}, Rejected, "member"),
        (403, {"error": "forbidden"}, Rejected, "member"),
        (403, None, Rejected, "member"),
        (
            400,
            {"error": "You can't send messages because the room is readonly."},
            Rejected,
            "deactivated",
        ),
        (400, {"error": "You_have_been_muted"}, Rejected, "muted"),
        (400, {"error": "room_is_blocked"}, Rejected, "blocked"),
        (400, {"error": "room_is_archived"}, Rejected, "archived"),
        (400, {"error": "long [error-message-size-exceeded]"}, Rejected, "longer"),
        (400, {"errorType": "invalid-params", "error": "must not [x]"}, Unsupported, "accept"),
        (400, {"errorType": "error-invalid-params", "error": "x"}, Unsupported, "accept"),
        (404, {"error": "Resource not found"}, Unsupported, "no such thing"),
        (404, None, Unsupported, "does not know"),
        (405, None, Unsupported, "does not know"),
        (400, {"error": "something new"}, Rejected, "something new"),
        (400, {"success": False}, Rejected, "without a reason"),
        (302, None, Rejected, "ROCKETCHAT_URL"),
    ],
)
def test_a_refusal_has_a_plain_reason(
    status: int, body: object, kind: type[Rejected], words: str
) -> None:
    refused = fault(status, body)
    assert type(refused) is kind
    assert words in str(refused)


def test_a_refused_login_says_which_way() -> None:
    refused = fault(401, {"error": "totp-required", "message": "TOTP Required"})
    assert isinstance(refused, CredentialsRefused)
    assert isinstance(refused, NotAccepted)
    assert refused.code == "totp-required"


@pytest.mark.parametrize("status", [500, 502, 504, 200])
def test_a_write_without_a_clear_answer_may_have_happened(status: int) -> None:
    assert type(fault(status)) is OutcomeUnknown
    assert type(fault(status, writes=False)) is Retryable


def test_an_unavailable_server_did_nothing() -> None:
    assert type(fault(503)) is Retryable
    away = fault(503, headers={"Retry-After": "7"})
    assert isinstance(away, Retryable)
    assert away.retry_after == timedelta(seconds=7)


SLOW_DOWN = (
    "Error, too many requests. Please slow down. You must wait 12 seconds before trying this "
    "endpoint again. [error-too-many-requests]"
)


@pytest.mark.parametrize(
    ("text", "headers", "wait"),
    [
        (SLOW_DOWN, {}, 12),
        (SLOW_DOWN, {"X-RateLimit-Reset": str(NOW_MS + 11_400)}, 11.4),
        (SLOW_DOWN, {"X-RateLimit-Reset": str(NOW_MS - 60_000)}, 12),
        (SLOW_DOWN, {"X-RateLimit-Reset": str(NOW_MS + 60_000)}, 12),
        ("", {"x-ratelimit-reset": str(NOW_MS + 3_000)}, 3),
        ("", {"Retry-After": "5"}, 5),
        ("", {"Retry-After": "Mon, 23 Nov 2026 10:00:09 GMT"}, 9),
        ("", {"Retry-After": "99999999999999"}, 600),
        ("", {"Retry-After": "Wed, 21 Oct 99999999999999 07:28:00 GMT"}, None),
        ("You must wait 999999 seconds", {}, 600),
        ("", {"Retry-After": "soon", "X-RateLimit-Reset": "9" * 40}, None),
        ("", {}, None),
    ],
)
def test_a_rate_limit_says_how_long(text: str, headers: dict[str, str], wait: float | None) -> None:
    limited = fault(429, {"success": False, "error": text}, headers)
    assert type(limited) is Retryable
    assert isinstance(limited, Retryable)
    expected = None if wait is None else timedelta(seconds=wait)
    assert limited.retry_after == expected


def test_a_rate_limit_by_its_code_alone_is_one() -> None:
    assert type(fault(400, {"error": SLOW_DOWN})) is Retryable


def test_an_unknown_reason_is_cut_and_on_one_line() -> None:
    refused = str(fault(400, {"error": "a\nb" + "x" * 5_000}))
    assert "\n" not in refused
    assert len(refused) < 300
