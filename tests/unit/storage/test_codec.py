"""What is encoded can be decoded, and nothing else can."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.case import Case, CaseId, Evidence, MessageId, RoomId, TimelineEntry, TrackedIssue
from bot.cases.effects import (
    CreateIssue,
    Delivery,
    Effect,
    LinkIssue,
    Owed,
    React,
    Recipient,
    Say,
    ToPerson,
)
from storage.codec import CASE, DELIVERY, TIMELINE_ENTRY, TRACKED_ISSUE, Codec, CodecError
from tests.factories import NOW, build_case, build_delivery, build_owed, build_person, build_room

TYPES: list[tuple[Codec[Any], type]] = [
    (CASE, Case),
    (DELIVERY, Delivery),
    (TIMELINE_ENTRY, TimelineEntry),
    (TRACKED_ISSUE, TrackedIssue),
]

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(str, st.text(st.characters(codec="utf-8"), max_size=20))


@pytest.mark.parametrize(("codec", "kind"), TYPES, ids=lambda x: getattr(x, "__name__", ""))
@settings(deadline=None)
@given(data=st.data())
def test_every_value_survives(codec: Codec[Any], kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    encoded = codec.encode(value)
    assert b"\n" not in encoded
    assert codec.decode(encoded) == value


@pytest.mark.parametrize(
    "recipient", [build_room(), ToPerson(person=build_person(), room_id=RoomId("r"))]
)
@pytest.mark.parametrize(
    "make",
    [
        lambda to: Say(to=to, text="t"),
        lambda to: React(to=to, message_id=MessageId("m"), emoji=":x:"),
        lambda to: CreateIssue(case_id=CaseId(1), announce=to),
        lambda to: LinkIssue(case_id=CaseId(1), issue_key="K-1", announce=to),
    ],
)
def test_every_effect_is_told_apart(
    make: Callable[[Recipient], Effect], recipient: Recipient
) -> None:
    effect = make(recipient)
    delivery = build_delivery(owed=Owed(key="k", effect=effect))
    encoded = DELIVERY.encode(delivery)
    assert f'"kind":"{effect.kind}"'.encode() in encoded
    assert DELIVERY.decode(encoded).owed.effect == effect


def test_fields_at_their_default_take_no_room() -> None:
    assert b"severity" not in CASE.encode(build_case())
    assert b"doubtful" not in DELIVERY.encode(build_delivery())


ENCODED = CASE.encode(build_case(1, title="Crash"))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"null",
        b"[]",
        ENCODED[:-1],
        ENCODED + b"}",
        ENCODED.replace(b'"Crash"', b"7"),
        ENCODED.replace(b'"id":1', b'"id":"1"'),
        ENCODED.replace(b'"id":1', b'"id":1.5'),
        ENCODED.replace(b'"title"', b'"titel"'),
        ENCODED[:-1] + b',"extra":1}',
        ENCODED[:-1] + b',"level":4}',
        ENCODED.replace(b"2026-03-02T09:30:00Z", b"2026-03-02T09:30:00"),
        ENCODED.replace(b"2026-03-02T09:30:00Z", b"yesterday"),
        ENCODED.replace(b"Crash", b"\xff"),
    ],
)
def test_what_is_damaged_is_refused(damaged: bytes) -> None:
    assert damaged != ENCODED
    with pytest.raises(CodecError, match="not a Case"):
        CASE.decode(damaged)


def test_a_refusal_does_not_repeat_what_it_read() -> None:
    with pytest.raises(CodecError) as refusal:
        CASE.decode(ENCODED.replace(b'"Crash"', b'{"password": "hunter2"}'))
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "wrong",
    [{"opened_at": NOW.replace(tzinfo=None)}, {"title": 7}, {"title": object()}, {"id": 0j}],
)
def test_what_could_not_be_read_back_is_not_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        CASE.encode(replace(build_case(), **wrong))


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    delivery = build_delivery(owed=build_owed(effect=Say(to=build_room(), text="a\udc00b")))
    effect = DELIVERY.decode(DELIVERY.encode(delivery)).owed.effect
    assert effect == Say(to=build_room(), text="a?b")


def test_any_mapping_may_hold_the_evidence() -> None:
    given = {"steps": Evidence(text="t", by=build_person(), at=NOW)}
    case = build_case(evidence=MappingProxyType(given))
    assert CASE.decode(CASE.encode(case)) == build_case(evidence=given)


def test_a_time_elsewhere_is_the_same_moment() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert CASE.decode(CASE.encode(build_case(opened_at=elsewhere))).opened_at == NOW
