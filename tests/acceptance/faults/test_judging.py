"""What judges the plays sees what it has to see."""

from pathlib import Path

import pytest

from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.milestones import told
from tests.acceptance.faults.process import Launcher
from tests.acceptance.faults.saying import announced
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.script import Script
from tests.acceptance.faults.verdict import Verdict
from tests.world import BOT


@pytest.mark.parametrize(
    ("got", "counts"),
    [
        ("abc", (0, 0, 0, 0)),
        ("ab", (1, 0, 0, 0)),
        ("abcc", (0, 1, 0, 0)),
        ("abcd", (0, 0, 1, 0)),
        ("acb", (0, 0, 0, 1)),
        ("abb", (1, 1, 0, 0)),
        ("", (3, 0, 0, 0)),
    ],
)
def test_every_difference_is_counted(got: str, counts: tuple[int, int, int, int]) -> None:
    verdict = Verdict()
    verdict.compare("somewhere", "abc", got)
    found = (verdict.missing, verdict.double, verdict.unexpected, verdict.disordered)
    assert found == counts
    assert verdict.good == (got == "abc")
    assert verdict.owed == 3


@pytest.mark.parametrize(
    ("statuses", "customer", "specialist"),
    [
        (["Specifying", "Ready"], ["now Specifying", "now Ready"], []),
        (["In Progress", "In Review"], ["now In Progress"], []),
        (["Ready", "Specifying", "Ready"], ["now Ready", "back Specifying", "again Ready"], []),
        (["Ready", "Backlog", "Ready"], ["now Ready"], []),
        (["Ready", "Blocked", "Ready"], ["now Ready"], ["unmapped Blocked"]),
        (["Done", "Done"], [], ["done"]),
        (["Ready", "Done", "Ready"], ["now Ready"], ["done", "reopened"]),
        (["Ready", "Done", "Specifying"], ["now Ready", "back Specifying"], ["done", "reopened"]),
        (["Ready", "Done", "Backlog", "Ready"], ["now Ready", "again Ready"], ["done", "reopened"]),
    ],
)
def test_the_process_told_once_more(
    statuses: list[str], customer: list[str], specialist: list[str]
) -> None:
    messages = told(statuses)
    assert (messages.customer, messages.specialist) == (customer, specialist)


async def test_whatever_is_done_to_what_the_server_holds_is_seen(
    tmp_path: Path, launcher: Launcher
) -> None:
    """The judge believes the server alone: each message of the bot lost, doubled or swapped."""
    async with Scene(tmp_path, launcher) as scene:
        await scene.ready()
        for line in Script(1).one_case(STAGES[0], "carla"):
            await scene.type(line)
        await scene.settle(within=45)
        issue = scene.world.jira.records.issues[0].id
        for status in ("Specifying", "Ready", "In Progress"):
            scene.world.jira.site.transition(issue, status)
        assert (await scene.settle(within=45)).good
        kept = scene.world.chat.workspace.messages.all
        judge = scene.judge()
        said = scene.world.chat.records.by(BOT)
        assert len(said) > 15
        for number, one in enumerate(said):
            document = kept.pop(one.id)
            assert judge.on_servers().missing
            kept[one.id] = document
            kept["again"] = {**document, "_id": "again"}
            assert judge.on_servers().double
            del kept["again"]
            later = next((two for two in said[number + 1 :] if two.rid == one.rid), None)
            if later is None or not is_ordered(one.text, later.text):
                continue
            document["ts"], later.document["ts"] = later.ts, one.ts
            assert judge.on_servers().disordered
            document["ts"], later.document["ts"] = one.ts, later.ts
        assert judge.on_servers().good


def is_ordered(first: str, second: str) -> bool:
    """Tell whether one of the two has to come first: answers among them, and news of a case."""
    return (announced(first) is None) == (announced(second) is None)
