"""Values of the process to JSON and back, the same for every backend."""

import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from pydantic_core import (
    PydanticSerializationError,
    SchemaSerializer,
    SchemaValidator,
    ValidationError,
)

from bot.cases.case import Case, TimelineEntry, TrackedIssue
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery
from bot.cases.profile import Profile
from storage.tags import tag_unions

T = TypeVar("T")


class CodecError(ValueError):
    """The value cannot be kept, or the JSON is not such a value. Says where, never what it held."""


class Codec(Generic[T]):
    """Encodes values of one type; what it has encoded it can always decode."""

    def __init__(self, kind: type[T]) -> None:
        schema = _tighten(tag_unions(TypeAdapter(kind).core_schema))
        self._name = kind.__name__
        self._validator = SchemaValidator(schema)
        self._serializer = SchemaSerializer(schema)

    def encode(self, value: T) -> bytes:
        """Return the value as one line of UTF-8 JSON; fields at their default are left out.

        Half a surrogate pair, which a chat client may send and no UTF-8 can hold, becomes "?".

        Raises:
            CodecError: it could not be read back, as with a time without a time zone.
        """
        encoded = self.rewrite(value)
        self.decode(encoded)
        return encoded

    def rewrite(self, value: T) -> bytes:
        """Return what `encode` does, unchecked: for what was read or checked just before."""
        try:
            return self._serializer.to_json(
                value, exclude_defaults=True, warnings=False, fallback=_plain
            )
        except (PydanticSerializationError, TypeError, UnicodeEncodeError):
            return self._encode_broken_text(value)

    def decode(self, encoded: bytes | str) -> T:
        """Return the value.

        Raises:
            CodecError: not JSON, a field missing, unknown or of the wrong type.
        """
        try:
            value: T = self._validator.validate_json(encoded, strict=True)
        except ValidationError as error:
            raise CodecError(f"not a {self._name}: {_summary(error)}") from None
        return value

    def _encode_broken_text(self, value: T) -> bytes:
        try:
            plain = self._serializer.to_python(
                value, mode="json", exclude_defaults=True, warnings=False, fallback=_plain
            )
            text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        except (PydanticSerializationError, TypeError, ValueError) as error:
            raise CodecError(f"not a {self._name}: {type(error).__name__}") from None
        return text.encode("utf-8", "replace")


def _plain(value: object) -> object:
    """Return a mapping of any kind as a dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _summary(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def _tighten(schema: Any) -> Any:  # noqa: ANN401 - pydantic's schemas are open-ended
    """Return the schema of plain dataclasses with what their annotations cannot say.

    Unknown fields are refused, times need a zone, and the tag that tells the members of a union
    apart is written out although it is a default.
    """
    if isinstance(schema, list):
        return [_tighten(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "default" and schema["schema"]["type"] == "literal":
        return schema["schema"]
    tight = {
        name: part if name in {"default", "metadata"} else _tighten(part)
        for name, part in schema.items()
    }
    if kind == "datetime":
        tight["tz_constraint"] = "aware"
    elif kind == "dataclass-args":
        tight["extra_behavior"] = "forbid"
    return tight


CASE = Codec(Case)
TIMELINE_ENTRY = Codec(TimelineEntry)
DELIVERY = Codec(Delivery)
TRACKED_ISSUE = Codec(TrackedIssue)
PROFILE = Codec(Profile)
DIALOGUE = Codec(Dialogue)
