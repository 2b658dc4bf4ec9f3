"""What the searches of both deployments share."""

from collections.abc import Sequence

from sandbox.jira.api.issues import expansions
from sandbox.jira.call import Call
from sandbox.jira.errors import BAD_PAYLOAD, ApiError, unreadable
from sandbox.jira.fields import Field
from sandbox.jira.issue_presenter import render_issue
from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.syntax import JqlSyntaxError, Query
from sandbox.jira.model import Issue
from sandbox.jira.presenter import Json

EMBEDDED_CAP = 20


def read_query(call: Call, jql: str) -> Query:
    """Return what a query asks, or refuse it."""
    try:
        return parse(jql)
    except JqlSyntaxError as error:
        raise bad_query(call, str(error)) from error


def bad_query(call: Call, *messages: str) -> ApiError:
    """Return the refusal of a query, in the shape of the deployment."""
    if call.cloud:
        return ApiError(400, *messages)
    return ApiError(400, body={"errorMessages": list(messages), "warningMessages": []})


def read_strings(value: object) -> list[str]:
    """Return a list of texts from a body."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise unreadable(BAD_PAYLOAD)
    return value


def read_number(value: object, default: int) -> int:
    """Return a whole number from a body."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise unreadable(BAD_PAYLOAD)
    return value


def show_found(
    call: Call,
    issue: Issue,
    fields: Sequence[Field],
    *,
    expand: Sequence[str],
    properties: Sequence[str] = (),
) -> Json:
    """Return an issue as a search shows it, with collections cut on Cloud."""
    cap = EMBEDDED_CAP if call.cloud else None
    own = [name for name in expand if name not in {"names", "schema"}]
    rendered = render_issue(
        call.presenter,
        issue,
        fields,
        expand=own,
        properties=properties,
        changelog_cap=cap,
        comment_cap=cap,
    )
    return rendered | expansions(call, issue, own)
