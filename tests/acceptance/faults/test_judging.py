"""What judges the plays sees what it has to see."""

import pytest

from tests.acceptance.faults.milestones import told
from tests.acceptance.faults.verdict import Verdict


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
