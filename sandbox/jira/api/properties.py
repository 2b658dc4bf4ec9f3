"""Issue properties: JSON kept with an issue, out of the sight of people."""

import json
from typing import Any

from aiohttp import web

from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, put
from sandbox.jira.errors import ApiError
from sandbox.jira.model import Issue

_MAX_KEY = 255
_MAX_VALUE = 32_768


def _address(call: Call, issue: Issue, key: str) -> str:
    return f"{call.presenter.api}/issue/{issue.id}/properties/{key}"


def list_keys(call: Call) -> web.Response:
    """List the keys of the properties of an issue."""
    issue = call.issue()
    return answer(
        {"keys": [{"self": _address(call, issue, key), "key": key} for key in issue.properties]}
    )


def get_property(call: Call) -> web.Response:
    """Return a property."""
    issue, key = call.issue(), call.path["property"]
    if key not in issue.properties:
        raise ApiError(404, f"The property {key} does not exist.")
    return answer({"key": key, "value": issue.properties[key]})


def set_property(call: Call) -> web.Response:
    """Set a property; the issue does not count as updated."""
    issue, key = call.issue(), call.path["property"]
    call.require("EDIT_ISSUES", issue.project, "You do not have permission to edit this issue.")
    value = read_value(call, key)
    created = key not in issue.properties
    issue.properties = {**issue.properties, key: value}
    # Known to searches for the caller's own reading, without a new "updated".
    call.site.index.put(issue)
    return web.Response(status=201 if created else 200)


def read_value(call: Call, key: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a property shall hold.

    Raises:
        ApiError: 400 when it or its key is too long, or it is no JSON.
    """
    if len(key) > _MAX_KEY:
        raise ApiError(
            400, f"The length of the property key must not exceed {_MAX_KEY} characters."
        )
    if len(call.body.decode(errors="replace")) > _MAX_VALUE:
        raise ApiError(400, f"The length of the property value must not exceed {_MAX_VALUE}.")
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError):
        raise ApiError(400, "The property value must be a valid, non-empty JSON value.") from None


def delete_property(call: Call) -> web.Response:
    """Delete a property."""
    issue, key = call.issue(), call.path["property"]
    call.require("EDIT_ISSUES", issue.project, "You do not have permission to edit this issue.")
    if key not in issue.properties:
        raise ApiError(404, f"The property {key} does not exist.")
    issue.properties = {k: v for k, v in issue.properties.items() if k != key}
    call.site.index.put(issue)
    return no_content()


ENDPOINTS = (
    get("/issue/{issue}/properties", list_keys),
    get("/issue/{issue}/properties/{property}", get_property),
    put("/issue/{issue}/properties/{property}", set_property),
    delete("/issue/{issue}/properties/{property}", delete_property),
)
