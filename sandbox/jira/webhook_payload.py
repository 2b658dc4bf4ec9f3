"""What a webhook's body says."""

from typing import Any

from sandbox.jira.events import Event
from sandbox.jira.issue_presenter import choose_fields, render_fields, render_history
from sandbox.jira.model import Issue
from sandbox.jira.presenter import Json, Presenter
from sandbox.jira.site import Site
from sandbox.jira.times import epoch_ms

_WITH_COMMENTS = ("summary", "issuetype", "project", "assignee", "priority", "status")


def build_payload(site: Site, event: Event, *, base_url: str) -> Json:
    """Return the body for an event, with the state of the issue as it is now.

    Addresses are those of version 2 and long texts are plain, on Cloud too.
    """
    presenter = Presenter(site, base_url=base_url, version="2")
    payload: Json = {"timestamp": epoch_ms(event.at), "webhookEvent": event.name}
    if event.version is not None:
        return payload | {"version": presenter.version_of(event.version, full=True)}
    if event.comment is not None and event.name.startswith("comment_"):
        return payload | _comment(presenter, event)
    if event.type_name and event.name != "jira:issue_deleted":
        payload["issue_event_type_name"] = event.type_name
    payload["user"] = presenter.user(event.user)
    if event.issue is not None:
        fields = choose_fields(site.fields, (), default="*all")
        payload["issue"] = _issue(presenter, event.issue, render_fields(
            presenter, event.issue, fields))  # fmt: skip
        if event.comment is not None:
            payload["comment"] = presenter.comment(event.issue.id, event.comment)
    if event.history is not None and _carries_changelog(presenter, event):
        payload["changelog"] = _changelog(presenter, event)
    return payload


def _carries_changelog(presenter: Presenter, event: Event) -> bool:
    return presenter.cloud or event.name != "jira:issue_created"


def _changelog(presenter: Presenter, event: Event) -> Json:
    assert event.history is not None  # noqa: S101 - checked by the caller
    entry = render_history(presenter, event.history)
    # The id is that of the entry in the history, so the two can be told to be the same.
    return {"id": entry["id"], "items": entry["items"]}


def _issue(presenter: Presenter, issue: Issue, fields: Json) -> Json:
    return {
        "id": str(issue.id),
        "self": f"{presenter.api}/{issue.id}",
        "key": issue.key,
        "fields": fields,
    }


def _comment(presenter: Presenter, event: Event) -> dict[str, Any]:
    assert event.issue is not None  # noqa: S101 - a comment is always on an issue
    assert event.comment is not None  # noqa: S101 - checked by the caller
    result: Json = {"comment": presenter.comment(event.issue.id, event.comment)}
    # Data Center leaves the issue to be read from the address of the comment.
    if presenter.cloud:
        fields = [f for f in presenter.site.fields if f.id in _WITH_COMMENTS]
        result["issue"] = _issue(
            presenter, event.issue, render_fields(presenter, event.issue, fields)
        )
    return result
