"""Pages of lists."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from sandbox.rocketchat.errors import CodedError
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.route import Call
from sandbox.rocketchat.wire import parse_json, rest_json

T = TypeVar("T")
MOST = 1_000_000_000
DIRECTIONS = {1: 1, -1: -1, "1": 1, "-1": -1}


def page_bounds(call: Call, *, default: int | None = None, capped: bool = True) -> tuple[int, int]:
    """Return offset and count; a count of 0 means all, where the server allows it."""
    settings = call.workspace.settings
    offset = min(max(int(call.params.get("offset") or 0), 0), MOST)
    standard = default if default is not None else settings.number("API_Default_Count")
    given = call.params.get("count")
    count = standard if given is None else int(given)
    limit = settings.number("API_Upper_Count_Limit")
    if count <= 0:
        return offset, 0 if settings.on("API_Allow_Infinite_Count") else standard
    return offset, min(count, limit if capped else MOST)


def cut(items: Iterable[T], bounds: tuple[int, int]) -> list[T]:
    """Return one page of what may be a long iterator."""
    offset, count = bounds
    return list(islice(items, offset, offset + count if count else None))


def page(call: Call, key: str, items: Sequence[Document]) -> Document:
    """Return one page of a list in the common form, sorted as the caller asks."""
    ordered = sort_by(call, items)
    bounds = page_bounds(call)
    chosen = cut(ordered, bounds)
    return {key: chosen, "count": len(chosen), "offset": bounds[0], "total": len(items)}


def sort_by(call: Call, items: Sequence[Document]) -> Sequence[Document]:
    """Sort by the JSON of the parameter `sort`: `{"name": 1}`, -1 for descending.

    Raises:
        CodedError: it is not such JSON.
    """
    text = call.text("sort")
    if text is None:
        return items
    try:
        keys = [(name, DIRECTIONS[direction]) for name, direction in parse_json(text).items()]
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise CodedError(
            "error-invalid-sort", f'Invalid sort parameter provided: "{text}"'
        ) from error
    ordered = list(items)
    for name, direction in reversed(keys):
        ordered.sort(key=lambda item, name=name: _rank(item.get(name)), reverse=direction < 0)  # type: ignore[misc]
    return ordered


def _rank(value: object) -> tuple[int, float, str]:
    if isinstance(value, bool | int | float):
        return (1, float(value), "")
    return (0, 0, "") if value is None else (2, 0, rest_json(value).lower())
