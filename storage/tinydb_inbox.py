"""The inbox in the TinyDB store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.cases.case import MessageId
from storage.tinydb_commits import Changes
from storage.tinydb_documents import TAKEN_IN, Documents, TakenIn, body, make_line

# A document is encoded anew with each message it takes in: few are cheap, many are lean.
MESSAGES_PER_DOCUMENT = 64

_OPENING = len(b'{"messages":{')
_CLOSING = b"}}"


@dataclass(frozen=True, slots=True)
class _Span:
    """What is known of a document without decoding it."""

    oldest: datetime
    count: int


class InboxMemory:
    """The documents of the inbox and the ids in them."""

    def __init__(self, documents: Documents) -> None:
        """Read the table. Raises CodecError if a document is not what it should be."""
        self.documents = documents.encoded("inbox")
        self.ids: set[str] = set()
        self.spans: dict[int, _Span] = {}
        for number, line in self.documents.lines.items():
            messages = TAKEN_IN.decode(body(line)).messages
            self.ids.update(messages)
            self.put_span(number, _span_of(messages))

    def put_span(self, number: int, span: _Span | None) -> _Span | None:
        """Replace a span, None for none; return the one there was."""
        before = self.spans.pop(number, None)
        if span is not None:
            self.spans[number] = span
        return before


class InboxPart:
    """The part of a transaction that makes a command happen once."""

    _inbox: InboxMemory
    _changes: Changes

    async def take_message(self, message_id: MessageId, *, at: datetime) -> bool:
        """See `storage.base.Inbox`."""
        inbox, changes = self._inbox, self._changes
        if message_id in inbox.ids:
            return False
        encoded = TAKEN_IN.encode(TakenIn(messages={message_id: at}))
        number, span = self._find_room()
        if span is None:
            line, span = make_line(number, encoded), _Span(at, 1)
        else:
            before = inbox.documents.lines[number]
            line = b"%b,%b" % (before[: -len(_CLOSING)], encoded[_OPENING:])
            span = _Span(min(span.oldest, at), span.count + 1)
        changes.replace(inbox.documents.put, number, line)
        changes.replace(inbox.put_span, number, span)
        inbox.ids.add(message_id)
        changes.undo_with(partial(inbox.ids.discard, message_id))
        return True

    async def has_message(self, message_id: MessageId) -> bool:
        """See `storage.base.Inbox`."""
        return message_id in self._inbox.ids

    async def forget_messages(self, *, before: datetime) -> int:
        """See `storage.base.Inbox`."""
        old = [number for number, span in self._inbox.spans.items() if span.oldest < before]
        return sum(self._forget_in(number, before) for number in old)

    def _find_room(self) -> tuple[int, _Span | None]:
        """Return the document that takes the next message, and its span if it exists."""
        spans = self._inbox.spans
        last = max(spans, default=0)
        if last and spans[last].count < MESSAGES_PER_DOCUMENT:
            return last, spans[last]
        return last + 1, None

    def _forget_in(self, number: int, before: datetime) -> int:
        inbox, changes = self._inbox, self._changes
        messages = TAKEN_IN.decode(body(inbox.documents.lines[number])).messages
        kept = {message_id: at for message_id, at in messages.items() if at >= before}
        gone = messages.keys() - kept.keys()
        line = make_line(number, TAKEN_IN.encode(TakenIn(messages=kept))) if kept else None
        changes.replace(inbox.documents.put, number, line)
        changes.replace(inbox.put_span, number, _span_of(kept))
        inbox.ids.difference_update(gone)
        changes.undo_with(partial(inbox.ids.update, gone))
        return len(gone)


def _span_of(messages: Mapping[str, datetime]) -> _Span | None:
    return _Span(min(messages.values()), len(messages)) if messages else None
