"""Which cases are worth a look before another is opened."""

import pytest

from bot.cases.case import CaseId
from bot.cases.query import CaseTitle
from bot.cases.similarity import ALIKE, alike, likeness


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
    others = [
        CaseTitle(CaseId(number), title.casefold(), "")
        for number, title in enumerate([*titles, "Export fails!"], start=1)
    ]
    assert alike("export fails", "", others) == [6, 3, 4]


def test_another_product_is_another_case() -> None:
    others = [
        CaseTitle(CaseId(1), "export fails", "printer"),
        CaseTitle(CaseId(2), "export fails", "editor"),
        CaseTitle(CaseId(3), "export fails", ""),
    ]
    assert alike("Export fails", "Editor", others) == [3, 2]
    assert len(alike("Export fails", "", others)) == 3
