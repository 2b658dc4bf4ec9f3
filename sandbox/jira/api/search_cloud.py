"""Searching on Cloud: by token, bounded, and possibly behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from sandbox.jira import search
from sandbox.jira.api.search_parts import (
    bad_query,
    read_number,
    read_query,
    read_strings,
    show_found,
)
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get, post
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.fields import Field
from sandbox.jira.issue_presenter import choose_fields, names_of, schemas_of
from sandbox.jira.jql.syntax import Query
from sandbox.jira.model import Issue
from sandbox.jira.numbers import whole_number
from sandbox.jira.presenter import Json

_MOST_IDS = 5000
_MOST_WITH_FIELDS = 100
_MOST_SORTS = 7
_MOST_RECONCILED = 50
_MOST_PROPERTIES = 5
_UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full "
    "migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_BAD_TOKEN = "The provided next page token is invalid or has expired."  # noqa: S105 - a sentence
_BODY = frozenset(
    {
        "jql", "fields", "maxResults", "nextPageToken", "expand", "properties",
        "reconcileIssues", "fieldsByKeys",
    }
)  # fmt: skip
_JUST_IDS = frozenset({"id", "key"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ask:
    """What a search on Cloud was asked."""

    jql: str
    fields: Sequence[str]
    size: int
    token: str | None
    expand: Sequence[str]
    properties: Sequence[str]
    reconcile: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Continuation:
    """Where the next page begins."""

    jql: str
    position: search.Position
    issued_at: datetime
    size: int


def _commas(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, str):
        raise unreadable(BAD_PAYLOAD)
    return [item.strip() for item in value.split(",") if item.strip()]


def search_by_query(call: Call) -> web.Response:
    """Search with a query string; `startAt` and `validateQuery` are ignored silently."""
    reconcile = call.query_list("reconcileIssues")
    return _cloud(
        call,
        _Ask(
            jql=call.query("jql"),
            fields=call.query_list("fields"),
            size=call.query_int("maxResults", 50),
            token=call.query("nextPageToken") or None,
            expand=call.query_list("expand"),
            properties=call.query_list("properties"),
            reconcile=[n for i in reconcile if (n := whole_number(i)) is not None],
        ),
    )


def search_by_body(call: Call) -> web.Response:
    """Search with a body, which may have no other properties; `expand` is one string."""
    body = call.json_object(_BODY)
    reconcile = body.get("reconcileIssues") or []
    if not isinstance(reconcile, list) or not all(isinstance(i, int) for i in reconcile):
        raise unreadable(BAD_PAYLOAD)
    jql, token = body.get("jql", ""), body.get("nextPageToken")
    if not isinstance(jql, str | None) or not isinstance(token, str | None):
        raise unreadable(BAD_PAYLOAD)
    return _cloud(
        call,
        _Ask(
            jql=jql or "",
            fields=read_strings(body.get("fields")),
            size=read_number(body.get("maxResults"), 50),
            token=token or None,
            expand=_commas(body.get("expand")),
            properties=read_strings(body.get("properties")),
            reconcile=reconcile,
        ),
    )


def _bounded(call: Call, jql: str) -> Query:
    query = read_query(call, jql)
    if query.where is None:
        raise bad_query(call, _UNBOUNDED)
    if len(query.order) > _MOST_SORTS:
        raise bad_query(call, f"The maximum number of sort fields is {_MOST_SORTS}.")
    return query


def _check(ask: _Ask) -> None:
    if not 1 <= ask.size <= _MOST_IDS:
        raise ApiError(400, f"The value for maxResults must be between 1 and {_MOST_IDS}.")
    if len(ask.reconcile) > _MOST_RECONCILED:
        raise ApiError(400, f"reconcileIssues must have at most {_MOST_RECONCILED} elements.")
    if len(ask.properties) > _MOST_PROPERTIES:
        raise ApiError(400, f"properties must have at most {_MOST_PROPERTIES} elements.")


def _cloud(call: Call, ask: _Ask) -> web.Response:
    query = _bounded(call, ask.jql)
    _check(ask)
    after = _continuation(call, ask)
    found = search.run(call.site, query, user=call.caller, reconcile=ask.reconcile)
    # What does not exist is not an error on Cloud: the whole answer is empty.
    matches = [] if found.problems else found.issues
    if after is not None:
        matches = [] if found.problems else found.after(after.position)
    page = matches[: _cloud_size(call, ask)]
    fields = choose_fields(call.site.fields, ask.fields, default="id")
    result: Json = {"issues": [_cloud_issue(call, ask, issue, fields) for issue in page]}
    more = len(page) < len(matches)
    if more or (call.site.switches.repeat_page_token and ask.token):
        result["nextPageToken"] = _token(call, ask, page, found)
    result["isLast"] = "nextPageToken" not in result
    if result["isLast"] and page and call.site.switches.token_on_last_page:
        result["nextPageToken"] = _token(call, ask, page, found)
    if "names" in ask.expand:
        result["names"] = names_of(fields)
    if "schema" in ask.expand:
        result["schema"] = schemas_of(fields)
    return answer(result)


def _cloud_size(call: Call, ask: _Ask) -> int:
    light = set(ask.fields) <= _JUST_IDS and not ask.expand and not ask.properties
    size = min(ask.size, _MOST_IDS if light else _MOST_WITH_FIELDS)
    cap = call.site.switches.search_page_cap
    return size if cap is None else max(1, min(size, cap))


def _continuation(call: Call, ask: _Ask) -> _Continuation | None:
    if ask.token is None:
        return None
    kept = call.pages.find(ask.token)
    life = call.site.switches.page_token_life
    if (
        not isinstance(kept, _Continuation)
        or kept.jql != ask.jql
        or call.site.now() - kept.issued_at > life
    ):
        raise ApiError(400, _BAD_TOKEN)
    return kept


def _token(call: Call, ask: _Ask, page: Sequence[Issue], found: search.Found) -> str:
    if call.site.switches.repeat_page_token and ask.token:
        return ask.token
    token = f"Ch0j{call.site.random.getrandbits(128):032x}"
    call.pages.add(
        token, _Continuation(ask.jql, found.position(page[-1]), call.site.now(), ask.size)
    )
    return token


def _cloud_issue(call: Call, ask: _Ask, issue: Issue, fields: Sequence[Field]) -> Json:
    if set(ask.fields) <= {"id"} and not ask.expand and not ask.properties:
        return {"id": str(issue.id)}
    return show_found(call, issue, fields, expand=ask.expand, properties=ask.properties)


def approximate_count(call: Call) -> web.Response:
    """Estimate how many issues a bounded query has."""
    jql = call.json_object({"jql"}).get("jql", "")
    if not isinstance(jql, str):
        raise unreadable(BAD_PAYLOAD)
    found = search.run(call.site, _bounded(call, jql), user=call.caller)
    return answer({"count": 0 if found.problems else len(found.issues)})


def removed(_: Call) -> web.Response:
    """Answer for the search Cloud no longer has."""
    raise ApiError(410, _REMOVED)


ENDPOINTS = (
    get("/search/jql", search_by_query, only="cloud"),
    post("/search/jql", search_by_body, only="cloud"),
    post("/search/approximate-count", approximate_count, only="cloud"),
    get("/search", removed, only="cloud"),
    post("/search", removed, only="cloud"),
    get("/search/id", removed, only="cloud"),
    post("/search/id", removed, only="cloud"),
)
