"""Profiles and open dialogues in the TinyDB store."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from bot.cases.case import UserId
from bot.cases.dialogue import Dialogue, DialogueKey
from bot.cases.profile import Profile
from storage.codec import DIALOGUE, PROFILE, Codec
from storage.tinydb_commits import Changes
from storage.tinydb_documents import Documents, DocumentTable, body, make_line

T = TypeVar("T")
V = TypeVar("V")


class Keyed(Generic[T]):
    """The documents of one table, each found by a text of its own, and the time filed with it."""

    def __init__(
        self,
        table: DocumentTable,
        codec: Codec[T],
        *,
        key: Callable[[T], str],
        time: Callable[[T], datetime | None],
    ) -> None:
        """Read the table. Raises CodecError if a document is not what it should be."""
        self._table = table
        self._codec = codec
        self._key = key
        self._time = time
        self._numbers: dict[str, int] = {}
        self._times: dict[str, datetime] = {}
        self._last_number = max(table.lines, default=0)
        for number, line in table.lines.items():
            value = codec.decode(body(line))
            self._numbers[key(value)] = number
            self._put_time(key(value), time(value))

    def find(self, key: str) -> T | None:
        """Return what is kept under the key, or None."""
        number = self._numbers.get(key)
        return None if number is None else self._codec.decode(body(self._table.lines[number]))

    def all(self) -> list[T]:
        """Return everything, in the order of the keys, as texts byte by byte."""
        return [
            self._codec.decode(body(self._table.lines[self._numbers[key]]))
            for key in sorted(self._numbers, key=str.encode)
        ]

    def until(self, at: datetime) -> list[tuple[datetime, str]]:
        """Return the times filed up to then, earliest first, with their keys."""
        return sorted((time, key) for key, time in self._times.items() if time <= at)

    def save(self, value: T, changes: Changes) -> None:
        """Add or replace."""
        key, encoded = self._key(value), self._codec.encode(value)
        number = self._numbers.get(key)
        if number is None:
            number = self._last_number = self._last_number + 1
            changes.replace(self._put_number, key, number)
        changes.replace(self._table.put, number, make_line(number, encoded))
        changes.replace(self._put_time, key, self._time(value))

    def drop(self, key: str, changes: Changes) -> None:
        """Forget; nothing happens if it is not there."""
        if (number := self._numbers.get(key)) is not None:
            changes.replace(self._table.put, number, None)
            changes.replace(self._put_number, key, None)
            changes.replace(self._put_time, key, None)

    def _put_number(self, key: str, number: int | None) -> int | None:
        return _put(self._numbers, key, number)

    def _put_time(self, key: str, time: datetime | None) -> datetime | None:
        return _put(self._times, key, time)


class PeopleMemory:
    """What people chose, and what they were asked."""

    def __init__(self, documents: Documents) -> None:
        """Read the tables. Raises CodecError if a document is not what it should be."""
        self.profiles = Keyed(
            documents.encoded("profiles"), PROFILE, key=_user_of, time=_next_digest
        )
        self.dialogues = Keyed(documents.encoded("dialogues"), DIALOGUE, key=_key_of, time=_until)


class PeoplePart:
    """The part of a transaction that remembers what people chose, and what they were asked."""

    _people: PeopleMemory
    _changes: Changes

    async def find_profile(self, user_id: UserId) -> Profile | None:
        """See `storage.base.People`."""
        return self._people.profiles.find(user_id)

    async def find_language(self, user_id: UserId) -> str:
        """See `storage.base.People`."""
        found = self._people.profiles.find(user_id)
        return found.language if found else ""

    async def save_profile(self, profile: Profile) -> None:
        """See `storage.base.People`."""
        self._people.profiles.save(profile, self._changes)

    async def list_digests(self, *, before: datetime) -> Sequence[Profile]:
        """See `storage.base.People`."""
        profiles = self._people.profiles
        due = (profiles.find(user_id) for _, user_id in profiles.until(before))
        return [profile for profile in due if profile is not None]

    async def find_dialogue(self, key: DialogueKey) -> Dialogue | None:
        """See `storage.base.People`."""
        return self._people.dialogues.find(key)

    async def save_dialogue(self, dialogue: Dialogue) -> None:
        """See `storage.base.People`."""
        self._people.dialogues.save(dialogue, self._changes)

    async def drop_dialogue(self, key: DialogueKey) -> None:
        """See `storage.base.People`."""
        self._people.dialogues.drop(key, self._changes)

    async def forget_dialogues(self, *, before: datetime) -> int:
        """See `storage.base.People`."""
        dialogues = self._people.dialogues
        old = [key for until, key in dialogues.until(before) if until < before]
        for key in old:
            dialogues.drop(key, self._changes)
        return len(old)


def _user_of(profile: Profile) -> str:
    return profile.person.id


def _next_digest(profile: Profile) -> datetime | None:
    return profile.digest_at if profile.digest else None


def _key_of(dialogue: Dialogue) -> str:
    return dialogue.key


def _until(dialogue: Dialogue) -> datetime | None:
    return dialogue.until


def _put(place: dict[str, V], key: str, value: V | None) -> V | None:
    before = place.pop(key, None)
    if value is not None:
        place[key] = value
    return before
