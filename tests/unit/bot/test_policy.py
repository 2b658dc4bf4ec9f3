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
        ('[hours]\nsilence = "14d"', ["hours.silence is not known", "at the top of the file"]),
        ('untaken = "1h"', ["line 1, untaken is not known", "under [limits]"]),
        ('[limits]\nanalysis = "1h"', ["analysis is not known", "under [limits.level]"]),
        ("[limits]\nuntaken = 4h", ["not TOML", "line 2", "stand in quotes"]),
        ('[limits]\nlevel = "1d"', ["limits.level is wrong", "must be a table of its own"]),
        ('[hours]\ndays = "mon-fri"', ["hours.days is wrong", "a list in square brackets"]),
        ('[hours]\nend = "24:00"', ["hours.end is wrong", "00:00 is midnight"]),
        ('[hours]\nsubdivision = "SP"', ["hours.subdivision needs hours.country"]),
        ('[files]\nmost_megabytes = "50MB"', ["most_megabytes", "a whole number without quotes"]),
        ('[files]\nrefused_endings = [""]', ["refused_endings", "the ending of a file name"]),
        ("[files]\nrefused_endings = [1]", ["refused_endings", "text in quotes"]),
        ("[checklists.default]", ["checklists.default is wrong", "at least 1 entry"]),
        ('[checklists.default]\nversion = " "', ["default.version is wrong", "not be empty"]),
        ('severities = ["High", "high"]', ["severities is wrong", "same entry twice"]),
        ('products = ["A", " "]', ["products is wrong", "empty entry"]),
        ('[alerts.deputies]\nsam = "@Sam"', ["alerts.deputies", "somebody else for 'sam'"]),
        ('[alerts.deputies]\nsam = ""', ["alerts.deputies", "somebody else for 'sam'"]),
        ('[alerts.deputies]\nsam = "a"\n"@Sam" = "b"', ["alerts.deputies", "'sam' twice"]),
        ('[privacy]\nclosed_cases = "24m"', ["closed_cases is wrong", "a number of days", "730d"]),
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


def test_what_an_editor_on_windows_makes_of_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes('\ufeffsilence = "1d"\r\nproducts = ["Big  App"]\r\n'.encode())
    policy = read(path)
    assert policy.silence == timedelta(days=1)
    assert policy.products == ("Big App",)
    path.write_bytes('products = ["Aplicação"]'.encode("latin-1"))
    with pytest.raises(PolicyProblem, match="not saved as UTF-8"):
        read(path)


def test_an_ending_means_the_same_however_it_is_written(tmp_path: Path) -> None:
    text = '[files]\nrefused_endings = ["*.EXE", ".bat", "cmd", ".tar.gz"]'
    policy = read(write(tmp_path, text))
    assert policy.files.refused_endings == (".exe", ".bat", ".cmd", ".tar.gz")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblem, match="cannot be read"):
        read(tmp_path / "none.toml")
