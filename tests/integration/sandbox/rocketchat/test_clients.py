"""People at their clients, and official clients."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketAuthenticationException,
)
from rocketchat_API.rocketchat import RocketChat

from sandbox.rocketchat.clients import MobileClient, RefusedError, WebClient
from sandbox.rocketchat.server import RocketChatServer
from tests.waiting import eventually

SLASH = "Message_AllowUnrecognizedSlashCommand"


def web(server: RocketChatServer, username: str) -> WebClient:
    return WebClient(server.url, username, f"{username}-password")


async def test_the_web_client_swallows_a_command_nobody_registered(
    server: RocketChatServer,
) -> None:
    async with web(server, "ana") as ana:
        assert await ana.type("support", "/case open printer") is None
        assert ana.ephemerals[-1]["msg"].startswith("No such command")
        assert server.records.messages("support") == []

        server.workspace.set_setting(SLASH, value=True)
        posted = await ana.type("support", "  /case open printer ")
        assert posted is not None
        assert posted["msg"] == "/case open printer"


async def test_the_web_client_runs_the_built_in_status(server: RocketChatServer) -> None:
    async with web(server, "ana") as ana:
        assert await ana.type("support", "/status 42") is None
        assert server.workspace.user("ana").status_text == "42"
        await eventually(lambda: ana.ephemerals)
        assert await ana.type("support", "/open CASE-42") is None
        # Looked up as written: another case is another word.
        assert await ana.type("support", "/Status 42") is None
        assert ana.ephemerals[-1]["msg"].startswith("No such command")
    assert server.records.messages("support") == []


async def test_unknown_commands_do_not_use_up_the_limit(
    make_server: Callable[..., Awaitable[RocketChatServer]],
) -> None:
    async with web(await make_server(settings={}), "ana") as ana:
        for _ in range(12):
            assert await ana.type("support", "/case open") is None


async def test_a_slash_inside_is_plain_text(server: RocketChatServer) -> None:
    async with web(server, "ana") as ana:
        posted = await ana.type("support", "@casebot /case open")
        assert posted is not None


async def test_the_mobile_client_posts_unknown_commands_and_matches_prefixes(
    server: RocketChatServer,
) -> None:
    async with MobileClient(server.url, "ana", "ana-password") as ana:
        posted = await ana.type("support", "/case open printer")
        assert posted is not None
        assert await ana.type("support", "/stat busy") is None
        assert server.workspace.user("ana").status_text == "busy"


async def test_people_talk_react_edit_and_upload(server: RocketChatServer) -> None:
    async with web(server, "ana") as ana, web(server, "carla") as carla:
        sent = await ana.type("@carla", "hello", message_id="hello-1")
        assert sent is not None
        seen = await carla.wait_for(lambda one: one["msg"] == "hello")
        assert seen["_id"] == "hello-1"
        await carla.react("hello-1", "eyes")
        await ana.wait_for(lambda one: ":eyes:" in one.get("reactions", {}))
        await ana.edit(sent, "hello there")
        await carla.wait_for(lambda one: one["msg"] == "hello there")
        room = await carla.open_direct("ana")
        assert list(carla.texts(room)) == ["hello there"]
        await carla.upload(room, "a.log", b"x", kind="text/plain", caption="evidence")
        await ana.wait_for(lambda one: "file" in one)


async def test_a_client_comes_back_and_reads_what_it_missed(server: RocketChatServer) -> None:
    async with web(server, "ana") as ana:
        await ana.type("support", "one")
        await ana.wait_for(lambda one: one["msg"] == "one")
        server.faults.silence_streams()
        server.workspace.post("sam", "support", "two")
        server.faults.silence_streams(on=False)
        server.faults.close_websockets()
        await ana.wait_for(lambda one: one["msg"] == "two")


async def test_a_refusal_reaches_the_person(server: RocketChatServer) -> None:
    server.workspace.room("support").muted.append("ana")
    async with web(server, "ana") as ana:
        with pytest.raises(RefusedError, match="You_have_been_muted"):
            await ana.type("support", "x")


async def test_waiting_for_what_never_comes_says_what_came(server: RocketChatServer) -> None:
    async with web(server, "ana") as ana:
        await ana.type("support", "this came")
        await ana.wait_for(lambda one: one["msg"] == "this came")
        with pytest.raises(AssertionError, match="this came"):
            await ana.wait_for(lambda one: one["msg"] == "never", within=0.01)


async def in_thread(work: Callable[[RocketChat], object], server: RocketChatServer) -> object:
    def run() -> object:
        client = RocketChat("ana", "ana-password", server_url=server.url)
        try:
            return work(client)
        finally:
            client.session.close()

    return await asyncio.to_thread(run)


async def test_rocketchat_api_works_against_it(server: RocketChatServer) -> None:
    def work(client: RocketChat) -> object:
        room = client.channels_info(channel="support")["channel"]["_id"]
        message = client.chat_post_message("hello", room_id=room)["message"]["_id"]
        client.chat_react(message, "eyes")
        client.chat_update(room, message, "hello there")
        client.chat_send_message({"rid": room, "msg": "reply", "tmid": message})
        direct = client.dm_create("carla")["room"]["_id"]
        client.chat_post_message("psst", channel="@carla")
        client.rooms_media_confirm(
            room, client.rooms_media(room, ("a.txt", b"x", "text/plain"))["file"]["_id"]
        )
        return (
            [one["msg"] for one in client.channels_history(room, count=10)],
            [one["msg"] for one in client.dm_history(direct)],
            [one["msg"] for one in client.chat_get_thread_messages(message)],
            len(list(client.users_list())),
            client.me()["username"],
        )

    assert await in_thread(work, server) == (
        ["", "hello there"],
        ["psst"],
        ["reply"],
        len(server.workspace.accounts.users),
        "ana",
    )


async def test_rocketchat_api_sees_refusals_as_its_own_exceptions(
    server: RocketChatServer,
) -> None:
    def work(client: RocketChat) -> object:
        with pytest.raises(RocketApiException) as caught:
            client.rooms_info(room_id="nowhere")
        return caught.value.response_json["errorType"]

    assert await in_thread(work, server) == "error-room-not-found"
    with pytest.raises(RocketAuthenticationException):
        await asyncio.to_thread(RocketChat, "ana", "wrong", server_url=server.url)
