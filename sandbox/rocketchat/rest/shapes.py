"""Closed shapes of requests, and the refusals of what does not fit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.rocketchat.model import Document

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
# As far as JavaScript counts without losing any.
_INTEGER = re.compile(r"-?[0-9]{1,15}")
PAGE = {
    "offset": "integer",
    "count": "integer",
    "sort": "string",
    # Read by no release without a special environment, and refused by none.
    "query": "string",
    "fields": "string",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The parameters of a request.

    Args:
        fields: name to type; `strings` is a list of texts, `a|b` either, `any` anything.
        required: names that must be there.
        closed: whether other names are refused.
    """

    fields: Mapping[str, str]
    required: frozenset[str]
    closed: bool = True

    def problems(self, given: Document) -> list[str]:
        """Return what does not fit, in the words of the schema validator."""
        found = [
            f"must have required property '{name}'"
            for name in sorted(self.required)
            if given.get(name) is None
        ]
        if self.closed and any(name not in self.fields for name in given):
            found.append("must NOT have additional properties")
        for name, kind in self.fields.items():
            # What may be left out may also be null.
            if given.get(name) is not None and not _fits(given[name], kind):
                found.append("must be " + kind.replace("strings", "array").replace("|", ","))
        return found


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes."""

    shapes: tuple[Shape, ...]

    @property
    def fields(self) -> Mapping[str, str]:
        """All names of all shapes, for reading a query."""
        return {name: kind for shape in self.shapes for name, kind in shape.fields.items()}

    def problems(self, given: Document) -> list[str]:
        """Return what does not fit the nearest shape; nothing if one fits."""
        found = [shape.problems(given) for shape in self.shapes]
        if [] in found:
            return []
        flat = dict.fromkeys(problem for problems in found for problem in problems)
        return [*flat, "must match exactly one schema in oneOf"]


Parameters = Shape | Either


def shape(
    common: Mapping[str, str] | None = None,
    /,
    *,
    page: bool = False,
    closed: bool = True,
    **fields: str,
) -> Shape:
    """Describe parameters: `shape(roomId="string!", count="integer")`; `!` is required."""
    given = {**(common or {}), **(PAGE if page else {}), **fields}
    return Shape(
        {name: kind.removesuffix("!") for name, kind in given.items()},
        frozenset(name for name, kind in given.items() if kind.endswith("!")),
        closed=closed,
    )


def either(*shapes: Shape) -> Either:
    """Describe alternatives."""
    return Either(shapes)


def _fits(value: object, kind: str) -> bool:
    if kind == "any":
        return True
    if kind == "strings":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return any(_is(value, one) for one in kind.split("|"))


def _is(value: object, kind: str) -> bool:
    if kind == "strings":
        return _fits(value, kind)
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _KINDS[kind])


def read_query(given: Mapping[str, list[str]], parameters: Parameters | None) -> Document:
    """Turn a query into values: numbers and switches are read from their text.

    What cannot be read stays text, so that the shape refuses it.
    """
    fields = parameters.fields if parameters else {}
    values: Document = {}
    for raw, texts in given.items():
        name = raw.removesuffix("[]")
        kind = fields.get(name, "string")
        values[name] = texts if kind == "strings" else _read(texts[-1], kind)
    return values


def _read(text: str, kind: str) -> Any:  # noqa: ANN401 - whatever was written
    if kind in {"integer", "number"} and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text
