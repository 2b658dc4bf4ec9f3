"""Values of every type a text is given, made from the type; no two strings are alike."""

import itertools
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Samples:
    """Makes values.

    Args:
        word: what every string begins with; a number follows.
    """

    def __init__(self, word: str = "sample") -> None:
        self._word = word
        self._numbers = itertools.count(1)

    def of(self, shape: Any) -> Any:  # noqa: ANN401 - any type there is
        """Return a value of a type; of an optional one, not None."""
        if isinstance(shape, NewType):
            return self.of(shape.__supertype__)
        origin, arguments = get_origin(shape), get_args(shape)
        if origin is Literal:
            return arguments[0]
        if origin in {Union, types.UnionType}:
            return self.of(next(one for one in arguments if one is not type(None)))
        if origin is Callable:
            return lambda *_: f"{self._word}{next(self._numbers)}"
        if origin is not None:
            return self._many(origin, arguments)
        return self._one(shape)

    def _one(self, kind: type) -> object:
        if is_dataclass(kind):
            return self._object(kind)
        if issubclass(kind, Enum):
            return next(iter(kind))
        simple: dict[type, object] = {bool: True, datetime: AT, int: 3, float: 1.5}
        return simple[kind] if kind in simple else f"{self._word}{next(self._numbers)}"

    def _object(self, kind: type) -> object:
        hints = get_type_hints(kind)
        return kind(**{one.name: self.of(hints[one.name]) for one in fields(kind) if one.init})

    def _many(self, origin: type, arguments: tuple[Any, ...]) -> object:
        if issubclass(origin, Mapping):
            return {self.of(arguments[0]): self.of(arguments[1])}
        if origin is tuple and Ellipsis not in arguments:
            return tuple(self.of(one) for one in arguments)
        several = [self.of(arguments[0]), self.of(arguments[0])]
        return tuple(several) if origin is tuple else several
