"""Which cases are worth a look before another is opened."""

import pytest

from bot.cases.similarity import ALIKE, alike, likeness
from tests.factories import build_case


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Export fails", "export FAILS!"),
        ("Export fails", "Export fails on save"),
        ("PDF export crashes on large files", "Crash when exporting large PDF"),
        ("Relatório não abre", "Relatorio nao abre no Chrome"),
        ("Login page blank", "Login page is blank after update"),
    ],
)
def test_titles_that_say_the_same_are_alike(title: str, other: str) -> None:
    assert likeness(title, other) >= ALIKE


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Export fails", "Import fails"),
        ("Printer offline", "Export fails"),
        ("Login fails", "Export fails"),
        ("Error", "Error 500 on login"),
        ("???", "!!!"),
        ("", ""),
    ],
)
def test_titles_that_share_a_word_are_not(title: str, other: str) -> None:
    assert likeness(title, other) < ALIKE


def test_the_most_alike_come_first_and_not_too_many() -> None:
    titles = [
        "Export fails on save",
        "Printer offline",
        "Export fails",
        "Export fails now",
        "Export",
    ]
    cases = [build_case(number, title=title) for number, title in enumerate(titles, start=1)]
    found = alike("export fails", "", [*cases, build_case(9, title="Export fails!")])
    assert [case.id for case in found] == [9, 3, 4]


def test_another_product_is_another_case() -> None:
    cases = [
        build_case(1, title="Export fails", product="Printer"),
        build_case(2, title="Export fails", product="editor"),
        build_case(3, title="Export fails"),
    ]
    assert [case.id for case in alike("Export fails", "Editor", cases)] == [3, 2]
    assert len(alike("Export fails", "", cases)) == 3
