"""Help with queries: whether they can be read, what fits them, what to type next."""

from collections.abc import Iterable
from html import escape
from typing import Any

from aiohttp import web

from sandbox.jira import search
from sandbox.jira.api.search_parts import read_strings
from sandbox.jira.call import Call, answer
from sandbox.jira.endpoint import get, post
from sandbox.jira.errors import BAD_PAYLOAD, unreadable
from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.syntax import JqlSyntaxError
from sandbox.jira.jql.tokens import RESERVED_WORDS
from sandbox.jira.model import Issue
from sandbox.jira.presenter import Json

_FUNCTIONS = (
    ("currentUser()", "com.atlassian.jira.user.ApplicationUser"),
    ("endOfDay()", "java.util.Date"),
    ("endOfMonth()", "java.util.Date"),
    ("endOfWeek()", "java.util.Date"),
    ("endOfYear()", "java.util.Date"),
    ("now()", "java.util.Date"),
    ("releasedVersions()", "com.atlassian.jira.project.version.Version"),
    ("startOfDay()", "java.util.Date"),
    ("startOfMonth()", "java.util.Date"),
    ("startOfWeek()", "java.util.Date"),
    ("startOfYear()", "java.util.Date"),
    ("unreleasedVersions()", "com.atlassian.jira.project.version.Version"),
)
_OPERATORS = ("=", "!=", "in", "not in", "is", "is not")
_SUGGESTED = 15
_PICKED = 20


def parse_queries(call: Call) -> web.Response:
    """Say of each query whether it can be read."""
    queries = read_strings(call.json_object({"queries"}).get("queries"))
    if not queries:
        raise unreadable(BAD_PAYLOAD)
    results: list[Json] = []
    for text in queries:
        try:
            query = parse(text)
        except JqlSyntaxError as error:
            results.append({"query": text, "errors": [str(error)]})
            continue
        problems = search.run(call.site, query, user=call.caller).problems
        strict = call.query("validation", "strict") == "strict"
        result: Json = {"query": text}
        if problems and call.query("validation") != "none":
            result["errors" if strict else "warnings"] = problems
        results.append(result)
    return answer({"queries": results})


def match(call: Call) -> web.Response:
    """Say of each query which of the issues named fit it."""
    body = call.json_object({"issueIds", "jqls"})
    ids, texts = body.get("issueIds"), read_strings(body.get("jqls"))
    if not isinstance(ids, list) or not all(isinstance(i, int) for i in ids) or not texts:
        raise unreadable(BAD_PAYLOAD)
    return answer({"matches": [_matched(call, text, ids) for text in texts]})


def _matched(call: Call, text: str, ids: list[int]) -> Json:
    try:
        found = search.run(call.site, parse(text), user=call.caller, reconcile=ids)
    except JqlSyntaxError as error:
        return {"matchedIssues": [], "errors": [str(error)]}
    fitting = [issue.id for issue in found.issues if issue.id in ids]
    return {"matchedIssues": [] if found.problems else fitting, "errors": found.problems}


def complete(call: Call) -> web.Response:
    """List what may be typed in a query."""
    names = [
        {
            "value": clause,
            "displayName": field.name if field.id == clause else f"{field.name} - {clause}",
            "orderable": "true" if field.orderable else "false",
            "searchable": "true" if field.searchable else "false",
            "auto": "true",
            "operators": list(_OPERATORS),
            "types": ["java.lang.String"],
        }
        for field in call.site.fields
        for clause in field.clause_names
    ]
    functions = [{"value": name, "displayName": name, "types": [kind]} for name, kind in _FUNCTIONS]
    return answer(
        {
            "visibleFieldNames": names,
            "visibleFunctionNames": functions,
            "jqlReservedWords": sorted(RESERVED_WORDS),
        }
    )


def suggest(call: Call) -> web.Response:
    """List the values of a field that begin with what was typed."""
    typed = call.query("fieldValue").strip().casefold()
    found = [
        name
        for name in _values(call, call.query("fieldName").casefold())
        if name.casefold().startswith(typed)
    ]
    return answer(
        {
            "results": [
                {"value": f'"{name}"' if " " in name else name, "displayName": escape(name)}
                for name in found[:_SUGGESTED]
            ]
        }
    )


def _values(call: Call, field: str) -> Iterable[str]:
    projects = call.site.visible_projects(call.caller)
    things: Iterable[Any] = ()
    match field:
        case "project":
            return [project.key for project in projects]
        case "status":
            things = dict.fromkeys(s for p in projects for s in p.statuses)
        case "issuetype" | "type":
            things = dict.fromkeys(t for p in projects for t in p.issue_types)
        case "priority":
            things = call.site.priorities
        case "resolution":
            things = call.site.resolutions
        case "fixversion" | "affectedversion":
            things = [v for p in projects for v in p.versions]
        case "component":
            things = [c for p in projects for c in p.components]
    return [thing.name for thing in things]


def pick(call: Call) -> web.Response:
    """Find issues by a part of the key or the summary."""
    text = call.query("query").strip().casefold()
    found = [
        issue
        for issue in call.site.issues.values()
        if text and (text in issue.key.casefold() or text in issue.summary.casefold())
        if call.site.can_see(call.caller, issue)
    ]
    found.sort(key=lambda issue: issue.updated, reverse=True)
    shown = found[:_PICKED]
    return answer(
        {
            "sections": [
                {
                    "id": "cs",
                    "label": "Current Search",
                    "sub": f"Showing {len(shown)} of {len(found)} matching issues",
                    "issues": [_picked(call, issue) for issue in shown],
                }
            ]
        }
    )


def _picked(call: Call, issue: Issue) -> Json:
    result: Json = {
        "key": issue.key,
        "keyHtml": escape(issue.key),
        "img": f"/images/icons/issuetypes/{issue.issue_type.name.lower()}.svg",
        "summary": escape(issue.summary),
        "summaryText": issue.summary,
    }
    return {"id": issue.id} | result if call.cloud else result


ENDPOINTS = (
    post("/jql/parse", parse_queries, only="cloud"),
    post("/jql/match", match, only="cloud"),
    get("/jql/autocompletedata", complete),
    get("/jql/autocompletedata/suggestions", suggest),
    get("/issue/picker", pick),
)
