"""Moving an issue along its workflow."""

from aiohttp import web

from sandbox.jira import issues as journal
from sandbox.jira.api.createmeta import field_meta
from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import get, post
from sandbox.jira.errors import ApiError
from sandbox.jira.issue_input import Reader
from sandbox.jira.model import Issue, WorkflowTransition
from sandbox.jira.presenter import Json

# What the screen of a transition to a finished status asks for.
_SCREEN = frozenset({"resolution", "fixVersions", "assignee"})


def transitions_of(call: Call, issue: Issue) -> list[WorkflowTransition]:
    """Return what the caller may do from here; nothing without the permission."""
    if not call.site.permissions.has(call.caller, "TRANSITION_ISSUES", issue.project):
        return []
    return [t for t in issue.project.transitions if t.source in {None, issue.status}]


def render_transition(
    call: Call, transition: WorkflowTransition, *, issue: Issue | None = None
) -> Json:
    """Return a transition; with an issue, also the fields of its screen."""
    result: Json = {
        "id": transition.id,
        "name": transition.name,
        "to": call.presenter.status(transition.target),
    }
    if call.cloud:
        result |= {
            "hasScreen": transition.has_screen,
            "isGlobal": transition.source is None,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "isLooped": False,
        }
    if issue is not None:
        names = _SCREEN if transition.has_screen else frozenset[str]()
        result["fields"] = {
            field.id: field_meta(call, issue.project, field, required=False)
            for field in call.site.fields
            if field.id in names
        }
    return result


def list_transitions(call: Call) -> web.Response:
    """List what may be done from the present status."""
    issue = call.issue()
    wanted = call.query("transitionId")
    with_fields = "transitions.fields" in call.query("expand")
    return answer(
        {
            "expand": "transitions",
            "transitions": [
                render_transition(call, transition, issue=issue if with_fields else None)
                for transition in transitions_of(call, issue)
                if not wanted or transition.id == wanted
            ],
        }
    )


def do_transition(call: Call) -> web.Response:
    """Carry out a transition, with fields of its screen and a comment."""
    issue = call.issue()
    body = call.json_object()
    transition = _find(call, issue, body.get("transition"))
    screen = _SCREEN if transition.has_screen else frozenset[str]()
    reader = Reader(call, issue.project, issue=issue, screen=screen)
    given = reader.read(body.get("fields") or {}, body.get("update") or {})
    reader.refuse()
    moment = call.site.now()
    journal.transition(
        call.site,
        issue,
        transition.target,
        resolution=given.values.pop("resolution", None),
        values=given.values,
        by=call.caller,
        at=moment,
    )
    for text in given.comments:
        call.site.comment(issue, text, by=call.caller, at=moment)
    return no_content()


def _find(call: Call, issue: Issue, wanted: object) -> WorkflowTransition:
    if not isinstance(wanted, dict) or wanted.get("id") in (None, ""):
        raise ApiError(400, "Missing 'transition' identifier")
    identifier = str(wanted["id"])
    if not identifier.isdecimal():
        raise ApiError(400, f"'transition' identifier must be an integer: {identifier}")
    for transition in transitions_of(call, issue):
        if transition.id == identifier:
            return transition
    raise ApiError(400, f"Transition id '{identifier}' is not valid for this issue.")


ENDPOINTS = (
    get("/issue/{issue}/transitions", list_transitions),
    post("/issue/{issue}/transitions", do_transition),
)
