"""Everything that is kept on one person: what an export shows and an erasure takes away."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.cases.archiving import Dossier
from bot.cases.case import Case, CaseId, CaseState, IssueState, Level, Person
from bot.cases.dialogue import Dialogue
from bot.cases.effects import Delivery, DeliveryState, Say, SendFile
from bot.cases.erasure import people_in
from bot.cases.profile import Profile
from storage.base import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is kept on somebody."""

    person: Person
    own: Sequence[Dossier] = ()
    """The cases they are the customer of, by ascending number."""
    others: Sequence[Dossier] = ()
    """The cases of others that they are named in."""
    profile: Profile | None = None
    dialogues: Sequence[Dialogue] = ()
    """The open questions to them or about them."""
    loose: Sequence[Delivery] = ()
    """What is or was owed without a case, to them or about them."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is kept."""
        return not (self.own or self.others or self.profile or self.dialogues or self.loose)

    @property
    def names(self) -> frozenset[str]:
        """Return all names they have had, as far as they are kept."""
        everybody = people_in((self.person, self.own, self.others, self.profile, self.dialogues))
        return names_of(one for one in everybody if one.id == self.person.id)

    @property
    def open_cases(self) -> list[Case]:
        """Return their cases that are not over: open, or with a Done alert that waits."""
        return [one.case for one in self.own if not _is_over(one.case)]

    @property
    def owned_cases(self) -> list[Case]:
        """Return the open cases of others that they answer for."""
        return [one.case for one in self.others if _owns(self.person, one.case)]

    @property
    def busy_cases(self) -> list[Case]:
        """Return the cases that something is under way for which cannot be called back."""
        own = [one.case for one in self.own if _is_requested(one.case)]
        return own + [one.case for one in self.others if self._still_owes_others(one)]

    @property
    def waiting(self) -> int:
        """Return how many messages to them have not been sent yet."""
        ledgers = [delivery for one in (*self.own, *self.others) for delivery in one.ledger]
        return sum(_is_pending(one) and self.is_to_them(one) for one in (*ledgers, *self.loose))

    @property
    def loose_to_them(self) -> int:
        """Return how many messages of no case are or were for them.

        Not those about them: the very answer that shows this number is one.
        """
        return sum(self.is_to_them(one) for one in self.loose)

    @property
    def issue_keys(self) -> list[str]:
        """Return the issues that what they wrote was sent to."""
        cases = [one.case for one in (*self.own, *self.others)]
        return sorted({case.issue.key for case in cases if case.issue and case.issue.key})

    def is_to_them(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is or was for them."""
        return delivery.lane == f"person:{self.person.id}"

    def _still_owes_others(self, dossier: Dossier) -> bool:
        return any(_is_pending(one) and not self.is_to_them(one) for one in dossier.ledger)


async def find_holdings(tx: Transaction, person: Person) -> Holdings:
    """Return everything that is kept on somebody; its cases stay locked until the end."""
    numbers = await tx.list_cases_naming(person.id)
    dossiers = [one for number in numbers if (one := await find_dossier(tx, number)) is not None]
    own = [one for one in dossiers if one.case.customer.id == person.id]
    names = [one.case.name for one in own]
    return Holdings(
        person=person,
        own=own,
        others=[one for one in dossiers if one not in own],
        profile=await tx.find_profile(person.id),
        dialogues=[one for one in await tx.list_dialogues() if _is_about(one, person, own)],
        loose=[
            one
            for one in await tx.list_loose_deliveries()
            if person.id in {who.id for who in people_in(one)} or _names_one_of(names, one)
        ],
    )


async def find_dossier(tx: Transaction, number: CaseId) -> Dossier | None:
    """Return a case, locked, with all that was written down about it; None if there is none."""
    case = await tx.find_case(number)
    if case is None:
        return None
    return Dossier(
        case=case,
        timeline=await tx.list_timeline(number),
        ledger=await tx.list_deliveries(number),
    )


async def find_people(tx: Transaction, name: str) -> list[Person]:
    """Return whoever is kept under a user name or an id, each account once, by id.

    For those whom the chat server does not know any more.
    """
    found: dict[str, Person] = {}
    for number in await tx.list_cases_naming(name):
        for person in people_in(await find_dossier(tx, number)):
            if name in {person.username, person.id}:
                found[person.id] = person
    return [found[one] for one in sorted(found)]


def is_about_cases(dialogue: Dialogue, numbers: Collection[CaseId]) -> bool:
    """Tell whether an open question has to do with one of these cases."""
    step = dialogue.step
    named = getattr(step, "cases", None) or getattr(step, "similar", None) or ()
    return getattr(step, "case_id", None) in numbers or any(one in numbers for one in named)


def names_of(people: Iterable[Person]) -> frozenset[str]:
    """Return what people are called."""
    return frozenset(name for one in people for name in (one.username, one.name) if name)


def _is_over(case: Case) -> bool:
    return case.state is CaseState.CLOSED and not (case.alert is not None and case.alert.is_open)


def _owns(person: Person, case: Case) -> bool:
    owners = [case.owners.at(level) for level in Level]
    mine = any(owner is not None and owner.id == person.id for owner in owners)
    return mine and case.state is CaseState.OPEN


def _is_requested(case: Case) -> bool:
    return case.issue is not None and case.issue.state is IssueState.REQUESTED


def _is_pending(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.PENDING


def _is_about(dialogue: Dialogue, person: Person, own: Sequence[Dossier]) -> bool:
    if person.id in {one.id for one in people_in(dialogue)}:
        return True
    return is_about_cases(dialogue, {one.case.id for one in own})


def _names_one_of(names: Sequence[str], delivery: Delivery) -> bool:
    effect = delivery.owed.effect
    text = effect.text if isinstance(effect, Say) else ""
    caption = effect.caption if isinstance(effect, SendFile) else ""
    return any(re.search(rf"{name}(?!\d)", f"{text} {caption}") for name in names)
