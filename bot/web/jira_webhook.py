"""Takes Jira's webhooks: a hint which issue to look at, never trusted for more."""

import json
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bot.jira import webhooks

log = structlog.get_logger(__name__)


async def receive(
    request: web.Request, secret: str, on_hint: Callable[[str], Awaitable[None]]
) -> web.Response:
    """Answer 200 only after the hint is stored; Jira sends again after anything else."""
    body = await request.read()
    if not webhooks.verify(secret, body, request.headers.get("X-Hub-Signature")):
        log.warning("webhook_refused", reason="signature")
        return web.json_response({"error": "the signature does not match"}, status=401)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return web.json_response({"error": "the body is not JSON"}, status=400)
    issue_id = webhooks.issue_id_of(payload) if isinstance(payload, dict) else None
    if issue_id is not None:
        try:
            await on_hint(issue_id)
        except Exception as fault:  # noqa: BLE001 - the top of one unit of work
            # Anything but 200 makes Jira Cloud send it again; the next poll finds it all the same.
            log.warning("webhook_postponed", issue=issue_id, reason=str(fault))
            return web.json_response({"error": "not stored yet, send it again"}, status=503)
    return web.json_response({"status": "ok"})
