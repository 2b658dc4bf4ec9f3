"""The inbox in PostgreSQL."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.cases.case import MessageId
from storage.postgres_schema import clean, inbox
from storage.postgres_work import Work

# Waits for whoever is taking the same message, and takes it if they fail.
_TAKE = insert(inbox).on_conflict_do_nothing().returning(inbox.c.message_id)
_HAS = select(inbox.c.at).where(inbox.c.message_id == bindparam("message"))
FORGET = delete(inbox).where(inbox.c.at < bindparam("before"))


class InboxPart:
    """The part of a transaction that makes a command happen once."""

    _work: Work

    async def take_message(self, message_id: MessageId, *, at: datetime) -> bool:
        """See `storage.base.Inbox`; of two that take it at once, the second waits for the first."""
        self._work.changed = True
        return bool(await self._work.read(_TAKE, {"message_id": clean(message_id), "at": at}))

    async def has_message(self, message_id: MessageId) -> bool:
        """See `storage.base.Inbox`."""
        return await self._work.first(_HAS, {"message": clean(message_id)}) is not None

    async def forget_messages(self, *, before: datetime) -> int:
        """See `storage.base.Inbox`."""
        return await self._work.change(FORGET, {"before": before})
