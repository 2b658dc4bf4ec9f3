"""The JSON of an issue: its fields, its changelog, and what `expand` adds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from sandbox.jira.fields import Field
from sandbox.jira.model import Account, ChangeItem, History, Issue, RichText
from sandbox.jira.presenter import Json, Presenter

EXPANDS = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
_RENDERED_TEXTS = ("description", "environment")

Render = Callable[[Presenter, Issue], Any]

_FIELDS: Mapping[str, Render] = {
    "summary": lambda _, i: i.summary,
    "issuetype": lambda p, i: p.issue_type(i.issue_type),
    "project": lambda p, i: p.project(i.project),
    "description": lambda p, i: p.rich(i.description),
    "environment": lambda p, i: p.rich(i.environment),
    "priority": lambda p, i: p.priority(i.priority),
    "labels": lambda _, i: list(i.labels),
    "assignee": lambda p, i: p.user(i.assignee),
    "reporter": lambda p, i: p.user(i.reporter),
    "creator": lambda p, i: p.user(i.creator),
    "fixVersions": lambda p, i: [p.version_of(v) for v in i.fix_versions],
    "versions": lambda p, i: [p.version_of(v) for v in i.versions],
    "components": lambda p, i: [p.component(c) for c in i.components],
    "duedate": lambda _, i: i.due.isoformat() if i.due else None,
    "status": lambda p, i: p.status(i.status),
    "statusCategory": lambda p, i: p.category(i.status.category),
    "statuscategorychangedate": lambda p, i: p.instant(i.category_changed),
    "resolution": lambda p, i: p.resolution(i.resolution),
    "resolutiondate": lambda p, i: p.instant(i.resolved),
    "created": lambda p, i: p.instant(i.created),
    "updated": lambda p, i: p.instant(i.updated),
    "issuelinks": lambda p, i: [
        p.issue_link(link, seen_from=i.id) for link in i.links if p.shows(link)
    ],
    "subtasks": lambda _, __: [],
    "attachment": lambda p, i: [p.attachment(a) for a in i.attachments],
    "comment": lambda p, i: _comments(p, i, None),
    "votes": lambda p, i: {
        "self": f"{p.api}/issue/{i.key}/votes",
        "votes": len(i.voters),
        "hasVoted": False,
    },
    "watches": lambda p, i: {
        "self": f"{p.api}/issue/{i.key}/watchers",
        "watchCount": len(i.watchers),
        "isWatching": False,
    },
    "workratio": lambda _, __: -1,
    "lastViewed": lambda _, __: None,
}


def _comments(presenter: Presenter, issue: Issue, cap: int | None) -> Json:
    shown = issue.comments if cap is None else issue.comments[-cap:]
    return {
        "comments": [presenter.comment(issue.id, comment) for comment in shown],
        "self": f"{presenter.api}/issue/{issue.id}/comment",
        "maxResults": len(shown),
        "total": len(issue.comments),
        "startAt": 0,
    }


def choose_fields(fields: Iterable[Field], wanted: Sequence[str], *, default: str) -> list[Field]:
    """Return the fields a request asks for.

    Args:
        fields: all there are.
        wanted: ids, `*all`, `*navigable`, and with a minus what to leave out.
        default: the set that applies when nothing but exclusions is named.
    """
    excluded = {name.removeprefix("-") for name in wanted if name.startswith("-")}
    included = [name for name in wanted if name and not name.startswith("-")] or [default]
    everything, navigable = "*all" in included, "*navigable" in included
    return [
        field
        for field in fields
        if field.id not in excluded
        and (everything or (navigable and field.navigable) or field.id in included)
    ]


def render_fields(
    presenter: Presenter, issue: Issue, fields: Sequence[Field], *, comment_cap: int | None = None
) -> Json:
    """Return the values of fields, null where there is none."""
    result: Json = {}
    for field in fields:
        if field.custom:
            if field.used_in(issue.project.id):
                result[field.id] = _custom(presenter, field, issue.custom.get(field.id))
        elif field.id == "comment" and comment_cap is not None:
            result["comment"] = _comments(presenter, issue, comment_cap)
        elif render := _FIELDS.get(field.id):
            result[field.id] = render(presenter, issue)
    return result


def _custom(presenter: Presenter, field: Field, value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, RichText):
        return presenter.rich(value)
    if isinstance(value, Account):
        return presenter.user(value)
    if field.kind == "option" and value is not None:
        return _option(presenter, field, value)
    if field.kind == "options" and value is not None:
        return [_option(presenter, field, item) for item in value]
    return list(value) if isinstance(value, tuple) else value


def _option(presenter: Presenter, field: Field, value: str) -> Json:
    identifier = option_id(field, value)
    return {
        "self": f"{presenter.api}/customFieldOption/{identifier}",
        "value": value,
        "id": identifier,
    }


def option_id(field: Field, value: str) -> str:
    """Return the id of an option of a select field."""
    return f"{field.id.removeprefix('customfield_')}{field.allowed.index(value)}"


def render_history(presenter: Presenter, history: History) -> Json:
    """Return one history entry."""
    result: Json = {
        "id": str(history.id),
        "created": presenter.instant(history.created),
        "items": [_item(presenter, item) for item in history.items],
    }
    # People who were removed, and the system itself, leave entries without an author.
    if history.author is not None:
        result["author"] = presenter.user(history.author)
    return result


def _item(presenter: Presenter, item: ChangeItem) -> Json:
    result: Json = {"field": item.field, "fieldtype": "custom" if item.custom else "jira"}
    if presenter.cloud:
        result["fieldId"] = item.field_id
    return result | {
        "from": item.from_id,
        "fromString": item.from_text,
        "to": item.to_id,
        "toString": item.to_text,
    }


def render_changelog(presenter: Presenter, issue: Issue, *, cap: int | None) -> Json:
    """Return the embedded changelog: on Cloud newest first and cut, else complete."""
    switches = presenter.site.switches
    total = len(issue.histories)
    if switches.embedded_changelog_cap is not None:
        cap = switches.embedded_changelog_cap
    shown = list(issue.histories)
    if presenter.cloud:
        shown.reverse()
    if cap is not None:
        shown = shown[:cap]
    if switches.shuffle_histories:
        presenter.site.random.shuffle(shown)
    return {
        "startAt": 0,
        "maxResults": len(shown),
        "total": total,
        "histories": [render_history(presenter, history) for history in shown],
    }


def render_issue(
    presenter: Presenter,
    issue: Issue,
    fields: Sequence[Field],
    *,
    expand: Iterable[str] = (),
    properties: Sequence[str] = (),
    changelog_cap: int | None = None,
    comment_cap: int | None = None,
) -> Json:
    """Return an issue.

    Args:
        presenter: of the API version asked.
        issue: as it is, or as the index saw it.
        fields: to show.
        expand: of these, `changelog`, `names`, `schema`, `renderedFields`, `operations`
            and `versionedRepresentations` are done here.
        properties: keys of issue properties, or `*all`.
        changelog_cap: at most this many entries.
        comment_cap: at most this many comments.
    """
    wanted = set(expand)
    result: Json = {
        "expand": EXPANDS,
        "id": str(issue.id),
        "self": f"{presenter.api}/issue/{issue.id}",
        "key": issue.key,
    }
    values = render_fields(presenter, issue, fields, comment_cap=comment_cap)
    if values:
        result["fields"] = values
    if "versionedRepresentations" in wanted:
        result["versionedRepresentations"] = {key: {"1": v} for key, v in values.items()}
        result.pop("fields", None)
    if properties:
        everything = "*all" in properties
        result["properties"] = {
            key: value for key, value in issue.properties.items() if everything or key in properties
        }
    if "changelog" in wanted:
        result["changelog"] = render_changelog(presenter, issue, cap=changelog_cap)
    if "renderedFields" in wanted:
        result["renderedFields"] = _rendered(issue, values)
    if "names" in wanted:
        result["names"] = names_of(fields)
    if "schema" in wanted:
        result["schema"] = schemas_of(fields)
    if "operations" in wanted:
        result["operations"] = {"linkGroups": []}
    return result


def _rendered(issue: Issue, values: Json) -> Json:
    rendered: Json = dict.fromkeys(values)
    for name in _RENDERED_TEXTS:
        if name in rendered:
            rendered[name] = rendered_text(getattr(issue, name))
    return rendered


def rendered_text(text: RichText | None) -> str:
    """Return a long text as the page of the issue shows it."""
    if not text:
        return ""
    lines = escape(text.text).replace("\n", "<br/>")
    return f"<p>{lines}</p>"


def names_of(fields: Iterable[Field]) -> dict[str, str]:
    """Return the shown names of fields by id."""
    return {field.id: field.name for field in fields}


def schemas_of(fields: Iterable[Field]) -> dict[str, Any]:
    """Return the schemas of fields by id."""
    return {field.id: dict(field.schema) for field in fields if field.schema}
