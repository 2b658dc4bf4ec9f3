"""The server: starts, stops, and holds everything a test may turn or look at."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.web_runner import BaseSite

from sandbox.jira.api import ENDPOINTS, OUTSIDE
from sandbox.jira.api.session import CLOUD_ID
from sandbox.jira.board import Board
from sandbox.jira.endpoint import Endpoint
from sandbox.jira.faults import Faults
from sandbox.jira.model import Deployment
from sandbox.jira.pipeline import Pipeline
from sandbox.jira.ratelimit import RateLimiter
from sandbox.jira.records import Records
from sandbox.jira.site import Site
from sandbox.jira.switches import Switches
from sandbox.jira.times import system_now
from sandbox.jira.webhooks import WebhookSender

_VERSIONS = {"cloud": ("3", "2"), "datacenter": ("2",)}
# Whatever can be read can be asked about without its body.
_METHODS = {"GET": ("GET", "HEAD")}
_MAX_BODY = 256 * 1024 * 1024


class JiraServer:
    """A Jira-compatible server in this process.

    Attributes:
        site: what it holds, to fill and change directly.
        switches: how it behaves.
        faults: what shall go wrong.
        records: what it has seen and done.
        requests: how many requests each route has had, such as `POST /search/jql`;
            `requests.total()` for all, `requests.clear()` to begin anew.
    """

    def __init__(
        self,
        *,
        deployment: Deployment = "cloud",
        site_zone: str = "America/Los_Angeles",
        index_lag: timedelta = timedelta(0),
        context_path: str = "",
        now: Callable[[], datetime] | None = None,
        seed: int | None = None,
        switches: Switches | None = None,
    ) -> None:
        """Build a server that is empty and not started.

        Args:
            deployment: which of the two Jiras.
            site_zone: of the instants in answers.
            index_lag: how long searches are behind.
            context_path: such as `/jira`, as Data Center often has.
            now: tells the time, aware; the machine's if left out.
            seed: of everything random.
            switches: further behaviour.
        """
        self.switches = switches or Switches()
        if index_lag:
            self.switches.index_lag = index_lag
        self.site = Site(
            deployment=deployment,
            zone=site_zone,
            now=now or system_now,
            switches=self.switches,
            seed=seed,
        )
        self.records = Records()
        self.requests: Counter[str] = Counter()
        self.faults = Faults(refuse=self._stop_listening, accept=self._listen)
        self._context_path = "/" + context_path.strip("/") if context_path.strip("/") else ""
        self._webhooks = WebhookSender(self.site, self.records, base_url=lambda: self.url)
        self._host = ""
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._listener: BaseSite | None = None
        self._pipeline = Pipeline(
            site=self.site,
            faults=self.faults,
            records=self.records,
            requests=self.requests,
            limiter=RateLimiter(deployment, self.switches),
            base_url=lambda: self.url,
        )

    @property
    def deployment(self) -> Deployment:
        """Which of the two Jiras it is."""
        return self.site.deployment

    @property
    def url(self) -> str:
        """The base address, without a slash at the end; known once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{self._context_path}"

    @property
    def gateway_url(self) -> str:
        """The address of the same site behind Atlassian's gateway (Cloud)."""
        return f"{self.url}/ex/jira/{CLOUD_ID}"

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one, see `url`."""
        self._host, self._port = host, port
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self._listen()
        await self._webhooks.start()

    async def stop(self) -> None:
        """Close every connection and stop listening; stopping twice does nothing."""
        self.faults.thaw()
        if self._runner is not None:
            await self._webhooks.stop()
            self._close_connections()
            await self._runner.cleanup()
        self._runner = self._listener = None

    async def _listen(self) -> None:
        if self._runner is None or self._listener is not None:
            return
        self._listener = web.TCPSite(self._runner, self._host, self._port)
        await self._listener.start()
        if not self._port:
            self._port = int(self._runner.addresses[0][1])

    async def _stop_listening(self) -> None:
        if self._listener is None:
            return
        await self._listener.stop()
        self._listener = None
        self._close_connections()

    def _close_connections(self) -> None:
        server = self._runner.server if self._runner else None
        for connection in list(server.connections) if server else ():
            connection.force_close()

    def _application(self) -> web.Application:
        application = web.Application(
            middlewares=[self._pipeline.middleware()], client_max_size=_MAX_BODY
        )
        for endpoint in ENDPOINTS:
            if endpoint.only in {None, self.deployment}:
                self._add(application, endpoint)
        Board(self.site, path=self._context_path).add_routes(application.router)
        newest = _VERSIONS[self.deployment][0]
        for endpoint in OUTSIDE:
            if endpoint.only in {None, self.deployment}:
                self._route(application, endpoint, "", newest)
        return application

    def _add(self, application: web.Application, endpoint: Endpoint) -> None:
        newest, *_ = versions = _VERSIONS[self.deployment]
        for name, version in (*((v, v) for v in versions), ("latest", newest)):
            self._route(application, endpoint, f"/rest/api/{name}", version)

    def _route(
        self, application: web.Application, endpoint: Endpoint, prefix: str, version: str
    ) -> None:
        gates = [(self._context_path, False)]
        if self.deployment == "cloud":
            gates.append((f"{self._context_path}/ex/jira/{CLOUD_ID}", True))
        for gate, is_gateway in gates:
            resource = application.router.add_resource(f"{gate}{prefix}{endpoint.path}")
            handler = self._pipeline.wrap(endpoint, version=version, gateway=is_gateway)
            for method in _METHODS.get(endpoint.method, (endpoint.method,)):
                resource.add_route(method, handler)
