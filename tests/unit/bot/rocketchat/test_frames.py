import json

import pytest

from bot.rocketchat import frames
from bot.rocketchat.frames import (
    Changed,
    Connected,
    Failed,
    Malformed,
    NoSub,
    Ping,
    Pong,
    Problem,
    Ready,
    Result,
    parse,
)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"msg":"connected","session":"x"}', Connected()),
        ('{"msg":"failed","version":"1"}', Failed()),
        ('{"msg":"ping"}', Ping(None)),
        ('{"msg":"ping","id":"7"}', Ping("7")),
        ('{"msg":"pong"}', Pong()),
        ('{"msg":"result","id":"1","result":{"id":"u"}}', Result("1", {"id": "u"}, None)),
        (
            '{"msg":"result","id":"1","error":{"error":403,"reason":"Log in again"}}',
            Result("1", None, Problem("403", "Log in again")),
        ),
        (
            '{"msg":"nosub","id":"s","error":{"error":"not-allowed","message":"no [not-allowed]"}}',
            NoSub("s", Problem("not-allowed", "no [not-allowed]")),
        ),
        ('{"msg":"nosub","id":"s"}', NoSub("s", None)),
        ('{"msg":"ready","subs":["a","b"]}', Ready(("a", "b"))),
        ('{"msg":"error","reason":"Bad request"}', Malformed("Bad request")),
        (
            '{"msg":"changed","collection":"c","id":"id","fields":{"eventName":"e","args":[1]}}',
            Changed("c", "e", [1]),
        ),
    ],
)
def test_each_frame_is_understood(text: str, frame: frames.Frame) -> None:
    assert parse(text) == frame


@pytest.mark.parametrize("wrap", [lambda text: f"[{text}]", lambda text: json.dumps([text])])
def test_a_frame_in_an_array_of_one_is_unwrapped(wrap: object) -> None:
    assert callable(wrap)
    assert parse(wrap('{"msg":"ping","id":"1"}')) == Ping("1")


@pytest.mark.parametrize(
    "text",
    [
        '{"server_id":"0"}',
        '{"msg":"added","collection":"users","id":"u","fields":{}}',
        '{"msg":"updated","methods":["1"]}',
        '{"msg":"from-the-future"}',
        '{"msg":["changed"]}',
        '{"msg":"changed"}',
        '{"msg":"changed","collection":"c","fields":{"eventName":"e"}}',
        '{"msg":"changed","collection":"c","fields":{"eventName":1,"args":[]}}',
        '{"msg":"changed","collection":"c","fields":[]}',
        "",
        "not json",
        "[]",
        "[1,2]",
        '["not json"]',
        "null",
        "[" * 200_000,
    ],
)
def test_everything_else_is_passed_over(text: str) -> None:
    assert parse(text) is None


def test_odd_contents_do_not_break_the_reader() -> None:
    assert parse('{"msg":"ready"}') == Ready(())
    assert parse('{"msg":"result","error":"no"}') == Result("", None, Problem("", "no"))


def test_what_we_say() -> None:
    assert json.loads(frames.CONNECT) == {"msg": "connect", "version": "1", "support": ["1"]}
    assert json.loads(frames.ping()) == {"msg": "ping"}
    assert json.loads(frames.pong(None)) == {"msg": "pong"}
    assert json.loads(frames.pong("7")) == {"msg": "pong", "id": "7"}
    assert json.loads(frames.login("1", "secret")) == {
        "msg": "method",
        "method": "login",
        "id": "1",
        "params": [{"resume": "secret"}],
    }
    sub = json.loads(frames.subscribe("s", "stream-x", "e"))
    assert sub == {
        "msg": "sub",
        "id": "s",
        "name": "stream-x",
        "params": ["e", {"useCollection": False, "args": []}],
    }
    assert json.loads(frames.subscribe("s", "x", "e", plain=True))["params"] == ["e", False]
