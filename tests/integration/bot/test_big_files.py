"""A file goes from the chat to Jira piece by piece, however long it is."""

import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.cases.case import CaseId, FileId, IssueId
from bot.cases.effects import AttachFile
from bot.clock import SystemClock
from bot.delivery.attachments import AttachmentPerformer
from bot.errors import Rejected
from bot.jira.client import JiraClient
from bot.jira.records import PersonalToken
from bot.rocketchat.rest import RestGateway
from storage import open_store
from tests.factories import build_case, build_delivery, build_file, build_owed

PIECE = b"x" * 65_536
PIECES = 400
LONG = len(PIECE) * PIECES


class Servers:
    """A chat with one endless file, and a Jira that counts what it is sent."""

    def __init__(self) -> None:
        self.taken = 0
        self.declared = 0

    def chat(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/file-upload/{id}/{name}", self._file)
        return app

    def jira(self) -> web.Application:
        app = web.Application()
        api = "/rest/api/2"
        app.router.add_get(f"{api}/serverInfo", _answer({"deploymentType": "Server"}))
        app.router.add_get(f"{api}/myself", _answer({"name": "bot"}))
        app.router.add_get(f"{api}/attachment/meta", _answer({"enabled": True}))
        app.router.add_get(f"{api}/issue/10001", _answer({"fields": {"attachment": []}}))
        app.router.add_post(f"{api}/issue/10001/attachments", self._take)
        return app

    async def _file(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(PIECES):
            await response.write(PIECE)
        return response

    async def _take(self, request: web.Request) -> web.Response:
        self.declared = request.content_length or 0
        async for piece in request.content.iter_any():
            self.taken += len(piece)
        return web.json_response([{"id": "5", "filename": "long.log", "size": LONG}])


def _answer(document: object) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(document)

    return answer


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def performer(servers: Servers, *, most_bytes: int) -> AsyncIterator[AttachmentPerformer]:
    async with (
        serving(servers.chat()) as chat_url,
        serving(servers.jira()) as jira_url,
        aiohttp.ClientSession() as session,
        open_store("tinydb://") as store,
    ):
        async with store.transaction() as tx:
            await tx.add_case(build_case(files=(build_file(1),)))
        rest = RestGateway(url=chat_url, timeout=timedelta(seconds=30))
        try:
            yield AttachmentPerformer(
                client=JiraClient(
                    url=jira_url,
                    credentials=PersonalToken(token="t"),
                    session=session,
                    clock=SystemClock(),
                ),
                chat=rest,
                store=store,
                clock=SystemClock(),
                most_bytes=most_bytes,
                installation="test",
            )
        finally:
            await rest.close()


WANTED = build_delivery(
    owed=build_owed(
        effect=AttachFile(case_id=CaseId(1), file_id=FileId("f1"), issue_id=IssueId("10001"))
    )
)


async def test_a_long_file_is_never_held_in_memory() -> None:
    servers = Servers()
    async with performer(servers, most_bytes=LONG) as copying:
        tracemalloc.start()
        try:
            assert await copying.perform(WANTED) == "5"
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert servers.taken == servers.declared > LONG
    assert most < LONG / 2, "26 MB went through, and half of it was held at once"


async def test_a_file_that_is_longer_than_it_said_is_cut_off() -> None:
    servers = Servers()
    async with performer(servers, most_bytes=LONG - 1) as copying:
        with pytest.raises(Rejected, match="longer"):
            await copying.perform(WANTED)
    assert servers.taken == 0
