"""The policy file: complete, and everything that is wrong with it is named at once."""

import re
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.cases.case import Level
from bot.cases.policy import Policy
from bot.policy import PolicyProblem, read
from bot.policy.reading import EXAMPLES

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "policy.example.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    """Return what is said to be wrong, one line each, without the file's name."""
    path = write(folder, text)
    with pytest.raises(PolicyProblem) as problem:
        read(path)
    return [line.removeprefix(f"{path}: ") for line in str(problem.value).splitlines()]


def test_the_example_is_what_holds_without_a_file() -> None:
    assert read(EXAMPLE) == Policy()


def test_the_example_names_every_key_and_what_it_comments_out_works(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^#(?=\[|[a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"))
    text = text.replace("products = []", 'products = ["Big App"]')
    policy = read(write(tmp_path, text))
    keys = set(re.findall(r"(?m)^([a-z_]+) = ", text)) | {"deputies"}
    assert set(EXAMPLES) <= keys
    assert policy.hours.country == "BR"
    assert policy.alerts.deputies == {"sam": "sue"}
    assert policy.checklists.by_product["big app"]["tenant"]
    assert policy.limits_by_severity["critical"].first_response == timedelta(hours=1)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(write(tmp_path, "")) == Policy()


def test_a_day_of_work_is_as_long_as_the_team_works(tmp_path: Path) -> None:
    policy = read(
        write(
            tmp_path,
            """
            [hours]
            begin = "08:00"
            end = "16:00"
            [limits]
            next_update = "2d"
            [limits.level]
            analysis = "none"
            """,
        )
    )
    assert policy.limits.next_update == timedelta(hours=16)
    assert Level.ANALYSIS not in policy.limits.level
    assert policy.limits.level[Level.ASSESSMENT] == timedelta(hours=40)
    assert policy.silence == timedelta(days=14)


def test_midnight_is_the_end_of_the_day(tmp_path: Path) -> None:
    text = '[hours]\nbegin = "00:00"\nend = "00:00"\n[limits]\nnext_update = "1d"\n'
    policy = read(write(tmp_path, text))
    assert policy.hours.end == time(0)
    assert policy.limits.next_update == timedelta(days=1)


def test_a_severity_in_a_hurry_keeps_the_other_limits(tmp_path: Path) -> None:
    text = (
        '[limits]\nuntaken = "3h"\n[limits.level]\nanalysis = "1h"\n'
        '[limits.severity.critical]\nfirst_response = "none"\n'
        '[limits.severity.critical.level]\nassessment = "1d"\n'
    )
    hurry = read(write(tmp_path, text)).limits_by_severity["critical"]
    assert hurry.first_response is None
    assert hurry.untaken == timedelta(hours=3)
    assert hurry.level[Level.ANALYSIS] == timedelta(hours=1)
    assert hurry.level[Level.ASSESSMENT] == timedelta(hours=9)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('silence = "soon"', ["line 1, silence is wrong", "duration", 'silence = "14d"']),
        ('silence = "0d"', ["silence is wrong", "longer than nothing"]),
        ('severites = ["a"]', ["line 1, severites is not known", "Did you mean severities?"]),
        ('digest_at = "9"', ["digest_at is wrong", 'digest_at = "09:00"']),
        ('[hours]\ntime_zone = "Mars/Base"', ["line 2, hours.time_zone", "Mars/Base"]),
        ('[hours]\ndays = ["monday"]', ["line 2, hours.days", "mon, tue"]),
        ('[hours]\ncountry = "XX"', ["line 2, hours.country", "'XX'", 'country = "BR"']),
        ('[hours]\ncountry = "BR"\nsubdivision = "ZZ"', ["hours.subdivision 'ZZ'", "SP"]),
        ('[hours]\nbegin = "19:00"', ["hours.end must be later than hours.begin"]),
        ("[limits]\nwarn_at = 2", ["line 2, limits.warn_at", "warn_at = 0.8"]),
        ("[alerts]\ndeputy_after = 0", ["line 2, alerts.deputy_after", "deputy_after = 2"]),
        ('[limits.severity.urgent]\nuntaken = "1h"', ["'urgent'", "critical, high, medium, low"]),
        ('[checklists.default]\n"two words" = "x"', ["'two words'", "one word"]),
        ('products = ["A"]\n[checklists.product.B]\nx = "y"', ["'B'", "products: A"]),
        ("a = = 1", ["not TOML", "line 1", "policy.example.toml"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_an_example(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    [line] = problems(tmp_path, text)
    for part in parts:
        assert part in line


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, 'silence = 3\nx = 1\n[alerts]\nrepeat = "often"\n')
    assert len(found) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="cannot be read"):
        read(tmp_path / "none.toml")
