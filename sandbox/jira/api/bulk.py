"""Many issues at once, by id (Cloud)."""

from aiohttp import web

from sandbox.jira.api.issues import expansions
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import post
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.issue_presenter import choose_fields, render_issue
from sandbox.jira.model import Issue

CHANGELOG_CAP = 40
_MOST = 100
_BODY = frozenset({"issueIdsOrKeys", "fields", "expand", "properties", "fieldsByKeys"})


def fetch_many(call: Call) -> web.Response:
    """Return issues by id or key in ascending order; the missing and hidden are left out."""
    body = call.json_object(_BODY)
    names = body.get("issueIdsOrKeys")
    lists = [body.get(key) or [] for key in ("fields", "expand", "properties")]
    if not isinstance(names, list) or not all(_are_strings(value) for value in lists):
        raise unreadable(BAD_PAYLOAD)
    if not 1 <= len(names) <= _MOST:
        raise ApiError(400, f"issueIdsOrKeys must have 1 to {_MOST} elements.")
    wanted, expand, properties = lists
    fields = choose_fields(call.site.fields, wanted, default="*navigable")
    issues: list[Issue] = []
    for name in {str(name) for name in names}:
        issue = call.site.find(name)
        seen = issue is not None and call.site.can_see(call.caller, issue)
        if issue is not None and seen and issue not in issues:
            issues.append(issue)
    issues.sort(key=lambda issue: issue.id)
    return answer(
        {
            "issues": [
                render_issue(
                    call.presenter,
                    issue,
                    fields,
                    expand=expand,
                    properties=properties,
                    changelog_cap=CHANGELOG_CAP,
                )
                | expansions(call, issue, expand)
                for issue in issues
            ],
            "issueErrors": [],
        }
    )


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


ENDPOINTS = (post("/issue/bulkfetch", fetch_many, only="cloud"),)
