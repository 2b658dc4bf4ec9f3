"""One request out, one answer in: the only place of this gateway that touches the network."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot.errors import OutcomeUnknown, Retryable
from bot.jira.answers import Answer
from bot.jira.dialect import Request, Upload
from bot.jira.records import CloudCredentials, Credentials

# A Data Center history of years is some tens of megabytes; more is no answer but an attack.
MOST_BYTES = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_CONNECT = timedelta(seconds=10)
_UNSAFE_IN_NAME = re.compile(r'[\x00-\x1f\x7f"\\/\ud800-\udfff]')
_CONTENT_TYPE = re.compile(r"[\w.+-]{1,127}/[\w.+-]{1,127}", re.ASCII)
_ERROR = 400


class Transport:
    """Sends requests to one Jira with one login.

    The session stays the caller's, who closes it. It should have no cookie jar
    (`aiohttp.DummyCookieJar`): a session cookie would outlive the token it stands for.

    Args:
        url: the base address, with a context path if there is one.
        timeout: for a whole answer, from connecting to its last byte.
        upload_timeout: the same for sending a file.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        session: aiohttp.ClientSession,
        timeout: timedelta,
        upload_timeout: timedelta,
    ) -> None:
        self.url = _base_address(url)
        self._session = session
        self._timeout = timeout
        self._upload_timeout = upload_timeout
        scheme, proof, secret = _authorization(credentials)
        self._headers = {
            "Accept": "application/json",
            "Authorization": f"{scheme} {proof}",
            "X-Atlassian-Token": "no-check",
            "User-Agent": "casebot",
        }
        self._secrets = tuple({one.encode() for one in (proof, secret) if one})

    async def send(self, request: Request) -> Answer:
        """Send a request and read its whole answer, whatever its status.

        A read whose connection breaks is asked once more: most often the server had just
        closed an idle connection.

        Raises:
            Retryable: nothing was sent, or only a question.
            OutcomeUnknown: a write was sent and no answer came.
        """
        try:
            return await self._send(request)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if request.is_write or isinstance(error, aiohttp.ClientConnectorError):
                raise self._fault(request, error) from error
        except (aiohttp.ClientError, TimeoutError, _TooLong) as error:
            raise self._fault(request, error) from error
        try:
            return await self._send(request)
        except (aiohttp.ClientError, TimeoutError, _TooLong) as error:
            raise self._fault(request, error) from error

    async def _send(self, request: Request) -> Answer:
        if request.upload is None:
            data = None if request.json is None else json.dumps(request.json).encode()
            return await self._exchange(request, data, self._timeout)
        content = request.upload.content
        if not isinstance(content, Path):
            form = _form(request.upload, content)
            return await self._exchange(request, form, self._upload_timeout)
        opened = await asyncio.to_thread(content.open, "rb")
        with opened:
            form = _form(request.upload, opened)
            return await self._exchange(request, form, self._upload_timeout)

    async def _exchange(
        self, request: Request, data: bytes | aiohttp.FormData | None, total: timedelta
    ) -> Answer:
        headers = dict(self._headers)
        if isinstance(data, bytes):
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            request.method,
            URL(self.url + request.path, encoded=True).update_query(dict(request.query)),
            headers=headers,
            data=data,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=total.total_seconds(), connect=min(total, _CONNECT).total_seconds()
            ),
        ) as response:
            body = await _body(response)
            if response.status >= _ERROR:
                body = self._without_secrets(body)
            return Answer(status=response.status, headers=response.headers, body=body)

    def _without_secrets(self, body: bytes) -> bytes:
        """A server or proxy that echoes our headers must not bring them into a log."""
        for secret in self._secrets:
            body = body.replace(secret, b"***").replace(secret.replace(b"/", b"\\/"), b"***")
        return body

    def _fault(self, request: Request, error: Exception) -> Retryable:
        where = urlsplit(self.url).netloc
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return Retryable(f"Jira cannot be reached at {where}: {type(error).__name__}")
        kind = OutcomeUnknown if request.is_write else Retryable
        if isinstance(error, TimeoutError):
            return kind(f"Jira at {where} did not answer in time")
        return kind(f"the connection to Jira at {where} broke: {type(error).__name__}")


class _TooLong(Exception):
    """The answer does not end."""


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES:
                raise _TooLong
    except aiohttp.ClientError:
        # A refusal whose explanation breaks off is still a refusal; a success is no success.
        if response.status < _ERROR:
            raise
    return bytes(body)


def _form(upload: Upload, content: bytes | AsyncIterator[bytes] | BinaryIO) -> aiohttp.FormData:
    # Escaped names would be stored as they are: browsers send the bytes, and so do we.
    form = aiohttp.FormData(quote_fields=False)
    name = _UNSAFE_IN_NAME.sub("_", upload.filename).strip(". ")[:200] or "file"
    is_type = _CONTENT_TYPE.fullmatch(upload.content_type)
    kind = upload.content_type if is_type else "application/octet-stream"
    form.add_field("file", content, filename=name, content_type=kind)
    return form


def _authorization(credentials: Credentials) -> tuple[str, str, str]:
    """Return the scheme, what follows it, and the secret within; a stray newline is dropped."""
    if isinstance(credentials, CloudCredentials):
        token = credentials.api_token.strip()
        pair = f"{credentials.email.strip()}:{token}".encode()
        return "Basic", base64.b64encode(pair).decode(), token
    token = credentials.token.strip()
    return "Bearer", token, token


def _base_address(url: str) -> str:
    """Return the address without a slash at its end.

    Raises:
        ValueError: it is no http(s) address, or holds a user name that would get into logs.
    """
    address = url.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("JIRA_URL must be an address such as https://jira.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("JIRA_URL must be a plain address: no user, password, query or fragment")
    return address
