"""The HTTP endpoints, put together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.web.jira_webhook import receive

_LARGEST_BODY = 26 * 1024 * 1024
"""Jira Cloud drops webhooks over 25 MB itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What works; true always means that it does.

    Attributes:
        chat: the chat is heard.
        jira: Jira could be read when it was last asked, or has not been asked yet.
        storage: what is kept can be read.
        incidents: the names of those that are on now.
    """

    chat: bool
    jira: bool
    storage: bool
    incidents: Sequence[str] = ()

    @property
    def ready(self) -> bool:
        """Whether everything works and nothing has gone silent."""
        return self.chat and self.jira and self.storage and not self.incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What the endpoints ask the rest of the program.

    Attributes:
        readiness: what works now.
        registry: the metrics.
        measure: brings them up to date.
        webhook_secret: empty turns the webhook off.
        on_hint: stores that an issue may have changed, before the webhook is answered.
    """

    readiness: Callable[[], Awaitable[Readiness]]
    registry: CollectorRegistry
    measure: Callable[[], Awaitable[None]]
    webhook_secret: str
    on_hint: Callable[[str], Awaitable[None]]


def build(endpoints: Endpoints) -> web.Application:
    """Return the application."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_: web.Request) -> web.Response:
        found = await endpoints.readiness()
        return web.json_response(
            {
                "ready": found.ready,
                "chat": found.chat,
                "jira": found.jira,
                "storage": found.storage,
                "incidents": sorted(found.incidents),
            },
            status=200 if found.ready else 503,
        )

    async def metrics(_: web.Request) -> web.Response:
        await endpoints.measure()
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
