"""What PostgreSQL's store works out by itself, without a server."""

import pytest

from storage.postgres_cases import columns_of, grams_of
from storage.postgres_schema import clean
from tests.factories import build_case


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("Ünïcode 😀", "Ünïcode 😀"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("half \ud83d", "half ?"),
    ],
)
def test_a_text_is_made_fit_for_a_column(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_grams_are_every_three_letters_once() -> None:
    assert grams_of("ababa") == ["aba", "bab"]
    assert grams_of("ab") == []


def test_a_case_is_found_by_its_folded_title_and_name() -> None:
    columns = columns_of(build_case(12, title="Straße BRICHT"))
    assert columns["words"] == "case-12\nstrasse bricht"
    assert "bri" in columns["grams"]
