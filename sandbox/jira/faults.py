"""Things that go wrong on purpose; no part of the vendor's API."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

Flavour = Literal["burst", "per-issue", "quota-tenant", "quota-global", "datacenter"]
Kind = Literal["answer", "drop_before", "drop_after", "delay"]
Step = Literal["received", "done"]
Watch = Callable[[Step, str], None]


@dataclass(eq=False, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong for requests of a route; `left` None means for ever.

    Attributes:
        hits: how many requests it has met.
    """

    kind: Kind
    route: str
    left: int | None = 1
    status: int = 503
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    seconds: float = 0.0
    flavour: Flavour | None = None
    hits: int = 0


class Faults:
    """Makes requests fail, by route.

    A route is a method and a path without the API prefix, such as `POST /issue` or
    `GET /issue/{issue}`; `*` and `?` stand for anything, as in `* /search*`.

    Attributes:
        watch: told of each step, as it happens, so that something may be made to go wrong right
            there: a request of a route was `received`, or was `done` and is about to be answered.
    """

    def __init__(
        self,
        *,
        refuse: Callable[[], Awaitable[None]],
        accept: Callable[[], Awaitable[None]],
    ) -> None:
        self._faults: list[Fault] = []
        self._refuse = refuse
        self._accept = accept
        self._thawed = asyncio.Event()
        self._thawed.set()
        self.watch: Watch | None = None

    def fail(
        self,
        route: str,
        *,
        times: int | None = 1,
        status: int = 503,
        body: Any = None,  # noqa: ANN401 - any JSON, or text
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json;charset=UTF-8",
    ) -> Fault:
        """Answer the next requests with this status instead of carrying them out.

        Args:
            route: which requests.
            times: how many; None for all until `clear`.
            status: of the answer.
            body: JSON, or text sent as it is; Jira's empty error lists if left out.
            headers: of the answer, such as `Retry-After`.
            content_type: of the answer.
        """
        return self._add(
            Fault(
                kind="answer",
                route=route,
                left=times,
                status=status,
                body={"errorMessages": [], "errors": {}} if body is None else body,
                headers=dict(headers or {}),
                content_type=content_type,
            )
        )

    def html(self, route: str, *, times: int | None = 1, status: int = 503) -> Fault:
        """Answer with an error page for people, as a proxy does."""
        page = f"<html><body><h1>Error {status}</h1></body></html>"
        return self.fail(
            route, times=times, status=status, body=page, content_type="text/html;charset=UTF-8"
        )

    def redirect_to_login(self, route: str = "*", *, times: int | None = 1) -> Fault:
        """Answer with a redirect to a login page, as a single sign-on does."""
        return self.fail(
            route,
            times=times,
            status=302,
            body="",
            headers={"Location": "/login.jsp?permissionViolation=true"},
            content_type="text/html;charset=UTF-8",
        )

    def rate_limit(
        self, route: str = "*", *, flavour: Flavour = "burst", times: int | None = 1,
        retry_after: int = 1,
    ) -> Fault:  # fmt: skip
        """Answer 429 with the headers of one of Jira's limits; `retry_after` in seconds."""
        return self._add(
            Fault(
                kind="answer",
                route=route,
                left=times,
                status=429,
                seconds=retry_after,
                flavour=flavour,
            )
        )

    def accept_and_drop(self, route: str = "POST /issue", *, times: int | None = 1) -> Fault:
        """Carry the request out, then close the connection without an answer."""
        return self._add(Fault(kind="drop_after", route=route, left=times))

    def drop(self, route: str = "*", *, times: int | None = 1) -> Fault:
        """Close the connection without having done anything."""
        return self._add(Fault(kind="drop_before", route=route, left=times))

    def delay(self, route: str, seconds: float, *, times: int | None = 1) -> Fault:
        """Wait before carrying the request out."""
        return self._add(Fault(kind="delay", route=route, left=times, seconds=seconds))

    async def refuse_connections(self) -> None:
        """Close every connection and refuse new ones, as if the server were down."""
        await self._refuse()

    async def accept_connections(self) -> None:
        """Listen again, on the same port."""
        await self._accept()

    def freeze(self) -> None:
        """Take requests but answer none until `thaw`."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on, first with what was kept waiting."""
        self._thawed.set()

    def clear(self) -> None:
        """Forget every fault and thaw; refused connections stay refused."""
        self._faults.clear()
        self._thawed.set()

    async def wait_until_thawed(self) -> None:
        """Return at once unless frozen."""
        await self._thawed.wait()

    def notice(self, step: Step, route: str) -> None:
        """Tell whoever watches; called by the server."""
        if self.watch is not None:
            self.watch(step, route)

    def take(self, route: str) -> list[Fault]:
        """Return the faults a request meets, using them up: delays and one of the others."""
        met: list[Fault] = []
        decided = False
        for fault in list(self._faults):
            if not fnmatchcase(route, fault.route) or (decided and fault.kind != "delay"):
                continue
            decided = decided or fault.kind != "delay"
            met.append(fault)
            fault.hits += 1
            if fault.left is not None:
                fault.left -= 1
                if fault.left <= 0:
                    self._faults.remove(fault)
        return met

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault
