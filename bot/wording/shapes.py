"""What a value in a template has: fields, items, elements, as its type says."""

import types
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

Shape = Any
"""A type as an annotation has it: `Case`, `Person | None`, `Sequence[str]`."""

UNKNOWN: Shape = Any
"""What nobody can say anything about."""
_SEQUENCES = (Sequence, Collection, tuple, list, set, frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Something to call."""

    returns: Shape


def members(shape: Shape) -> tuple[Shape, ...]:
    """Return the alternatives of a type, None left out."""
    if isinstance(shape, NewType):
        return members(shape.__supertype__)
    if _origin(shape) in {Union, types.UnionType}:
        return tuple(one for part in get_args(shape) for one in members(part))
    return () if shape is type(None) else (shape,)


def union(shapes: Collection[Shape]) -> Shape:
    """Return the type of a value that is one of these."""
    alternatives = list(dict.fromkeys(one for shape in shapes for one in members(shape)))
    if not alternatives:
        return type(None)
    if len(alternatives) == 1:
        return alternatives[0]
    if not all(isinstance(one, type) or _origin(one) for one in alternatives):
        return UNKNOWN
    return Union[tuple(alternatives)]  # noqa: UP007 - put together while the program runs


def field_of(shape: Shape, name: str) -> Shape | None:
    """Return the type of a field, property or method; None if any alternative lacks it."""
    found = [_field(one, name) for one in members(shape)]
    if not found or any(one is None for one in found):
        return None
    return union(found)


def fields_of(shape: Shape) -> list[str]:
    """Return what a value has, sorted: what all alternatives have in common."""
    names = [set(_names(one)) for one in members(shape)]
    return sorted(set.intersection(*names)) if names else []


def element_of(shape: Shape) -> Shape | None:
    """Return the type of what a loop over a value yields; None if there is no such loop."""
    found = [_element(one) for one in members(shape)]
    if not found or any(one is None for one in found):
        return None
    return union(found)


def item_of(shape: Shape, index: object) -> Shape | None:
    """Return the type of `value[index]`; None if there is none."""
    found = [_item(one, index) for one in members(shape)]
    if not found or any(one is None for one in found):
        return None
    return union(found)


def sequence_of(shape: Shape) -> Shape:
    """Return the type of a list of such values."""
    return types.GenericAlias(list, (shape,))


def mapping_of(shape: Shape) -> Shape:
    """Return the type of such values by name."""
    return types.GenericAlias(dict, (str, shape))


def replaced(shape: Shape, instead: Callable[[type], type | None]) -> Shape | None:
    """Return a type with other types in the places of its parts; None if nothing is left.

    Args:
        shape: the type.
        instead: returns what takes the place of a part; None: it may not be there.
    """
    left = [_replaced(one, instead) for one in members(shape)]
    kept = [one for one in left if one is not None]
    return union(kept) if kept else None


def is_text(shape: Shape) -> bool:
    """Tell whether a value can be shown as it is."""
    return all(one is UNKNOWN or _is_plain(one) for one in members(shape))


def _replaced(shape: Shape, instead: Callable[[type], type | None]) -> Shape | None:
    if isinstance(shape, type) and not get_args(shape):
        return instead(shape)
    parts = [one if one is Ellipsis else replaced(one, instead) for one in get_args(shape)]
    if _origin(shape) is Literal:
        return shape
    if not parts or any(one is None for one in parts):
        return None
    return types.GenericAlias(_origin(shape), tuple(parts))


def _origin(shape: Shape) -> Any:  # noqa: ANN401 - what typing says of a type is as vague
    return get_origin(shape)


def _is_plain(shape: Shape) -> bool:
    return _origin(shape) is Literal or (
        isinstance(shape, type) and issubclass(shape, str | int | float | Enum | datetime)
    )


@cache
def _hints(of: object) -> Mapping[str, Shape]:
    return get_type_hints(of)


def _names(shape: Shape) -> list[str]:
    if _is_mapping(shape):
        return ["items", "keys", "values"]
    if not isinstance(shape, type) or not is_dataclass(shape):
        return []
    own = [field.name for field in fields(shape)]
    more = [name for name, value in _members(shape) if isinstance(value, property)]
    methods = [name for name, value in _members(shape) if isinstance(value, types.FunctionType)]
    return [name for name in (*own, *more, *methods) if not name.startswith("_")]


def _members(cls: type) -> list[tuple[str, object]]:
    found = [pair for base in reversed(cls.__mro__) for pair in vars(base).items()]
    return list(dict(found).items())


def _field(shape: Shape, name: str) -> Shape | None:
    if shape is UNKNOWN or name not in _names(shape):
        return None
    if _is_mapping(shape):
        key, value = _pair(shape)
        pair = types.GenericAlias(tuple, (key, value))
        shown = {"keys": key, "values": value, "items": pair}[name]
        return Method(returns=sequence_of(shown))
    hints = _hints(shape)
    if name in hints:
        return hints[name]
    value = dict(_members(shape))[name]
    if isinstance(value, property) and value.fget is not None:
        return _hints(value.fget).get("return", UNKNOWN)
    return Method(returns=_hints(value).get("return", UNKNOWN))


def _is_mapping(shape: Shape) -> bool:
    origin = _origin(shape)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_sequence(shape: Shape) -> bool:
    origin = _origin(shape)
    return isinstance(origin, type) and issubclass(origin, _SEQUENCES) and not _is_mapping(shape)


def _pair(shape: Shape) -> tuple[Shape, Shape]:
    key, value = get_args(shape)
    return key, value


def _element(shape: Shape) -> Shape | None:
    if _is_mapping(shape):
        return _pair(shape)[0]
    if not _is_sequence(shape):
        return None
    return union([one for one in get_args(shape) if one is not Ellipsis])


def _item(shape: Shape, index: object) -> Shape | None:
    if _is_mapping(shape):
        return _pair(shape)[1]
    if not _is_sequence(shape):
        return None
    if isinstance(index, slice):
        return shape
    arguments = get_args(shape)
    if _origin(shape) is tuple and Ellipsis not in arguments:
        fits = isinstance(index, int) and 0 <= index < len(arguments)
        return arguments[index] if fits and isinstance(index, int) else None
    return _element(shape)
