"""Asks, right before a message is sent, whether it still is for whoever it was written to.

Between the writing and the sending lie an outage, perhaps, and whatever people changed meanwhile.
"""

from typing import Protocol

from bot.cases.access import Actor
from bot.cases.case import CaseId, Person
from bot.cases.effects import AttachFile, Audience, Delivery, Say, SendFile, ToPerson
from storage.base import Store

OTHER_CUSTOMER = "the case belongs to another customer now"
OTHER_ISSUE = "the case no longer follows that issue"
NO_CONTACT = "its recipient no longer has a role that may record the contact"
NOT_OF_THE_TEAM = "its recipient is not one of the team"
_CONTACT = "contacted"


class Directory(Protocol):
    """Knows what people are."""

    async def find_actor(self, person: Person) -> Actor | None:
        """Return somebody with their roles; None where nobody can tell, or for another bot."""
        ...


class AudienceGuard:
    """Holds back what its recipient must not get any more; see `bot.delivery.dispatcher.Guard`."""

    def __init__(self, *, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def objection_to(self, delivery: Delivery) -> str:
        """Return why it must not be sent, empty if it may be."""
        owed, effect = delivery.owed, delivery.owed.effect
        if isinstance(effect, AttachFile):
            return await self._unless_followed(effect)
        if not isinstance(effect, Say | SendFile) or not isinstance(effect.to, ToPerson):
            return ""
        person = effect.to.person
        if owed.audience is Audience.CUSTOMER and owed.case_id is not None:
            return await self._unless_customer(person, owed.case_id, owed.because)
        if owed.audience is Audience.CONTACT:
            return await self._unless_contact(person)
        if owed.audience is Audience.TEAM:
            return await self._unless_of_the_team(person)
        return ""

    async def _unless_customer(self, person: Person, case_id: CaseId, because: str) -> str:
        async with self._store.transaction(durable=False) as tx:
            case = await tx.find_case(case_id)
        if case is None:
            return ""
        if case.customer.id != person.id:
            return OTHER_CUSTOMER
        issue_id = because.partition("/")[0]
        follows = case.issue is not None and case.issue.id == issue_id
        return OTHER_ISSUE if issue_id and not follows else ""

    async def _unless_followed(self, effect: AttachFile) -> str:
        async with self._store.transaction(durable=False) as tx:
            case = await tx.find_case(effect.case_id)
        if case is None or case.issue is None or case.issue.id != effect.issue_id:
            return OTHER_ISSUE
        return ""

    async def _unless_contact(self, person: Person) -> str:
        actor = await self._directory.find_actor(person)
        if actor is None or actor.may(_CONTACT):
            return ""
        return NO_CONTACT

    async def _unless_of_the_team(self, person: Person) -> str:
        actor = await self._directory.find_actor(person)
        if actor is None or actor.is_staff:
            return ""
        return NOT_OF_THE_TEAM
