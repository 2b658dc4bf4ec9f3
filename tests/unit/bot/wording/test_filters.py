"""What a text to type can do besides being read: nothing."""

import pytest

from bot.wording.filters import code


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a `b` c", "`a 'b' c`"),
        ("tell @all", "`tell @\u2060all`"),
        ("x>@here", "`x>@\u2060here`"),
        ("see #general", "`see #\u2060general`"),
        ("a\u202egnp.exe", "`agnp.exe`"),
        ("two\nlines\u200b", "`two lines`"),
        ("case assign 1 <id>", "`case assign 1 <id>`"),
    ],
)
def test_text_to_type_stays_between_its_backticks(typed: str, shown: str) -> None:
    assert code(typed) == shown
