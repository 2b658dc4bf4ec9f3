"""One route of the interface, and the request a handler gets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.rocketchat.errors import CodedError, Unauthorized
from sandbox.rocketchat.model import Document, Room, Token, User
from sandbox.rocketchat.rest.shapes import Parameters
from sandbox.rocketchat.version import Version
from sandbox.rocketchat.workspace import Workspace

Method = Literal["GET", "POST", "PUT"]
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many milliseconds, per address and route."""

    calls: int
    span: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The file of a multipart request."""

    name: str
    kind: str
    content: bytes


@dataclass(slots=True, kw_only=True)
class Call:
    """A request that has passed the gate: known caller, fitting parameters."""

    workspace: Workspace
    version: Version
    site_url: str
    params: Document
    path: tuple[str, ...] = ()
    caller: User | None = None
    token: Token | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)

    @property
    def user(self) -> User:
        """Who calls; Unauthorized if nobody does."""
        if self.caller is None:
            raise Unauthorized
        return self.caller

    def permits(self, permission: str, room: Room | None = None) -> bool:
        """Tell whether the caller has a permission."""
        return self.workspace.access.permits(self.user, permission, room)

    def demand(self, permission: str, room: Room | None = None) -> None:
        """Refuse a caller without a permission."""
        if not self.permits(permission, room):
            raise CodedError("error-not-allowed", "Not allowed")

    def text(self, name: str) -> str | None:
        """Return a text parameter; an empty one counts as missing."""
        value = self.params.get(name)
        return None if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not plain success."""

    status: int
    body: Document


Handler = Callable[[Call], Document | Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: what it asks for and who answers it.

    Args:
        method: GET, POST or PUT.
        name: the first part of the path below `/api/v1/`.
        handler: answers; its document is sent with `success: true`.
        params: of the query (GET) or the body; None takes anything.
        auth: whether the caller must be logged in.
        permissions: the caller needs all of them.
        parts: how many further path parts there are.
        limit: instead of the default of ten a minute.
        open_to: releases that have it.
    """

    method: Method
    name: str
    handler: Handler
    params: Parameters | None = None
    auth: bool = True
    permissions: tuple[str, ...] = ()
    parts: int = 0
    limit: Limit | None = None
    open_to: Callable[[Version], bool] = lambda _: True
    multipart: bool = False


def get(  # noqa: D103 - see Route
    name: str,
    handler: Handler,
    params: Parameters | None = None,
    *,
    auth: bool = True,
    permissions: tuple[str, ...] = (),
    parts: int = 0,
    limit: Limit | None = None,
    open_to: Callable[[Version], bool] = lambda _: True,
) -> Route:
    return Route(
        method="GET",
        name=name,
        handler=handler,
        params=params,
        auth=auth,
        permissions=permissions,
        parts=parts,
        limit=limit,
        open_to=open_to,
    )


def post(  # noqa: D103 - see Route
    name: str,
    handler: Handler,
    params: Parameters | None = None,
    *,
    auth: bool = True,
    permissions: tuple[str, ...] = (),
    parts: int = 0,
    limit: Limit | None = None,
    open_to: Callable[[Version], bool] = lambda _: True,
    multipart: bool = False,
) -> Route:
    return Route(
        method="POST",
        name=name,
        handler=handler,
        params=params,
        auth=auth,
        permissions=permissions,
        parts=parts,
        limit=limit,
        open_to=open_to,
        multipart=multipart,
    )


def put(  # noqa: D103 - see Route
    name: str,
    handler: Handler,
    params: Parameters | None = None,
    *,
    permissions: tuple[str, ...] = (),
) -> Route:
    return Route(method="PUT", name=name, handler=handler, params=params, permissions=permissions)
