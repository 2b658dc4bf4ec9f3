"""Carries HTTP requests to the routes and their answers back."""

import asyncio
import logging
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from aiohttp import BodyPartReader, web

from sandbox.rocketchat.errors import CodedError, Failure, NotFound, Refused, TooLarge
from sandbox.rocketchat.faults import Fault, Faults
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.records import Records
from sandbox.rocketchat.rest.gate import Gate, Limited
from sandbox.rocketchat.rest.integrations import HOOK
from sandbox.rocketchat.rest.route import Call, File, Reply, Route
from sandbox.rocketchat.rest.routes import ROUTES
from sandbox.rocketchat.rest.shapes import read_query
from sandbox.rocketchat.wire import parse_json, rest_json
from sandbox.rocketchat.workspace import Workspace

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, HEAD, PATCH",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, "
    "X-Auth-Token, x-visitor-token, Authorization, x-2fa-code, x-2fa-method",
    "Access-Control-Expose-Headers": "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
}
COMMON = {"Cache-Control": "no-store", "Pragma": "no-cache"}
SERVER_ERROR = {"success": False, "error": "Internal server error"}
log = logging.getLogger(__name__)
MALFORMED = "Malformed request body"


class RestApi:
    """Everything below `/api/`."""

    def __init__(self, workspace: Workspace, faults: Faults, records: Records) -> None:
        self._workspace = workspace
        self._faults = faults
        self._records = records
        self._gate = Gate(workspace, ROUTES)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        await self._faults.wait_thawed()
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=self._cors())
        name, *rest = [unquote(one) for one in request.match_info["path"].split("/") if one] or [""]
        route = self._gate.find(request.method, name, len(rest))
        if route is None:
            self._records.note(name, NotFound().refusal(self._workspace.version).status, None)
            return self._refused(NotFound(), {})
        return await self._answer(request, route, tuple(rest))

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """Answer what is posted to an incoming webhook."""
        await self._faults.wait_thawed()
        path = (request.match_info["id"], request.match_info["token"])
        return await self._answer(request, HOOK, path)

    async def _answer(
        self, request: web.Request, route: Route, path: tuple[str, ...]
    ) -> web.StreamResponse:
        try:
            params, files = await _read(request, route)
        except Refused as refused:
            return self._refused(refused, {})
        self._faults.notice("received", route.name, params)
        fault = self._faults.take(route.name, params)
        if fault is not None:
            if fault.act == "answer":
                self._records.note(route.name, fault.status, None)
                return self._planned(fault)
            if fault.act == "drop_before":
                return _cut(request)
            await asyncio.sleep(fault.seconds)
        call = Call(
            workspace=self._workspace,
            version=self._workspace.version,
            site_url=_site_url(request, self._workspace),
            params=params,
            path=path,
            headers=request.headers,
            files=files,
        )
        response = self._carry_out(route, call, address_of(request))
        username = call.caller.username if call.caller else None
        self._records.note(route.name, response.status, username)
        self._faults.notice("done", route.name, params)
        if fault is not None and fault.act == "drop_after":
            return _cut(request)
        return response

    def _carry_out(self, route: Route, call: Call, address: str) -> web.Response:
        headers: dict[str, str] = {}
        try:
            found = self._gate.caller(route, call.headers)
            if found is not None:
                call.caller, call.token = found
            headers = self._gate.limit(route, call.caller, address)
            self._gate.check(route, call)
            answer = route.handler(call)
        except Limited as limited:
            return self._refused(limited, limited.headers)
        except Refused as refused:
            return self._refused(refused, headers)
        except Exception:
            # The top of every request: a defect of ours must look like one of theirs.
            log.exception("request failed: %s", route.name)
            return self._json(SERVER_ERROR, 500, headers)
        if isinstance(answer, Reply):
            return self._json(answer.body, answer.status, headers)
        return self._json({**answer, "success": True}, 200, headers)

    def _refused(self, refused: Refused, headers: Mapping[str, str]) -> web.Response:
        refusal = refused.refusal(self._workspace.version)
        return self._json(refusal.body, refusal.status, headers)

    def _json(self, body: object, status: int, headers: Mapping[str, str]) -> web.Response:
        # A header that is no text may have come into it.
        return web.Response(
            body=rest_json(body).encode("utf-8", "replace"),
            status=status,
            content_type="application/json",
            charset="utf-8",
            headers={**COMMON, **self._cors(), **headers},
        )

    def _planned(self, fault: Fault) -> web.Response:
        headers = {"Content-Type": "application/json", **self._cors(), **fault.headers}
        body = fault.body if isinstance(fault.body, str) else rest_json(fault.body)
        return web.Response(body=body.encode(), status=fault.status, headers=headers)

    def _cors(self) -> Mapping[str, str]:
        return CORS if self._workspace.settings.on("API_Enable_CORS") else {}


async def _read(request: web.Request, route: Route) -> tuple[Document, Mapping[str, File]]:
    if route.method == "GET":
        query = parse_qs(request.query_string, keep_blank_values=True)
        return read_query(query, route.params), {}
    if route.multipart and request.content_type.startswith("multipart/"):
        return await _read_parts(request)
    if request.content_type == "application/x-www-form-urlencoded":
        form = parse_qs(
            (await _read_all(request)).decode("utf-8", "replace"), keep_blank_values=True
        )
        return read_query(form, route.params), {}
    raw = await _read_all(request)
    if not raw:
        return {}, {}
    try:
        body = parse_json(raw.decode("utf-8", "replace"))
    except ValueError as error:
        raise Failure(error=MALFORMED) from error
    if not isinstance(body, dict):
        raise Failure(error="must be object [invalid-params]", errorType="invalid-params")
    return body, {}


async def _read_all(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge from error


async def _read_parts(request: web.Request) -> tuple[Document, Mapping[str, File]]:
    params: Document = {}
    files: dict[str, File] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = bytes(await part.read(decode=True))
            if part.filename is None:
                params[part.name] = content.decode(errors="replace")
            else:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                # As the server's parser does: of a path only the last part.
                name = re.split(r"[/\\]", part.filename)[-1]
                files[part.name] = File(name=name, kind=kind, content=content)
    except web.HTTPRequestEntityTooLarge as error:
        raise CodedError("error-file-too-large", "File exceeds allowed size") from error
    except (ValueError, RuntimeError) as error:
        # RuntimeError: a transfer encoding that does not exist.
        raise Failure(error=MALFORMED) from error
    return params, files


def _cut(request: web.Request) -> web.Response:
    """Close the connection; the answer returned here never gets out."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _site_url(request: web.Request, workspace: Workspace) -> str:
    return workspace.settings.text("Site_Url") or f"{request.scheme}://{request.host}"


def address_of(request: web.BaseRequest) -> str:
    """Return the address the limiter counts: behind a proxy the one it names."""
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded:
        return forwarded.split(",")[0].strip()
    return request.remote or ""
