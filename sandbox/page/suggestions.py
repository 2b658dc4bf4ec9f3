"""Lines worth trying, per person, in the order of the story.

`{case}` stands for the latest case in sight.
"""

from collections.abc import Mapping, Sequence

SUGGESTIONS: Mapping[str, Sequence[tuple[str, str]]] = {
    "ana": (
        ("Open a case", "!case open Export fails on save --customer @carla --version 7.1.0"),
        ("Steps", "!case evidence {case} steps Open a file, press Export"),
        ("Expected", "!case evidence {case} expected The file is saved"),
        ("Actual", "!case evidence {case} actual Error 500"),
        ("Reproduction", "!case evidence {case} reproduction Every time, on 7.1.0"),
        ("Escalate", "!escalate {case} Reproduced on 7.1.0"),
        ("Status", "!status {case}"),
        ("Cases", "!case list"),
    ),
    "sam": (
        ("Take it", "!case take {case}"),
        ("Note", "!case note {case} Same log line as last week"),
        ("Escalate", "!escalate {case} Confirmed on a clean installation"),
        ("Return", "!case return {case} Please add the server log"),
        ("Contacted", "!case contacted {case} Phoned, sent the release notes"),
        ("Timeline", "!case timeline {case}"),
        ("Who was told", "!case proof {case}"),
    ),
    "rita": (
        ("Take it", "!case take {case}"),
        ("Confirm the defect", "!case confirm {case}"),
        ("Return", "!case return {case} Which database is it?"),
        ("Show", "!case show {case}"),
    ),
    "carla": (
        ("Status", "status"),
        ("Open a case", "case open The report is empty --version 7.1.0"),
        ("Show", "case show {case}"),
        ("Reopen", "case reopen {case} It fails again"),
        ("Help", "help"),
    ),
    "carlos": (
        ("Open a case", "case open Login takes a minute --version 7.2.0"),
        ("Status", "status"),
        ("Somebody else's case", "case show {case}"),
        ("Help", "help"),
    ),
}
