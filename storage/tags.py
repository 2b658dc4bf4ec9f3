"""Tells the members of a union apart by the tag they carry, instead of by trying each.

Reading a value costs as much as its own type does then, however many others it might have been.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import core_schema

# Schemas of pydantic are nested dicts and lists, open to whatever a type needs.
Schema = Any
_TAG = "kind"


def tag_unions(schema: Schema) -> Schema:
    """Return a schema whose unions of tagged dataclasses are told apart by their tags.

    A union with a member that has no tag, or with two of the same, stays as it is.
    """
    known = {part["ref"]: tag for part in _dataclasses(schema) if (tag := _tag_of(part))}
    return _tagged(schema, known)


def _dataclasses(schema: Schema) -> Iterator[Schema]:
    if isinstance(schema, list):
        for item in schema:
            yield from _dataclasses(item)
    elif isinstance(schema, dict):
        if schema.get("type") == "dataclass" and "ref" in schema:
            yield schema
        for name, part in schema.items():
            if name != "metadata":
                yield from _dataclasses(part)


def _tag_of(dataclass: Schema) -> str:
    for field in dataclass["schema"].get("fields", ()):
        if field["name"] == _TAG:
            default = field["schema"]
            literal = default["schema"] if default["type"] == "default" else default
            if literal["type"] == "literal" and len(literal["expected"]) == 1:
                return str(literal["expected"][0])
    return ""


def _tagged(schema: Schema, known: Mapping[str, str]) -> Schema:
    if isinstance(schema, list):
        return [_tagged(item, known) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {
        name: part if name in {"metadata", "default"} else _tagged(part, known)
        for name, part in schema.items()
    }
    if inner.get("type") != "union":
        return inner
    choices = {known.get(_ref_of(choice), ""): choice for choice in inner["choices"]}
    if "" in choices or len(choices) < len(inner["choices"]):
        return inner
    # Its own message would repeat the tag it found.
    return core_schema.tagged_union_schema(
        choices,
        _TAG,
        custom_error_type="unknown_kind",
        custom_error_message="Input is of no known kind",
    )


def _ref_of(choice: Schema) -> str:
    if not isinstance(choice, dict):
        return ""
    return str(choice.get("schema_ref") or choice.get("ref") or "")
