"""What everything that changes a case works with: transaction, time, rules, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from markupsafe import Markup

from bot.cases.case import (
    Case,
    Level,
    MessageId,
    Person,
    RoomId,
    TimelineEntry,
    TimelineKind,
)
from bot.cases.clocks import settled
from bot.cases.effects import (
    Audience,
    Effect,
    Owed,
    Recipient,
    Say,
    ToPerson,
    ToRoom,
    message_id_of,
)
from bot.cases.milestones import StatusMap
from bot.cases.policy import Policy
from bot.cases.views import FOR_CUSTOMERS, Shown, for_customer
from storage.base import Transaction

CHAT_READ = "chat.read"
"""The watermark of the chat: everything sent up to then has been taken in."""
JIRA_READ = "jira.read"
"""The watermark of Jira: every change up to then has been handled."""
JIRA_PROJECTS = "jira.projects"
"""The keys of the projects with followed issues, parted by spaces."""


async def remember_project(tx: Transaction, project: str) -> None:
    """Let the changes of a project be read from now on."""
    known = (await tx.get_mark(JIRA_PROJECTS) or "").split()
    if project not in known:
        await tx.set_mark(JIRA_PROJECTS, " ".join([*known, project]))


class Texts(Protocol):
    """Writes what people read."""

    def write(self, name: str, language: str, values: Mapping[str, object]) -> str:
        """Write a text; see `bot.wording.Wording.write`."""
        ...

    def languages(self) -> Mapping[str, str]:
        """Return the languages there are texts in: code to what it calls itself."""
        ...

    def find_language(self, asked: str) -> str | None:
        """Return the code of the language somebody means, or None."""
        ...

    def split(self, text: str) -> list[str]:
        """Cut a text into parts that the chat server takes as one message each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings that the process depends on."""

    installation: str
    level_rooms: Mapping[Level, RoomId]
    """Where hand-overs to a level are announced."""
    statuses: StatusMap
    language: str = "en"
    receipt: bool = True
    """Whether the customer gets a receipt when somebody else opens a case for them."""
    confirmation: bool = True
    """Whether the customer is told when their case is confirmed as a defect."""
    overtaken_after: timedelta = timedelta(hours=1)
    """A milestone older than this that was followed by another is told together with it."""
    policy: Policy = field(default_factory=Policy)
    people: Mapping[str, Person] = field(default_factory=dict)
    """Whom the policy names, by user name in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every handler works with, whether somebody typed a command or Jira changed."""

    tx: Transaction
    now: datetime
    rules: Rules
    texts: Texts

    async def add(self, case: Case) -> Case:
        """Keep a new case, with what follows from it."""
        kept = settled(case, self.now, self.rules.policy)
        await self.tx.add_case(kept)
        return kept

    async def save(self, case: Case, *, quietly: bool = False) -> Case:
        """Keep a changed case, with what follows from the change: here alone it is worked out.

        Args:
            case: as it is to be.
            quietly: nothing happened that people ask for; the last change stays when it was.

        Returns:
            The case as it is kept.
        """
        at = case.updated_at if quietly else self.now
        kept = settled(replace(case, updated_at=at), self.now, self.rules.policy)
        await self.tx.save_case(kept)
        return kept

    def message_id(self, key: str) -> MessageId:
        """Return the `_id` that the message owed under `key` will have."""
        return message_id_of(self.rules.installation, key)

    def room_of(self, level: Level) -> ToRoom:
        """Return the room where the people of a level are told things."""
        return ToRoom(room_id=self.rules.level_rooms[level])

    async def language_of(self, person: Person, *, otherwise: str = "") -> str:
        """Return the language chosen by or for somebody, else `otherwise`, else the default."""
        chosen = self.texts.find_language(await self.tx.find_language(person.id))
        return chosen or otherwise or self.rules.language

    async def say(  # one call names the whole message
        self,
        name: str,
        to: Recipient,
        *,
        key: str,
        case: Case | None = None,
        about: str = "",
        because: str = "",
        language: str | None = None,
        audience: Audience = Audience.ANYBODY,
        **values: object,
    ) -> MessageId:
        """Owe the team a chat message, in as many parts as it needs.

        Args:
            name: the template.
            to: who gets it.
            key: what it is; owing the same again adds nothing.
            case: the case it is about, for the ledger and the template.
            about: what it tells, for the ledger.
            because: the transition that caused it.
            language: of the recipient; None: what a person chose, else the default.
            audience: who it is meant for; a person who is told of a case must be one of the team.
            **values: what the template needs besides.

        Returns:
            The `_id` the (first) message will have.
        """
        if name.startswith(FOR_CUSTOMERS):
            raise ValueError(f"{name} is for customers: they are told by tell_customer")
        if audience is Audience.ANYBODY and case is not None and isinstance(to, ToPerson):
            audience = Audience.TEAM
        prefix = "" if isinstance(to, ToPerson) else "!"
        if language is None and isinstance(to, ToPerson):
            language = await self.language_of(to.person)
        given = {"p": prefix, "case": case, **values}
        text = self.texts.write(name, language or self.rules.language, given)
        return await self._send(
            text, to, key=key, case=case, about=about, because=because, audience=audience
        )

    async def tell_customer(
        self,
        name: str,
        case: Case,
        *,
        key: str,
        about: str,
        because: str = "",
        **values: Shown,
    ) -> MessageId:
        """Owe the customer of a case a direct message, in their language.

        The text gets a view of the case, and nothing that is the team's.

        Args:
            name: the template, one of `customer/`.
            case: theirs.
            key: what it is; owing the same again adds nothing.
            about: what it tells, for the ledger.
            because: the transition that caused it.
            **values: what the template needs besides.

        Returns:
            The `_id` the (first) message will have.
        """
        text = await self.letter(name, case, **values)
        return await self._send(
            text,
            ToPerson(person=case.customer),
            key=key,
            case=case,
            about=about,
            because=because,
            audience=Audience.CUSTOMER,
        )

    async def letter(self, name: str, case: Case, **values: Shown) -> Markup:
        """Return what the customer of a case will read, in their language, to the letter."""
        language = await self.language_of(case.customer, otherwise=case.language)
        given = {"p": "", "case": case, **values}
        shown = {one: for_customer(value) for one, value in given.items()}
        return Markup(self.texts.write(name, language, shown))  # noqa: S704 - a text of ours

    async def _send(
        self,
        text: str,
        to: Recipient,
        *,
        key: str,
        case: Case | None,
        about: str,
        because: str,
        audience: Audience,
    ) -> MessageId:
        for number, part in enumerate(self.texts.split(text)):
            await self.owe(
                Say(to=to, text=part),
                key=f"{key}/{number}" if number else key,
                case=case if about else None,
                about=about,
                because=because,
                audience=audience,
            )
        return self.message_id(key)

    async def owe(
        self,
        effect: Effect,
        *,
        key: str,
        case: Case | None = None,
        about: str = "",
        because: str = "",
        skipped: str = "",
        audience: Audience = Audience.ANYBODY,
    ) -> None:
        """Write an effect down; with `skipped`, only that it was not sent, and why."""
        owed = Owed(
            key=key,
            effect=effect,
            case_id=case.id if case else None,
            about=about,
            because=because,
            skipped=skipped,
            audience=audience,
        )
        await self.tx.owe(owed, at=self.now)

    async def note(
        self,
        case: Case,
        kind: TimelineKind,
        text: str,
        *,
        by: Person | None = None,
        internal: bool = False,
    ) -> None:
        """Write into the case's timeline."""
        await self.tx.add_timeline(
            TimelineEntry(
                case_id=case.id, at=self.now, kind=kind, text=text, by=by, internal=internal
            )
        )
