"""Webhooks: those of administrators, and the dynamic ones only apps may have."""

from typing import Any

from aiohttp import web

from sandbox.jira.call import Call, answer, no_content
from sandbox.jira.endpoint import delete, get, post, put
from sandbox.jira.errors import ApiError
from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.syntax import JqlSyntaxError
from sandbox.jira.presenter import Json
from sandbox.jira.times import epoch_ms
from sandbox.jira.webhook_store import Webhook

_FILTER = "issue-related-events-section"
_EVENTS = frozenset(
    {
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "comment_deleted",
        "jira:version_released",
        "jira:version_unreleased",
        "jira:version_created",
        "jira:version_updated",
        "jira:version_deleted",
        "issuelink_created",
        "issuelink_deleted",
        "attachment_created",
        "attachment_deleted",
        "worklog_created",
        "worklog_updated",
        "worklog_deleted",
        "project_created",
        "project_updated",
        "project_deleted",
        "user_created",
        "user_updated",
        "user_deleted",
    }
)


def _admin(call: Call) -> None:
    if not call.signed_in().admin:
        raise ApiError(403, "You must be an administrator to manage webhooks.")


def _shown(call: Call, hook: Webhook) -> Json:
    result: Json = {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": {_FILTER: hook.jql},
        "events": list(hook.events),
        "enabled": hook.enabled,
        "isSigned": hook.secret is not None,
        "self": f"{call.base_url}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdated": epoch_ms(hook.updated),
    }
    if hook.updated_by is not None:
        person = hook.updated_by
        result["lastUpdatedUser"] = person.account_id if call.cloud else person.key
        result["lastUpdatedDisplayName"] = person.display_name
    return result


def list_hooks(call: Call) -> web.Response:
    """List the webhooks; secrets are not shown."""
    _admin(call)
    return answer([_shown(call, hook) for hook in call.site.webhooks])


def _find(call: Call) -> Webhook:
    _admin(call)
    for hook in call.site.webhooks:
        if str(hook.id) == call.path["hook"]:
            return hook
    raise ApiError(404, f"A webhook with id '{call.path['hook']}' does not exist.")


def get_hook(call: Call) -> web.Response:
    """Return one webhook."""
    return answer(_shown(call, _find(call)))


def create_hook(call: Call) -> web.Response:
    """Register a webhook."""
    _admin(call)
    body = call.json_object()
    url, name = body.get("url"), body.get("name")
    if not isinstance(name, str) or not name:
        raise ApiError(400, "The webhook name is required.")
    _check_url(url)
    hook = call.site.add_webhook(str(url), name=name)
    hook.events = ()
    _apply(call, hook, body)
    return answer(_shown(call, hook), 201)


def _check_url(url: object) -> None:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ApiError(400, "The webhook URL must be an absolute http or https address.")


def update_hook(call: Call) -> web.Response:
    """Change a webhook; what is left out stays."""
    hook = _find(call)
    body = call.json_object()
    if "url" in body:
        _check_url(body["url"])
        hook.url = body["url"]
    if isinstance(body.get("name"), str):
        hook.name = body["name"]
    _apply(call, hook, body)
    return answer(_shown(call, hook))


def _apply(call: Call, hook: Webhook, body: dict[str, Any]) -> None:
    events, filters = body.get("events", list(hook.events)), body.get("filters") or {}
    unknown = (
        [e for e in events if not isinstance(e, str) or e not in _EVENTS]
        if isinstance(events, list)
        else ["events"]
    )
    if unknown:
        raise ApiError(400, f"Unknown webhook event: {unknown[0]}")
    jql = str(filters.get(_FILTER, hook.jql) if isinstance(filters, dict) else "")
    try:
        parse(jql)
    except JqlSyntaxError as error:
        raise ApiError(400, str(error)) from error
    hook.events, hook.jql = tuple(events), jql
    hook.exclude_body = bool(body.get("excludeBody", hook.exclude_body))
    hook.enabled = bool(body.get("enabled", hook.enabled))
    if "secret" in body:
        hook.secret = str(body["secret"]) if body["secret"] else None
    hook.updated, hook.updated_by = call.site.now(), call.caller


def delete_hook(call: Call) -> web.Response:
    """Delete a webhook."""
    call.site.webhooks.remove(_find(call))
    return no_content()


def refuse_dynamic(_: Call) -> web.Response:
    """Refuse: only apps may register webhooks that expire."""
    raise ApiError(403, "The webhook resource can only be accessed by Connect and OAuth 2.0 apps.")


ENDPOINTS = (
    get("/webhook", refuse_dynamic, only="cloud", anonymous=False),
    post("/webhook", refuse_dynamic, only="cloud", anonymous=False),
    delete("/webhook", refuse_dynamic, only="cloud", anonymous=False),
    put("/webhook/refresh", refuse_dynamic, only="cloud", anonymous=False),
    get("/webhook/failed", refuse_dynamic, only="cloud", anonymous=False),
)
OUTSIDE = (
    get("/rest/webhooks/1.0/webhook", list_hooks, anonymous=False),
    post("/rest/webhooks/1.0/webhook", create_hook, anonymous=False),
    get("/rest/webhooks/1.0/webhook/{hook}", get_hook, anonymous=False),
    put("/rest/webhooks/1.0/webhook/{hook}", update_hook, anonymous=False),
    delete("/rest/webhooks/1.0/webhook/{hook}", delete_hook, anonymous=False),
)
