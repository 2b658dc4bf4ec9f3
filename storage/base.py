"""The specification of storage: what every backend keeps, to the letter.

All times are aware and in UTC. Values are frozen: reading gives a value, changing it means saving
another one. Everything in one transaction is kept or nothing is.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import NewType, Protocol, Self

from bot.cases.case import (
    Case,
    CaseId,
    IssueId,
    MessageId,
    TimelineEntry,
    TrackedIssue,
    UserId,
)
from bot.cases.dialogue import Dialogue, DialogueKey
from bot.cases.effects import Delivery, DeliveryId, Owed
from bot.cases.profile import Profile
from bot.cases.query import CaseQuery, CaseTitle

DispatcherId = NewType("DispatcherId", str)

# Longer than the slowest send we allow, or a second dispatcher would send it too.
LEASE = timedelta(seconds=90)


class StoreError(Exception):
    """Something is wrong with the storage; the message says what, and what to do."""


class StoreUnavailable(StoreError):
    """The transaction did not happen; asking again later is safe."""


class StoreDamaged(StoreError):
    """What is stored cannot be read; nothing was changed. The message names the good copy."""


class StoreLocked(StoreError):
    """Another process is using this storage."""


class Cases(Protocol):
    """The part of the store that keeps cases and their timelines."""

    async def allocate_case_id(self) -> CaseId:
        """Return a number that no case has had; gaps are allowed, going back is not."""
        ...

    async def add_case(self, case: Case) -> None:
        """Keep a new case under its allocated id."""
        ...

    async def find_case(self, case_id: CaseId) -> Case | None:
        """Return the case, locked for others until the transaction ends, or None."""
        ...

    async def save_case(self, case: Case) -> None:
        """Replace an existing case. Raises KeyError if it was never added."""
        ...

    async def find_case_by_thread(self, message_id: MessageId) -> Case | None:
        """Return the case to which the thread under `message_id` belongs, or None."""
        ...

    async def list_cases_by_issue(self, issue_id: IssueId) -> Sequence[Case]:
        """Return the cases that follow the issue, by ascending id."""
        ...

    async def list_cases_by_issue_key(self, key: str) -> Sequence[Case]:
        """Return the cases whose issue has this key (upper or lower case), by ascending id."""
        ...

    async def list_cases(
        self, query: CaseQuery, *, limit: int, offset: int = 0, count_to: int | None = None
    ) -> tuple[Sequence[Case], int]:
        """Return one page, newest id first, and how many there are in all.

        Args:
            query: which.
            limit: at most so many on the page.
            offset: so many newer ones are passed over.
            count_to: where counting may end, because nobody needs to know how many more there
                are; the number is `count_to` then. To count a million takes a while.
        """
        ...

    async def list_titles(self, query: CaseQuery, *, limit: int) -> Sequence[CaseTitle]:
        """Return what the newest of the cases are about, newest id first.

        Much cheaper than the cases themselves.
        """
        ...

    async def add_timeline(self, entry: TimelineEntry) -> None:
        """Append to the case's timeline."""
        ...

    async def list_timeline(self, case_id: CaseId) -> Sequence[TimelineEntry]:
        """Return the case's timeline in the order it was written."""
        ...


class Inbox(Protocol):
    """The part of the store that makes a command happen once."""

    async def take_message(self, message_id: MessageId, *, at: datetime) -> bool:
        """Record a chat message as taken in. False: it had been, and must not be acted on."""
        ...

    async def has_message(self, message_id: MessageId) -> bool:
        """Tell whether it has been taken in."""
        ...

    async def forget_messages(self, *, before: datetime) -> int:
        """Drop what was taken in before that time, and return how many: age alone makes it old."""
        ...


class Outbox(Protocol):
    """The part of the store that keeps what is owed and shares it out.

    A lane gives out its oldest unfinished delivery only, which is what keeps the order.
    """

    async def owe(self, owed: Owed, *, at: datetime) -> bool:
        """Write an effect down. False: its key is known already, nothing was added.

        With `owed.skipped` set it is recorded as skipped at once.
        """
        ...

    async def claim_due(self, *, by: DispatcherId, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take the deliveries that may be sent now, so that nobody else sends them.

        A claim that is not finished lapses `LEASE` after `now`, or when the store it was taken
        from is closed, if that store serves one process only; work held by a dispatcher that died
        comes back by itself.

        What is given out is on disk when the block has been left, also if the transaction is not
        durable: nothing goes out that a crash could forget.

        Args:
            by: who will send them.
            now: given by the caller so that tests choose the time.
            limit: at most this many lanes, at least 1.

        Returns:
            At most one per lane, oldest first; empty when nothing is due.
        """
        ...

    async def record_attempt(self, delivery: Delivery) -> None:
        """Save a delivery that was tried and is still pending, and release the claim."""
        ...

    async def save_claimed(self, delivery: Delivery) -> None:
        """Save a claimed delivery before it is tried, and keep the claim.

        For effects that are not harmless to repeat: what may have been done must be known after
        a crash. Raises KeyError if it is unknown or finished, StoreUnavailable if the claim has
        lapsed and another bot has it.
        """
        ...

    async def extend_claim(
        self, delivery_id: DeliveryId, *, by: DispatcherId, now: datetime
    ) -> bool:
        """Let a claim lapse `LEASE` after `now`, for what takes longer than one.

        Returns:
            False: it is not theirs any more, and nothing was changed.
        """
        ...

    async def finish(self, delivery: Delivery) -> bool:
        """Save a delivery that is sent, skipped or failed, and release the claim.

        A sent delivery without a case is dropped, key and all: the inbox already keeps its cause
        from happening twice. Finishing a delivery that is already finished changes nothing.

        Returns:
            False: it was finished already, and whatever follows from that has been seen to.
        """
        ...

    async def release(self, delivery_id: DeliveryId) -> None:
        """Give a claim back untouched."""
        ...

    async def list_deliveries(self, case_id: CaseId) -> Sequence[Delivery]:
        """Return the case's ledger in the order it was owed."""
        ...

    async def count_pending(self) -> int:
        """Return how many deliveries are unfinished."""
        ...

    async def find_oldest_pending(self) -> datetime | None:
        """Return when the oldest unfinished delivery was owed, or None."""
        ...

    async def find_next_due(self, *, now: datetime) -> datetime | None:
        """Return when the next unclaimed delivery may be tried (now or later), or None."""
        ...


class Issues(Protocol):
    """The part of the store that knows which Jira issues are followed, and how far."""

    async def find_issue(self, issue_id: IssueId) -> TrackedIssue | None:
        """Return the issue, locked for others until the transaction ends, or None."""
        ...

    async def save_issue(self, issue: TrackedIssue) -> None:
        """Add or replace."""
        ...

    async def drop_issue(self, issue_id: IssueId) -> None:
        """Stop following; no error if it was not followed."""
        ...

    async def list_issues(
        self, *, after: IssueId | None = None, limit: int | None = None
    ) -> Sequence[TrackedIssue]:
        """Return the followed issues by ascending id, as a text.

        There may be very many: whoever can, reads them page by page.

        Args:
            after: only those behind this one, which need not be followed any more.
            limit: at most so many; all of them if None.
        """
        ...


class Watermarks(Protocol):
    """The part of the store that remembers small facts by name, as how far a reader has come."""

    async def get_mark(self, name: str) -> str | None:
        """Return the value, or None if it was never set."""
        ...

    async def set_mark(self, name: str, value: str) -> None:
        """Set the value."""
        ...

    async def advance_mark(self, name: str, at: datetime) -> datetime:
        """Move a time forward; an earlier time changes nothing. Returns the time now kept."""
        ...

    async def get_time(self, name: str) -> datetime | None:
        """Return a time kept by `advance_mark`, or None."""
        ...


class People(Protocol):
    """The part of the store that remembers what people chose, and what they were asked."""

    async def find_profile(self, user_id: UserId) -> Profile | None:
        """Return what somebody chose, locked for others until the transaction ends, or None."""
        ...

    async def find_language(self, user_id: UserId) -> str:
        """Return the language in somebody's profile, or nothing; keeps nobody waiting."""
        ...

    async def save_profile(self, profile: Profile) -> None:
        """Add or replace."""
        ...

    async def list_digests(self, *, before: datetime) -> Sequence[Profile]:
        """Return the profiles whose digest is wanted and due then or earlier, earliest first.

        One without a time is not due.
        """
        ...

    async def find_dialogue(self, key: DialogueKey) -> Dialogue | None:
        """Return the open question, locked for others until the transaction ends, or None."""
        ...

    async def save_dialogue(self, dialogue: Dialogue) -> None:
        """Add, or replace the one with the same key."""
        ...

    async def drop_dialogue(self, key: DialogueKey) -> None:
        """Forget; no error if there is none."""
        ...

    async def forget_dialogues(self, *, before: datetime) -> int:
        """Drop those that were to be forgotten before that time, and return how many."""
        ...


class Retention(Protocol):
    """The part of the store that lets go of what is over, once it is kept somewhere else."""

    async def remove_case(self, case_id: CaseId) -> None:
        """Drop a case with its timeline, its threads and its ledger; its number stays taken.

        Raises:
            KeyError: there is no such case.
            ValueError: it still owes something. Whoever catches it must not commit.
        """
        ...

    async def list_finished(self, *, before: datetime) -> Sequence[Delivery]:
        """Return the finished deliveries of no case that were owed before that, by ascending id."""
        ...

    async def remove_finished(self, ids: Collection[DeliveryId]) -> int:
        """Drop finished deliveries of no case, keys and all, and return how many.

        What is pending, unknown or of a case is left alone.
        """
        ...

    async def list_messages(self, *, before: datetime) -> Sequence[tuple[MessageId, datetime]]:
        """Return what was taken in before that time and when, by id, byte by byte."""
        ...


class Traces(Protocol):
    """The part of the store by which everything kept on somebody is found and rewritten."""

    async def list_cases_naming(self, text: str) -> Sequence[CaseId]:
        """Return the cases with this text as a whole value somewhere, by ascending id.

        In the case itself, its timeline or its ledger. It may read everything there is.
        """
        ...

    async def list_loose_deliveries(self) -> Sequence[Delivery]:
        """Return the deliveries of no case, pending or finished, by ascending id."""
        ...

    async def list_dialogues(self) -> Sequence[Dialogue]:
        """Return every open question, by key, byte by byte."""
        ...

    async def drop_profile(self, user_id: UserId) -> None:
        """Forget what somebody chose; no error if there is nothing."""
        ...

    async def replace_timeline(self, case_id: CaseId, entries: Sequence[TimelineEntry]) -> None:
        """Put these entries in the place of all that are there."""
        ...

    async def rewrite_finished(self, case_id: CaseId, deliveries: Sequence[Delivery]) -> None:
        """Replace finished deliveries of a case by others with the same ids.

        Raises:
            KeyError: one is not a finished delivery of the case. Whoever catches it must not
                commit.
        """
        ...

    async def leave_no_copy(self) -> None:
        """Keep nothing of what this transaction replaces, once it is on disk.

        Not in the copies that the store makes by itself; backups of its owner are not known to it.
        """
        ...


class Transaction(Cases, Inbox, Outbox, Issues, Watermarks, People, Retention, Traces, Protocol):
    """One unit of work."""


class Store(Protocol):
    """The durable side. Open it with `async with`.

    Attributes:
        shared: whether other bots may work on the same data at the same time.
    """

    shared: bool

    async def __aenter__(self) -> Self:
        """Open.

        Raises:
            StoreLocked: another process has it.
            StoreDamaged: it cannot be read; nothing was changed.
        """
        ...

    async def __aexit__(self, *exc_info: object) -> None:
        """Wait for what is being written and close."""
        ...

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever another bot may have owed something; never, if there are none."""
        ...

    def clock_offset(self) -> timedelta:
        """Return how far the clock that all bots go by is ahead of this machine's, now.

        Zero for a store that serves one process, and while the clocks agree within two seconds.
        """
        ...

    def transaction(self, *, durable: bool = True) -> AbstractAsyncContextManager[Transaction]:
        """Begin a unit of work; leaving the block without an exception commits it.

        Transactions see each other's changes in the order they entered, and never a part of one.
        With other bots on the same data that is true of what is locked until the end: cases,
        issues, profiles and dialogues that were found, the cases of an issue, marks that were
        got, messages that were taken. Everything else shows what the others had committed when it
        was asked for.

        Args:
            durable: when the block has been left, the changes are on disk. False: they are made,
                and reach the disk soon, with or before any later durable transaction; a crash may
                forget them, so only for what can be found out again. While the process lives they
                are lost only if the block raises.

        Raises:
            StoreUnavailable: nothing was kept (full disk, server gone, somebody else was faster);
                asking again is safe.
        """
        ...
