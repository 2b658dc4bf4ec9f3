"""What the clock says: to whom, when, in working hours, each thing once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.access import Actor, Role
from bot.cases.case import Case, CaseId, IssueId, Level, Question
from bot.cases.clocks import asked, heard, told
from bot.cases.policy import Alerts, Limits, Policy, WorkingHours
from bot.cases.transitions import Transition
from bot.desk import Desk
from handlers.on_digest import on_digest
from handlers.on_reaction import on_reaction
from handlers.on_transition import on_transitions
from storage import open_store
from tests.conversation import LEVEL2, LEVEL3, SUPPORT, Conversation, person
from tests.factories import build_alert, build_issue_link

ANA, SAM, SUE, LEA = (f"person:id-{name}" for name in ("ana", "sam", "sue", "root"))
HOUR = timedelta(hours=1)
POLICY = Policy(
    hours=WorkingHours(country="DE"),
    limits=Limits(
        first_response=4 * HOUR,
        next_update=18 * HOUR,
        level={Level.ANALYSIS: 9 * HOUR, Level.CONFIRMATION: 10 * HOUR},
        untaken=2 * HOUR,
    ),
    alerts=Alerts(
        repeat=4 * HOUR, deputy_after=1, lead_after=2, deputies={"sam": "sue"}, lead="root"
    ),
    silence=timedelta(days=14),
)


@pytest.fixture
async def office() -> AsyncIterator[Conversation]:
    """A conversation that begins on a Monday at nine, with the policy above."""
    async with open_store("tinydb://") as store:
        yield Conversation(store, policy=POLICY)


async def change(talk: Conversation, **fields: object) -> Case:
    """Change CASE-1 as a handler does."""
    async with talk.store.transaction() as tx:
        desk: Desk = talk.desk_in(tx)
        case = await tx.find_case(CaseId(1))
        assert case is not None
        return await desk.save(replace(case, **fields))  # type: ignore[arg-type]


async def new(talk: Conversation, lane: str, before: list[str]) -> list[str]:
    return (await talk.said_to(lane))[len(before) :]


async def test_a_first_answer_is_asked_for_before_the_limit_and_at_it_each_once(
    office: Conversation,
) -> None:
    await office.ask("carla", "case open Export fails")
    opened = await office.said_to(f"room:{SUPPORT}")
    await office.let_pass(3 * HOUR)
    assert await office.said_to(f"room:{SUPPORT}") == opened
    await office.let_pass(timedelta(minutes=13))
    [near] = await new(office, f"room:{SUPPORT}", opened)
    assert "Carla (carla) waits for a first answer, due 2026-11-23 13:00 UTC." in near
    assert "`!case take 1`" in near
    await office.let_pass(HOUR)
    [_, limit] = await new(office, f"room:{SUPPORT}", opened)
    assert "Overdue: Carla (carla) still waits for a first answer" in limit
    assert await office.said_to(LEA) == [limit.replace("`!", "`")]
    for _ in range(2):
        await office.let_pass(HOUR)
    assert len(await new(office, f"room:{SUPPORT}", opened)) == 2


async def test_taking_it_is_an_answer(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    await office.ask("ana", "case take 1")
    opened = await office.said_to(f"room:{SUPPORT}")
    await office.let_pass(5 * HOUR)
    assert await office.said_to(f"room:{SUPPORT}") == opened
    assert all("first answer" not in one for one in await office.said_to(ANA))


async def test_only_working_time_counts(office: Conversation) -> None:
    await office.let_pass(8 * HOUR)  # five in the afternoon
    await office.ask("carla", "case open Export fails")
    opened = await office.said_to(f"room:{SUPPORT}")
    await office.let_pass(16 * HOUR)  # nine in the morning: one hour has been worked
    assert await office.said_to(f"room:{SUPPORT}") == opened
    await office.let_pass(2.5 * HOUR)
    assert len(await new(office, f"room:{SUPPORT}", opened)) == 1


async def test_a_case_that_stays_is_its_owners_matter_and_at_the_limit_the_leads_too(
    office: Conversation,
) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    before = await office.said_to(ANA)
    await office.let_pass(8 * HOUR)
    [near] = await new(office, ANA, before)
    assert "It should leave Level 1 Analysis by 2026-11-24 09:00 UTC." in near
    assert "Owner: Ana (ana)" in near
    assert await office.said_to(LEA) == []
    await office.let_pass(16.5 * HOUR)
    assert "Overdue: it should have left Level 1" in (await office.said_to(LEA))[-1]


async def test_while_a_question_waits_for_the_customer_the_level_stands_still(
    office: Conversation,
) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    before = await office.said_to(ANA)
    question = Question(text="Which?", by=person("ana"), at=office.clock.now())
    await change(office, **_fields(asked(await office.case(), question, POLICY)))
    await office.let_pass(timedelta(days=7))
    assert await new(office, ANA, before) == []
    answered = heard(await office.case(), office.clock.now(), POLICY)
    await change(office, **_fields(answered))
    await office.let_pass(6 * HOUR)
    assert await new(office, ANA, before) == []
    await office.let_pass(2 * HOUR)
    assert len(await new(office, ANA, before)) == 1


async def test_the_customer_is_to_hear_something_again(office: Conversation) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    await change(office, level_since=None, **_fields(told(await office.case(), office.clock.now())))
    before = await office.said_to(ANA)
    await office.let_pass(timedelta(days=2))
    said = "\n".join(await new(office, ANA, before))
    assert "Overdue: Carla (carla) should have heard from us by 2026-11-25 09:00 UTC." in said
    assert "`case reply 1 <text>`" in said
    await change(office, **_fields(told(await office.case(), office.clock.now())))
    before = await office.said_to(ANA)
    await office.let_pass(15 * HOUR)
    assert all("heard from us" not in one for one in await new(office, ANA, before))


async def test_what_nobody_takes_is_told_to_the_channel_and_to_whoever_had_it(
    office: Conversation,
) -> None:
    await office.at_level(Level.CONFIRMATION)
    await office.let_pass(3 * HOUR)
    [_, untaken] = await office.said_to(f"room:{LEVEL2}")
    assert "Nobody has taken it at Level 2 Confirmation" in untaken
    assert "It came from Ana (ana)." in untaken
    assert "Nobody has taken it" in (await office.said_to(ANA))[-1]
    before = await office.said_to(ANA)
    await office.let_pass(2 * HOUR)
    assert await new(office, ANA, before) == []


async def test_what_is_taken_in_time_is_not_told(office: Conversation) -> None:
    await office.at_level(Level.CONFIRMATION)
    await office.ask("sam", "case take 1")
    await office.let_pass(3 * HOUR)
    assert len(await office.said_to(f"room:{LEVEL2}")) == 1


async def test_a_level_that_is_come_to_again_is_counted_anew(office: Conversation) -> None:
    await office.at_level(Level.ASSESSMENT)
    await office.let_pass(3 * HOUR)
    assert len(await office.said_to(f"room:{LEVEL3}")) == 2
    await office.ask("rita", "case return 1 needs a log")
    await office.ask("sam", "escalate 1")
    await office.let_pass(3 * HOUR)
    assert len(await office.said_to(f"room:{LEVEL3}")) == 4


async def test_while_the_issue_sits_only_silence_counts_and_a_draft_is_offered(
    office: Conversation,
) -> None:
    await office.at_level(Level.ASSESSMENT)
    await office.ask("sam", "case note 1 SECRET cause")
    await office.ask("rita", "case confirm 1")
    link = build_issue_link(requested_at=office.clock.now())
    await change(office, issue=link)
    before = await office.said_to(SAM)
    await office.let_pass(timedelta(days=13))
    assert await new(office, SAM, before) == []
    await office.let_pass(timedelta(days=1))
    [offer] = await new(office, SAM, before)
    assert "Carla (carla) has heard nothing since 2026-11-23" in offer
    draft = [line for line in offer.splitlines() if line.startswith("> ")]
    assert "CASE-1" in "\n".join(draft)
    assert not any(word in "\n".join(draft) for word in ("SECRET", "SUP-", "Sam", "Level"))
    assert "`case reply 1 <text>`" in offer
    await office.let_pass(timedelta(days=14))
    assert len(await new(office, SAM, before)) == 2


async def test_a_done_alert_goes_on_to_the_deputy_and_the_lead_in_working_hours(
    office: Conversation,
) -> None:
    await with_alert(office)
    before = await office.said_to(SAM)
    for _ in range(2):  # on the Monday
        await office.let_pass(4.1 * HOUR)
    assert len(await new(office, SAM, before)) == 2
    assert len(await office.said_to(SUE)) == 1
    assert (
        "has not been told that SUP-10001 is *Done*, after 2 reminders"
        in (await office.said_to(SUE))[-1]
    )
    for span in (15 * HOUR, HOUR):  # in the night; in the morning, after minutes of work
        await office.let_pass(span)
        assert len(await new(office, SAM, before)) == 2
    await office.let_pass(4 * HOUR)
    assert len(await new(office, SAM, before)) == 3
    [to_lead] = await office.said_to(LEA)
    assert "It is with Sam (sam)." in to_lead
    await office.ask("sam", "case contacted 1 by phone")
    before = await office.said_to(SAM)
    await office.let_pass(timedelta(days=3))
    assert await new(office, SAM, before) == []


@pytest.mark.parametrize("who", ["ana", "rita"], ids=["the deputy", "the lead"])
@pytest.mark.parametrize("command", ["ack 1", "snooze 1 2h", "contacted 1 by phone"])
async def test_whoever_is_told_of_an_alert_may_do_what_the_message_says(
    office: Conversation, who: str, command: str
) -> None:
    alerts = replace(POLICY.alerts, deputies={"sam": "ana"}, lead="rita")
    office.restart(policy=replace(POLICY, alerts=alerts))
    await with_alert(office)
    for _ in range(3):
        await office.let_pass(24 * HOUR)
    assert "case contacted 1 <how>" in (await office.said_to(f"person:id-{who}"))[-1]
    assert "CASE-1" in await office.ask(who, f"case {command}")
    alert = (await office.case()).alert
    assert alert is not None
    assert person(who) in {alert.acknowledged_by, alert.contacted_by}
    assert f"`case {command.split(maxsplit=1)[0]}" in await office.ask(who, "case help")


async def test_a_deputy_is_one_for_the_cases_of_their_specialist_alone(
    office: Conversation,
) -> None:
    alerts = replace(POLICY.alerts, deputies={"sue": "ana"}, lead="")
    office.restart(policy=replace(POLICY, alerts=alerts))
    await with_alert(office)
    assert "needs the role" in await office.ask("ana", "case contacted 1 by phone")
    assert "needs the role" in await office.ask("rita", "case contacted 1 by phone")
    alert = (await office.case()).alert
    assert alert is not None
    assert alert.is_open


async def test_a_deputy_is_found_though_the_specialist_is_called_otherwise_now(
    office: Conversation,
) -> None:
    await with_alert(office)
    owners = (await office.case()).owners
    assert owners.specialist is not None
    renamed = replace(owners.specialist, username="sam.before")
    await change(office, owners=replace(owners, specialist=renamed))
    for _ in range(2):
        await office.let_pass(24 * HOUR)
    assert len(await office.said_to(SUE)) == 1


async def test_what_tells_the_deputy_and_the_lead_may_be_reacted_to(office: Conversation) -> None:
    await with_alert(office)
    for _ in range(3):
        await office.let_pass(24 * HOUR)
    alert = (await office.case()).alert
    assert alert is not None
    told = alert.messages[-1]
    async with office.store.transaction() as tx:
        deputy = Actor(person=person("sue"), roles=frozenset({Role.SPECIALIST}))
        other = Actor(person=person("ana"), roles=frozenset({Role.ANALYST}))
        assert not await on_reaction(office.desk_in(tx), told, [other])
        assert await on_reaction(office.desk_in(tx), told, [deputy])
    owed = [delivery.owed for delivery in await office.owed()]
    to_lead = [one.key for one in owed if one.key.endswith("/lead")]
    assert told in {office.id_of(key) for key in to_lead}


async def test_a_snoozed_alert_is_quiet_until_then(office: Conversation) -> None:
    await with_alert(office)
    answer = await office.ask("sam", "case snooze 1 tomorrow")
    assert "You will be reminded 2026-11-24 09:00 UTC." in answer
    before = await office.said_to(SAM)
    await office.let_pass(12 * HOUR)
    assert await new(office, SAM, before) == []
    await office.let_pass(12.5 * HOUR)
    assert len(await new(office, SAM, before)) == 1
    await office.let_pass(4 * HOUR)
    assert len(await new(office, SAM, before)) == 2


@pytest.mark.parametrize(
    ("until", "due"),
    [
        ("2h", "2026-11-23 11:"),
        ("30 minutes", "2026-11-23 09:3"),
        ("2026-11-27", "2026-11-27 09:00"),
        ("2026-11-27 14:30", "2026-11-27 14:30"),
        ("5d", "2026-11-30 09:00"),  # a Saturday
        ("amanhã", "2026-11-24 09:00"),
    ],
)
async def test_a_snooze_takes_a_duration_or_a_date(
    office: Conversation, until: str, due: str
) -> None:
    await with_alert(office)
    assert f"You will be reminded {due}" in await office.ask("sam", f"case snooze 1 {until}")


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        ("", "time is missing"),
        ("soon", '"soon" is no time I understand. Type it like `case snooze 1 2h`'),
        ("2026-13-45", "no time I understand"),
        ("2026-11-22", "is past"),
        ("0h", "is past"),
        ("2027-11-22", "more than 60 days away"),
        ("9999d", "more than 60 days away"),
        ("9999-12-31", "no time I understand"),
    ],
)
async def test_a_time_that_makes_no_sense_is_refused(
    office: Conversation, until: str, refusal: str
) -> None:
    case = await with_alert(office)
    assert refusal in await office.ask("sam", f"case snooze 1 {until}")
    assert await office.case() == case


async def test_only_an_open_alert_can_be_snoozed(office: Conversation) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    assert "no open Done alert" in await office.ask("sam", "case snooze 1 2h")


async def test_whoever_set_an_interval_is_reminded_at_any_hour() -> None:
    policy = replace(POLICY, alerts=replace(POLICY.alerts, every=10 * HOUR))
    async with open_store("tinydb://") as store:
        talk = Conversation(store, policy=policy)
        await with_alert(talk)
        before = await talk.said_to(SAM)
        await talk.let_pass(10 * HOUR)
        await talk.let_pass(10 * HOUR)
        assert len(await new(talk, SAM, before)) == 2


async def test_a_restart_forgets_no_warning_and_repeats_none(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    for span in (4.5 * HOUR, timedelta()):  # each look is that of another bot
        await office.let_pass(span)
    warned = [one for one in await office.said_to(f"room:{SUPPORT}") if "Overdue" in one]
    assert len(warned) == 1


async def test_other_rules_count_from_the_next_start(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    hasty = Conversation(
        office.store, policy=replace(POLICY, limits=replace(POLICY.limits, first_response=HOUR))
    )
    hasty.clock = office.clock
    await hasty.let_pass(HOUR)
    assert "first answer" in (await hasty.said_to(f"room:{SUPPORT}"))[-1]


async def test_the_digest_comes_every_working_morning_until_it_is_stopped(
    office: Conversation,
) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    assert "is off" in await office.ask("ana", "case digest")
    assert "neither on nor off" in await office.ask("ana", "case digest maybe")
    assert "the next one comes 2026-11-24 09:00 UTC" in await office.ask("ana", "case digest on")
    before = await office.said_to(ANA)
    await office.let_pass(24 * HOUR)
    digest = next(one for one in await new(office, ANA, before) if "Your work today" in one)
    assert "CASE-1" in digest
    assert "due 2026-11-24 09:00 UTC" in digest or "overdue" in digest
    assert "`case evidence 1 version <text>`" in digest
    assert "`case digest off`" in digest
    before = await office.said_to(ANA)
    await office.let_pass(HOUR)
    assert not any("Your work today" in one for one in await new(office, ANA, before))
    assert "is off" in await office.ask("ana", "case digest off")
    before = await office.said_to(ANA)
    await office.let_pass(timedelta(days=1))
    assert not any("Your work today" in one for one in await new(office, ANA, before))


@pytest.mark.parametrize(
    ("away", "said"),
    [(timedelta(days=1, hours=10), 1), (timedelta(days=5, hours=13), 0)],
    ids=["back on a Tuesday evening", "back on a Saturday night"],
)
async def test_a_digest_that_was_missed_comes_late_on_a_working_day_only(
    office: Conversation, away: timedelta, said: int
) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    await office.ask("ana", "case digest on")
    await office.let_pass(away)
    digests = [one for one in await office.said_to(ANA) if "Your work today" in one]
    assert len(digests) == said
    await office.let_pass(timedelta(days=7))
    digests = [one for one in await office.said_to(ANA) if "Your work today" in one]
    assert len(digests) <= said + 1


async def test_who_left_the_team_gets_no_digest_until_they_are_back(office: Conversation) -> None:
    await office.ask("ana", "case open Export fails --customer @carla")
    await office.ask("ana", "case digest on")
    office.roles["ana"] = Role.CUSTOMER
    await office.let_pass(24 * HOUR)
    assert not [one for one in await office.said_to(ANA) if "Your work today" in one]
    office.roles["ana"] = Role.ANALYST
    await office.let_pass(24 * HOUR)
    assert [one for one in await office.said_to(ANA) if "Your work today" in one]


async def test_a_reminder_that_was_missed_waits_for_the_working_day(office: Conversation) -> None:
    await with_alert(office)
    before = await office.said_to(SAM)
    await office.let_pass(timedelta(days=5, hours=13))
    assert await new(office, SAM, before) == []
    office.restart()
    await office.let_pass(24 * HOUR)
    assert await new(office, SAM, before) == []
    await office.let_pass(12 * HOUR)
    [reminder] = await new(office, SAM, before)
    assert "Still open" in reminder


async def test_the_digest_is_not_for_customers(office: Conversation) -> None:
    assert "support analyst" in await office.ask("carla", "case digest on")


async def with_alert(talk: Conversation) -> Case:
    """Return CASE-1 of Sam with an open Done alert of now."""
    await talk.at_level(Level.ASSESSMENT)
    return await change(
        talk, issue=build_issue_link(), alert=build_alert(opened_at=talk.clock.now())
    )


def _fields(case: Case) -> dict[str, object]:
    names = ("told_at", "answered_at", "question", "heard_at", "waited", "resumed_at")
    return {name: getattr(case, name) for name in names}


async def test_whoever_takes_it_over_gets_what_is_known_with_the_notes(
    office: Conversation,
) -> None:
    await office.at_level(Level.CONFIRMATION)
    await office.ask("ana", "case note 1 A lock on the table")
    question = Question(text="Which database?", by=person("ana"), at=office.clock.now())
    await change(office, question=question)
    await office.ask("sam", "!case take 1", room=LEVEL2)
    [card] = await office.said_to(SAM)
    lines = card.splitlines()
    tried, found, still_open = (lines.index(head) for head in ("Tried", "Found", "Open"))
    assert lines[tried + 1 : found] == ["- *steps* the steps", "- *reproduction* the reproduction"]
    assert "- *version* the version" in lines[found:still_open]
    assert "Which database?" in lines[still_open + 1]
    assert "A lock on the table" in lines[-1]


async def test_the_card_in_the_channel_has_no_notes(office: Conversation) -> None:
    await office.ask("ana", "case open Export fails --customer @carla --version 7")
    await office.ask("ana", "case note 1 SECRET")
    await office.ask("sam", 'escalate 1 --override "urgent"')
    [card] = await office.said_to(f"room:{LEVEL2}")
    assert "SECRET" not in card
    assert "Internal notes: 1, for whoever takes it" in card
    assert "Not given: steps, expected, actual, reproduction" in card


async def test_whoever_had_it_before_is_handed_it_again(office: Conversation) -> None:
    await office.at_level(Level.CONFIRMATION)
    await office.ask("sam", "case take 1")
    await office.ask("sam", "case return 1 needs a log")
    before = await office.said_to(SAM)
    await office.ask("ana", "escalate 1 the log is there")
    [card] = await new(office, SAM, before)
    assert "Yours at Level 2 Confirmation: what is known so far." in card


async def test_a_case_is_shown_with_what_is_due(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    shown = await office.ask("ana", "case show 1")
    assert "First answer due 2026-11-23 13:00 UTC" in shown
    assert "Next level due 2026-11-24 09:00 UTC" in shown
    assert "overdue" not in shown
    office.clock.pass_by(5 * HOUR)
    assert "13:00 UTC · overdue" in await office.ask("ana", "case show 1")
    assert "due" not in await office.ask("carla", "case show 1")


async def test_who_takes_a_new_case_needs_no_card(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    await office.ask("ana", "case take 1")
    assert len(await office.said_to(ANA)) == 1


async def test_a_digest_that_another_bot_has_sent_is_not_sent_again(office: Conversation) -> None:
    await office.ask("carla", "case open Export fails")
    await office.ask("ana", "case digest on")
    await office.let_pass(24 * HOUR)
    before = await office.said_to(ANA)
    assert any("Your work today" in one for one in before)
    async with office.store.transaction() as tx:
        ana = Actor(person=person("ana"), roles=frozenset({Role.ANALYST}))
        assert not await on_digest(office.desk_in(tx), ana)
    assert await new(office, ANA, before) == []


async def test_the_digest_has_what_nobody_took_and_is_not_sent_when_nothing_is_to_be_done(
    office: Conversation,
) -> None:
    for name in ("ana", "rita"):
        await office.ask(name, "case digest on")
    await office.ask("carla", "case open Export fails")
    await office.let_pass(24 * HOUR)
    digest = next(one for one in await office.said_to(ANA) if "Your work today" in one)
    assert "nobody has taken it: `case take 1`" in digest
    assert not any("Your work today" in one for one in await office.said_to("person:id-rita"))
    assert "the next one comes 2026-11-25" in await office.ask("rita", "case digest")


async def test_a_milestone_is_a_word_to_the_customer(office: Conversation) -> None:
    await office.at_level(Level.ASSESSMENT)
    await office.ask("rita", "case confirm 1")
    await change(office, issue=build_issue_link(requested_at=office.clock.now()))
    await office.let_pass(timedelta(days=10))
    at = office.clock.now()
    async with office.store.transaction() as tx:
        case = await tx.find_case(CaseId(1))
        assert case is not None
        ready = Transition(
            issue_id=IssueId("10001"),
            history_id="1",
            status_id="3",
            status_name="Ready",
            at=at,
            resolution=None,
            fix_versions=(),
        )
        await on_transitions(office.desk_in(tx), case, [ready])
    before = await office.said_to(SAM)
    await office.let_pass(timedelta(days=13))
    assert await new(office, SAM, before) == []
    await office.let_pass(timedelta(days=1))
    [offer] = await new(office, SAM, before)
    assert "It is at Ready: all details are gathered" in offer
