"""Who must be told what when an issue goes through statuses: the process, told once more."""

from collections.abc import Sequence
from dataclasses import dataclass, field

RANK = {"Specifying": 1, "Ready": 2, "In Progress": 3, "Done": 4}
MEANS = {**{name: name for name in RANK}, "In Review": "In Progress"}
SILENT = frozenset({"Backlog"})


@dataclass(slots=True)
class Told:
    """What each of the two is told, in order."""

    customer: list[str] = field(default_factory=list)
    specialist: list[str] = field(default_factory=list)


def told(statuses: Sequence[str]) -> Told:
    """Return who is told what.

    Args:
        statuses: those the issue came to after the one it began in, oldest first.
    """
    messages = Told()
    at = last_told = ""
    ever_told: set[str] = set()
    for status in statuses:
        milestone = MEANS.get(status, "")
        if not milestone and status not in SILENT:
            messages.specialist.append(f"unmapped {status}")
            continue
        if at == "Done" and milestone != "Done":
            messages.specialist.append("reopened")
            at = milestone
            if not milestone or milestone == last_told:
                continue
            back = bool(last_told) and RANK[milestone] < RANK[last_told]
            messages.customer.append(f"{'back' if back else 'now'} {milestone}")
        elif not milestone or milestone == at:
            continue
        elif milestone == "Done":
            messages.specialist.append("done")
            at = milestone
            continue
        else:
            back = bool(at) and RANK[milestone] < RANK[at]
            how = "back" if back else "again" if milestone in ever_told else "now"
            messages.customer.append(f"{how} {milestone}")
            at = milestone
        last_told = milestone
        ever_told.add(milestone)
    return messages
