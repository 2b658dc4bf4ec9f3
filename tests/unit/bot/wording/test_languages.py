"""Which language somebody means."""

import pytest

from bot.wording.languages import find, names

KNOWN = ("en", "pt_BR", "de", "xx_odd")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pt_BR", "pt_BR"),
        ("pt-br", "pt_BR"),
        (" PT_br ", "pt_BR"),
        ("pt", "pt_BR"),
        ("português", "pt_BR"),
        ("Portuguese", "pt_BR"),
        ("Português (Brasil)", "pt_BR"),
        ("English", "en"),
        ("Deutsch", "de"),
        ("german", "de"),
        ("xx_odd", "xx_odd"),
        ("klingon", None),
        ("pt_PT", None),
        ("", None),
        ("  ", None),
    ],
)
def test_a_language_is_known_by_code_first_part_and_name(asked: str, found: str | None) -> None:
    assert find(asked, KNOWN) == found


def test_languages_are_called_what_they_call_themselves() -> None:
    assert dict(names(KNOWN)) == {
        "de": "Deutsch", "en": "English", "pt_BR": "português (Brasil)", "xx_odd": "xx_odd",
    }  # fmt: skip
