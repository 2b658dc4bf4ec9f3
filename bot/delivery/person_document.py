"""Everything kept about one person as a document to read: JSON, indented, times in UTC.

Of the cases of others it holds only what the person wrote there and was sent.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.cases.archiving import Dossier
from bot.cases.case import Person, TimelineEntry
from bot.cases.effects import Delivery, Say, SendFile
from bot.holdings import Holdings

Document = dict[str, Any]
_EMPTY: tuple[object, ...] = (None, "", (), [], {})


def document_of(holdings: Holdings, *, at: datetime) -> bytes:
    """Return the document.

    Args:
        holdings: what is kept.
        at: when it was looked up.
    """
    person = holdings.person
    content = {
        "about": _plain(asdict(person)),
        "also known as": sorted(holdings.names - {person.username, person.name}),
        "as of": at,
        "chosen": _plain(asdict(holdings.profile)) if holdings.profile else {},
        "cases": [_own_case(one) for one in holdings.own],
        "in cases of others": [_other_case(one, holdings) for one in holdings.others],
        "open questions": [_plain(asdict(one)) for one in holdings.dialogues],
        "other messages": [_message(one) for one in holdings.loose],
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, default=_written)
    return text.encode("utf-8", "replace") + b"\n"


def _own_case(dossier: Dossier) -> Document:
    return {
        "case": dossier.case.name,
        **_plain(asdict(dossier.case)),
        "timeline": [_entry(one) for one in dossier.timeline],
        "messages": [_message(one) for one in dossier.ledger],
    }


def _other_case(dossier: Dossier, holdings: Holdings) -> Document:
    case, person = dossier.case, holdings.person
    return {
        "case": case.name,
        "evidence": {
            item: given.text for item, given in case.evidence.items() if given.by.id == person.id
        },
        "files": [_plain(asdict(one)) for one in case.files if one.by.id == person.id],
        "timeline": [_entry(one) for one in _by(person, dossier.timeline)],
        "messages": [_message(one) for one in dossier.ledger if holdings.is_to_them(one)],
    }


def _by(person: Person, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    return [one for one in entries if one.by is not None and one.by.id == person.id]


def _entry(entry: TimelineEntry) -> Document:
    shown: Document = _plain(asdict(entry))
    return shown


def _message(delivery: Delivery) -> Document:
    effect = delivery.owed.effect
    shown: Document = {
        "at": delivery.owed_at,
        "about": delivery.owed.about,
        "state": delivery.state,
    }
    if isinstance(effect, Say | SendFile):
        shown["to"] = asdict(effect.to)
        shown["text"] = effect.text if isinstance(effect, Say) else effect.caption
    plain: Document = _plain({**shown, "why": delivery.detail})
    return plain


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a value's fields are
    """Return fields without what is empty."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if part not in _EMPTY}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return str(value)
