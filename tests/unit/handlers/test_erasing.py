"""One person is forgotten: what goes, what stays, what is refused, what is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.access import Role
from bot.cases.archiving import Dossier
from bot.cases.case import Case, CaseId, CaseState, IssueState, Level, Owners, UserId
from bot.cases.dialogue import Confirm, Intake
from bot.cases.effects import DeliveryState, PersonExport, SendFile, ToPerson
from bot.cases.erasure import CASE_ERASED, ERASED, NOBODY, RECIPIENT_ERASED
from bot.holdings import find_dossier
from storage.base import DispatcherId
from tests.conversation import Conversation, person, sent_file
from tests.factories import (
    build_alert,
    build_case,
    build_dialogue,
    build_entry,
    build_issue_link,
    build_owed,
    build_profile,
)

ROOT = "person:id-root"
CARLA, CARLOS, ANA = person("carla"), person("carlos"), person("ana")


async def closed_case(talk: Conversation) -> int:
    """Bring a case of carla's through all levels, with words from everybody, and close it."""
    number = (await talk.at_level(Level.ASSESSMENT)).id
    await talk.ask("ana", f"case note {number} canary-note")
    await talk.ask("carla", f"case evidence {number} actual canary-evidence")
    await talk.ask("sam", f"case ask {number} canary-question?")
    await talk.ask("sam", "yes")
    await talk.ask("carla", "canary-answer")
    await talk.ask("sam", f"case close {number} canary-reason")
    await talk.owed()
    return number


async def erase(talk: Conversation, who: str = "carla") -> str:
    await talk.ask("root", f"case erase @{who}")
    return await talk.ask("root", "yes")


async def keep(talk: Conversation, case: Case) -> None:
    async with talk.store.transaction() as tx:
        await tx.add_case(case)


async def dossier(talk: Conversation, number: int) -> Dossier:
    async with talk.store.transaction() as tx:
        found = await find_dossier(tx, CaseId(number))
    assert found is not None
    return found


async def test_nothing_that_was_written_stays(talk: Conversation) -> None:
    number = await closed_case(talk)
    before = repr(await dossier(talk, number))
    for trace in ("canary-note", "canary-evidence", "canary-question", "canary-answer", "Carla"):
        assert trace in before
    assert "Erased." in await erase(talk)
    left = await dossier(talk, number)
    assert "canary" not in repr(left)
    assert "carla" not in repr(left).casefold()
    assert left.case.title == ERASED
    assert left.case.customer.name == NOBODY
    assert left.case.erased_at == talk.clock.now()


async def test_numbers_times_and_states_stay(talk: Conversation) -> None:
    number = await closed_case(talk)
    before = await dossier(talk, number)
    await erase(talk)
    after = await dossier(talk, number)
    for name in ("id", "opened_at", "level", "state", "severity", "owners", "told_at", "heard_at"):
        assert getattr(after.case, name) == getattr(before.case, name), name
    assert after.case.evidence.keys() == before.case.evidence.keys()
    *entries, last = after.timeline
    assert [(one.at, one.kind) for one in entries] == [(x.at, x.kind) for x in before.timeline]
    assert "level 1 to 2" in [one.text for one in entries]
    assert (last.kind, last.by) == ("erased", person("root"))
    facts = [(one.id, one.state, one.owed.about, one.finished_at) for one in after.ledger]
    assert facts == [(x.id, x.state, x.owed.about, x.finished_at) for x in before.ledger]


async def test_the_preview_says_what_goes_and_what_stays_and_waits_for_yes(
    talk: Conversation,
) -> None:
    number = await closed_case(talk)
    kept = await dossier(talk, number)
    shown = await talk.ask("root", "case erase @carla")
    assert "*Forget Carla (carla) for good?*" in shown
    assert f"1 case: CASE-{number}" in shown
    assert f"entries of timelines: {len(kept.timeline)}" in shown
    assert f"messages: {len(kept.ledger)}" in shown
    assert "files: 0" in shown
    for part in ("*Goes:*", "*Stays:*", "*Not mine to erase:*", "`yes`"):
        assert part in shown
    await talk.ask("root", "no")
    assert await dossier(talk, number) == kept


async def test_what_jira_has_been_sent_is_named_before_and_after(talk: Conversation) -> None:
    await keep(
        talk, build_case(1, customer=CARLA, state=CaseState.CLOSED, issue=build_issue_link(7))
    )
    assert "was sent to Jira, in SUP-7" in await talk.ask("root", "case erase @carla")
    answer = await talk.ask("root", "yes")
    assert "was sent to Jira, in SUP-7" in answer
    assert "carla" not in answer.casefold()
    assert (await talk.case(1)).issue is not None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "CASE-1 is open: `case close 1 <reason>`"),
        ({"state": CaseState.CLOSED, "alert": build_alert()}, "`case contacted 1 <how>`"),
        (
            {
                "state": CaseState.CLOSED,
                "issue": build_issue_link(state=IssueState.REQUESTED, id=None, key=""),
            },
            "CASE-1 has something on its way",
        ),
    ],
    ids=["open", "not contacted", "issue requested"],
)
async def test_what_is_not_over_is_named_with_the_next_step(
    talk: Conversation, fields: dict[str, object], said: str
) -> None:
    await keep(talk, build_case(1, customer=CARLA, title="canary", **fields))
    assert said in await talk.ask("root", "case erase @carla")
    await talk.ask("root", "yes")
    assert (await talk.case(1)).title == "canary"


async def test_what_happens_between_the_preview_and_yes_counts(talk: Conversation) -> None:
    await closed_case(talk)
    await talk.ask("root", "case erase @carla")
    await talk.ask("carla", "case open It fails again")
    assert "CASE-2 is open" in await talk.ask("root", "yes")
    assert (await talk.case(1)).erased_at is None


async def test_one_of_the_team_is_refused_and_so_is_whoever_still_answers_for_a_case(
    talk: Conversation,
) -> None:
    gone = person("gone")
    await keep(talk, build_case(1, owners=Owners(analyst=gone)))
    assert "one of the team" in await talk.ask("root", "case erase @ana")
    answer = await talk.ask("root", "case erase @gone")
    assert "They answer for CASE-1" in answer
    assert "`case assign 1 @\N{WORD JOINER}name`" in answer


async def test_administrators_alone_may_erase(talk: Conversation) -> None:
    await closed_case(talk)
    for who in ("ana", "sam", "rita", "carla"):
        assert "administrator" in await talk.ask(who, "case erase @carla")


async def test_somebody_whom_the_server_does_not_know_any_more_is_found(talk: Conversation) -> None:
    gone = person("gone")
    await keep(talk, build_case(1, customer=gone, state=CaseState.CLOSED))
    await erase(talk, "gone")
    assert (await talk.case(1)).customer.username == NOBODY


async def test_two_accounts_that_had_one_name_are_told_apart_by_their_ids(
    talk: Conversation,
) -> None:
    old, new = (replace(person("gone"), id=UserId(one)) for one in ("OldId", "NewId"))
    await keep(talk, build_case(1, customer=old, state=CaseState.CLOSED))
    await keep(talk, build_case(2, customer=new, state=CaseState.CLOSED))
    answer = await talk.ask("root", "case erase @gone")
    assert "`@OldId`" in answer
    assert "`@NewId`" in answer
    await erase(talk, "OldId")
    assert [(await talk.case(n)).customer.username for n in (1, 2)] == [NOBODY, "gone"]


async def test_somebody_who_has_the_name_now_is_told_from_who_had_it(talk: Conversation) -> None:
    before = replace(CARLA, id=UserId("OldId"))
    await keep(talk, build_case(1, customer=before, state=CaseState.CLOSED))
    for command in ("erase", "dossier"):
        answer = await talk.ask("root", f"case {command} @carla")
        assert "`@OldId`" in answer
        assert "`@id-carla`" in answer
    assert "I keep nothing about carla" in await talk.ask("root", "case erase @id-carla")
    await erase(talk, "OldId")
    assert (await talk.case(1)).customer.username == NOBODY


async def test_one_of_the_team_is_refused_by_their_id_too(talk: Conversation) -> None:
    await keep(talk, build_case(1, customer=person("sam"), state=CaseState.CLOSED))
    assert "is one of the team" in await talk.ask("root", "case erase @id-sam")
    assert "comes to you" in await talk.ask("root", "case dossier @id-sam")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("case erase", "Whom do you mean?"),
        ("case erase carla", "Whom do you mean?"),
        ("case erase @nobody", "nobody called nobody"),
        ("case erase @carlos", "I keep nothing about carlos"),
        ("case dossier @carlos", "I keep nothing about carlos"),
        ("case dossier", "Whom do you mean?"),
    ],
)
async def test_a_name_that_means_nobody_is_answered(
    talk: Conversation, typed: str, said: str
) -> None:
    assert said in await talk.ask("root", typed)


async def test_what_waits_for_them_is_not_sent_and_the_ledger_says_why(talk: Conversation) -> None:
    await keep(talk, build_case(1, customer=CARLA, state=CaseState.CLOSED))
    await keep(talk, build_case(2, customer=CARLOS))
    async with talk.store.transaction() as tx:
        for number, to in ((1, "carla"), (1, "ana"), (2, "carla")):
            owed = build_owed(f"{number}/{to}", to=to, case_id=CaseId(number))
            await tx.owe(owed, at=talk.clock.now())
        await tx.owe(build_owed("loose", to="carla"), at=talk.clock.now())
    async with talk.store.transaction() as tx:  # as when the chat server is away
        claimed = await tx.claim_due(by=DispatcherId("x"), now=talk.clock.now(), limit=9)
        assert len(claimed) == 2
    shown = await _typed_while_away(talk, "case erase @carla")
    assert "(3 not sent yet: they will not be)" in shown
    await _typed_while_away(talk, "yes")
    for number, reasons in ((1, {CASE_ERASED}), (2, {RECIPIENT_ERASED})):
        ledger = (await dossier(talk, number)).ledger
        assert {one.detail for one in ledger} == reasons
        assert {one.state for one in ledger} == {DeliveryState.SKIPPED}
        assert "Text of" not in repr(ledger)
    async with talk.store.transaction() as tx:
        assert not [x for x in await tx.list_loose_deliveries() if x.lane == "person:id-carla"]
        # Whoever was just about to send it learns that it is over.
        sent = [replace(one, state=DeliveryState.SENT) for one in claimed]
        assert not any([await tx.finish(one) for one in sent])


async def _typed_while_away(talk: Conversation, text: str) -> str:
    """Type as root while nothing is delivered, and return the answer that is owed."""
    message = await talk.send("root", text)
    async with talk.store.transaction() as tx:
        [owed] = [
            one.owed
            for one in await tx.list_loose_deliveries()
            if one.owed.key == f"reply/{message.id}"
        ]
    return str(getattr(owed.effect, "text", ""))


async def test_in_the_cases_of_others_only_what_they_wrote_goes(talk: Conversation) -> None:
    await talk.ask("carla", "case open Export fails")
    await talk.ask("carla", "case evidence 1 steps canary-steps")
    await talk.ask("ana", "case evidence 1 version version-of-ana")
    await talk.ask("ana", "case customer 1 @carlos")
    await talk.ask("ana", "yes")
    await talk.ask("ana", "case note 1 note-of-ana")
    await talk.owed()
    shown = await talk.ask("root", "case erase @carla")
    assert "named in 1 case of somebody else: CASE-1" in shown
    await talk.ask("root", "yes")
    left = await dossier(talk, 1)
    assert "canary" not in repr(left)
    assert "id-carla" not in repr(left)
    assert left.case.title == "Export fails"
    assert left.case.customer == CARLOS
    assert left.case.evidence["version"].text == "version-of-ana"
    assert left.case.evidence["steps"].text == ERASED
    assert "note-of-ana" in [one.text for one in left.timeline]
    assert left.case.erased_at is None


async def test_the_name_of_a_file_goes_from_the_ledger_and_from_what_a_server_answered(
    talk: Conversation,
) -> None:
    link = build_issue_link(7)
    await keep(talk, build_case(1, customer=CARLA, opened_by=CARLA, issue=link))
    await talk.send("carla", "the log", files=[sent_file("canary.pdf", file_id="f1")])
    await talk.ask("ana", "case close 1 done")
    before = (await dossier(talk, 1)).ledger
    assert "file canary.pdf" in [one.owed.about for one in before]
    async with talk.store.transaction() as tx:
        for one in before:
            refused = f"Jira refused (status 413): canary.pdf of {one.id} is too large"
            failed = replace(one, state=DeliveryState.FAILED, detail=refused)
            await tx.rewrite_finished(CaseId(1), [failed])
    await erase(talk)
    left = await dossier(talk, 1)
    assert "canary" not in repr(left)
    assert "file" in [one.owed.about for one in left.ledger]


async def test_no_name_stays_that_was_written_when_they_were_given_something(
    talk: Conversation,
) -> None:
    await talk.ask("ana", "case open Export fails --customer @carlos")
    await talk.ask("ana", "case customer 1 @carla")
    await talk.ask("ana", "yes")
    talk.roles["carla"] = Role.ANALYST
    await talk.ask("ana", "case customer 1 @carlos")
    await talk.ask("ana", "yes")
    await talk.ask("ana", "case assign 1 @carla")
    await talk.ask("carla", "case close 1 canary-reason")
    talk.roles["carla"] = Role.CUSTOMER
    await talk.owed()
    await erase(talk)
    left = await dossier(talk, 1)
    assert "carla" not in repr(left).casefold()
    assert "canary" not in repr(left)
    texts = [one.text for one in left.timeline]
    assert "customer: carlos" in texts
    assert {f"customer: {NOBODY}", f"assigned to {NOBODY}"} <= set(texts)


async def test_a_case_of_others_with_something_on_its_way_is_waited_for(talk: Conversation) -> None:
    await keep(talk, build_case(1, customer=CARLOS, opened_by=CARLA))
    async with talk.store.transaction() as tx:
        await tx.owe(build_owed("k", to="ana", case_id=CaseId(1)), at=talk.clock.now())
    await talk.send("root", "case erase @carla")
    assert "CASE-1 has something on its way" in (await talk.said_to(ROOT))[-1]
    assert "1 case of somebody else" in await talk.ask("root", "case erase @carla")


async def test_choices_and_open_questions_are_forgotten(talk: Conversation) -> None:
    theirs = [
        build_dialogue("carla"),
        build_dialogue("ana", step=Intake(asked="title", customer=CARLA)),
        build_dialogue("sam", step=Confirm(verb="close", case_id=CaseId(1))),
    ]
    other = build_dialogue("carlos", step=Intake(asked="title"))
    await keep(talk, build_case(1, customer=CARLA, state=CaseState.CLOSED))
    async with talk.store.transaction() as tx:
        for dialogue in (*theirs, other):
            await tx.save_dialogue(dialogue)
        await tx.save_profile(build_profile("carla", language="pt_BR"))
        await tx.save_profile(build_profile("carlos", language="pt_BR"))
    await erase(talk)
    async with talk.store.transaction() as tx:
        assert list(await tx.list_dialogues()) == [other]
        assert await tx.find_profile(UserId("id-carla")) is None
        assert await tx.find_profile(UserId("id-carlos")) is not None


async def test_an_erased_case_can_be_looked_at_and_nothing_else(talk: Conversation) -> None:
    number = await closed_case(talk)
    await erase(talk)
    assert "erased person" in await talk.ask("ana", f"case show {number}")
    for verb in ("show", "timeline", "proof", "status"):
        assert "has been erased" not in await talk.ask("ana", f"case {verb} {number}")
    for typed in (f"case reopen {number} again", f"case note {number} x", f"case take {number}"):
        assert f"CASE-{number} has been erased" in await talk.ask("ana", typed)
    assert "canary" not in repr(await dossier(talk, number))


async def test_they_may_begin_anew(talk: Conversation) -> None:
    await closed_case(talk)
    await erase(talk)
    assert "No case found" in await talk.ask("carla", "case list")
    await talk.ask("carla", "case open Something else")
    assert "CASE-2" in await talk.ask("carla", "case list")
    assert (await talk.case(2)).customer == CARLA


async def test_a_dossier_comes_as_a_file_in_a_direct_message(talk: Conversation) -> None:
    await closed_case(talk)
    answer = await talk.ask("root", "case dossier @carla")
    [file] = [one for one in await talk.effects(ROOT) if isinstance(one, SendFile)]
    assert file.name in answer
    assert file.name.endswith(".json")
    assert file.content == PersonExport(person=CARLA)
    assert isinstance(file.to, ToPerson)


async def test_a_dossier_that_was_not_sent_yet_does_not_outlive_an_erasure(
    talk: Conversation,
) -> None:
    await keep(talk, build_case(1, customer=CARLA, state=CaseState.CLOSED))
    await talk.send("root", "case dossier @carla")
    await _typed_while_away(talk, "case erase @carla")
    await _typed_while_away(talk, "yes")
    assert not [one for one in await talk.effects(ROOT) if isinstance(one, SendFile)]


async def test_erasing_again_finds_nothing(talk: Conversation) -> None:
    await closed_case(talk)
    await erase(talk)
    talk.clock.pass_by(timedelta(minutes=1))
    assert "I keep nothing about carla" in await talk.ask("root", "case erase @carla")


async def test_an_entry_that_names_them_without_being_theirs_loses_the_name(
    talk: Conversation,
) -> None:
    await keep(talk, build_case(1, customer=CARLOS))
    async with talk.store.transaction() as tx:
        await tx.add_timeline(build_entry(1, text="kept", by=ANA))
        await tx.add_timeline(build_entry(1, text="canary", by=CARLA))
    await erase(talk)
    left = await dossier(talk, 1)
    assert [one.text for one in left.timeline[:2]] == ["kept", ERASED]
    assert left.timeline[1].by is not None
    assert left.timeline[1].by.username == NOBODY
