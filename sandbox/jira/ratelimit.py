"""The limits of both deployments: token buckets and the headers that tell of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

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


class RateLimiter:
    """Counts requests: per person on Data Center, per address on Cloud."""

    def __init__(self, deployment: Deployment, switches: Switches) -> None:
        self._cloud = deployment == "cloud"
        self._switches = switches
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def take(self, key: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Take one token; return whether there was one, and the headers that say so."""
        switches = self._switches
        level, filled_at = self._buckets.get(key, (float(switches.rate_capacity), now))
        refill = (now - filled_at).total_seconds() * switches.rate_fill
        level = min(level + refill, float(switches.rate_capacity))
        allowed = level >= 1 or not switches.enforce_rate_limits
        level = max(level - 1, 0.0) if allowed else level
        self._buckets[key] = (level, now)
        return allowed, self._headers(int(level), allowed=allowed, now=now)

    def _headers(self, left: int, *, allowed: bool, now: datetime) -> dict[str, str]:
        if not self._cloud:
            return datacenter_headers(self._switches, left=left, retry_after=0 if allowed else 1)
        if allowed:
            return {
                "X-RateLimit-Limit": str(self._switches.rate_capacity),
                "X-RateLimit-Remaining": str(left),
            }
        return cloud_headers("burst", retry_after=1, now=now, limit=self._switches.rate_capacity)


def datacenter_headers(switches: Switches, *, left: int, retry_after: int) -> dict[str, str]:
    """Return Data Center's headers; `Retry-After` is there, as 0, while tokens remain."""
    return {
        "X-RateLimit-Limit": str(switches.rate_capacity),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-FillRate": str(switches.rate_fill),
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
