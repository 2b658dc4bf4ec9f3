"""Profiles and open dialogues in PostgreSQL."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.cases.case import UserId
from bot.cases.dialogue import Dialogue, DialogueKey
from bot.cases.profile import Profile
from storage.codec import DIALOGUE, PROFILE
from storage.postgres_schema import clean, dialogues, profiles
from storage.postgres_work import Work, read_body

# The places below are those of whole tables.
_FIRST_PLACE = 16
_PLACES = 2**32 - _FIRST_PLACE

READ_PROFILE = select(profiles.c.body).where(profiles.c.user_id == bindparam("user"))
FIND_PROFILE = READ_PROFILE.with_for_update(key_share=True)
_ADD_PROFILE = insert(profiles)
_SAVE_PROFILE = _ADD_PROFILE.on_conflict_do_update(
    index_elements=["user_id"],
    set_={"digest_at": _ADD_PROFILE.excluded.digest_at, "body": _ADD_PROFILE.excluded.body},
)
DIGESTS = (
    select(profiles.c.body)
    .where(profiles.c.digest_at <= bindparam("before"))
    .order_by(profiles.c.digest_at, profiles.c.user_id)
)
FIND_DIALOGUE = (
    select(dialogues.c.body)
    .where(dialogues.c.key == bindparam("dialogue"))
    .with_for_update(key_share=True)
)
_ADD_DIALOGUE = insert(dialogues)
_SAVE_DIALOGUE = _ADD_DIALOGUE.on_conflict_do_update(
    index_elements=["key"],
    set_={"until": _ADD_DIALOGUE.excluded.until, "body": _ADD_DIALOGUE.excluded.body},
)
_DROP_DIALOGUE = delete(dialogues).where(dialogues.c.key == bindparam("dialogue"))
FORGET_DIALOGUES = delete(dialogues).where(dialogues.c.until < bindparam("before"))


class PeoplePart:
    """The part of a transaction that remembers what people chose, and what they were asked."""

    _work: Work

    async def find_profile(self, user_id: UserId) -> Profile | None:
        """See `storage.base.People`; whoever finds nothing is alone with adding that one."""
        values = {"user": clean(user_id)}
        row = await self._work.first(FIND_PROFILE, values)
        if row is None and await self._work.be_alone(_place_of(user_id)):
            row = await self._work.first(FIND_PROFILE, values)
        return None if row is None else read_body(PROFILE, row.body, f"The profile of {user_id}")

    async def find_language(self, user_id: UserId) -> str:
        """See `storage.base.People`."""
        row = await self._work.first(READ_PROFILE, {"user": clean(user_id)})
        if row is None:
            return ""
        return read_body(PROFILE, row.body, f"The profile of {user_id}").language

    async def save_profile(self, profile: Profile) -> None:
        """See `storage.base.People`."""
        await self._work.change(_SAVE_PROFILE, columns_of_profile(profile))

    async def list_digests(self, *, before: datetime) -> Sequence[Profile]:
        """See `storage.base.People`."""
        rows = await self._work.read(DIGESTS, {"before": before})
        return [read_body(PROFILE, row.body, "A profile") for row in rows]

    async def find_dialogue(self, key: DialogueKey) -> Dialogue | None:
        """See `storage.base.People`; whoever finds nothing is alone with adding that one."""
        values = {"dialogue": clean(key)}
        # Before it is looked for, because hardly anybody is in one.
        await self._work.be_alone(_place_of(key))
        row = await self._work.first(FIND_DIALOGUE, values)
        return None if row is None else read_body(DIALOGUE, row.body, "A dialogue")

    async def save_dialogue(self, dialogue: Dialogue) -> None:
        """See `storage.base.People`."""
        await self._work.change(_SAVE_DIALOGUE, columns_of_dialogue(dialogue))

    async def drop_dialogue(self, key: DialogueKey) -> None:
        """See `storage.base.People`."""
        await self._work.change(_DROP_DIALOGUE, {"dialogue": clean(key)})

    async def forget_dialogues(self, *, before: datetime) -> int:
        """See `storage.base.People`."""
        return await self._work.change(FORGET_DIALOGUES, {"before": before})


def columns_of_profile(profile: Profile) -> dict[str, Any]:
    """Return the row of a profile."""
    return {
        "user_id": clean(profile.person.id),
        "digest_at": profile.digest_at if profile.digest else None,
        "body": PROFILE.encode(profile),
    }


def columns_of_dialogue(dialogue: Dialogue) -> dict[str, Any]:
    """Return the row of a dialogue."""
    return {
        "key": clean(dialogue.key),
        "until": dialogue.until,
        "body": DIALOGUE.encode(dialogue),
    }


def _place_of(key: str) -> int:
    # Two keys with the same place wait for each other, that is all.
    return _FIRST_PLACE + zlib.crc32(clean(key).encode()) % _PLACES
