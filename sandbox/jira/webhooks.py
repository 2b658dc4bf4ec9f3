"""Sends webhooks, as unreliably as the real ones: late, again, and in any order."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from sandbox.jira import search
from sandbox.jira.errors import to_json
from sandbox.jira.events import Event
from sandbox.jira.records import Records, WebhookAttempt
from sandbox.jira.site import Site
from sandbox.jira.webhook_payload import build_payload
from sandbox.jira.webhook_store import Webhook

_RETRIED = frozenset({408, 409, 425, 429})
_SERVER_ERRORS = 500
_ATTEMPTS = {"cloud": 6, "datacenter": 1}
_CONNECT_SECONDS = 5
_CLOUD_AGENT = "Atlassian Webhook HTTP Client"
_DATACENTER_AGENT = "Atlassian HttpClient 3.0.4 / JIRA-10.3.19 (10030019) / Default"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Delivery:
    hook: Webhook
    event: Event
    identifier: str


def sign(secret: str, body: bytes) -> str:
    """Return the `X-Hub-Signature` of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class WebhookSender:
    """Sends what the site's webhooks ask for, while it runs."""

    def __init__(self, site: Site, records: Records, *, base_url: Callable[[], str]) -> None:
        self._site = site
        self._records = records
        self._base_url = base_url
        self._queue: asyncio.Queue[_Delivery] = asyncio.Queue()
        self._runner: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(site.switches.webhooks.at_once)
        site.subscribe(self._take)

    async def start(self) -> None:
        """Begin sending, also what has happened before."""
        self._slots = asyncio.Semaphore(self._site.switches.webhooks.at_once)
        self._runner = asyncio.create_task(self._run(), name="jira-webhooks")

    async def stop(self) -> None:
        """Stop; what has not been sent is lost."""
        tasks = [*self._running, *([self._runner] if self._runner else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._runner = None

    def _take(self, event: Event) -> None:
        for hook in self._site.webhooks:
            if hook.enabled and event.name in hook.events and self._fits(hook, event):
                identifier = f"{self._site.random.getrandbits(128):032x}"
                self._queue.put_nowait(_Delivery(hook=hook, event=event, identifier=identifier))

    def _fits(self, hook: Webhook, event: Event) -> bool:
        if not hook.jql or event.issue is None:
            return True
        return search.matches(self._site, hook.jql, event.issue)

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(
            total=self._site.switches.webhooks.timeout.total_seconds(),
            sock_connect=_CONNECT_SECONDS,
        )
        async with aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session:
            while True:
                for delivery in await self._next_batch():
                    for _ in range(1 + self._site.switches.webhooks.duplicates):
                        self._launch(session, delivery)

    def _launch(self, session: aiohttp.ClientSession, delivery: _Delivery) -> None:
        task = asyncio.create_task(self._deliver(session, delivery), name="jira-webhook")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _next_batch(self) -> list[_Delivery]:
        """Return the next delivery, or several in another order when shuffling."""
        batch = [await self._queue.get()]
        switches = self._site.switches.webhooks
        if not switches.shuffle:
            return batch
        with suppress(TimeoutError):
            async with asyncio.timeout(switches.hold.total_seconds()):
                while len(batch) < switches.batch:
                    batch.append(await self._queue.get())
        if len(batch) > 1:
            # Turned round rather than shuffled: never by chance the right order.
            batch.reverse()
        return batch

    async def _deliver(self, session: aiohttp.ClientSession, delivery: _Delivery) -> None:
        switches = self._site.switches.webhooks
        attempts = switches.attempts or _ATTEMPTS[self._site.deployment]
        body = b""
        if not delivery.hook.exclude_body:
            payload = build_payload(self._site, delivery.event, base_url=self._base_url())
            body = to_json(payload).encode()
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(switches.retry_delay.total_seconds())
            async with self._slots:
                status = await self._send(session, delivery, body, attempt)
            if status is not None and status not in _RETRIED and status < _SERVER_ERRORS:
                return

    async def _send(
        self, session: aiohttp.ClientSession, delivery: _Delivery, body: bytes, attempt: int
    ) -> int | None:
        headers = self._headers(delivery, body, attempt)
        status: int | None = None
        with suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.post(
                self._address(delivery), data=body, headers=headers, allow_redirects=False
            ) as response:
                await response.read()
                status = response.status
        self._records.webhooks.append(
            WebhookAttempt(
                url=delivery.hook.url,
                event=delivery.event.name,
                identifier=delivery.identifier,
                attempt=attempt,
                status=status,
                at=self._site.now(),
            )
        )
        return status

    def _headers(self, delivery: _Delivery, body: bytes, attempt: int) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if delivery.hook.secret:
            headers["X-Hub-Signature"] = sign(delivery.hook.secret, body)
        if self._site.deployment == "datacenter":
            return headers | {"User-Agent": _DATACENTER_AGENT}
        headers["User-Agent"] = _CLOUD_AGENT
        headers["X-Atlassian-Webhook-Identifier"] = delivery.identifier
        headers["X-Atlassian-Webhook-Flow"] = "Primary"
        if attempt:
            headers["X-Atlassian-Webhook-Retry"] = str(attempt)
        return headers

    def _address(self, delivery: _Delivery) -> str:
        """Return the address with what stands for parts of the issue filled in."""
        url, issue = delivery.hook.url, delivery.event.issue
        if issue is not None:
            url = (
                url.replace("${issue.id}", str(issue.id))
                .replace("${issue.key}", issue.key)
                .replace("${project.key}", issue.project.key)
            )
        return url
