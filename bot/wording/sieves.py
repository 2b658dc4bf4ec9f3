"""Filters in a template: which there may be, and what they make of a value."""

from collections.abc import Sequence
from datetime import datetime

from jinja2 import nodes

from bot.wording.findings import Findings, Macros, Reader, Scope, choice, listed
from bot.wording.shapes import (
    UNKNOWN,
    Method,
    element_of,
    field_of,
    fields_of,
    is_text,
    members,
    sequence_of,
    union,
)

_TO_TEXT = frozenset({
    "answer", "capitalize", "code", "filesizeformat", "indent", "join", "lower", "moment", "quote",
    "quoted", "replace", "string", "title", "trim", "truncate", "upper", "word", "wordwrap",
})  # fmt: skip
_TO_NUMBER = frozenset({"abs", "count", "int", "length", "round"})
_TO_THE_SAME = frozenset({"list", "reverse", "sort", "unique"})
_TO_ELEMENT = frozenset({"first", "last", "max", "min"})
KNOWN = _TO_TEXT | _TO_NUMBER | _TO_THE_SAME | _TO_ELEMENT | {"default", "map"}
"""What may be done with a value; what passes text unescaped is left out."""


class Sieves:
    """Follows types through filters.

    Args:
        reader: who the template is for.
        findings: where to say what cannot be.
    """

    def __init__(self, *, reader: Reader, findings: Findings) -> None:
        self._reader = reader
        self._findings = findings

    def through(
        self, node: nodes.Filter, scope: Scope, shape: object, others: Sequence[object]
    ) -> object:
        """Return the type of what a filter makes of a value.

        Args:
            node: the filter.
            scope: where it stands.
            shape: the type of the value.
            others: the types of the filter's arguments.
        """
        if node.name not in KNOWN:
            what = f"unknown filter `{node.name}`; known are {listed(sorted(KNOWN))}"
            self._findings.add(scope, node, what)
            return UNKNOWN
        if node.name == "map":
            return self._fields(node, scope, shape)
        if any(one.key == "attribute" for one in node.kwargs):
            self._findings.add(scope, node, f"`{node.name}` cannot take `attribute` here")
        if node.name == "default":
            return union([shape, *others])
        if node.name in _TO_TEXT:
            self._text(node, scope, shape)
            return str
        return _made(node.name, shape)

    def _text(self, node: nodes.Filter, scope: Scope, shape: object) -> None:
        parts = _element(shape) if node.name == "join" else shape
        if node.name == "moment" and parts is not UNKNOWN and members(parts) != (datetime,):
            self._findings.add(scope, node, "`moment` shows a time, and this is none")
        elif isinstance(parts, Method | Macros | dict) or not is_text(parts):
            what = f"`{node.name}` shows text, and this is none: {choice(parts)}"
            self._findings.add(scope, node, what)

    def _fields(self, node: nodes.Filter, scope: Scope, shape: object) -> object:
        name = next((one.value for one in node.kwargs if one.key == "attribute"), None)
        if not isinstance(name, nodes.Const):
            what = 'type `map` with the field to take, as `map(attribute="name")`'
            self._findings.add(scope, node, what)
            return UNKNOWN
        element = _element(shape)
        if element is UNKNOWN:
            return UNKNOWN
        found = field_of(element, str(name.value))
        if found is None:
            what = f"unknown field `{name.value}`{self._reader.warning}"
            self._findings.add(scope, node, f"{what}; known are {listed(fields_of(element))}")
            return UNKNOWN
        return sequence_of(found)


def _made(name: str, shape: object) -> object:
    if name in _TO_NUMBER:
        return int
    return shape if name in _TO_THE_SAME else _element(shape)


def _element(shape: object) -> object:
    if shape is UNKNOWN or isinstance(shape, Method | Macros | dict):
        return UNKNOWN
    found = element_of(shape)
    return UNKNOWN if found is None else found
