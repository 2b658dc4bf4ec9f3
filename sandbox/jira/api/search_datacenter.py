"""Searching on Data Center: by offset, with a total, and strict about what is named."""

from collections.abc import Sequence
from typing import Any

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
from sandbox.jira.errors import unreadable
from sandbox.jira.issue_presenter import choose_fields, names_of, schemas_of
from sandbox.jira.presenter import Json

_MOST = 1000
_BODY = frozenset({"jql", "startAt", "maxResults", "fields", "expand", "validateQuery"})


def search_by_query(call: Call) -> web.Response:
    """Search with a query string."""
    return _search(
        call,
        jql=call.query("jql"),
        start=call.query_int("startAt", 0),
        size=call.query_int("maxResults", 50),
        fields=call.query_list("fields"),
        expand=call.query_list("expand"),
        validate=call.query("validateQuery", "true").lower() != "false",
    )


def search_by_body(call: Call) -> web.Response:
    """Search with a body; `expand` is a list here."""
    body = call.json_object(_BODY)
    jql: Any = body.get("jql") or ""
    if not isinstance(jql, str):
        raise unreadable("Can not deserialize instance of java.lang.String")
    return _search(
        call,
        jql=jql,
        start=read_number(body.get("startAt"), 0),
        size=read_number(body.get("maxResults"), 50),
        fields=read_strings(body.get("fields")),
        expand=read_strings(body.get("expand")),
        validate=body.get("validateQuery", True) is not False,
    )


def _search(
    call: Call,
    *,
    jql: str,
    start: int,
    size: int,
    fields: Sequence[str],
    expand: Sequence[str],
    validate: bool,
) -> web.Response:
    query = read_query(call, jql)
    found = search.run(call.site, query, user=call.caller)
    # Nobody in particular finds nothing, instead of hearing what does not exist.
    if found.problems and validate and call.caller is not None:
        raise bad_query(call, *found.problems)
    size = _MOST if size < 0 else min(size, _MOST)
    cap = call.site.switches.search_page_cap
    size = size if cap is None else min(size, cap)
    start = max(start, 0)
    page = found.issues[start : start + size]
    chosen = choose_fields(call.site.fields, fields, default="*navigable")
    result: Json = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found.issues),
        "issues": [show_found(call, issue, chosen, expand=expand) for issue in page],
    }
    if found.problems and call.caller is not None:
        result["warningMessages"] = found.problems
    if "names" in expand:
        result["names"] = names_of(chosen)
    if "schema" in expand:
        result["schema"] = schemas_of(chosen)
    return answer(result)


ENDPOINTS = (
    get("/search", search_by_query, only="datacenter", searches=True),
    post("/search", search_by_body, only="datacenter", searches=True),
)
