"""People talking to the router, without a server: the store in memory, the outbox read back."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.cases.access import Actor, Role
from bot.cases.case import (
    Case,
    CaseId,
    FileId,
    Level,
    MessageId,
    Person,
    RoomId,
    TimelineEntry,
    UserId,
)
from bot.cases.effects import Delivery, DeliveryState, Effect, Lane, Say, message_id_of
from bot.cases.milestones import StatusMap
from bot.cases.policy import Policy
from bot.desk import Desk, Rules
from bot.rocketchat.text import escape, quote, split
from bot.schedule.clocks import Clocks, Speakers
from bot.settings import parse_status_map
from bot.wording import Wording
from handlers import ALL, CONVERSATIONS
from handlers.context import ChatMessage, SentFile
from handlers.on_clock import on_clock
from handlers.on_digest import on_digest
from handlers.router import Router
from storage.base import DispatcherId, Store

STATUSES = parse_status_map(
    "Specifying=Specifying;Ready=Ready,To Do;In Progress=In Progress,In Review;"
    "Done=Done,Released;None=Backlog"
)
SUPPORT, LEVEL2, LEVEL3 = RoomId("support"), RoomId("level2"), RoomId("level3")

ROLES: Mapping[str, Role] = {
    "ana": Role.ANALYST,
    "sam": Role.SPECIALIST,
    "sue": Role.SPECIALIST,
    "rita": Role.RND,
    "root": Role.ADMIN,
    "carla": Role.CUSTOMER,
    "carlos": Role.CUSTOMER,
}


def person(name: str) -> Person:
    """Return one of the people, or somebody else of that name."""
    return Person(id=UserId(f"id-{name}"), username=name, name=name.capitalize())


def sent_file(name: str, *, size: int = 2_000, file_id: str = "") -> SentFile:
    """Return a file as it comes with a message; its id is made from its name."""
    return SentFile(
        id=FileId(file_id or f"f-{name}"), name=name, size=size, media_type="text/plain"
    )


class FixedClock:
    """A clock that is moved."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self.time = start

    def now(self) -> datetime:
        """Return the time it was moved to."""
        return self.time

    def pass_by(self, span: timedelta) -> None:
        """Move it forward."""
        self.time += span


class KnownPeople:
    """A directory of the people above, and of a bot."""

    def __init__(self) -> None:
        self.roles = dict(ROLES)

    async def actor(self, someone: Person) -> Actor | None:
        """Return them with their role."""
        if someone.username == "otherbot":
            return None
        role = self.roles.get(someone.username, Role.CUSTOMER)
        return Actor(person=someone, roles=frozenset({role}))

    async def find_person(self, user_name: str) -> Person | None:
        """Return one of the people, by name or by id."""
        name = user_name.removeprefix("id-")
        return person(name) if name in ROLES else None


@cache
def wording() -> Wording:
    """Return what writes the texts; compiling them anew for every conversation takes long."""
    return Wording(escape=escape, quote=quote, split=lambda text: split(text, 4900))


class Conversation:
    """Everybody types; what the bot owes afterwards is what they would read."""

    def __init__(
        self, store: Store, *, statuses: StatusMap = STATUSES, policy: Policy | None = None
    ) -> None:
        self.store = store
        self.clock = FixedClock()
        self.rules = Rules(
            installation="test",
            level_rooms={
                Level.ANALYSIS: SUPPORT,
                Level.CONFIRMATION: LEVEL2,
                Level.ASSESSMENT: LEVEL3,
            },
            statuses=statuses,
            policy=policy or Policy(),
            people={name: person(name) for name in ROLES},
        )
        self.texts = wording()
        self._delivered: list[Delivery] = []
        self._numbers = itertools.count(1)
        self._people = KnownPeople()
        self.roles = self._people.roles
        """Role by user name, to be changed."""
        self.router = self._route()

    def _route(self) -> Router:
        return Router(
            handlers=ALL,
            conversations=CONVERSATIONS,
            store=self.store,
            directory=self._people,
            rules=self.rules,
            texts=self.texts,
            clock=self.clock,
            me="casebot",
        )

    def restart(self, *, policy: Policy | None = None) -> None:
        """Begin anew with the same store, and the policy if there is one."""
        if policy is not None:
            self.rules = replace(self.rules, policy=policy)
        self.router = self._route()

    async def timeline(self, number: int = 1) -> Sequence[TimelineEntry]:
        """Return what is written of a case."""
        async with self.store.transaction() as tx:
            return await tx.list_timeline(CaseId(number))

    async def send(
        self,
        who: str,
        text: str,
        *,
        room: RoomId | None = None,
        thread: MessageId | None = None,
        message_id: str = "",
        edited: bool = False,
        files: Sequence[SentFile] = (),
        encrypted: bool = False,
        sent_at: datetime | None = None,
    ) -> ChatMessage:
        """Let somebody send a message, in a direct message unless a room is given."""
        self.clock.pass_by(timedelta(seconds=1))
        message = ChatMessage(
            id=MessageId(message_id or f"m{next(self._numbers)}"),
            room_id=room or RoomId(f"dm-{who}"),
            direct=room is None,
            text=text,
            sender=person(who),
            sent_at=sent_at or self.clock.now(),
            thread_id=thread,
            edited=edited,
            files=tuple(files),
            encrypted=encrypted,
        )
        await self.router.handle(message)
        return message

    async def ask(self, who: str, text: str, *, room: RoomId | None = None) -> str:
        """Let somebody send a message and return the answer to it; empty if there was none."""
        message = await self.send(who, text, room=room)
        return await self.answer_to(message)

    async def answer_to(self, message: ChatMessage) -> str:
        """Return what is owed as the answer to a message."""
        parts = [
            owed.effect.text
            for owed in (delivery.owed for delivery in await self.owed())
            if owed.key == f"reply/{message.key}" and isinstance(owed.effect, Say)
        ]
        return "\n".join(parts)

    async def owed(self) -> list[Delivery]:
        """Deliver what is owed, and return everything that was delivered so far, in order."""
        by = DispatcherId("reader")
        while True:
            async with self.store.transaction() as tx:
                claimed = await tx.claim_due(by=by, now=self.clock.now(), limit=100)
                for delivery in claimed:
                    await tx.finish(
                        replace(delivery, state=DeliveryState.SENT, finished_at=self.clock.now())
                    )
            if not claimed:
                return sorted(self._delivered, key=lambda delivery: delivery.id)
            self._delivered.extend(claimed)

    async def said_to(self, lane: str) -> list[str]:
        """Return the texts owed on a lane, in order."""
        return [effect.text for effect in await self.effects(lane) if isinstance(effect, Say)]

    async def effects(self, lane: str) -> list[Effect]:
        """Return the effects owed on a lane, in order."""
        return [
            delivery.owed.effect for delivery in await self.owed() if delivery.lane == Lane(lane)
        ]

    async def case(self, number: int = 1) -> Case:
        """Return a case as it is kept."""
        async with self.store.transaction() as tx:
            case = await tx.find_case(CaseId(number))
        assert case is not None
        return case

    def id_of(self, key: str) -> MessageId:
        """Return the `_id` of the message owed under a key."""
        return message_id_of("test", key)

    async def at_level(self, level: Level, *, customer: str = "carla") -> Case:
        """Bring a new case of a customer to a level, with all evidence."""
        answer = await self.ask("ana", f"case open Export fails --customer @{customer}")
        number = int(answer.split("CASE-")[1].split("*")[0])
        for item in ("version", "steps", "expected", "actual", "reproduction"):
            await self.ask("ana", f"case evidence {number} {item} the {item}")
        if level >= Level.CONFIRMATION:
            await self.ask("ana", f"escalate {number} please look")
        if level >= Level.ASSESSMENT:
            await self.ask("sam", f"escalate {number}")
        return await self.case(number)

    async def let_pass(self, span: timedelta) -> None:
        """Let time go by, and the clock say what is due then."""
        self.clock.pass_by(span)
        await Clocks(
            store=self.store,
            clock=self.clock,
            rules=self.rules,
            texts=self.texts,
            speakers=Speakers(of_case=on_clock, of_digest=on_digest),
            actor_of=self._people.actor,
            wake=lambda: None,
        ).look()

    def desk_in(self, tx: object) -> Desk:
        """Return a desk in a transaction."""
        return Desk(tx=tx, now=self.clock.now(), rules=self.rules, texts=self.texts)  # type: ignore[arg-type]
