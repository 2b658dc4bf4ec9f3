"""Serving a page at `/`: files of a folder, the people to play with, and what the page may load."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from aiohttp import web
from yarl import URL

CONFIG_PATH = "/page-config.json"
# Nothing else of the folder is served.
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# Nothing that would end a directive and begin another.
ORIGIN = re.compile(r"https?://[\w.:\[\]-]+", re.ASCII)

Config = Mapping[str, object]


def add_page(
    application: web.Application, folder: Path, config: Callable[[], Config | None]
) -> None:
    """Serve the page in `folder` at `/` and its configuration at `/page-config.json`.

    Args:
        application: gets the routes; add them last, they take every path that is left.
        folder: its HTML, CSS, JavaScript and SVG files are served, `index.html` at `/`.
        config: asked for at each request, so that it may change while the server runs; None
            is answered with 404.
    """
    page = _Page(folder, config)
    application.router.add_get(CONFIG_PATH, page.configuration)
    application.router.add_get("/", page.index)
    application.router.add_get("/{path:.+}", page.file)


class _Page:
    def __init__(self, folder: Path, config: Callable[[], Config | None]) -> None:
        self._folder = folder
        self._config = config
        self._files = {
            file.relative_to(folder).as_posix(): file
            for file in folder.rglob("*")
            if file.suffix in TYPES and file.is_file()
        }

    async def configuration(self, _request: web.Request) -> web.Response:
        config = self._config()
        if config is None:
            return web.json_response({"people": []}, status=404, headers=self._headers())
        # What a browser must not read as a page, whoever wrote the names in it.
        return web.Response(
            text=json.dumps(config), content_type="application/json", headers=self._headers()
        )

    async def index(self, _request: web.Request) -> web.Response:
        return self._send("index.html")

    async def file(self, request: web.Request) -> web.Response:
        return self._send(request.match_info["path"])

    def _send(self, path: str) -> web.Response:
        file = self._files.get(path)
        if file is None:
            return web.Response(status=404, headers=self._headers())
        return web.Response(
            body=file.read_bytes(),
            content_type=TYPES[file.suffix],
            charset="utf-8",
            headers=self._headers(),
        )

    def _headers(self) -> dict[str, str]:
        return {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": content_security_policy(self._config() or {}),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }


def content_security_policy(config: Config) -> str:
    """Return what the page may load: its own files and server, and the board in a frame."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            f"frame-src {_origin(config.get('board_url'))}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            # Even a mistake in the page cannot turn a text into markup.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _origin(address: object) -> str:
    try:
        origin = str(URL(str(address)).origin())
    except ValueError:
        return "'none'"
    return origin if ORIGIN.fullmatch(origin) else "'none'"
