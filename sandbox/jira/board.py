"""A board for people who play with the sandbox; no part of the vendor's API."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from aiohttp import web
from jinja2 import Environment

from sandbox.jira.board_page import PAGE, STYLE
from sandbox.jira.model import Issue, Project, Status
from sandbox.jira.site import Site

_PER_COLUMN = 50
# By its digest, not a nonce: the page reads itself anew, and would refuse the style of the copy.
_STYLE_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()


class Board:
    """Shows a project's issues by status, and moves them."""

    def __init__(self, site: Site, *, path: str) -> None:
        self._site = site
        self._path = f"{path}/board"
        # A page elsewhere that posts here does not know it.
        self._token = token_urlsafe(16)
        self._page = Environment(autoescape=True, enable_async=False).from_string(PAGE)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the board at `/board`."""
        router.add_get(self._path, self.show)
        router.add_post(f"{self._path}/{{issue}}", self.move)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page."""
        project = self._project(request)
        nonce = token_urlsafe(16)
        text = self._page.render(
            project=project,
            projects=self._site.projects,
            columns=self._columns(project),
            resolutions=self._site.resolutions,
            path=self._path,
            token=self._token,
            nonce=nonce,
            style=STYLE,
        )
        policy = (
            f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; script-src 'nonce-{nonce}'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'"
        )
        return web.Response(
            text=text,
            content_type="text/html",
            headers={
                "Content-Security-Policy": policy,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def move(self, request: web.Request) -> web.Response:
        """Carry out a transition that was chosen, and show the board again."""
        form = await request.post()
        if not hmac.compare_digest(str(form.get("token", "")).encode(), self._token.encode()):
            raise web.HTTPForbidden(reason="This form is out of date. Open the board again.")
        try:
            issue = self._site.issue(request.match_info["issue"])
            status = self._target(issue, str(form.get("status", "")))
        except LookupError:
            raise web.HTTPNotFound(reason="There is no such issue or status.") from None
        done = status.category.key == "done"
        known = {resolution.name for resolution in self._site.resolutions}
        chosen = str(form.get("resolution", ""))
        self._site.transition(
            issue,
            status,
            resolution=chosen if done and chosen in known else None,
            by=issue.project.lead,
        )
        address = f"{self._path}?project={issue.project.key}"
        return web.Response(status=303, headers={"Location": address})

    def _project(self, request: web.Request) -> Project | None:
        wanted = request.query.get("project", "")
        return self._site.find_project(wanted) or next(iter(self._site.projects), None)

    @staticmethod
    def _target(issue: Issue, identifier: str) -> Status:
        for status in _targets(issue.project, issue.status):
            if status.id == identifier:
                return status
        raise LookupError(identifier)

    def _columns(self, project: Project | None) -> Sequence[dict[str, Any]]:
        if project is None:
            return []
        issues = [issue for issue in self._site.issues.values() if issue.project is project]
        issues.sort(key=lambda issue: issue.updated, reverse=True)
        by_status = {s: [i for i in issues if i.status is s] for s in project.statuses}
        return [
            {
                "status": status,
                "cards": own[:_PER_COLUMN],
                "total": len(own),
                "targets": _targets(project, status),
                "next": following,
            }
            for (status, own), following in zip(
                by_status.items(), (*project.statuses[1:], None), strict=True
            )
        ]


def _targets(project: Project, status: Status) -> list[Status]:
    """Return where the workflow leads from a status, which may be where it was before."""
    return [
        transition.target
        for transition in project.transitions
        if transition.source in {None, status} and transition.target is not status
    ]
