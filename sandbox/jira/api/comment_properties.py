"""Comment properties: JSON kept with a comment, such as whether it is internal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.jira.api.properties import read_value
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Comment, Issue


def _find(call: Call) -> tuple[Issue, Comment]:
    identifier = call.path["comment"]
    for issue in call.site.issues.values():
        if call.site.can_see(call.caller, issue):
            for comment in issue.comments:
                if comment.id == identifier:
                    return issue, comment
    raise ApiError(404, f"Can not find a comment for the id: {identifier}.")


def _change(call: Call, issue: Issue, old: Comment, properties: Mapping[str, Any]) -> None:
    needed = "EDIT_OWN_COMMENTS" if old.author is call.caller else "EDIT_ALL_COMMENTS"
    call.require(needed, issue.project, "You do not have the permission to edit this comment.")
    new = replace(old, properties=properties)
    issue.comments = tuple(new if one is old else one for one in issue.comments)
    # As with properties of issues, nothing counts as updated.
    call.site.index.put(issue)


def list_keys(call: Call) -> web.Response:
    """List the keys of the properties of a comment."""
    _, comment = _find(call)
    base = f"{call.presenter.api}/comment/{comment.id}/properties"
    return answer({"keys": [{"self": f"{base}/{key}", "key": key} for key in comment.properties]})


def get_property(call: Call) -> web.Response:
    """Return a property."""
    (_, comment), key = _find(call), call.path["property"]
    if key not in comment.properties:
        raise ApiError(404, f"The property {key} does not exist.")
    return answer({"key": key, "value": comment.properties[key]})


def set_property(call: Call) -> web.Response:
    """Set a property."""
    (issue, comment), key = _find(call), call.path["property"]
    value = read_value(call, key)
    _change(call, issue, comment, {**comment.properties, key: value})
    return web.Response(status=200 if key in comment.properties else 201)


def delete_property(call: Call) -> web.Response:
    """Delete a property."""
    (issue, comment), key = _find(call), call.path["property"]
    if key not in comment.properties:
        raise ApiError(404, f"The property {key} does not exist.")
    _change(call, issue, comment, {k: v for k, v in comment.properties.items() if k != key})
    return no_content()


ENDPOINTS = (
    get("/comment/{comment}/properties", list_keys),
    get("/comment/{comment}/properties/{property}", get_property),
    put("/comment/{comment}/properties/{property}", set_property),
    delete("/comment/{comment}/properties/{property}", delete_property),
)
