"""What a request passes before its handler: route, caller, limiter, parameters, permissions."""

from collections.abc import Iterable, Mapping
from math import ceil

from sandbox.rocketchat.errors import CodedError, MissingPermission, TooMany, Unauthorized
from sandbox.rocketchat.model import Document, Token, User
from sandbox.rocketchat.rest.route import Call, Limit, Route
from sandbox.rocketchat.rest.shapes import Parameters
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.windows import Windows
from sandbox.rocketchat.wire import to_ms
from sandbox.rocketchat.workspace import Workspace

BYPASS = "api-bypass-rate-limit"
SECOND = 1000


class Gate:
    """The routes of a release, and the checks before them."""

    def __init__(self, workspace: Workspace, routes: Iterable[Route]) -> None:
        self._workspace = workspace
        self._routes: dict[tuple[str, str, int], Route] = {
            (route.method, route.name, route.parts): route
            for route in routes
            if route.open_to(workspace.version)
        }
        self.windows = Windows()

    def find(self, method: str, name: str, parts: int) -> Route | None:
        """Return the route, None if this release has no such."""
        return self._routes.get((method, name, parts))

    def caller(self, route: Route, headers: Mapping[str, str]) -> tuple[User, Token] | None:
        """Return who calls; Unauthorized if the route needs somebody and there is nobody."""
        token, user_id = headers.get("X-Auth-Token"), headers.get("X-User-Id")
        found = None
        if token and user_id:
            found = self._workspace.accounts.find_caller(user_id, token)
        if found is None and route.auth:
            raise Unauthorized
        return found

    def limit(self, route: Route, user: User | None, address: str) -> dict[str, str]:
        """Count a call and return the headers of the limiter; empty where it does not look.

        Raises:
            Limited: too often; carries the headers.
        """
        settings, version = self._workspace.settings, self._workspace.version
        if not version.limits_rest or not settings.on("API_Enable_Rate_Limiter"):
            return {}
        if user is not None and self._workspace.access.permits(user, BYPASS):
            return {}
        limit = route.limit or Limit(
            settings.number("API_Enable_Rate_Limiter_Limit_Calls_Default"),
            settings.number("API_Enable_Rate_Limiter_Limit_Time_Default"),
        )
        now = to_ms(self._workspace.now())
        key = (address, route.method, route.name)
        count = self.windows.hit(key, limit=limit.calls, span=limit.span, now=now)
        headers = {
            "X-RateLimit-Limit": str(limit.calls),
            "X-RateLimit-Remaining": str(count.remaining),
            "X-RateLimit-Reset": str(count.reset_at),
        }
        if not count.allowed:
            raise Limited(ceil((count.reset_at - now) / SECOND), headers)
        return headers

    def check(self, route: Route, call: Call) -> None:
        """Refuse parameters that do not fit, then a caller without the permissions."""
        check_shape(call.params, route.params, query=route.method == "GET", version=call.version)
        call.params = {name: value for name, value in call.params.items() if value is not None}
        for permission in route.permissions:
            if not call.permits(permission):
                raise MissingPermission


class Limited(TooMany):
    """429 with the headers of the limiter."""

    def __init__(self, seconds: int, headers: dict[str, str]) -> None:
        super().__init__(max(seconds, 1))
        self.headers = headers


def check_shape(
    params: Document, parameters: Parameters | None, *, query: bool, version: Version
) -> None:
    """Refuse parameters that do not fit; 8.x has its own code for queries."""
    problems = parameters.problems(params) if parameters else []
    if problems:
        code = "error-invalid-params" if query and version.since(8) else "invalid-params"
        raise CodedError(code, "\n ".join(problems))
