"""Links between issues, and from issues to elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.jira import files as journal
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Issue, IssueLink, LinkType, RemoteLink
from sandbox.jira.presenter import Json

_MAX_GLOBAL_ID = 255
_LINK = frozenset({"type", "inwardIssue", "outwardIssue", "comment"})
_NO_LINKING = "No Link Issue Permission for issue '{0}'"


# -- to elsewhere ----------------------------------------------------------------------


def list_remote(call: Call) -> web.Response:
    """List the links of an issue to elsewhere, or the one with a `globalId`."""
    issue = call.issue()
    if wanted := call.query("globalId"):
        return answer(call.presenter.remote_link(issue.id, _by_global_id(issue, wanted)))
    return answer([call.presenter.remote_link(issue.id, link) for link in issue.remote_links])


def _by_global_id(issue: Issue, global_id: str) -> RemoteLink:
    for link in issue.remote_links:
        if link.global_id == global_id:
            return link
    raise ApiError(404, f"The remote issue link with global id '{global_id}' does not exist.")


def _by_id(call: Call, issue: Issue) -> RemoteLink:
    for link in issue.remote_links:
        if str(link.id) == call.path["link"]:
            return link
    raise ApiError(404, f"The remote issue link with id '{call.path['link']}' does not exist.")


def get_remote(call: Call) -> web.Response:
    """Return one link to elsewhere."""
    issue = call.issue()
    return answer(call.presenter.remote_link(issue.id, _by_id(call, issue)))


def save_remote(call: Call) -> web.Response:
    """Create a link, or replace the one with the same `globalId`."""
    issue = _linkable(call)
    values = _read_remote(call.json_object())
    global_id = values["global_id"]
    old = next(
        (link for link in issue.remote_links if global_id and link.global_id == global_id), None
    )
    if old is not None:
        _replace(issue, old, replace(old, **values))
        return answer(_identified(call, issue, old.id))
    link = RemoteLink(id=call.site.next_id("remote link"), **values)
    issue.remote_links = (*issue.remote_links, link)
    return answer(_identified(call, issue, link.id), 201)


def update_remote(call: Call) -> web.Response:
    """Replace a link; what is left out becomes null."""
    issue = _linkable(call)
    old = _by_id(call, issue)
    _replace(issue, old, replace(old, **_read_remote(call.json_object())))
    return no_content()


def delete_remote(call: Call) -> web.Response:
    """Delete a link by its id."""
    issue = _linkable(call)
    _replace(issue, _by_id(call, issue), None)
    return no_content()


def delete_by_global_id(call: Call) -> web.Response:
    """Delete a link by its `globalId`."""
    issue = _linkable(call)
    wanted = call.query("globalId")
    if not wanted:
        raise ApiError(400, errors={"globalId": "'globalId' is required."})
    _replace(issue, _by_global_id(issue, wanted), None)
    return no_content()


def _linkable(call: Call) -> Issue:
    issue = call.issue()
    call.require("LINK_ISSUES", issue.project, _NO_LINKING.format(issue.key))
    return issue


def _replace(issue: Issue, old: RemoteLink, new: RemoteLink | None) -> None:
    kept = (new if link is old else link for link in issue.remote_links)
    issue.remote_links = tuple(link for link in kept if link is not None)


def _identified(call: Call, issue: Issue, link_id: int) -> Json:
    return {"id": link_id, "self": f"{call.presenter.api}/issue/{issue.id}/remotelink/{link_id}"}


def _read_remote(body: Json) -> dict[str, Any]:
    target = body.get("object")
    errors: dict[str, str] = {}
    if not isinstance(target, dict):
        target = {}
    for name in ("url", "title"):
        if not isinstance(target.get(name), str) or not target[name]:
            errors[name] = f"'{name}' is required."
    global_id = body.get("globalId")
    if isinstance(global_id, str) and len(global_id) > _MAX_GLOBAL_ID:
        errors["globalId"] = f"'globalId' must be at most {_MAX_GLOBAL_ID} characters long."
    if errors:
        raise ApiError(400, errors=errors)
    application = body.get("application")
    return {
        "global_id": global_id,
        "application": application if isinstance(application, dict) else {},
        "relationship": body.get("relationship"),
        "object": target,
    }


# -- between issues --------------------------------------------------------------------


def list_types(call: Call) -> web.Response:
    """List how issues may be related."""
    return answer({"issueLinkTypes": [call.presenter.link_type(t) for t in call.site.link_types]})


def get_type(call: Call) -> web.Response:
    """Return one link type."""
    for kind in call.site.link_types:
        if kind.id == call.path["id"]:
            return answer(call.presenter.link_type(kind))
    raise ApiError(404, f"No issue link type with id '{call.path['id']}' found.")


def create_link(call: Call) -> web.Response:
    """Relate two issues; a relation that exists already is answered as created."""
    body = call.json_object(_LINK if call.cloud else None)
    kind = _find_type(call, body.get("type"))
    source, target = _end(call, body.get("inwardIssue")), _end(call, body.get("outwardIssue"))
    for issue in (source, target):
        call.require("LINK_ISSUES", issue.project, _NO_LINKING.format(issue.key), 401)
    journal.link(call.site, kind, source, target, by=call.caller)
    comment = body.get("comment")
    if isinstance(comment, dict) and isinstance(comment.get("body"), str):
        call.site.comment(source, comment["body"], by=call.caller)
    return web.Response(status=201)


def _find_type(call: Call, value: object) -> LinkType:
    wanted = value if isinstance(value, dict) else {}
    for kind in call.site.link_types:
        if str(wanted.get("id")) == kind.id or wanted.get("name") == kind.name:
            return kind
    raise ApiError(404, f"No issue link type with name '{wanted.get('name')}' found.")


def _end(call: Call, value: object) -> Issue:
    wanted = value if isinstance(value, dict) else {}
    return call.find_issue(str(wanted.get("id") or wanted.get("key") or ""))


def _links(call: Call) -> Iterator[tuple[Issue, IssueLink]]:
    for issue in call.site.issues.values():
        if call.site.can_see(call.caller, issue):
            for link in issue.links:
                yield issue, link


def _find_link(call: Call) -> IssueLink:
    for _, link in _links(call):
        known = {link.source_id, link.target_id} <= call.site.issues.keys()
        if link.id == call.path["link"] and known:
            return link
    raise ApiError(404, f"No issue link with id '{call.path['link']}' exists.")


def get_link(call: Call) -> web.Response:
    """Return a relation."""
    return answer(call.presenter.issue_link(_find_link(call)))


def delete_link(call: Call) -> web.Response:
    """Delete a relation."""
    journal.unlink(call.site, _find_link(call), by=call.caller)
    return no_content()


ENDPOINTS = (
    get("/issue/{issue}/remotelink", list_remote),
    post("/issue/{issue}/remotelink", save_remote),
    delete("/issue/{issue}/remotelink", delete_by_global_id),
    get("/issue/{issue}/remotelink/{link}", get_remote),
    put("/issue/{issue}/remotelink/{link}", update_remote),
    delete("/issue/{issue}/remotelink/{link}", delete_remote),
    get("/issueLinkType", list_types),
    get("/issueLinkType/{id}", get_type),
    post("/issueLink", create_link),
    get("/issueLink/{link}", get_link),
    delete("/issueLink/{link}", delete_link),
)
