"""The frames of Meteor's DDP protocol, version 1, without any I/O.

Only what a client needs that logs in and subscribes; methods other than `login` are gone from
Rocket.Chat 9.
"""

import json
from dataclasses import dataclass
from typing import Any

CONNECT = '{"msg":"connect","version":"1","support":["1"]}'


@dataclass(frozen=True, slots=True)
class Connected:
    """The server accepts the protocol version."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The server speaks another version only."""


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered with `pong`, with the same id if there is one."""

    id: str | None


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to our ping."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the server refuses something.

    Attributes:
        code: what kind, for instance `403`, `not-allowed`, `too-many-requests`.
        reason: the server's sentence; may be empty.
    """

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a method call; `problem` is None if it succeeded."""

    id: str
    value: Any
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Ready:
    """The subscriptions with these ids deliver from now on."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoSub:
    """The subscription ended; `problem` says why unless we asked for it."""

    id: str
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Changed:
    """Something happened on a stream."""

    stream: str
    event: str
    args: list[Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """The server could not read a frame of ours."""

    reason: str


Frame = Connected | Failed | Ping | Pong | Result | Ready | NoSub | Changed | Malformed


def parse(text: str) -> Frame | None:
    """Return what the server says; None for what does not concern us or makes no sense.

    A frame may come wrapped in an array of one element, itself an object or its JSON
    (Rocket.Chat 7.7.1 `ddp-streamer/src/Server.ts`).
    """
    try:
        document = json.loads(text)
        if isinstance(document, list) and len(document) == 1:
            document = document[0]
            if isinstance(document, str):
                document = json.loads(document)
    except (ValueError, RecursionError):
        return None
    return _frame(document) if isinstance(document, dict) else None


def pong(ping_id: str | None) -> str:
    """Build the answer to a ping."""
    return _dump({"msg": "pong"} if ping_id is None else {"msg": "pong", "id": ping_id})


def ping() -> str:
    """Build a ping of our own."""
    return '{"msg":"ping"}'


def login(call_id: str, token: str) -> str:
    """Build the login with an authentication token or a personal access token."""
    call = {"msg": "method", "method": "login", "id": call_id, "params": [{"resume": token}]}
    return _dump(call)


def subscribe(sub_id: str, stream: str, event: str, *, plain: bool = False) -> str:
    """Build a subscription.

    Args:
        sub_id: ours; the answer carries it.
        stream: for instance `stream-room-messages`.
        event: within the stream.
        plain: use the older form of the options, a bare `false`.
    """
    options: Any = False if plain else {"useCollection": False, "args": []}
    return _dump({"msg": "sub", "id": sub_id, "name": stream, "params": [event, options]})


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _frame(document: dict[str, Any]) -> Frame | None:  # noqa: PLR0911 - a table
    match document.get("msg"):
        case "changed":
            return _changed(document)
        case "ping":
            return Ping(_text(document.get("id")) or None)
        case "pong":
            return Pong()
        case "connected":
            return Connected()
        case "failed":
            return Failed()
        case "result":
            problem = _problem(document.get("error"))
            return Result(_text(document.get("id")), document.get("result"), problem)
        case "ready":
            ids = document.get("subs")
            return Ready(tuple(map(_text, ids)) if isinstance(ids, list) else ())
        case "nosub":
            return NoSub(_text(document.get("id")), _problem(document.get("error")))
        case "error":
            return Malformed(_text(document.get("reason")))
        case _:
            return None


def _changed(document: dict[str, Any]) -> Changed | None:
    # The id of a `changed` frame is always "id": only the event name tells events apart.
    fields = document.get("fields")
    if not isinstance(fields, dict):
        return None
    stream, event, args = document.get("collection"), fields.get("eventName"), fields.get("args")
    if isinstance(stream, str) and isinstance(event, str) and isinstance(args, list):
        return Changed(stream, event, args)
    return None


def _problem(error: object) -> Problem | None:
    if error is None:
        return None
    if not isinstance(error, dict):
        return Problem("", _text(error))
    reason = _text(error.get("reason")) or _text(error.get("message"))
    return Problem(_text(error.get("error")), reason)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
