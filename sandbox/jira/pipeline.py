"""What happens around every answer: faults, records, authentication, limits, error shapes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import format_datetime
from inspect import isawaitable

from aiohttp import web

from sandbox.jira.auth import COOKIE, Identity, authenticate, datacenter_unauthenticated
from sandbox.jira.call import Call, PageTokens
from sandbox.jira.endpoint import Endpoint
from sandbox.jira.errors import BAD_JSON, ApiError, html, problem, to_json, unreadable
from sandbox.jira.faults import Fault, Faults
from sandbox.jira.ratelimit import RateLimiter, cloud_headers, datacenter_headers
from sandbox.jira.records import ReceivedRequest, Records
from sandbox.jira.site import Site

_DROPPED = "X-Dropped"
_STATE: ContextVar["_State"] = ContextVar("jira_request_state")
# The board is for people: it is neither counted nor made to fail.
BOARD_ROUTES = ("/board", "/board/{issue}")
_METHODS_WITH_BODY = frozenset({"POST", "PUT"})
_WRITING = frozenset({"POST", "PUT", "DELETE"})


@dataclass(slots=True)
class _State:
    """What has been found out about a request so far."""

    headers: dict[str, str] = field(default_factory=dict)
    caller: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """Wraps the endpoints of a server."""

    site: Site
    faults: Faults
    records: Records
    requests: Counter[str]
    limiter: RateLimiter
    base_url: Callable[[], str]
    pages: PageTokens = field(default_factory=PageTokens)

    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Return the middleware that every request passes."""

        @web.middleware
        async def around(
            request: web.Request,
            handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        ) -> web.StreamResponse:
            return await self._around(request, handler)

        return around

    def wrap(self, endpoint: Endpoint, *, version: str, gateway: bool):  # type: ignore[no-untyped-def]  # noqa: ANN201 - aiohttp's handler
        """Return an endpoint as aiohttp calls it."""

        async def run(request: web.Request) -> web.StreamResponse:
            identity = self._identify(request, gateway=gateway)
            call = await self._call(request, endpoint, identity, version)
            outcome = endpoint.handler(call)
            return await outcome if isawaitable(outcome) else outcome

        return run

    async def _around(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        route = route_of(request)
        if route.endswith(BOARD_ROUTES):
            return await handler(request)
        self.requests[route] += 1
        state = _State()
        _STATE.set(state)
        try:
            response = await self._meet_faults(request, handler, route)
        except ApiError as refusal:
            response = self._refusal(refusal)
        except web.HTTPException as refusal:
            response = self._routing_error(request, refusal)
        if not response.prepared:
            response.headers["Date"] = format_datetime(self.site.now(), usegmt=True)
            response.headers.update(
                {k: v for k, v in state.headers.items() if k not in response.headers}
            )
        status = 0 if _DROPPED in response.headers else response.status
        self._record(request, route, status, state)
        return response

    async def _meet_faults(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        route: str,
    ) -> web.StreamResponse:
        await self.faults.wait_until_thawed()
        self.faults.notice("received", route)
        dropping = False
        for fault in self.faults.take(route):
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "drop_before":
                return self._drop(request)
            elif fault.kind == "answer":
                return self._fault_answer(request, fault)
            else:
                dropping = True
        if self.site.switches.redirect_to_login and request.path.find("/rest/") != -1:
            return web.Response(
                status=302,
                headers={"Location": f"{self.base_url()}/login.jsp", "Content-Type": "text/html"},
            )
        response = await handler(request)
        self.faults.notice("done", route)
        return self._drop(request) if dropping else response

    def _drop(self, request: web.Request) -> web.StreamResponse:
        """Close the connection at once; what is returned reaches nobody."""
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500, headers={_DROPPED: "yes"})

    def _fault_answer(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.flavour is not None:
            return self._refusal(self._too_many(request, fault))
        text = fault.body if isinstance(fault.body, str) else to_json(fault.body)
        return web.Response(
            status=fault.status,
            body=text.encode(),
            headers={"Content-Type": fault.content_type, **fault.headers},
        )

    def _too_many(self, request: web.Request, fault: Fault) -> ApiError:
        wait = int(fault.seconds)
        limits = self.limiter.limits(route_of(request))
        if fault.flavour is None or fault.flavour == "datacenter":
            refusal = _datacenter_too_many(request)
            refusal.headers |= datacenter_headers(limits, left=0, retry_after=wait)
            return refusal
        headers = cloud_headers(
            fault.flavour, retry_after=wait, now=self.site.now(), limit=limits[0]
        )
        return ApiError(429, "Rate limit exceeded.", headers=headers)

    def _identify(self, request: web.Request, *, gateway: bool) -> Identity:
        state = _STATE.get()
        identity = authenticate(
            self.site,
            request.headers.get("Authorization"),
            session=request.cookies.get(COOKIE),
            base_url=self.base_url(),
            accept=request.headers.get("Accept", ""),
            gateway=gateway,
        )
        state.headers.update(identity.headers)
        if identity.account is not None:
            state.caller = identity.account.name
            self._limit(request, identity.account.name, state)
        return identity

    def _limit(self, request: web.Request, name: str, state: _State) -> None:
        cloud = self.site.deployment == "cloud"
        route = route_of(request)
        if not cloud and route == "GET /serverInfo":
            return
        allowed, headers = self.limiter.take(route if cloud else name, self.site.now())
        state.headers.update(headers)
        if cloud and allowed:
            self._limit_writes(request)
        if allowed:
            return
        raise ApiError(429, "Rate limit exceeded.") if cloud else _datacenter_too_many(request)

    def _limit_writes(self, request: web.Request) -> None:
        """Refuse when one issue is written to too often, whatever the address."""
        named = request.match_info.get("issue")
        issue = self.site.find(named) if named and request.method in _WRITING else None
        if issue is not None and (headers := self.limiter.write(issue.id, self.site.now())):
            raise ApiError(429, "Rate limit exceeded.", headers=headers)

    async def _call(
        self, request: web.Request, endpoint: Endpoint, identity: Identity, version: str
    ) -> Call:
        if identity.bad_bearer and not endpoint.searches:
            raise datacenter_unauthenticated()
        body = b""
        if endpoint.reads_body and request.method in _METHODS_WITH_BODY:
            body = await _read(request)
            self._check_type(request, endpoint, body)
        call = Call(
            request=request,
            site=self.site,
            records=self.records,
            caller=identity.account,
            version=version,
            base_url=self.base_url(),
            body=body,
            pages=self.pages,
        )
        if not endpoint.anonymous:
            call.signed_in()
        return call

    def _check_type(self, request: web.Request, endpoint: Endpoint, body: bytes) -> None:
        kind = request.content_type
        if not endpoint.json or kind == "application/json" or not body:
            return
        if self.site.deployment == "cloud":
            detail = f"Content-Type '{kind}' is not supported."
            raise problem(415, "Unsupported Media Type", detail, request.path)
        raise ApiError(415, body={"message": "HTTP 415 Unsupported Media Type", "status-code": 415})

    def _refusal(self, refusal: ApiError) -> web.Response:
        return web.Response(
            status=refusal.status,
            body=refusal.text.encode(),
            headers={"Content-Type": refusal.content_type, **refusal.headers},
        )

    def _routing_error(
        self, request: web.Request, refusal: web.HTTPException
    ) -> web.StreamResponse:
        """Return what Jira says for an unknown address or a wrong method."""
        api = "/rest/" in request.path
        if not api or refusal.status not in {404, 405}:
            return web.Response(
                status=refusal.status, text=refusal.reason, headers=_location(refusal)
            )
        try:
            # Who calls is looked at before the address is: a bad token is told first.
            identity = self._identify(request, gateway="/ex/jira/" in request.path)
            if identity.bad_bearer:
                raise datacenter_unauthenticated()
        except ApiError as unwelcome:
            return self._refusal(unwelcome)
        allow = _allowed(refusal)
        if self.site.deployment == "cloud":
            return self._refusal(_no_endpoint(request, refusal.status, allow))
        if refusal.status == 405:  # noqa: PLR2004 - a status
            return web.Response(status=405, headers=allow)
        body = {"message": f"null for uri: {request.url}", "status-code": 404}
        return self._refusal(ApiError(404, body=body))

    def _record(self, request: web.Request, route: str, status: int, state: _State) -> None:
        self.records.requests.append(
            ReceivedRequest(
                route=route,
                path=request.path,
                status=status,
                caller=state.caller,
                at=self.site.now(),
            )
        )


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except (web.RequestPayloadError, ConnectionError) as error:
        # Not compressed as it says, or whoever sent it has gone.
        raise unreadable(BAD_JSON) from error


def _no_endpoint(request: web.Request, status: int, allow: dict[str, str]) -> ApiError:
    if status == 404:  # noqa: PLR2004 - a status
        detail = f"No endpoint {request.method} {request.path}."
        return problem(404, "Not Found", detail, request.path)
    detail = f"Method '{request.method}' is not supported."
    return problem(405, "Method Not Allowed", detail, request.path, allow)


def _datacenter_too_many(request: web.Request) -> ApiError:
    if "application/json" in request.headers.get("Accept", ""):
        return ApiError(429, body={"message": "Rate limit exceeded."})
    return html(429, "Too Many Requests")


def _allowed(refusal: web.HTTPException) -> dict[str, str]:
    methods = [m for m in refusal.headers.get("Allow", "").split(",") if m not in {"", "HEAD"}]
    return {"Allow": ",".join(methods)} if methods else {}


def _location(refusal: web.HTTPException) -> dict[str, str]:
    return {"Location": refusal.headers["Location"]} if "Location" in refusal.headers else {}


def route_of(request: web.Request) -> str:
    """Return the method and the address without prefix: `GET /issue/{issue}`."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else "(unknown)"
    _, found, rest = path.partition("/rest/")
    if not found:
        return f"{request.method} {path}"
    if rest.startswith("api/"):
        return f"{request.method} /{rest.split('/', 2)[2]}"
    return f"{request.method} /{rest}"
