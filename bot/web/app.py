"""The HTTP endpoints, put together."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.web.jira_webhook import receive

_LARGEST_BODY = 26 * 1024 * 1024
"""Jira Cloud drops webhooks over 25 MB itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What the endpoints ask the rest of the program.

    Attributes:
        readiness: part → whether it works.
        registry: the metrics.
        webhook_secret: empty turns the webhook off.
        on_hint: stores that an issue may have changed, before the webhook is answered.
    """

    readiness: Callable[[], Mapping[str, bool]]
    registry: CollectorRegistry
    webhook_secret: str
    on_hint: Callable[[str], Awaitable[None]]


def build(endpoints: Endpoints) -> web.Application:
    """Return the application."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        parts = endpoints.readiness()
        works = all(parts.values())
        return web.json_response(
            {"status": "ready" if works else "not ready", "parts": dict(parts)},
            status=200 if works else 503,
        )

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(endpoints.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def webhook(request: web.Request) -> web.Response:
        return await receive(request, endpoints.webhook_secret, endpoints.on_hint)

    application = web.Application(client_max_size=_LARGEST_BODY)
    application.router.add_get("/healthz", health)
    application.router.add_get("/readyz", ready)
    application.router.add_get("/metrics", metrics)
    if endpoints.webhook_secret:
        application.router.add_post("/webhooks/jira", webhook)
    return application
