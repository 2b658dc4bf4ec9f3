"""What was written to somebody is not sent to them once it is no longer theirs."""

import pytest

from bot.cases.access import Actor, Role
from bot.cases.case import CaseId, FileId, IssueId, Person
from bot.cases.effects import AttachFile, Audience, CaseExport, SendFile, ToPerson
from bot.cases.query import CaseQuery
from bot.guard import NOT_OF_THE_TEAM, OTHER_CUSTOMER, OTHER_ISSUE, AudienceGuard
from storage import open_store
from tests.conversation import Conversation
from tests.factories import (
    build_case,
    build_delivery,
    build_file,
    build_issue_link,
    build_owed,
    build_person,
)


class Known:
    """A directory that knows one person's role, or does not tell."""

    def __init__(self, role: Role | None = None) -> None:
        self.role = role

    async def find_actor(self, person: Person) -> Actor | None:
        return Actor(person=person, roles=frozenset({self.role})) if self.role else None


async def test_what_is_owed_to_a_former_customer_is_held_back() -> None:
    async with open_store("tinydb://") as store:
        talk = Conversation(store)
        await talk.ask("ana", "case open Export fails --customer @carla")
        await talk.ask("ana", "case customer 1 @carlos")
        await talk.ask("ana", "yes")
        guard = AudienceGuard(store=store, directory=Known())
        async with store.transaction() as tx:
            receipts = await tx.list_deliveries(CaseId(1))
        assert [await guard.objection_to(one) for one in receipts] == [OTHER_CUSTOMER, ""]


@pytest.mark.parametrize(
    ("role", "held_back"),
    [(Role.SPECIALIST, False), (Role.ADMIN, False), (None, False), (Role.CUSTOMER, True)],
)
async def test_an_alert_is_held_back_from_whoever_may_not_end_it(
    role: Role | None,
    held_back: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Where the server does not tell people's roles, the alert is sent."""
    owed = build_owed("alert", to="sam", case_id=CaseId(1), audience=Audience.CONTACT)
    async with open_store("tinydb://") as store:
        guard = AudienceGuard(store=store, directory=Known(role))
        assert bool(await guard.objection_to(build_delivery(owed=owed))) is held_back


@pytest.mark.parametrize(
    ("role", "held_back"),
    [(Role.RND, False), (Role.ADMIN, False), (None, False), (Role.CUSTOMER, True)],
)
async def test_what_is_for_the_team_is_held_back_from_whoever_left_it(
    role: Role | None,
    held_back: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    told = build_owed("told", to="sam", case_id=CaseId(1), audience=Audience.TEAM)
    file = SendFile(
        to=ToPerson(person=build_person("sam")),
        name="cases.csv",
        caption="",
        content=CaseExport(query=CaseQuery(), format="csv"),
    )
    export = build_owed("export", effect=file, audience=Audience.TEAM)
    async with open_store("tinydb://") as store:
        guard = AudienceGuard(store=store, directory=Known(role))
        for owed in (told, export):
            objection = await guard.objection_to(build_delivery(owed=owed))
            # Logged, too, where nobody's name is to be.
            assert objection == (NOT_OF_THE_TEAM if held_back else "")


async def test_what_is_for_anybody_is_never_held_back() -> None:
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(build_case(customer=build_person("carla")))
        guard = AudienceGuard(store=store, directory=Known(Role.CUSTOMER))
        owed = build_owed("assigned", to="sam", case_id=CaseId(1))
        assert await guard.objection_to(build_delivery(owed=owed)) == ""


@pytest.mark.parametrize("follows", [None, "10002"])
async def test_news_of_an_issue_the_case_was_taken_off_is_held_back(follows: str | None) -> None:
    issue = build_issue_link(int(follows)) if follows else None
    owed = build_owed(
        "news", to="carla", case_id=CaseId(1), audience=Audience.CUSTOMER, because="10001/7"
    )
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(build_case(customer=build_person("carla"), issue=issue))
        guard = AudienceGuard(store=store, directory=Known())
        assert await guard.objection_to(build_delivery(owed=owed)) == OTHER_ISSUE
        async with store.transaction() as tx:
            case = build_case(customer=build_person("carla"), issue=build_issue_link(10001))
            await tx.save_case(case)
        assert await guard.objection_to(build_delivery(owed=owed)) == ""


@pytest.mark.parametrize(("follows", "why"), [(None, OTHER_ISSUE), (10002, OTHER_ISSUE), (1, "")])
async def test_a_file_is_not_copied_to_an_issue_the_case_was_taken_off(
    follows: int | None, why: str
) -> None:
    issue = build_issue_link(follows) if follows else None
    wanted = AttachFile(case_id=CaseId(1), file_id=FileId("f1"), issue_id=IssueId("1"))
    async with open_store("tinydb://") as store:
        async with store.transaction() as tx:
            await tx.add_case(build_case(issue=issue, files=(build_file(1),)))
        guard = AudienceGuard(store=store, directory=Known())
        assert await guard.objection_to(build_delivery(owed=build_owed(effect=wanted))) == why
