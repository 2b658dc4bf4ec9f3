"""The history of issues: by issue, by entry, and many at once (Cloud)."""

from collections.abc import Iterable

from aiohttp import web

from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get, post
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.issue_presenter import render_history
from sandbox.jira.model import History, Issue
from sandbox.jira.presenter import Json

_MOST_PER_PAGE = 100
_MOST_ISSUES = 1000
_MOST_FIELDS = 10
_MOST_ENTRIES = 10_000


def list_changelog(call: Call) -> web.Response:
    """List the history of an issue, oldest first; a page has at most 100 entries."""
    issue = call.issue()
    start, size = call.page(default=_MOST_PER_PAGE, most=_MOST_PER_PAGE)
    shown = list(issue.histories[start : start + size])
    address = f"{call.presenter.api}/issue/{issue.id}/changelog"
    last = start + len(shown) >= len(issue.histories)
    result: Json = {
        "self": f"{address}?maxResults={size}&startAt={start}",
        "maxResults": size,
        "startAt": start,
        "total": len(issue.histories),
        "isLast": last,
        "values": _shown(call, shown),
    }
    if not last:
        result["nextPage"] = f"{address}?maxResults={size}&startAt={start + size}"
    return answer(result)


def _shown(call: Call, histories: Iterable[History]) -> list[Json]:
    shown = list(histories)
    if call.site.switches.shuffle_histories:
        call.site.random.shuffle(shown)
    return [render_history(call.presenter, history) for history in shown]


def list_by_ids(call: Call) -> web.Response:
    """Return entries of an issue by id."""
    issue = call.issue()
    ids = call.json_object({"changelogIds"}).get("changelogIds")
    if not isinstance(ids, list):
        raise unreadable(BAD_PAYLOAD)
    wanted = {str(identifier) for identifier in ids}
    shown = [history for history in issue.histories if str(history.id) in wanted]
    return answer(
        {
            "startAt": 0,
            "maxResults": len(shown),
            "total": len(shown),
            "histories": _shown(call, shown),
        }
    )


def fetch_many(call: Call) -> web.Response:
    """Return the histories of many issues, oldest first; those without any are left out."""
    body = call.json_object({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})
    names, fields, size = _limits(body)
    entries = sorted(
        (
            (history, issue)
            for issue in _visible(call, names)
            for history in issue.histories
            if not fields or any(item.field_id in fields for item in history.items)
        ),
        key=lambda pair: (pair[0].created, pair[1].id, pair[0].id),
    )
    start = _start(call, body.get("nextPageToken"))
    page = entries[start : start + size]
    by_issue: dict[int, list[History]] = {}
    for history, issue in page:
        by_issue.setdefault(issue.id, []).append(history)
    result: Json = {
        "issueChangeLogs": [
            {"issueId": str(issue_id), "changeHistories": _shown(call, histories)}
            for issue_id, histories in by_issue.items()
        ]
    }
    if start + len(page) < len(entries):
        token = f"{call.site.random.getrandbits(96):024x}"
        call.pages.add(token, start + len(page))
        result["nextPageToken"] = token
    return answer(result)


def _limits(body: Json) -> tuple[list[str], frozenset[str], int]:
    names = body.get("issueIdsOrKeys")
    fields = body.get("fieldIds") or []
    size = body.get("maxResults", 1000)
    if not isinstance(names, list) or not isinstance(fields, list):
        raise unreadable(BAD_PAYLOAD)
    if not 1 <= len(names) <= _MOST_ISSUES:
        raise ApiError(400, f"issueIdsOrKeys must have 1 to {_MOST_ISSUES} elements.")
    if len(fields) > _MOST_FIELDS:
        raise ApiError(400, f"fieldIds must have at most {_MOST_FIELDS} elements.")
    if not isinstance(size, int) or not 1 <= size <= _MOST_ENTRIES:
        raise ApiError(400, f"maxResults must be between 1 and {_MOST_ENTRIES}.")
    return [str(name) for name in names], frozenset(map(str, fields)), size


def _start(call: Call, token: object) -> int:
    if token in (None, ""):
        return 0
    position = call.pages.find(str(token))
    if not isinstance(position, int):
        raise ApiError(400, "The provided next page token is invalid.")
    return position


def _visible(call: Call, names: Iterable[str]) -> list[Issue]:
    site = call.site
    found = (site.find(name) for name in names)
    unique = {i.id: i for i in found if i is not None and site.can_see(call.caller, i)}
    return list(unique.values())


ENDPOINTS = (
    get("/issue/{issue}/changelog", list_changelog, only="cloud"),
    post("/issue/{issue}/changelog/list", list_by_ids, only="cloud"),
    post("/changelog/bulkfetch", fetch_many, only="cloud", anonymous=False),
)
