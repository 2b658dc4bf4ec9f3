"""The envelope of a page that both deployments use for most lists."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.jira.call import Call
from sandbox.jira.presenter import Json

_MOST = 100


def page_bean(call: Call, address: str, things: Sequence[Any], write: Callable[[Any], Any]) -> Json:
    """Return one page in the envelope with `values`."""
    start, size = call.page(default=50, most=_MOST)
    shown = things[start : start + size]
    base = f"{call.presenter.api}/{address}?maxResults={size}&startAt="
    more = start + len(shown) < len(things)
    return {
        "self": f"{base}{start}",
        **({"nextPage": f"{base}{start + size}"} if more and size else {}),
        "maxResults": size,
        "startAt": start,
        "total": len(things),
        "isLast": not more,
        "values": [write(thing) for thing in shown],
    }
