"""Files: to disk without trusting the server's redirects, and up in its two steps."""

import mimetypes
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import requests

from bot.errors import Rejected, Retryable
from bot.rocketchat.api import Api, Transport
from bot.rocketchat.documents import clean

_CHUNK: Final = 256 * 1024
_REDIRECTS: Final = 3
_UNKNOWN_TYPE: Final = "application/octet-stream"
_FORBIDDEN: Final = frozenset({requests.codes.unauthorized, requests.codes.forbidden})


class _Forbidden(Rejected):
    """The server knows the file and does not give it to us."""


class Files:
    """Uploads and downloads."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def download(self, *, file_id: str, name: str, to: Path, limit: int) -> int:
        """Store a file at `to` and return its size in bytes; `to` appears only when complete.

        Raises:
            Rejected: it is gone, longer than `limit` bytes, or the bot may not see it.
        """
        path = f"/file-upload/{quote(file_id, safe='')}/{quote(name, safe='')}"
        try:
            return await self._api.in_thread(
                lambda transport, headers: _download(
                    transport,
                    url=self._api.url + path,
                    headers=headers,
                    to=to,
                    limit=limit,
                    timeout=self._api.timeout,
                )
            )
        except _Forbidden:
            # A session that has ended is answered the same way, and is no reason to give up.
            await self._api.get("me")
            raise

    async def upload(
        self, *, room_id: str, source: Path, name: str, caption: str, thread_id: str | None
    ) -> str:
        """Post a file as a message and return the message's id; again means twice."""
        kind = mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE
        room = quote(room_id, safe="")
        with source.open("rb") as opened:
            answer = await self._api.upload(f"rooms.media/{room}", (name, opened, kind))
        file = answer.get("file")
        file_id = clean(file.get("_id")) if isinstance(file, dict) else ""
        if not file_id:
            raise Retryable("Rocket.Chat took the file and did not say its id")
        body = {"msg": caption} if caption else {}
        if thread_id is not None:
            body["tmid"] = thread_id
        confirm = f"rooms.mediaConfirm/{room}/{quote(file_id, safe='')}"
        message = (await self._api.post(confirm, body)).get("message")
        return clean(message.get("_id")) if isinstance(message, dict) else ""


def _download(
    transport: Transport,
    *,
    url: str,
    headers: Mapping[str, str],
    to: Path,
    limit: int,
    timeout: float,
) -> int:
    at, who = url, headers
    for _ in range(_REDIRECTS + 1):
        with transport.get(at, headers=dict(who), stream=True, timeout=timeout) as response:
            if not response.is_redirect:
                return _store(response, to, limit)
            at = urljoin(at, response.headers["Location"])
        if urlsplit(at).scheme not in {"http", "https"}:
            break
        # File stores sign their own addresses; our token is none of their business.
        who = headers if _origin(at) == _origin(url) else {}
    raise Rejected("the file leads from one address to the next without end")


def _store(response: requests.Response, to: Path, limit: int) -> int:
    status = response.status_code
    if status >= requests.codes.internal_server_error or status == requests.codes.too_many:
        raise Retryable(f"Rocket.Chat cannot give out the file now ({status})")
    if status != requests.codes.ok:
        kind = _Forbidden if status in _FORBIDDEN else Rejected
        raise kind(f"the file is gone, or the bot is not a member of its room ({status})")
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise Rejected(f"the file is longer than {limit} bytes")
    part = to.with_name(to.name + ".part")
    try:
        size = 0
        with part.open("wb") as opened:
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise Rejected(f"the file is longer than {limit} bytes")
                opened.write(chunk)
        part.replace(to)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return size


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
