"""The limits of both deployments: token buckets and the headers that tell of them."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from sandbox.jira.faults import Flavour
from sandbox.jira.model import Deployment
from sandbox.jira.switches import Switches

_REASONS: Mapping[Flavour, str] = {
    "burst": "jira-burst-based",
    "per-issue": "jira-per-issue-on-write",
    "quota-tenant": "jira-quota-tenant-based",
    "quota-global": "jira-quota-global-based",
}
_QUOTA = 65_000
_HOUR = timedelta(hours=1)
# What a bucket holds, and how much comes back to it in a second.
_DATACENTER = (70, 5)
_PER_SECOND = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
_PER_SECOND_OF_ROUTE = {
    "GET /issue/{issue}": 150,
    "GET /issue/{issue}/changelog": 200,
    "POST /search/approximate-count": 150,
    "GET /attachment/content/{attachment}": 300,
}
# How often one issue may be written to: so many times in that time.
_WRITES = ((20, timedelta(seconds=2)), (100, timedelta(seconds=30)))


class RateLimiter:
    """Counts requests: per person on Data Center, per address on Cloud."""

    def __init__(self, deployment: Deployment, switches: Switches) -> None:
        self._cloud = deployment == "cloud"
        self._switches = switches
        self._buckets: dict[str, tuple[float, datetime]] = {}
        self._writes: dict[int, deque[datetime]] = {}

    def limits(self, key: str) -> tuple[int, int]:
        """Return what the bucket of somebody or of an address holds, and its refill."""
        if self._cloud:
            method, _, _ = key.partition(" ")
            size = _PER_SECOND_OF_ROUTE.get(key) or _PER_SECOND.get(method, 100)
            usual = (size, size)
        else:
            usual = _DATACENTER
        capacity, fill = self._switches.rate_capacity, self._switches.rate_fill
        return (usual[0] if capacity is None else capacity, usual[1] if fill is None else fill)

    def take(self, key: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Take one token; return whether there was one, and the headers that say so."""
        capacity, fill = self.limits(key)
        level, filled_at = self._buckets.get(key, (float(capacity), now))
        level = min(level + (now - filled_at).total_seconds() * fill, float(capacity))
        allowed = level >= 1 or not self._switches.enforce_rate_limits
        level = max(level - 1, 0.0) if allowed else level
        self._buckets[key] = (level, now)
        return allowed, self._headers(key, int(level), allowed=allowed, now=now)

    def write(self, issue_id: int, now: datetime) -> dict[str, str]:
        """Count a write to an issue (Cloud); return the headers of a refusal, or nothing."""
        if not self._switches.enforce_rate_limits:
            return {}
        times = self._writes.setdefault(issue_id, deque(maxlen=_WRITES[-1][0]))
        for count, span in _WRITES:
            if len(times) >= count and now - times[-count] < span:
                wait = ceil((times[-count] + span - now).total_seconds())
                return cloud_headers("per-issue", retry_after=wait, now=now, limit=count)
        times.append(now)
        return {}

    def _headers(self, key: str, left: int, *, allowed: bool, now: datetime) -> dict[str, str]:
        limits = self.limits(key)
        if not self._cloud:
            return datacenter_headers(limits, left=left, retry_after=0 if allowed else 1)
        if allowed:
            return {"X-RateLimit-Limit": str(limits[0]), "X-RateLimit-Remaining": str(left)}
        return cloud_headers("burst", retry_after=1, now=now, limit=limits[0])


def datacenter_headers(limits: tuple[int, int], *, left: int, retry_after: int) -> dict[str, str]:
    """Return Data Center's headers; `Retry-After` is there, as 0, while tokens remain."""
    return {
        "X-RateLimit-Limit": str(limits[0]),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-FillRate": str(limits[1]),
        "X-RateLimit-Interval-Seconds": "1",
        "Retry-After": str(retry_after),
    }


def cloud_headers(
    flavour: Flavour, *, retry_after: int, now: datetime, limit: int
) -> dict[str, str]:
    """Return the headers of a 429 on Cloud."""
    quota = flavour.startswith("quota")
    if quota:
        reset = (now + _HOUR).replace(minute=0, second=0, microsecond=0)
        limit = _QUOTA
    else:
        reset = now + timedelta(seconds=retry_after)
    headers = {
        "Retry-After": str(retry_after),
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%MZ}" if quota else f"{reset:%Y-%m-%dT%H:%M:%SZ}",
        "RateLimit-Reason": _REASONS[flavour],
    }
    if quota:
        name = "global-app-quota" if flavour == "quota-global" else "tenant-app-quota"
        wait = int((reset - now).total_seconds())
        headers |= {
            "X-RateLimit-NearLimit": "true",
            "Beta-RateLimit-Policy": f'"{name}";q={_QUOTA};w=3600',
            "Beta-RateLimit": f'"{name}";r=0;t={wait}',
        }
    return headers
