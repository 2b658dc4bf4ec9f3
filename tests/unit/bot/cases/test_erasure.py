"""Whatever somebody may have typed goes; what may stay is named here once more, on purpose."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

import pytest

from bot.cases.case import Case, Person, TimelineEntry, TimelineKind
from bot.cases.effects import Delivery, Effect, Owed, SendFile
from bot.cases.erasure import ERASED, NOBODY, Eraser, nobody, people_in
from tests.factories import NOW, build_delivery, build_entry, build_owed, build_person

CANARY = "canary"
CARLA = build_person("carla", name="Carla Canary")
GHOST = nobody("m1")
ERASER = Eraser(
    is_gone=lambda person: person.id == CARLA.id,
    ids={CARLA.id},
    names={CARLA.username, CARLA.name},
    ghost=GHOST,
)
STAYS = {
    "Case.severity",
    "Case.issue.id",
    "Case.issue.key",
    "Case.issue.url",
    "Case.progress.status",
    "Case.alert.resolution",
    "Case.alert.fix_versions",
}


def filled(kind: Any) -> Any:  # noqa: ANN401, PLR0911 - a value of any type
    """Return a value of a type with a canary in every text, and carla wherever somebody is."""
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, NewType):
        return filled(kind.__supertype__)
    if kind is Person:
        return CARLA
    if origin in {Union, types.UnionType}:
        return filled(next(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (filled(arguments[0]),)
    if origin is not None and issubclass(origin, Mapping):
        return {"item": filled(arguments[1])}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: filled(hints[one.name]) for one in fields(kind)})  # type: ignore[operator]
    if issubclass(kind, Enum):
        return next(iter(kind))
    if kind is datetime:
        return NOW
    return CANARY if kind is str else kind(1)


def places(value: object, path: str) -> Iterator[str]:
    """Return where the canary is."""
    if isinstance(value, str) and CANARY in value.casefold():
        yield path
    elif is_dataclass(value):
        for one in fields(value):
            yield from places(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from places(part, path)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from places(part, path)


def test_every_text_of_a_case_goes_unless_it_is_named() -> None:
    case: Case = filled(Case)
    assert len(set(places(case, "Case"))) > 2 * len(STAYS)
    erased = ERASER.case(case, at=NOW)
    assert set(places(erased, "Case")) == STAYS
    assert CARLA not in set(people_in(erased))
    assert erased.erased_at == NOW
    # What would lead to it on the chat server goes, too.
    assert (erased.files, erased.threads, erased.question) == ((), (), None)


@pytest.mark.parametrize("kind", get_args(Effect), ids=lambda kind: kind.__name__)
def test_every_text_of_an_effect_goes_unless_it_is_ours(kind: type[Effect]) -> None:
    owed = Owed(key=f"case/1/{CARLA.id}", effect=filled(kind), case_id=filled(Owed).case_id)
    erased = ERASER.delivery(build_delivery(owed=owed, detail="no room for Carla Canary"))
    left = set(places(erased, "Delivery"))
    assert left <= {
        f"Delivery.owed.effect.{name}"
        for name in ("issue_key", "issue_id", "emoji", "announce.room_id", "to.room_id")
    }
    # The room of a person is named after them.
    assert not left or kind is not SendFile
    assert CARLA.id not in repr(erased)


def test_what_is_erased_can_still_be_kept() -> None:
    from storage.codec import CASE, DELIVERY

    case = ERASER.case(filled(Case), at=NOW)
    assert CASE.decode(CASE.encode(case)) == case
    for kind in get_args(Effect):
        delivery = ERASER.delivery(build_delivery(owed=Owed(key="k", effect=filled(kind))))
        assert DELIVERY.decode(DELIVERY.encode(delivery)) == delivery


@pytest.mark.parametrize("kind", TimelineKind)
def test_of_an_entry_only_what_is_ours_stays(kind: TimelineKind) -> None:
    entry = build_entry(1, kind=kind, text="canary", by=CARLA)
    erased = ERASER.entry(entry)
    ours = kind in {TimelineKind.STATUS, TimelineKind.LINKED, TimelineKind.CONFIRMED}
    assert erased.text == ("canary" if ours else ERASED)
    assert erased.by == GHOST
    assert (erased.at, erased.kind) == (entry.at, entry.kind)


def test_between_which_levels_a_case_went_stays() -> None:
    entry = build_entry(1, kind=TimelineKind.ESCALATED, text="level 1 to 2: canary")
    assert ERASER.entry(entry).text == "level 1 to 2"


def test_two_keys_that_named_somebody_stay_two_keys() -> None:
    keys = [f"heard/{message}/{CARLA.id}" for message in ("m1", "m2")]
    erased = [ERASER.delivery(build_delivery(owed=build_owed(key))).owed.key for key in keys]
    assert len(set(erased)) == 2
    assert not any(CARLA.id in key for key in erased)


def test_a_key_that_names_nobody_stays_so_that_nothing_is_said_twice() -> None:
    key = "case/42/status/10001/10228/customer"
    assert ERASER.delivery(build_delivery(owed=build_owed(key))).owed.key == key


@pytest.mark.parametrize(
    ("detail", "left"),
    [
        ("the account carla is deactivated", ERASED),
        ("the account CARLA is deactivated", ERASED),
        ("no answer from Carla Canary's room", ERASED),
        ("the account scarlatti is deactivated", "the account scarlatti is deactivated"),
        ("", ""),
    ],
)
def test_a_reason_that_names_them_goes(detail: str, left: str) -> None:
    delivery: Delivery = build_delivery(detail=detail)
    assert ERASER.delivery(delivery).detail == left


def test_nobody_can_be_called_what_the_forgotten_are_called() -> None:
    assert " " in NOBODY
    assert nobody("a") != nobody("b")


def test_of_others_cases_only_what_the_forgotten_wrote_goes() -> None:
    case: Case = filled(Case)
    carlos = build_person("carlos")
    theirs = replace(case, customer=carlos)
    left = ERASER.case_of_others(theirs)
    assert left.customer == carlos
    assert left.title == CANARY
    assert left.files == ()
    assert left.evidence["item"].text == ERASED
    assert left.alert is not None
    assert left.alert.contacted_how == ERASED
    assert left.question is not None
    assert left.question.text == ERASED
    assert CARLA not in set(people_in(left))


def test_an_entry_somebody_else_wrote_stays() -> None:
    entry: TimelineEntry = build_entry(1, text="canary")
    assert ERASER.entry_of_others(entry) == entry
