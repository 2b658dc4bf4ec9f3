"""Calls a server the way any client does, and keeps what came back."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from sandbox.jira.model import Account
from sandbox.jira.seed import JiraPeople
from sandbox.jira.server import JiraServer


def basic(name: str, secret: str) -> str:
    """Return the header's value for a name and a password or token."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    headers: CIMultiDictProxy[str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as JSON."""
        return json.loads(self.content)

    @property
    def messages(self) -> list[str]:
        """The sentences of a refusal, those by field included."""
        body = self.json
        return [*body.get("errorMessages", []), *body.get("errors", {}).values()]


class Stand:
    """A started server with people, and a client signed in as the bot."""

    def __init__(
        self, server: JiraServer, people: JiraPeople, session: aiohttp.ClientSession
    ) -> None:
        self.server = server
        self.site = server.site
        self.people = people
        self.session = session
        self.cloud = server.deployment == "cloud"
        self.api = "/rest/api/3" if self.cloud else "/rest/api/2"

    def authorization(self, who: str = "casebot") -> str:
        """Return the header's value for somebody."""
        account = self.site.account(who)
        assert isinstance(account, Account)
        if self.cloud:
            return basic(account.email, account.api_token or "")
        return f"Bearer {account.personal_token}"

    async def call(
        self,
        method: str,
        path: str,
        *,
        who: str | None = "casebot",
        headers: dict[str, str] | None = None,
        **how: Any,  # noqa: ANN401 - passed on to aiohttp
    ) -> Reply:
        """Send a request; a path that does not begin with `/rest` is below the newest API."""
        sent = {"Accept": "application/json"}
        if who is not None:
            sent["Authorization"] = self.authorization(who)
        sent.update(headers or {})
        prefix = "" if path.startswith(("/rest", "/_edge", "/board", "/ex")) else self.api
        async with self.session.request(
            method,
            self.server.url + prefix + path,
            headers=sent,
            allow_redirects=False,
            **how,
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def get(self, path: str, **how: Any) -> Reply:  # noqa: ANN401 - passed on
        """Read."""
        return await self.call("GET", path, **how)

    async def post(self, path: str, body: object = None, **how: Any) -> Reply:  # noqa: ANN401 - passed on
        """Post JSON."""
        return await self.call("POST", path, json=body, **how)

    async def put(self, path: str, body: object = None, **how: Any) -> Reply:  # noqa: ANN401 - passed on
        """Put JSON."""
        return await self.call("PUT", path, json=body, **how)

    async def delete(self, path: str, **how: Any) -> Reply:  # noqa: ANN401 - passed on
        """Delete."""
        return await self.call("DELETE", path, **how)

    def long_text(self, text: str) -> object:
        """Return a text the way this API takes it."""
        if not self.cloud:
            return text
        content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
        return {"type": "doc", "version": 1, "content": content}

    async def create(self, summary: str = "A defect", **fields: object) -> dict[str, str]:
        """Create an issue and return what was answered."""
        wanted = {
            "project": {"key": "BUG"},
            "issuetype": {"name": "Bug"},
            "summary": summary,
        } | fields
        reply = await self.post("/issue", {"fields": wanted})
        assert reply.status == 201, reply.text
        created: dict[str, str] = reply.json
        return created

    async def search(self, jql: str, **body: object) -> Any:  # noqa: ANN401 - any JSON
        """Search, and return the answer of a search that must succeed."""
        path = "/search/jql" if self.cloud else "/search"
        reply = await self.post(path, {"jql": jql} | body)
        assert reply.status == 200, reply.text
        return reply.json
