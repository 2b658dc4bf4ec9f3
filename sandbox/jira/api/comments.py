"""Comments on issues."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.jira import issues as journal
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.issue_input import read_comment_body
from sandbox.jira.issue_presenter import rendered_text
from sandbox.jira.model import Comment, Issue, Visibility
from sandbox.jira.presenter import Json

_MOST_CLOUD = 100
_MOST_DATACENTER = 5000
_MOST_LISTED = 1000
_FULL = 5000
_ORDERS = frozenset({"", "created", "-created", "+created"})


def list_comments(call: Call) -> web.Response:
    """List the comments of an issue, oldest first unless asked otherwise."""
    issue = call.issue()
    most = _MOST_CLOUD if call.cloud else _MOST_DATACENTER
    start, size = call.page(default=_MOST_CLOUD if call.cloud else 50, most=most)
    order = call.query("orderBy").strip()
    if order not in _ORDERS:
        raise ApiError(400, f"'{order}' is not a valid value for the 'orderBy' parameter.")
    comments = [c for c in issue.comments if _is_readable(call, c)]
    if order == "-created":
        comments.reverse()
    shown = comments[start : start + size]
    return answer(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(comments),
            "comments": [_shown(call, issue, comment) for comment in shown],
        }
    )


def _is_readable(call: Call, comment: Comment) -> bool:
    return comment.visibility is None or call.caller is not None


def _shown(call: Call, issue: Issue, comment: Comment) -> Json:
    result = call.presenter.comment(issue.id, comment)
    if "renderedBody" in call.query_list("expand"):
        result["renderedBody"] = rendered_text(comment.body)
    if call.cloud and "properties" in call.query_list("expand"):
        result["properties"] = [
            {"key": key, "value": value} for key, value in comment.properties.items()
        ]
    return result


def _find(call: Call, issue: Issue) -> Comment:
    identifier = call.path["comment"]
    for comment in issue.comments:
        if comment.id == identifier and _is_readable(call, comment):
            return comment
    raise ApiError(404, f"Can not find a comment for the id: {identifier}.")


def get_comment(call: Call) -> web.Response:
    """Return one comment."""
    issue = call.issue()
    return answer(_shown(call, issue, _find(call, issue)))


def add_comment(call: Call) -> web.Response:
    """Add a comment; sending it twice adds two."""
    issue = call.issue()
    body = call.json_object()
    if len(issue.comments) >= _FULL:
        raise ApiError(413, "The issue has reached its limit of comments.")
    text = read_comment_body(call, body.get("body"))
    call.require(
        "ADD_COMMENTS",
        issue.project,
        f"{call.caller.display_name if call.caller else 'Anonymous'}, you do not have the "
        "permission to comment on this issue.",
        status=400,
    )
    comment = call.site.comment(
        issue,
        text,
        by=call.caller,
        visibility=_visibility(body.get("visibility")),
        properties=_properties(body.get("properties")),
    )
    return answer(_shown(call, issue, comment), 201)


def _visibility(value: object) -> Visibility | None:
    if not value:
        return None
    if not isinstance(value, dict) or value.get("type") not in ("role", "group"):
        raise ApiError(400, errors={"visibility": "Invalid comment visibility type specified."})
    name = value.get("value") or value.get("identifier")
    if not name:
        raise ApiError(400, errors={"visibility": "You must specify a role or a group."})
    return Visibility(type=value["type"], value=str(name))


def _properties(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, list) or not all(
        isinstance(item, dict) and isinstance(item.get("key"), str) for item in value
    ):
        raise unreadable(BAD_PAYLOAD)
    return {item["key"]: item.get("value") for item in value}


def edit_comment(call: Call) -> web.Response:
    """Replace the body of a comment."""
    issue = call.issue()
    old = _find(call, issue)
    body = call.json_object()
    text = read_comment_body(call, body.get("body"))
    own = old.author is call.caller
    needed = "EDIT_OWN_COMMENTS" if own else "EDIT_ALL_COMMENTS"
    if not call.site.permissions.has(call.caller, needed, issue.project):
        raise ApiError(400, "You do not have the permission to edit this comment.")
    visibility = _visibility(body["visibility"]) if "visibility" in body else old.visibility
    new = replace(
        old,
        body=text,
        visibility=visibility,
        update_author=call.caller,
        updated=call.site.now(),
    )
    journal.replace_comment(call.site, issue, old, new, by=call.caller)
    return answer(_shown(call, issue, new))


def delete_comment(call: Call) -> web.Response:
    """Delete a comment."""
    issue = call.issue()
    old = _find(call, issue)
    own = old.author is call.caller
    needed = "DELETE_OWN_COMMENTS" if own else "DELETE_ALL_COMMENTS"
    if not call.site.permissions.has(call.caller, needed, issue.project):
        raise ApiError(400, "You do not have permission to delete comment with id: " + old.id)
    journal.replace_comment(call.site, issue, old, None, by=call.caller)
    return no_content()


def list_by_ids(call: Call) -> web.Response:
    """Return comments of any issues by their ids."""
    ids = call.json_object({"ids"}).get("ids")
    if not isinstance(ids, list) or len(ids) > _MOST_LISTED:
        raise unreadable(BAD_PAYLOAD)
    wanted = {str(identifier) for identifier in ids}
    found = [
        call.presenter.comment(issue.id, comment)
        for issue in call.site.issues.values()
        if call.site.can_see(call.caller, issue)
        for comment in issue.comments
        if comment.id in wanted
    ]
    return answer(
        {
            "self": f"{call.presenter.api}/comment/list",
            "maxResults": _MOST_LISTED,
            "startAt": 0,
            "total": len(found),
            "isLast": True,
            "values": found,
        }
    )


ENDPOINTS = (
    get("/issue/{issue}/comment", list_comments),
    post("/issue/{issue}/comment", add_comment),
    get("/issue/{issue}/comment/{comment}", get_comment),
    put("/issue/{issue}/comment/{comment}", edit_comment),
    delete("/issue/{issue}/comment/{comment}", delete_comment),
    post("/comment/list", list_by_ids, only="cloud"),
)
