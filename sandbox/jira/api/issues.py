"""Issues: create, read, edit, assign, delete."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from sandbox.jira import issues as journal
from sandbox.jira.api.createmeta import edit_fields
from sandbox.jira.api.transitions import render_transition, transitions_of
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.issue_input import Input, Reader
from sandbox.jira.issue_presenter import choose_fields, render_issue
from sandbox.jira.model import Account, Issue, IssueType, Project
from sandbox.jira.presenter import Json
from sandbox.jira.records import CreatedIssue

CHANGELOG_CAP = 100
_MOST_AT_ONCE = 50
_CHANGES = frozenset({"fields", "update", "properties"})
_ALWAYS = frozenset({"summary", "issuetype", "project"})
_MAX_PROPERTY_KEY = 255


def changelog_cap(call: Call) -> int | None:
    """Return how many history entries `GET /issue` gives at most."""
    return CHANGELOG_CAP if call.cloud else None


def get_issue(call: Call) -> web.Response:
    """Return an issue, also by an earlier key; there is no redirect then."""
    issue = call.issue()
    fields = choose_fields(call.site.fields, call.query_list("fields"), default="*all")
    expand = call.query_list("expand")
    result = render_issue(
        call.presenter,
        issue,
        fields,
        expand=expand,
        properties=call.query_list("properties"),
        changelog_cap=changelog_cap(call),
    )
    return answer(result | expansions(call, issue, expand))


def expansions(call: Call, issue: Issue, expand: Iterable[str]) -> Json:
    """Return what `expand` adds that depends on the caller."""
    wanted = set(expand)
    result: Json = {}
    if "transitions" in wanted:
        result["transitions"] = [render_transition(call, t) for t in transitions_of(call, issue)]
    if "editmeta" in wanted:
        result["editmeta"] = {"fields": edit_fields(call, issue)}
    return result


def edit_meta(call: Call) -> web.Response:
    """Return which fields of an issue may be edited."""
    return answer({"fields": edit_fields(call, call.issue())})


def create_issue(call: Call) -> web.Response:
    """Create an issue; there is no protection against doing it twice."""
    return answer(create(call, call.json_object()), 201)


def create(call: Call, body: Json) -> Json:
    """Create an issue from a request and return what is answered."""
    fields, update = body.get("fields") or {}, body.get("update") or {}
    if not isinstance(fields, dict) or not isinstance(update, dict):
        raise unreadable(BAD_PAYLOAD)
    project = _project(call, fields.get("project"))
    reader = Reader(call, project)
    given = reader.read(fields, update)
    _require_fields(call, project, fields, given, reader.errors)
    reader.refuse()
    properties = _properties(body.get("properties"))
    values = dict(given.values)
    kind = values.pop("issue_type")
    summary = values.pop("summary")
    values["custom"] = {k: v for k, v in values.get("custom", {}).items() if v is not None}
    issue = call.site.create_issue(
        project, summary, issue_type=kind, by=call.caller, properties=properties, **values
    )
    for text in given.comments:
        call.site.comment(issue, text, by=call.caller, at=issue.created)
    call.records.issues.append(
        CreatedIssue(
            id=issue.id,
            key=issue.key,
            labels=issue.labels,
            by=call.caller.name if call.caller else "",
            at=issue.created,
        )
    )
    result: Json = {
        "id": str(issue.id),
        "key": issue.key,
        "self": f"{call.presenter.api}/issue/{issue.id}",
    }
    if call.cloud and isinstance(body.get("transition"), dict):
        result["transition"] = _transition(call, issue, body["transition"])
    return result


def _transition(call: Call, issue: Issue, wanted: Json) -> Json:
    """Carry out the transition asked for with a creation; its failure does not undo it."""
    for transition in transitions_of(call, issue):
        if transition.id == str(wanted.get("id")):
            journal.transition(call.site, issue, transition.target, resolution=None, by=call.caller)
            return {"status": 200, "errorCollection": {"errorMessages": [], "errors": {}}}
    message = f"Transition id '{wanted.get('id')}' is not valid for this issue."
    return {"status": 400, "errorCollection": {"errorMessages": [message], "errors": {}}}


def _project(call: Call, value: object) -> Project:
    wanted = ""
    if isinstance(value, dict):
        wanted = str(value.get("key") or value.get("id") or "")
    if not wanted:
        raise ApiError(
            400,
            errors={
                "project": "Specify a valid project ID or key"
                if call.cloud
                else "project is required"
            },
        )
    project = call.site.find_project(wanted)
    if call.caller is None:
        raise ApiError(
            400,
            errors={
                "project": "Anonymous users do not have permission to create issues in this "
                "project. Please try logging in first."
            },
        )
    if project is None or project not in call.site.visible_projects(call.caller):
        raise ApiError(400, errors={"project": "valid project is required"})
    if not call.site.permissions.has(call.caller, "CREATE_ISSUES", project):
        raise ApiError(
            400,
            errors={"project": "You do not have permission to create issues in this project."},
        )
    return project


def _require_fields(
    call: Call, project: Project, fields: Json, given: Input, errors: dict[str, str]
) -> None:
    """Note every required field that is missing.

    Raises:
        ApiError: at once, when the site words it as messages instead of by field.
    """
    missing: dict[str, str] = {}
    if "summary" not in errors and not given.values.get("summary"):
        missing["summary"] = "You must specify a summary of the issue."
    if "issuetype" not in errors and not isinstance(given.values.get("issue_type"), IssueType):
        missing["issuetype"] = "Specify an issue type" if call.cloud else "issue type is required"
    custom = given.values.get("custom", {})
    for field in call.site.fields:
        needed = field.required and not field.has_default and field.used_in(project.id)
        if needed and field.id not in _ALWAYS and field.id not in errors:
            value = custom.get(field.id) if field.custom else fields.get(field.id)
            if value in (None, "", (), []):
                missing[field.id] = f"{field.name} is required."
    if missing and call.site.switches.required_field_errors == "messages":
        raise ApiError(400, *(f"Field '{name}' is required" for name in missing))
    errors.update(missing)


def _properties(value: object) -> Json:
    if value is None:
        return {}
    if not isinstance(value, list):
        raise unreadable(BAD_PAYLOAD)
    result: Json = {}
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("key"), str):
            raise unreadable(BAD_PAYLOAD)
        if not 0 < len(item["key"]) <= _MAX_PROPERTY_KEY:
            raise ApiError(400, "The property key must be 1 to 255 characters long.")
        result[item["key"]] = item.get("value")
    return result


def create_many(call: Call) -> web.Response:
    """Create up to 50 issues; those that can be, are."""
    updates = call.json_object().get("issueUpdates")
    if not isinstance(updates, list) or not updates:
        raise unreadable(BAD_PAYLOAD)
    if len(updates) > _MOST_AT_ONCE:
        raise ApiError(400, f"The number of issues must not exceed {_MOST_AT_ONCE}.")
    created: list[Json] = []
    errors: list[Json] = []
    for number, update in enumerate(updates):
        try:
            created.append(create(call, update if isinstance(update, dict) else {}))
        except ApiError as refusal:
            errors.append(
                {
                    "status": refusal.status,
                    "elementErrors": {
                        "errorMessages": list(refusal.messages),
                        "errors": refusal.errors,
                    },
                    "failedElementNumber": number,
                }
            )
    return answer({"issues": created, "errors": errors}, 201 if created else 400)


def edit_issue(call: Call) -> web.Response:
    """Change the fields of an issue."""
    issue = call.issue()
    body = call.json_object()
    call.require("EDIT_ISSUES", issue.project, "You do not have permission to edit issues.")
    if call.query("notifyUsers") == "false" and not (call.caller and call.caller.admin):
        raise ApiError(
            403,
            "To discard the user notification either admin or project admin permissions are "
            "required.",
        )
    if not body.keys() & _CHANGES:
        raise ApiError(400, "one of 'fields' or 'update' required")
    reader = Reader(call, issue.project, issue=issue)
    given = reader.read(body.get("fields") or {}, body.get("update") or {})
    if "summary" in given.values and not given.values["summary"]:
        reader.errors["summary"] = "You must specify a summary of the issue."
    reader.refuse()
    properties = _properties(body.get("properties"))
    moment = call.site.now()
    call.site.edit(issue, by=call.caller, at=moment, **given.values)
    for text in given.comments:
        call.site.comment(issue, text, by=call.caller, at=moment)
    if properties:
        issue.properties = {**issue.properties, **properties}
        call.site.index.put(issue)
    if call.cloud and call.query_flag("returnIssue"):
        fields = choose_fields(call.site.fields, [], default="*all")
        return answer(render_issue(call.presenter, issue, fields))
    return no_content()


def delete_issue(call: Call) -> web.Response:
    """Delete an issue."""
    issue = call.issue()
    call.require(
        "DELETE_ISSUES",
        issue.project,
        "You do not have permission to delete issues in this project.",
    )
    call.site.delete(issue, by=call.caller)
    return no_content()


def assign(call: Call) -> web.Response:
    """Give an issue to somebody, or to nobody with null."""
    issue = call.issue()
    body = call.json_object()
    call.require("ASSIGN_ISSUES", issue.project, "You do not have permission to assign issues.")
    key = "accountId" if call.cloud else "name"
    if call.cloud and key not in body and {"name", "key"} & body.keys():
        raise ApiError(
            400,
            "'accountId' must be the only user identifying query parameter in GDPR strict mode.",
        )
    wanted: Any = body.get(key)
    call.site.edit(issue, assignee=_assignee(call, wanted), by=call.caller)
    return no_content()


def _assignee(call: Call, wanted: object) -> Account | None:
    # "-1" is the project's default assignee, which here is nobody.
    if wanted is None or str(wanted) == "-1":
        return None
    for account in call.site.accounts:
        if account.active and wanted == (account.account_id if call.cloud else account.name):
            return account
    raise ApiError(400, errors={"assignee": f"User '{wanted}' does not exist."})


ENDPOINTS = (
    post("/issue", create_issue),
    post("/issue/bulk", create_many),
    get("/issue/{issue}", get_issue),
    put("/issue/{issue}", edit_issue),
    delete("/issue/{issue}", delete_issue),
    put("/issue/{issue}/assignee", assign),
    get("/issue/{issue}/editmeta", edit_meta),
)
