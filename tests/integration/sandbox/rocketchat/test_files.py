"""Files as the messages show them, and what confirming one refuses."""

from collections.abc import Callable
from urllib.parse import quote

import aiohttp
import pytest

from sandbox.rocketchat.server import RocketChatServer
from tests.integration.sandbox.rocketchat.conftest import MakeServer
from tests.integration.sandbox.rocketchat.harness import Answer, Rest

As = Callable[[str | None], Rest]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000020000000308020000003688"
    "49d60000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


async def upload(caller: Rest, room: str, name: str, kind: str, content: bytes) -> str:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", content, filename=name, content_type=kind)
    answer = await caller.call("POST", f"/api/v1/rooms.media/{room}", data=form)
    file_id = str(answer.body["file"]["_id"])
    # As `encodeURI` writes it.
    assert answer.body["file"]["url"] == f"/file-upload/{file_id}/{quote(name)}"
    return file_id


async def test_a_name_with_spaces_travels(rest: As, server: RocketChatServer) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    file_id = await upload(ana, room, "mein Bericht ä.txt", "text/plain", b"abc")
    message = (await ana.post(f"rooms.mediaConfirm/{room}/{file_id}", msg="see")).body["message"]
    link = message["attachments"][0]["title_link"]
    assert link == f"/file-upload/{file_id}/mein%20Bericht%20%C3%A4.txt"
    assert message["files"] == [message["file"]]
    answer = await ana.call("GET", link)
    assert answer.body == "abc"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''mein%20Bericht%20%C3%A4.txt"
    )


async def test_a_picture_brings_a_second_file_nobody_sent(
    rest: As, server: RocketChatServer
) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    file_id = await upload(ana, room, "p 1.png", "image/png", PNG)
    path = f"rooms.mediaConfirm/{room}/{file_id}"
    message = (await ana.post(path, fileName="q.png")).body["message"]
    picture, thumbnail = message["files"]
    assert (picture["_id"], picture["name"]) == (file_id, "q.png")
    assert thumbnail["name"] == "thumb-q.png"
    shown = message["attachments"][0]
    assert shown["title_link"] == f"/file-upload/{file_id}/q.png"
    assert shown["image_url"] == f"/file-upload/{thumbnail['_id']}/q.png"
    assert shown["image_dimensions"] == {"width": 2, "height": 3}
    assert shown["image_preview"]
    for link in (shown["image_url"], shown["title_link"]):
        assert (await ana.call("GET", link)).status == 200
    listed = (await ana.get("channels.files", roomId=room)).body["files"]
    assert [one["_id"] for one in listed] == [file_id]


async def test_what_is_only_called_a_picture_has_no_thumbnail(
    rest: As, server: RocketChatServer
) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    file_id = await upload(ana, room, "p.png", "image/png", b"no picture")
    message = (await ana.post(f"rooms.mediaConfirm/{room}/{file_id}")).body["message"]
    assert len(message["files"]) == 1
    assert message["attachments"][0]["image_url"].startswith(f"/file-upload/{file_id}/")


@pytest.mark.parametrize(
    ("version", "body", "expected"),
    [
        ("7.7", {"fileName": "x"}, ("Match error: Unknown key in field fileName", None)),
        (
            "7.7",
            {"customFields": {}},
            ("Match error: Expected string, got object in field customFields", None),
        ),
        (
            "8.8",
            {"zz": 1},
            ("must NOT have additional properties [invalid-params]", "invalid-params"),
        ),
        ("9.0", {"msg": 1}, ("must be string [invalid-params]", "invalid-params")),
    ],
)
async def test_what_confirming_refuses(
    make_server: MakeServer,
    session: aiohttp.ClientSession,
    version: str,
    body: dict[str, object],
    expected: tuple[str, str | None],
) -> None:
    server = await make_server(version=version)
    room, ana = server.workspace.room("support").id, Rest(session, server, "ana")
    file_id = await upload(ana, room, "a.txt", "text/plain", b"abc")
    refused: Answer = await ana.post(f"rooms.mediaConfirm/{room}/{file_id}", body)
    assert refused.error == (400, *expected)
    # Refused is not used up.
    assert (await ana.post(f"rooms.mediaConfirm/{room}/{file_id}", msg="x")).status == 200


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\\\etc\\\\passwd", "passwd"])
async def test_of_a_path_only_the_last_part_is_the_name(
    rest: As, server: RocketChatServer, name: str
) -> None:
    room, ana = server.workspace.room("support").id, rest("ana")
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", b"x", filename=name, content_type="text/plain")
    file = (await ana.call("POST", f"/api/v1/rooms.media/{room}", data=form)).body["file"]
    assert file["url"] == f"/file-upload/{file['_id']}/passwd"
    assert (await ana.call("GET", file["url"])).body == "x"
