"""Putting issues away for good, on Data Center: read-only, and found by no search."""

from aiohttp import web

from sandbox.jira.call import Call, no_content
from sandbox.jira.endpoint import put
from sandbox.jira.errors import ApiError

_FORBIDDEN = "You do not have permission to archive issues."


def archive(call: Call) -> web.Response:
    """Put an issue away."""
    return _set(call, archived=True)


def restore(call: Call) -> web.Response:
    """Take an issue back."""
    return _set(call, archived=False)


def _set(call: Call, *, archived: bool) -> web.Response:
    issue = call.issue(also_archived=True)
    call.require("ADMINISTER_PROJECTS", issue.project, _FORBIDDEN)
    if issue.archived is archived:
        raise ApiError(403, f"Issue {issue.key} is {'already' if archived else 'not'} archived.")
    issue.archived = archived
    call.site.index.put(issue)
    return no_content()


ENDPOINTS = (
    put("/issue/{issue}/archive", archive, only="datacenter", anonymous=False, json=False),
    put("/issue/{issue}/restore", restore, only="datacenter", anonymous=False, json=False),
)
