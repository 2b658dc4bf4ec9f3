"""One request, as the code that answers it sees it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.jira.auth import cloud_unauthenticated, datacenter_unauthenticated
from sandbox.jira.errors import (
    BAD_JSON,
    BAD_PAYLOAD,
    JSON,
    NO_CONTENT,
    ApiError,
    problem,
    to_json,
    unreadable,
)
from sandbox.jira.model import Account, Issue, Project
from sandbox.jira.presenter import Presenter
from sandbox.jira.records import Records
from sandbox.jira.site import Site

CLOUD_MISSING = "Issue does not exist or you do not have permission to see it."
DATACENTER_MISSING = "Issue Does Not Exist"
DATACENTER_FORBIDDEN = "You do not have the permission to see the specified issue."


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request with everything needed to answer it.

    Attributes:
        caller: None for nobody in particular.
        version: `2` or `3`.
    """

    request: web.Request
    site: Site
    records: Records
    caller: Account | None
    version: str
    base_url: str
    body: bytes = field(repr=False)
    pages: "PageTokens"

    @property
    def cloud(self) -> bool:
        """Whether the site is Cloud."""
        return self.site.deployment == "cloud"

    @property
    def presenter(self) -> Presenter:
        """Writes answers in the version asked."""
        return Presenter(
            self.site, base_url=self.base_url, version=self.version, viewer=self.caller
        )

    @property
    def path(self) -> Mapping[str, str]:
        """The variable parts of the address."""
        return self.request.match_info

    @property
    def accept(self) -> str:
        """What the caller wants to read."""
        return self.request.headers.get("Accept", "")

    # -- reading the request -----------------------------------------------------------

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.query.get(name, default)

    def query_list(self, name: str) -> list[str]:
        """Return a list given with commas, repeated, or both."""
        return [
            item.strip()
            for value in self.request.query.getall(name, [])
            for item in value.split(",")
            if item.strip()
        ]

    def query_int(self, name: str, default: int) -> int:
        """Return a whole number from the query.

        Raises:
            ApiError: 400 on Cloud, 404 on Data Center, when it is no number.
        """
        text = self.query(name)
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            if self.cloud:
                detail = f"Failed to convert '{name}' with value: '{text}'"
                raise problem(400, "Bad Request", detail, self.request.path) from None
            raise ApiError(
                404, body={"message": "HTTP 404 Not Found", "status-code": 404}
            ) from None

    def query_flag(self, name: str, *, default: bool = False) -> bool:
        """Return a true/false parameter."""
        text = self.query(name).lower()
        return text == "true" if text else default

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the body, whatever it holds.

        Raises:
            ApiError: 400 when it is empty or no JSON.
        """
        if not self.body.strip():
            raise unreadable(NO_CONTENT)
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise unreadable(BAD_JSON) from None

    def json_object(self, allowed: Collection[str] | None = None) -> dict[str, Any]:
        """Return the body as an object.

        Args:
            allowed: the only properties it may have; anything goes if left out.

        Raises:
            ApiError: 400 when it is none, or has others.
        """
        value = self.json()
        if not isinstance(value, dict):
            raise unreadable(BAD_PAYLOAD)
        for name in value if allowed is not None else ():
            if allowed is not None and name not in allowed:
                raise unreadable(
                    BAD_PAYLOAD
                    if self.cloud
                    else f'Unrecognized field "{name}" (Class com.atlassian.jira.rest.v2), '
                    "not marked as ignorable"
                )
        return value

    # -- finding what it is about ------------------------------------------------------

    def issue(self, name: str = "issue", *, also_archived: bool = False) -> Issue:
        """Return the issue named in the address.

        Raises:
            ApiError: when it is missing, the caller may not see it, or it is archived and
                the request wants to change it.
        """
        issue = self.find_issue(self.path[name])
        if issue.archived and not also_archived and self.request.method != "GET":
            raise ApiError(403, f"Issue {issue.key} is archived and cannot be changed.")
        return issue

    def find_issue(self, id_or_key: str) -> Issue:
        """Return an issue by id or by any key it ever had, in any case."""
        site = self.site
        issue = site.find(id_or_key)
        if issue is not None and site.can_see(self.caller, issue):
            return issue
        if self.cloud:
            raise ApiError(404, CLOUD_MISSING)
        if self.caller is None:
            raise ApiError(401, DATACENTER_FORBIDDEN, "Login Required")
        if issue is not None and site.switches.forbidden_issue_status == 403:  # noqa: PLR2004 - a status
            raise ApiError(403, DATACENTER_FORBIDDEN)
        raise ApiError(404, DATACENTER_MISSING)

    def project(self, name: str = "project") -> Project:
        """Return the project named in the address."""
        text = self.path[name]
        project = self.site.find_project(text)
        if project is None or project not in self.site.visible_projects(self.caller):
            kind = "id" if text.isdecimal() else "key"
            raise ApiError(404, f"No project could be found with {kind} '{text}'.")
        return project

    def require(self, permission: str, project: Project, message: str, status: int = 403) -> None:
        """Refuse unless the caller has a permission in a project."""
        if not self.site.permissions.has(self.caller, permission, project):
            raise ApiError(status, message)

    def signed_in(self) -> Account:
        """Return the caller.

        Raises:
            ApiError: 401 for nobody in particular.
        """
        if self.caller is not None:
            return self.caller
        if self.cloud:
            raise cloud_unauthenticated(self.base_url, self.accept)
        raise datacenter_unauthenticated()

    # -- answering ---------------------------------------------------------------------

    def page(self, *, default: int, most: int) -> tuple[int, int]:
        """Return `startAt` and `maxResults`, the latter cut to what the server gives."""
        start = max(self.query_int("startAt", 0), 0)
        size = self.query_int("maxResults", default)
        return start, min(max(size, 0), most)


def answer(value: Any, status: int = 200) -> web.Response:  # noqa: ANN401 - any JSON
    """Return JSON."""
    return web.Response(
        status=status,
        body=to_json(value).encode(),
        headers={"Content-Type": JSON},
    )


def no_content() -> web.Response:
    """Return an empty 204."""
    return web.Response(status=204)


class PageTokens:
    """Remembers where the pages of a search on Cloud go on."""

    def __init__(self, kept: int = 10_000) -> None:
        self._kept = kept
        self._positions: dict[str, Any] = {}

    def add(self, token: str, position: Any) -> None:  # noqa: ANN401 - the search's own
        """Keep a position; the oldest is forgotten when there are too many."""
        self._positions[token] = position
        if len(self._positions) > self._kept:
            del self._positions[next(iter(self._positions))]

    def find(self, token: str) -> Any | None:  # noqa: ANN401 - the search's own
        """Return a position, or None for a token never given out."""
        return self._positions.get(token)
