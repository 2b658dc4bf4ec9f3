"""An address of the API and what answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.jira.call import Call
from sandbox.jira.model import Deployment

Handler = Callable[[Call], web.StreamResponse | Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One method of one address, below `/rest/api/{version}`.

    Attributes:
        only: the deployment that has it, when the other has not.
        anonymous: may be called by nobody in particular; else they get a 401.
        searches: Data Center answers a bad bearer token here as if nobody called.
        reads_body: the body is read before; uploads read it themselves.
        json: the body must be sent as JSON.
    """

    method: str
    path: str
    handler: Handler
    only: Deployment | None = None
    anonymous: bool = True
    searches: bool = False
    reads_body: bool = True
    json: bool = True


def get(path: str, handler: Handler, **options: object) -> Endpoint:
    """Return an address to read from."""
    return Endpoint(method="GET", path=path, handler=handler, **options)  # type: ignore[arg-type]


def post(path: str, handler: Handler, **options: object) -> Endpoint:
    """Return an address to post to."""
    return Endpoint(method="POST", path=path, handler=handler, **options)  # type: ignore[arg-type]


def put(path: str, handler: Handler, **options: object) -> Endpoint:
    """Return an address to put to."""
    return Endpoint(method="PUT", path=path, handler=handler, **options)  # type: ignore[arg-type]


def delete(path: str, handler: Handler, **options: object) -> Endpoint:
    """Return an address to delete."""
    return Endpoint(method="DELETE", path=path, handler=handler, **options)  # type: ignore[arg-type]
