"""What people are told to type is what will be understood."""

import gettext
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.wording.words import ANSWER, answer


def translations(**answers: str) -> gettext.GNUTranslations:
    catalog = Catalog(locale="pt_BR", charset="utf-8")
    for name, translated in answers.items():
        catalog.add(name, translated, context=ANSWER)
    written = BytesIO()
    write_mo(written, catalog)
    written.seek(0)
    return gettext.GNUTranslations(written)


@pytest.mark.parametrize(
    ("translated", "shown"),
    [("sim", "sim"), ("pois sim", "yes"), ("no", "yes"), ("", "yes")],
)
def test_an_answer_is_shown_as_it_is_understood(translated: str, shown: str) -> None:
    assert answer("yes", translations(yes=translated)) == shown


def test_what_is_no_answer_of_ours_stays() -> None:
    assert answer("perhaps", translations(yes="sim")) == "perhaps"
