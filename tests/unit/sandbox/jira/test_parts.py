"""Small parts: instants, limits, signatures, faults."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.jira.faults import Faults
from sandbox.jira.ratelimit import RateLimiter, cloud_headers
from sandbox.jira.switches import Switches
from sandbox.jira.times import format_instant, to_millisecond
from sandbox.jira.webhooks import sign
from sandbox.jira.workflows import guess_category

NOON = datetime(2026, 11, 24, 12, 0, 0, 123999, tzinfo=UTC)


def test_instants_have_milliseconds_and_an_offset_without_colon() -> None:
    assert format_instant(NOON, "America/Los_Angeles") == "2026-11-24T04:00:00.123-0800"
    assert format_instant(NOON, "Asia/Kolkata") == "2026-11-24T17:30:00.123+0530"
    assert to_millisecond(NOON).microsecond == 123_000


def test_the_vendors_signature_example() -> None:
    signature = sign("It's a Secret to Everybody", b"Hello World!")
    assert signature == "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"


def test_a_bucket_empties_and_fills() -> None:
    switches = Switches(enforce_rate_limits=True, rate_capacity=2, rate_fill=1)
    limiter = RateLimiter("datacenter", switches)
    taken = [limiter.take("ann", NOON)[0] for _ in range(3)]
    assert taken == [True, True, False]
    assert limiter.take("bob", NOON)[0]
    allowed, headers = limiter.take("ann", NOON + timedelta(seconds=1))
    assert allowed
    assert headers["Retry-After"] == "0"
    assert headers["X-RateLimit-FillRate"] == "1"


@pytest.mark.parametrize(
    ("address", "limit"),
    [("GET /myself", 100), ("PUT /x", 50), ("GET /issue/{issue}", 150), ("HEAD /x", 100)],
)
def test_every_address_of_cloud_has_a_bucket_of_its_own(address: str, limit: int) -> None:
    limiter = RateLimiter("cloud", Switches(enforce_rate_limits=True))
    taken = [limiter.take(address, NOON)[0] for _ in range(limit + 1)]
    assert taken == [True] * limit + [False]
    allowed, headers = limiter.take("GET /other", NOON)
    assert (allowed, headers["X-RateLimit-Limit"]) == (True, "100")


def test_an_issue_is_not_written_to_too_often() -> None:
    limiter = RateLimiter("cloud", Switches(enforce_rate_limits=True))
    assert not any(limiter.write(1, NOON) for _ in range(20))
    refused = limiter.write(1, NOON + timedelta(seconds=0.5))
    assert refused["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert refused["Retry-After"] == "2"
    assert not limiter.write(2, NOON)
    for second in range(2, 10, 2):
        moment = NOON + timedelta(seconds=second)
        assert not any(limiter.write(1, moment) for _ in range(20))
    # A hundred within half a minute.
    assert limiter.write(1, NOON + timedelta(seconds=12))["Retry-After"] == "18"
    assert not limiter.write(1, NOON + timedelta(seconds=30))


def test_without_enforcement_nobody_is_refused() -> None:
    limiter = RateLimiter("cloud", Switches(rate_capacity=1))
    assert all(limiter.take("GET /x", NOON)[0] for _ in range(5))


@pytest.mark.parametrize(
    ("flavour", "reason"),
    [
        ("burst", "jira-burst-based"),
        ("per-issue", "jira-per-issue-on-write"),
        ("quota-tenant", "jira-quota-tenant-based"),
        ("quota-global", "jira-quota-global-based"),
    ],
)
def test_each_limit_of_cloud_names_itself(flavour: str, reason: str) -> None:
    headers = cloud_headers(flavour, retry_after=7, now=NOON, limit=350)  # type: ignore[arg-type]
    assert headers["RateLimit-Reason"] == reason
    assert headers["Retry-After"] == "7"
    assert headers["X-RateLimit-Remaining"] == "0"


def test_quotas_end_at_the_top_of_the_hour() -> None:
    headers = cloud_headers("quota-tenant", retry_after=7, now=NOON, limit=350)
    assert headers["X-RateLimit-Reset"] == "2026-11-24T13:00Z"
    assert headers["X-RateLimit-NearLimit"] == "true"


async def _nothing() -> None: ...


def faults() -> Faults:
    return Faults(refuse=_nothing, accept=_nothing)


def test_a_fault_is_used_up() -> None:
    made = faults()
    fault = made.fail("POST /issue", times=2, status=500)
    met = [len(made.take("POST /issue")) for _ in range(3)]
    assert met == [1, 1, 0]
    assert fault.hits == 2
    assert made.take("GET /issue/{issue}") == []


def test_routes_may_have_stars_and_faults_may_last() -> None:
    made = faults()
    made.fail("* /search*", times=None)
    assert all(made.take("POST /search/jql") for _ in range(5))
    made.clear()
    assert not made.take("POST /search/jql")


def test_a_delay_goes_together_with_another_fault_but_two_answers_do_not() -> None:
    made = faults()
    made.fail("*", status=500)
    made.fail("*", status=503)
    made.delay("*", 1.0)
    first = [fault.kind for fault in made.take("GET /myself")]
    assert first == ["answer", "delay"]
    assert [fault.status for fault in made.take("GET /myself")] == [503]


@pytest.mark.parametrize(
    ("name", "key"), [("Done", "done"), ("To Do", "new"), ("In Review", "indeterminate")]
)
def test_categories_are_guessed_from_names(name: str, key: str) -> None:
    assert guess_category(name).key == key
