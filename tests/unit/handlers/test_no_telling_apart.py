"""Whatever a customer types of somebody else's case: as if there were none, and nothing happens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.cases.case import Case, CaseId, CaseState, Question, TimelineEntry
from bot.cases.effects import Say
from handlers import ALL
from storage import open_store
from tests.conversation import SUPPORT, Conversation, person
from tests.factories import NOW, build_alert, build_issue_link

THEIRS, NOBODYS = 2, 9
TYPED = (
    "CASE-N", "#N", "N", "case N", "case show 1,N", "status 1,N", "CASE-N: hello there",
    "#N hello there", "N hello there", "still broken N", "it is solved N", "CASE-N solved",
    "CASE-N still broken", "yes N",
    *(one.example.replace("42", "N") for one in ALL if "42" in one.example),
)  # fmt: skip
STATES: dict[str, dict[str, Any]] = {
    "open": {},
    "asked": {"question": Question(text="why?", by=person("ana"), at=NOW)},
    "closed": {"state": CaseState.CLOSED},
    "done": {"issue": build_issue_link(7), "alert": build_alert()},
    "contacted": {"issue": build_issue_link(7), "alert": build_alert(contacted_at=NOW)},
    "erased": {"state": CaseState.CLOSED, "erased_at": NOW},
}

Seen = tuple[str, Sequence[tuple[str, str]]]
"""The answer, and everything that is owed to anybody."""


async def outcome(
    text: str, number: int, *, state: str, has_case: bool, channel: bool
) -> tuple[Seen, Case, Sequence[TimelineEntry]]:
    """Let carla type of a case by its number, where CASE-2 belongs to carlos."""
    async with open_store("tinydb://") as store:
        talk = Conversation(store)
        await talk.send("carla" if has_case else "ana", "case open The title of mine")
        await talk.send("carlos", "case open A canary of theirs")
        async with store.transaction() as tx:
            case = await tx.find_case(CaseId(THEIRS))
            assert case is not None
            await talk.desk_in(tx).save(replace(case, **STATES[state]))
        before = len(await talk.owed())
        room = SUPPORT if channel else None
        typed = text.replace("N", str(number))
        message = await talk.send("carla", f"!{typed}" if channel else typed, room=room)
        answer = (await talk.answer_to(message)).replace(str(number), "N")
        owed = [one.owed.effect for one in (await talk.owed())[before:]]
        told = [
            (one.lane, one.text.replace(str(number), "N") if isinstance(one, Say) else one.kind)
            for one in owed
        ]
        return (answer, told), await talk.case(THEIRS), await talk.timeline(THEIRS)


@pytest.mark.parametrize("channel", [False, True], ids=["direct", "channel"])
@pytest.mark.parametrize("has_case", [False, True], ids=["without a case", "with one"])
@pytest.mark.parametrize("state", STATES)
async def test_somebody_elses_case_is_as_if_there_were_none(
    state: str,
    has_case: bool,  # noqa: FBT001 - a parameter of the test
    channel: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    for text in TYPED:
        how = {"state": state, "has_case": has_case, "channel": channel}
        theirs, case, timeline = await outcome(text, THEIRS, **how)  # type: ignore[arg-type]
        nobodys, unchanged, untouched = await outcome(text, NOBODYS, **how)  # type: ignore[arg-type]
        assert theirs == nobodys, text
        assert "canary" not in str(theirs), text
        assert (case, timeline) == (unchanged, untouched), text
