"""Valid objects, of which a test names only the field it is about."""

# ruff: noqa: ANN401 - the fields of a value are as many types

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.cases.case import (
    Alert,
    Case,
    CaseFile,
    CaseId,
    FileId,
    IssueId,
    IssueLink,
    IssueState,
    MessageId,
    Person,
    RoomId,
    TimelineEntry,
    TimelineKind,
    TrackedIssue,
    UserId,
)
from bot.cases.dialogue import Dialogue, Intake
from bot.cases.effects import Delivery, DeliveryId, Owed, Say, ToPerson, ToRoom
from bot.cases.profile import Profile

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""The time in tests: a Monday morning."""


def after(seconds: float) -> datetime:
    """Return the time so many seconds after `NOW`; negative for before."""
    return NOW + timedelta(seconds=seconds)


def build_person(username: str = "maria", **fields: Any) -> Person:
    """Return somebody whose id and name are made from the user name."""
    return Person(
        **{"id": UserId(f"id-{username}"), "username": username, "name": username.title(), **fields}
    )


def build_case(number: int = 1, **fields: Any) -> Case:
    """Return an open case of the customer `maria`, opened by her at `NOW`."""
    customer = fields.get("customer") or build_person("maria")
    return Case(
        **{
            "id": CaseId(number),
            "title": "Export hangs",
            "customer": customer,
            "opened_by": customer,
            "opened_at": NOW,
            "updated_at": NOW,
            **fields,
        }
    )


def build_issue_link(number: int = 10001, **fields: Any) -> IssueLink:
    """Return a link to the Jira issue `SUP-<number>` with that number as its id."""
    return IssueLink(
        **{
            "state": IssueState.LINKED,
            "requested_by": build_person("rita"),
            "requested_at": NOW,
            "id": IssueId(str(number)),
            "key": f"SUP-{number}",
            "url": f"https://jira.example.org/browse/SUP-{number}",
            **fields,
        }
    )


def build_alert(**fields: Any) -> Alert:
    """Return a Done alert that waits for the contact."""
    return Alert(**{"opened_at": NOW, **fields})


def build_entry(number: int = 1, **fields: Any) -> TimelineEntry:
    """Return a note on the timeline of a case."""
    return TimelineEntry(
        **{
            "case_id": CaseId(number),
            "at": NOW,
            "kind": TimelineKind.NOTE,
            "text": "Looked at the log.",
            "by": build_person("anna"),
            **fields,
        }
    )


def build_issue(number: int = 10001, **fields: Any) -> TrackedIssue:
    """Return the followed Jira issue `SUP-<number>` with that number as its id."""
    return TrackedIssue(
        **{
            "id": IssueId(str(number)),
            "key": f"SUP-{number}",
            "url": f"https://jira.example.org/browse/SUP-{number}",
            "project": "SUP",
            **fields,
        }
    )


def build_room(room: str = "support", **fields: Any) -> ToRoom:
    """Return a room as a recipient."""
    return ToRoom(**{"room_id": RoomId(room), **fields})


def build_owed(key: str = "reply/m1/0", *, to: str = "", **fields: Any) -> Owed:
    """Return a chat message that is owed to the room `support`, or to the person `to`."""
    recipient = ToPerson(person=build_person(to)) if to else build_room()
    return Owed(**{"key": key, "effect": Say(to=recipient, text=f"Text of {key}"), **fields})


def build_delivery(number: int = 1, **fields: Any) -> Delivery:
    """Return a pending delivery of what `build_owed` returns."""
    return Delivery(**{"id": DeliveryId(number), "owed": build_owed(), "owed_at": NOW, **fields})


def build_file(number: int = 1, **fields: Any) -> CaseFile:
    """Return a log file that the customer `maria` sent."""
    return CaseFile(
        **{
            "id": FileId(f"f{number}"),
            "name": f"app-{number}.log",
            "size": 1200,
            "media_type": "text/plain",
            "message_id": MessageId(f"file-message-{number}"),
            "by": build_person("maria"),
            "at": NOW,
            **fields,
        }
    )


def build_profile(username: str = "maria", **fields: Any) -> Profile:
    """Return what somebody chose, which is nothing."""
    return Profile(**{"person": build_person(username), **fields})


def build_dialogue(username: str = "maria", **fields: Any) -> Dialogue:
    """Return a case that somebody is opening in their direct room."""
    return Dialogue(
        **{
            "person": build_person(username),
            "room_id": RoomId(f"direct-{username}"),
            "step": Intake(asked="steps", case_id=CaseId(1)),
            "begun_at": NOW,
            "until": after(600),
            **fields,
        }
    )
