"""The members of a union are told apart by their tags."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from bot.cases.effects import Delivery
from storage.codec import DELIVERY, CodecError
from storage.records import Line
from storage.tags import tag_unions
from tests.factories import build_delivery


@dataclass
class Cat:
    kind: Literal["cat"] = "cat"


@dataclass
class Dog:
    kind: Literal["dog"] = "dog"


@dataclass
class OtherCat:
    kind: Literal["cat"] = "cat"


@dataclass
class Stone:
    weight: int = 1


def kinds_of(schema: Any) -> set[str]:  # noqa: ANN401 - pydantic's schemas are open-ended
    """Return which types of schema there are, at any depth."""
    if isinstance(schema, list):
        return set().union(*map(kinds_of, schema))
    if not isinstance(schema, dict):
        return set()
    kinds = {schema["type"]} if isinstance(schema.get("type"), str) else set()
    return kinds.union(*(kinds_of(part) for name, part in schema.items() if name != "metadata"))


@pytest.mark.parametrize("kept", [Delivery, Line])
def test_no_member_is_tried_in_vain_in_what_is_kept(kept: type) -> None:
    schema = TypeAdapter(kept).core_schema
    assert "union" in kinds_of(schema)
    assert "union" not in kinds_of(tag_unions(schema))


@pytest.mark.parametrize("union", [Cat | Stone, Cat | OtherCat, int | str, Cat | None])
def test_a_union_without_tags_of_its_own_is_read_as_before(union: Any) -> None:  # noqa: ANN401
    schema = TypeAdapter(union).core_schema
    assert tag_unions(schema) == schema


def test_a_member_is_found_by_its_tag() -> None:
    validator = SchemaValidator(tag_unions(TypeAdapter(Cat | Dog).core_schema))
    assert validator.validate_json('{"kind": "dog"}') == Dog()


def test_an_unknown_tag_is_not_repeated() -> None:
    encoded = DELIVERY.encode(build_delivery()).replace(b'"kind":"say"', b'"kind":"hunter2"')
    with pytest.raises(CodecError, match=r"effect: Input is of no known kind") as refusal:
        DELIVERY.decode(encoded)
    assert "hunter2" not in str(refusal.value)
