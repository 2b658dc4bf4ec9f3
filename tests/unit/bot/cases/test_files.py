"""What files are called and which are taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.files import LONGEST_NAME, Objection, cleaned_name, ending_of, objection_to
from bot.cases.policy import FileRules

RULES = FileRules(most_bytes=1_000, refused_endings=(".exe", ".js"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("app.log", "app.log"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\carla\\trace.txt", "trace.txt"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("x.\u200bexe", "x.exe"),
        ("a\x00b\r\nc.log", "abc.log"),
        ("CON", "CON_"),
        ("nul.txt", "nul_.txt"),
        ("what?<>.log", "what.log"),
        ("setup.exe. ", "setup.exe"),
        ("résumé 日本.log", "résumé 日本.log"),
        ("  two   spaces.log", "two spaces.log"),
    ],
)
def test_a_name_is_kept_without_what_could_mislead(sent: str, kept: str) -> None:
    assert cleaned_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = cleaned_name("日" * 300 + ".log")
    assert name.endswith("日.log")
    assert len(name.encode()) <= LONGEST_NAME


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_name_is_dangerous(sent: str) -> None:
    name = cleaned_name(sent)
    assert 0 < len(name.encode()) <= LONGEST_NAME + 10
    assert not set(name) & set('/\\:*?"<>|\0\n\r\u202e\u200b')
    assert name == name.strip(". ")
    assert cleaned_name(name) == name


def test_an_ending_is_found_whatever_its_letters() -> None:
    assert ending_of("SETUP.EXE") == ".exe"
    assert ending_of("README") == ""


@pytest.mark.parametrize(
    ("name", "size", "why"),
    [
        ("app.log", 1_000, None),
        ("app.log", 0, None),
        ("app.log", 1_001, Objection.TOO_LARGE),
        ("Setup.EXE", 10, Objection.ENDING),
        ("exe", 10, None),
    ],
)
def test_what_is_taken_is_a_matter_of_ending_and_size(
    name: str, size: int, why: Objection | None
) -> None:
    no = objection_to(name, size, RULES)
    assert (no.why if no else None) is why
