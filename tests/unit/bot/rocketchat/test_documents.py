from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rocketchat.documents import (
    clean,
    instant,
    iso,
    message_from,
    milliseconds,
    room_from,
    user_from,
)
from bot.rocketchat.records import MessageFile

AT = datetime(2026, 11, 23, 10, 0, 0, 123_000, tzinfo=UTC)
AT_MS = 1_795_428_000_123

OPTIONAL = ("msg", "t", "tmid", "files", "file", "attachments", "reactions", "bot")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def document(**changes: object) -> dict[str, Any]:
    return {
        "_id": "m1",
        "rid": "r1",
        "msg": "hello",
        "ts": {"$date": AT_MS},
        "_updatedAt": {"$date": AT_MS + 5},
        "u": {"_id": "u1", "username": "jane", "name": "Jane"},
        **changes,
    }


def test_a_message_has_what_the_server_says() -> None:
    message = message_from(
        document(
            tmid="m0",
            editedAt={"$date": AT_MS},
            bot={"i": "hook"},
            reactions={":eyes:": {"usernames": ["jane", "joe"]}},
        ),
        room_type="c",
        participant=False,
    )
    assert message is not None
    assert (message.id, message.room_id, message.room_type) == ("m1", "r1", "c")
    assert (message.sender_id, message.sender_username, message.sender_name) == (
        "u1",
        "jane",
        "Jane",
    )
    assert message.text == "hello"
    assert message.sent_at == AT
    assert milliseconds(message.updated_at) == AT_MS + 5
    assert message.edited
    assert message.integration
    assert not message.participant
    assert message.thread_id == "m0"
    assert message.system_type is None
    assert message.reactions == {":eyes:": ("jane", "joe")}


def test_a_message_with_the_least_is_still_one() -> None:
    least = document(u={"_id": "u1"})
    del least["_updatedAt"], least["msg"]
    message = message_from(least)
    assert message is not None
    assert message.text == ""
    assert message.updated_at == message.sent_at
    assert message.participant
    assert not message.edited
    assert not message.integration
    assert message.reactions == {}
    assert message.files == ()


@pytest.mark.parametrize("missing", ["_id", "rid", "ts", "u"])
def test_a_message_without_its_essentials_is_none(missing: str) -> None:
    torn = document()
    del torn[missing]
    assert message_from(torn) is None


@pytest.mark.parametrize(
    "changes", [{"_id": 5}, {"_id": "\ud800"}, {"rid": ""}, {"u": {"_id": None}}, {"ts": "x"}]
)
def test_a_message_with_broken_essentials_is_none(changes: dict[str, Any]) -> None:
    assert message_from(document(**changes)) is None


def test_a_direct_message_is_known_by_its_room_id() -> None:
    mine = message_from(document(rid="u1me9"), own_id="me9")
    other = message_from(document(rid="general"), own_id="me9")
    assert mine is not None
    assert other is not None
    assert mine.room_type == "d"
    assert other.room_type == ""


def test_both_ways_of_writing_a_date_are_one() -> None:
    assert instant({"$date": AT_MS}) == AT
    assert instant("2026-11-23T10:00:00.123Z") == AT
    assert instant("2026-11-23T11:00:00.123+01:00") == AT
    assert instant("2026-11-23T10:00:00.123") == AT
    assert iso(AT) == "2026-11-23T10:00:00.123Z"
    assert milliseconds(AT) == AT_MS


@pytest.mark.parametrize(
    "value", [None, 5, "", "soon", {}, {"$date": "x"}, {"$date": 1e300}, {"$date": float("nan")}]
)
def test_what_is_no_date_is_none(value: object) -> None:
    assert instant(value) is None


def test_text_that_cannot_be_stored_is_mended() -> None:
    assert clean("a\x00b") == "a\ufffdb"
    assert clean("a\ud800b") == "a\ufffdb"
    assert clean("😀é") == "😀é"
    assert clean(None) == ""


def test_files_have_their_caption_and_no_thumbnails() -> None:
    message = message_from(
        document(
            msg="",
            file={"_id": "f1"},
            files=[
                {"_id": "f1", "name": "a.png", "type": "image/png", "size": 10},
                {"_id": "f2", "name": "thumb-a.png", "type": "image/png", "size": 1},
                {"_id": "f3", "name": "b.txt", "size": "big"},
            ],
            attachments=[
                {"title_link": "/file-upload/f1/a.png", "description": "first"},
                {"title_link": "/file-upload/f3/b.txt", "description": "second"},
            ],
        )
    )
    assert message is not None
    assert message.files == (
        MessageFile(id="f1", name="a.png", type="image/png", size=10, caption="first"),
        MessageFile(id="f3", name="b.txt", type="", size=0, caption="second"),
    )


def test_a_caption_may_be_the_text() -> None:
    message = message_from(document(msg="evidence 42 log", file={"_id": "f1", "name": "x.log"}))
    assert message is not None
    assert [file.caption for file in message.files] == ["evidence 42 log"]


@given(
    st.fixed_dictionaries(
        {
            "_id": st.text(max_size=3) | anything,
            "rid": st.just("r"),
            "u": st.just({"_id": "u"}) | anything,
            "ts": st.just({"$date": 1}) | anything,
        },
        optional=dict.fromkeys(OPTIONAL, anything),
    )
)
def test_no_document_breaks_the_reader(hostile: dict[str, Any]) -> None:
    message = message_from(hostile)
    if message is not None:
        message.text.encode()
    room_from(hostile)
    user_from(hostile)


def test_a_room_and_a_direct_room() -> None:
    room = room_from({"_id": "r", "t": "c", "name": "support", "ro": True, "archived": True})
    assert room is not None
    assert (room.name, room.type, room.read_only, room.archived) == ("support", "c", True, True)
    direct = room_from({"rid": "r", "t": "d", "usernames": ["a", "b"], "_updatedAt": iso(AT)})
    assert direct is not None
    assert (direct.name, direct.usernames, direct.updated_at) == (None, ("a", "b"), AT)
    assert room_from({"t": "c"}) is None


def test_a_user_whose_roles_are_hidden_or_shown() -> None:
    hidden = user_from({"_id": "u", "username": "jane"})
    assert hidden is not None
    assert (hidden.roles, hidden.name, hidden.active, hidden.bot) == (None, "jane", True, False)
    shown = user_from({"_id": "u", "username": "b", "roles": ["bot"], "active": False})
    assert shown is not None
    assert (shown.roles, shown.active, shown.bot) == (("bot",), False, True)
    assert user_from({"username": "x"}) is None
