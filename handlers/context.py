"""What the handler of a command works with, and what describes a command."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cases.access import Actor
from bot.cases.case import Case, FileId, MessageId, Person, RoomId
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Recipient, ToPerson, ToRoom
from bot.cases.refusals import Refusal
from bot.cases.views import FOR_CUSTOMERS, ForCustomers, for_customer
from bot.desk import Desk

ME = "me"
"""How people name themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that came with a message, as the sender called it."""

    id: FileId
    name: str
    size: int
    """In bytes; 0 where the chat server does not say."""
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """A chat message that may be a command."""

    id: MessageId
    room_id: RoomId
    direct: bool
    """Whether it was sent in a direct message with the bot."""
    text: str
    sender: Person
    sent_at: datetime
    thread_id: MessageId | None = None
    edited: bool = False
    """Whether the text is not the first one."""
    encrypted: bool = False
    """Whether only its sender's client can read it."""
    files: tuple[SentFile, ...] = ()
    """What came with it; the text then is their caption."""

    @property
    def key(self) -> str:
        """Return what names this message with this text, and no other text it may have had."""
        if not self.edited:
            return self.id
        return f"{self.id}/{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Desk):
    """What the handler of a command works with besides."""

    actor: Actor
    message: ChatMessage
    prefix: str
    """What to put before a command, so that it can be typed the same way again."""
    language: str
    """Of who typed it."""
    people: Mapping[str, Actor | None] = field(default_factory=dict)
    """The people named in the command, by user name; None: there is nobody of that name."""

    @property
    def here(self) -> Recipient:
        """Return where the command was typed: the same room and thread."""
        message = self.message
        if message.direct:
            return ToPerson(
                person=message.sender, room_id=message.room_id, thread_id=message.thread_id
            )
        return ToRoom(room_id=message.room_id, thread_id=message.thread_id)

    @property
    def reply_key(self) -> str:
        """Return the key under which the answer to the command is owed."""
        return f"reply/{self.message.key}"

    def write(self, template: str, /, **values: object) -> str:
        """Write the answer to a command; a customer's from what customers may see."""
        given: dict[str, object] = {
            "p": self.prefix,
            "actor": self.actor,
            "direct": self.message.direct,
            **values,
        }
        if not self.actor.is_staff or template.startswith(FOR_CUSTOMERS):
            given = {name: for_customer(value) for name, value in given.items()}
        return self.texts.write(template, self.language, given)

    def named(self, user_name: str) -> Actor:
        """Return whoever has that name, with their roles; `me` is who typed it.

        Raises:
            Refusal: there is nobody of that name, or only a program, or no name at all.
        """
        if not user_name:
            raise Refusal("which_person")
        found = self.people.get(user_name.casefold())
        if found is None and user_name.casefold() == ME:
            return self.actor
        if found is None:
            raise Refusal("unknown_person", name=user_name[:60])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command after its case, flags and free text have been told apart."""

    text: str
    flags: Mapping[str, str] = field(default_factory=dict)
    found: Case | None = None
    others: tuple[Case, ...] = ()
    """What was named besides, for handlers that take several."""

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return every case that was named, or meant."""
        return (*((self.found,) if self.found else ()), *self.others)

    @property
    def case(self) -> Case:
        """Return the case that was named; only for handlers that need one."""
        if self.found is None:  # the router has refused this already
            raise Refusal("which_case")
        return self.found


Run = Callable[[Context, Request], Awaitable[str]]

Preview = Callable[[Context, Request], Awaitable[str | None]]
"""Returns what a command is going to do, to be shown before a `yes`; None: it may do it at once.

Asked again on `yes`: if it answers differently then, the new answer is shown and nothing is done.
It changes nothing, and raises `Refusal` for what would be refused.
"""

Reply = Callable[[Context, Dialogue, str], Awaitable[str | None]]
"""Takes what somebody wrote into an open dialogue; returns the answer, empty for none.

None: it is no answer, and to be read as if nothing had been asked; then nothing was changed.

It saves the dialogue anew (`handlers.dialogues.go_on`) or drops it. In a direct message, `cancel`
and whatever else is no command comes here; what comes with a file has it in the message.
"""

Words = Callable[[Context, str], Awaitable[str]]
"""Takes what somebody wrote without being asked, and what came with it; returns the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler(ForCustomers):
    """One command: what it is called, what it takes, what carries it out."""

    verb: str
    usage: str
    """How to type it, without prefix: `case open <title>`."""
    summary: str
    """What it does, in a few words, for the help."""
    example: str
    """One that works, without prefix."""
    run: Run
    """Carries it out and returns the answer; raises `Refusal`."""
    preview: Preview | None = None
    """For what a customer will read, what cannot be undone, or what touches many cases."""
    top: bool = False
    """Typed alone, not behind `case`."""
    case: bool = True
    """Whether it takes a case."""
    case_optional: bool = False
    """Whether the case may be left out altogether."""
    several: bool = False
    """Whether several cases may be named at once, as `42,43` or by the key they share."""
    flags: tuple[str, ...] = ()
    only_flags: bool = False
    """Whether what looks like a flag and is none is refused, and not text."""
    customer_summary: str = ""
    """What it does for a customer, if that is put better in other words."""
    customer_usage: str = ""
    """How a customer types it, if that is less."""
    names_person: bool = False
    """Whether a user name may follow, as a flag's value or in the text."""
    person_after: tuple[str, ...] = ()
    """Words behind which a user name follows, with an `@` or without."""
    person_first: bool = False
    """Whether its text begins with a user name, be it with an `@` or without."""
    takes_files: bool = False
    """Whether it sees to the files in whose caption it was typed; else they go to its case."""

    def usage_for(self, actor: Actor) -> str:
        """Return how somebody types it: nothing is shown that would be refused to them."""
        return self.usage if actor.is_staff else self.customer_usage or self.usage

    def summary_for(self, actor: Actor) -> str:
        """Return what it does for somebody."""
        return self.summary if actor.is_staff else self.customer_summary or self.summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """Who takes what is no command."""

    replies: Mapping[str, Reply]
    """Kind of a dialogue's step → who takes the answer; confirmations are the router's own."""
    words: Words
    files: Words
    """The files of a message that is no command, with what was written to them."""
