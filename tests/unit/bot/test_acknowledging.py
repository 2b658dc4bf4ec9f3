"""A reaction on a Done alert acknowledges it: the right person's, on the right message."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from bot.acknowledging import Acknowledging
from bot.cases.case import Alert, Case, CaseId, Level, MessageId
from bot.errors import Retryable
from bot.rocketchat.records import IncomingMessage
from storage import open_store
from tests.conversation import Conversation, KnownPeople, person
from tests.factories import build_alert, build_issue_link

ALERT, REMINDER, CARD = MessageId("alert"), MessageId("reminder"), MessageId("card")


@dataclass
class Office:
    """A case with an alert, and messages of ours that people react to."""

    talk: Conversation
    acknowledging: Acknowledging
    messages: dict[str, IncomingMessage] = field(default_factory=dict)
    away: bool = False

    async def read(self, message_id: str) -> IncomingMessage | None:
        if self.away:
            raise Retryable("away")
        return self.messages.get(message_id)

    async def react(self, who: str, emoji: str = ":eyes:", *, to: str = ALERT) -> None:
        await self.acknowledging.take(self.said(to, {emoji: (who,)}))

    def said(self, message_id: str, reactions: Mapping[str, tuple[str, ...]]) -> IncomingMessage:
        now = self.talk.clock.now()
        return IncomingMessage(
            id=message_id,
            room_id="dm-sam",
            room_type="d",
            text="Done",
            sender_id="id-bot",
            sender_username="casebot",
            sender_name="",
            sent_at=now,
            updated_at=now,
            reactions=reactions,
        )

    async def alert(self) -> Alert:
        alert = (await self.talk.case()).alert
        assert alert is not None
        return alert

    async def change(self, **fields: object) -> Case:
        async with self.talk.store.transaction() as tx:
            case = await tx.find_case(CaseId(1))
            assert case is not None
            changed = replace(case, **fields)  # type: ignore[arg-type]
            return await self.talk.desk_in(tx).save(changed)


@pytest.fixture
async def office():  # type: ignore[no-untyped-def]  # noqa: ANN201 - an Office, as long as the store is open
    async with open_store("tinydb://") as store:
        talk = Conversation(store)
        made: list[Office] = []

        async def read(message_id: str) -> IncomingMessage | None:
            return await made[0].read(message_id)

        acknowledging = Acknowledging(
            store=store,
            directory=KnownPeople(),
            read=read,
            rules=talk.rules,
            texts=talk.texts,
            clock=talk.clock,
        )
        made.append(Office(talk=talk, acknowledging=acknowledging))
        case = await talk.at_level(Level.ASSESSMENT)
        await made[0].change(
            issue=build_issue_link(),
            alert=build_alert(messages=(ALERT, REMINDER)),
            threads=(*case.threads, ALERT, REMINDER, CARD),
        )
        yield made[0]


@pytest.mark.parametrize(
    "emoji", [":eyes:", ":white_check_mark:", ":thumbsup:", ":+1:", ":+1_tone3:"]
)
async def test_the_specialists_reaction_acknowledges(office: Office, emoji: str) -> None:
    await office.react("sam", emoji)
    assert (await office.alert()).acknowledged_by == person("sam")
    assert (await office.alert()).is_open


@pytest.mark.parametrize("who", ["sue", "ana", "carla", "rita", "nobody", "otherbot"])
async def test_nobody_elses_reaction_counts(office: Office, who: str) -> None:
    await office.react(who)
    assert (await office.alert()).acknowledged_by is None


@pytest.mark.parametrize("emoji", [":thumbsdown:", ":x:", ":eyeglasses:"])
async def test_no_other_reaction_counts(office: Office, emoji: str) -> None:
    await office.react("sam", emoji)
    assert (await office.alert()).acknowledged_by is None


async def test_a_reminder_may_be_reacted_to_and_no_other_message(office: Office) -> None:
    await office.react("sam", to=CARD)
    await office.react("sam", to="elsewhere")
    assert (await office.alert()).acknowledged_by is None
    await office.react("sam", to=REMINDER)
    assert (await office.alert()).acknowledged_by == person("sam")


async def test_where_there_is_no_specialist_any_of_them_may_react(office: Office) -> None:
    case = await office.talk.case()
    await office.change(owners=replace(case.owners, specialist=None))
    await office.react("ana")
    assert (await office.alert()).acknowledged_by is None
    await office.react("sue")
    assert (await office.alert()).acknowledged_by == person("sue")


async def test_a_reaction_set_while_nobody_listened_is_found(office: Office) -> None:
    office.messages[REMINDER] = office.said(REMINDER, {":eyes:": ("carla", "sam")})
    office.away = True
    await office.acknowledging.catch_up()
    assert (await office.alert()).acknowledged_by is None
    office.away = False
    await office.acknowledging.catch_up()
    assert (await office.alert()).acknowledged_by == person("sam")


async def test_what_is_done_alone_is_not_read_again(office: Office) -> None:
    await office.react("sam")
    office.away = True
    async with office.talk.store.transaction() as tx:
        before = await tx.list_timeline(CaseId(1))
    await office.acknowledging.catch_up()
    await office.react("sam")
    async with office.talk.store.transaction() as tx:
        assert await tx.list_timeline(CaseId(1)) == before


async def test_a_done_alert_and_its_reminders_can_be_reacted_to(office: Office) -> None:
    await office.change(alert=build_alert(opened_at=office.talk.clock.now()))
    await office.talk.let_pass(office.talk.rules.policy.alerts.repeat * 1.1)
    said = (await office.alert()).messages
    assert len(said) == 1
    await office.react("sam", to=said[0])
    assert (await office.alert()).acknowledged_by == person("sam")
