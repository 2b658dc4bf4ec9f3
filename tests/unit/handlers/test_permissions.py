"""The table of who may what, cell by cell: every command typed by every role."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from bot.cases.access import LEVEL_ROLES, PERMISSIONS, Reach, Role
from bot.cases.case import Level
from handlers import ALL
from tests.conversation import Conversation

WHO = {
    Role.CUSTOMER: "carla",
    Role.ANALYST: "ana",
    Role.SPECIALIST: "sam",
    Role.RND: "rita",
    Role.ADMIN: "root",
}
EACH_ROLE = pytest.mark.parametrize("role", Role, ids=lambda role: role.name.casefold())


async def outcome_of(talk: Conversation, who: str, text: str) -> str:
    """Return what came of a command: its verb, or the kind of the refusal."""
    with capture_logs() as logs:
        await talk.send(who, text)
    [handled] = [entry for entry in logs if entry["event"] == "message_handled"]
    return str(handled["outcome"])


async def reach_of(talk: Conversation, who: str, example: str, cases: Sequence[int]) -> Reach:
    """Return on which cases somebody may use a command: of none, their own, or any."""
    own, other = [
        await outcome_of(talk, who, example.replace("42", str(number), 1)) for number in cases
    ]
    assert (own == "not_allowed") is (other == "not_allowed")
    assert own != "unknown_case"
    if own == "not_allowed":
        return Reach.NONE
    return Reach.OWN if other in {"unknown_case", "only_customer"} else Reach.ALL


@EACH_ROLE
async def test_every_command_on_a_case_reaches_as_far_as_its_cell_says(
    talk: Conversation, role: Role
) -> None:
    found = {}
    for number, handler in enumerate(handler for handler in ALL if handler.case):
        cases = (2 * number + 1, 2 * number + 2)
        for opener in (WHO[role], "carlos"):
            await talk.ask(opener, "case open Export fails")
        found[handler.verb] = await reach_of(talk, WHO[role], handler.example, cases)
    assert found == {verb: PERMISSIONS[verb][role] for verb in found}


@EACH_ROLE
async def test_every_command_without_a_case_is_for_whom_its_cell_says(
    talk: Conversation, role: Role
) -> None:
    for handler in ALL:
        if not handler.case:
            outcome = await outcome_of(talk, WHO[role], handler.example)
            refused = PERMISSIONS[handler.verb][role] is Reach.NONE
            assert (outcome == "not_allowed") is refused, handler.verb


@EACH_ROLE
async def test_the_help_shows_a_command_to_whoever_may_use_it(
    talk: Conversation, role: Role
) -> None:
    for handler in ALL:
        shown = await outcome_of(talk, WHO[role], f"help {handler.verb}")
        allowed = PERMISSIONS[handler.verb][role] is not Reach.NONE and handler.verb != "help"
        assert shown == ("help" if allowed else "unknown_help"), handler.verb


@pytest.mark.parametrize(
    ("level", "verbs"),
    [
        (Level.ANALYSIS, ("escalate", "case take")),
        (Level.CONFIRMATION, ("escalate", "case return", "case take")),
        (Level.ASSESSMENT, ("case return", "case take")),
    ],
    ids=["analysis", "confirmation", "assessment"],
)
async def test_the_work_of_a_level_is_for_its_roles(
    talk: Conversation, level: Level, verbs: Sequence[str]
) -> None:
    for role, who in WHO.items():
        for verb in verbs:
            case = await talk.at_level(level, customer="carlos")
            outcome = await outcome_of(talk, who, f"{verb} {case.id} please")
            if role is Role.CUSTOMER:
                assert outcome == "not_allowed"
            else:
                refused = role not in LEVEL_ROLES[level]
                assert (outcome == "not_at_level") is refused, (role, verb, outcome)
