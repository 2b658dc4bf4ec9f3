"""Texts in several languages, with an installation's own, and what is put into them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.rocketchat.text import escape, quote
from bot.wording import Wording
from bot.wording.sources import Sources

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"

"""


class Texts:
    """Templates and catalogues in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources = Sources(templates=folder / "ours", locale=folder / "locale")
        (folder / "ours").mkdir()

    def template(self, name: str, text: str, *, below: str = "ours") -> None:
        path = self.folder / below / f"{name}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def catalogue(self, language: str, messages: str, *, below: str = "") -> None:
        path = self.folder / below / "locale" / language / "LC_MESSAGES" / "bot.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CATALOGUE + messages, encoding="utf-8")

    def write(
        self,
        name: str,
        language: str = "en",
        *,
        own: bool = False,
        zone: str = "UTC",
        **values: object,
    ) -> str:
        sources = self.sources
        if own:
            sources = Sources(
                templates=sources.templates, locale=sources.locale, override=self.folder / "own"
            )
        wording = Wording(
            escape=escape,
            quote=quote,
            split=lambda text: [text],
            sources=sources,
            zone=ZoneInfo(zone),
        )
        return wording.write(name, language, values)


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    return Texts(tmp_path)


HOSTILE: Mapping[str, str] = {
    "@all": "@\u2060all",
    "*bold*": r"\*bold\*",
    "50% & <b>": "50% & <\u2060b>",
    "%(x)s": "%(x)s",
}


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize(
    "template",
    [
        "{{ x }}",
        "{% trans %}{{ x }}{% endtrans %}",
        "{% trans y=x %}{{ y }}{% endtrans %}",
        "{% trans count=2 %}{{ x }}{% pluralize %}{{ x }}{% endtrans %}",
        "{{ gettext('%(y)s', y=x) }}",
        "{{ _('%(y)s', y=x) }}",
        "{{ pgettext('c', '%(y)s', y=x) }}",
        "{{ npgettext('c', '%(y)s', '%(y)s', 2, y=x) }}",
        "{{ x|word }}",
    ],
)
def test_what_somebody_typed_is_escaped_for_the_chat_and_nothing_else(
    texts: Texts, template: str, typed: str
) -> None:
    texts.template("one", template)
    assert texts.write("one", x=typed) == HOSTILE[typed]


def test_what_a_template_made_is_not_escaped_again(texts: Texts) -> None:
    texts.template(
        "one",
        "{% macro bold(x) %}*{{ x }}*{% endmacro %}"
        "{% trans b=bold(x), c='a b'|code %}{{ b }} 100% {{ c }}{% endtrans %}",
    )
    assert texts.write("one", x="_y_") == r"*\_y\_* 100% `a b`"


def test_a_sentence_is_translated_with_its_values_wherever_they_stand(texts: Texts) -> None:
    texts.template("one", "{% trans a=x, b=y %}{{ a }} gives {{ b }}{% endtrans %}")
    texts.catalogue("xh", 'msgid "%(a)s gives %(b)s"\nmsgstr "%(b)s <- *%(a)s*"\n')
    assert texts.write("one", "xh", x="*1*", y="2") == r"2 <- *\*1\**"
    assert texts.write("one", "en", x="1", y="2") == "1 gives 2"


@pytest.mark.parametrize(("number", "said"), [(1, "1 den"), (3, "3 dny"), (5, "5 dní")])
def test_plurals_are_the_languages_own(texts: Texts, number: int, said: str) -> None:
    texts.template(
        "one", "{% trans count=n %}{{ count }} day{% pluralize %}{{ count }} days{% endtrans %}"
    )
    texts.catalogue(
        "cs",
        'msgid "%(count)s day"\nmsgid_plural "%(count)s days"\n'
        'msgstr[0] "%(count)s den"\nmsgstr[1] "%(count)s dny"\nmsgstr[2] "%(count)s dní"\n',
    )
    assert texts.write("one", "cs", n=number) == said


def test_a_translation_that_is_not_sure_is_not_used(texts: Texts) -> None:
    texts.template("one", "{{ _('Closed.') }}")
    texts.catalogue("de", '#, fuzzy\nmsgid "Closed."\nmsgstr "Offen."\n')
    assert texts.write("one", "de") == "Closed."


def test_a_language_nobody_knows_is_written_in_english(texts: Texts) -> None:
    texts.template("one", "{{ _('Closed.') }}")
    texts.catalogue("de", 'msgid "Closed."\nmsgstr "Zu."\n')
    assert texts.write("one", "xx") == "Closed."
    assert texts.write("one", "de") == "Zu."


def test_own_texts_win_and_those_of_the_language_over_those_of_all(texts: Texts) -> None:
    for name in ("one", "two", "three"):
        texts.template(name, "ours")
        texts.catalogue("de", "")
    texts.template("one", "own", below="own")
    texts.template("two", "own", below="own")
    texts.template("two", "eigen", below="own/de")
    assert [texts.write(name, "de", own=True) for name in ("one", "two", "three")] == [
        "own", "eigen", "ours",
    ]  # fmt: skip
    assert texts.write("two", "en", own=True) == "own"
    assert texts.write("two", "de") == "ours"


def test_own_pieces_are_used_by_our_texts(texts: Texts) -> None:
    texts.template("_parts", "{% macro head() %}ours{% endmacro %}")
    texts.template("one", '{% import "_parts.j2" as parts %}{{ parts.head() }}')
    texts.template("_parts", "{% macro head() %}own{% endmacro %}", below="own")
    assert texts.write("one", own=True) == "own"


def test_own_translations_replace_ours_and_add_languages(texts: Texts) -> None:
    texts.template("one", "{{ _('Closed.') }} {{ _('Opened.') }}")
    texts.catalogue("de", 'msgid "Closed."\nmsgstr "Zu."\n\nmsgid "Opened."\nmsgstr "Auf."\n')
    texts.catalogue("de", 'msgid "Closed."\nmsgstr "Geschlossen."\n', below="own")
    texts.catalogue("fr", 'msgid "Closed."\nmsgstr "Fermé."\n', below="own")
    assert texts.write("one", "de", own=True) == "Geschlossen. Auf."
    assert texts.write("one", "fr", own=True) == "Fermé. Opened."
    assert texts.write("one", "fr") == "Closed. Opened."


def test_the_places_of_a_command_are_translated_and_its_words_are_not(texts: Texts) -> None:
    texts.template("one", "{{ 'case note <id> [reason] reason --flag <what happens>'|code }}")
    texts.catalogue(
        "de",
        'msgctxt "placeholder"\nmsgid "reason"\nmsgstr "grund"\n\n'
        'msgctxt "placeholder"\nmsgid "what happens"\nmsgstr "was ist"\n\n'
        'msgid "case"\nmsgstr "fall"\n\nmsgctxt "placeholder"\nmsgid "id"\nmsgstr "nr"\n',
    )
    assert texts.write("one", "de") == "`case note <nr> [grund] reason --flag <was ist>`"


def test_a_word_of_the_code_is_translated_up_to_the_value_at_its_end(texts: Texts) -> None:
    texts.template("one", "{{ x|word }}")
    texts.catalogue("de", 'msgid "issue"\nmsgstr "Vorgang"\n\nmsgid "alert off"\nmsgstr "aus"\n')
    assert texts.write("one", "de", x="issue BUG-7") == "Vorgang BUG-7"
    assert texts.write("one", "de", x="alert off") == "aus"
    assert texts.write("one", "de", x="the issue") == "the issue"
    assert texts.write("one", "de", x="") == ""


def test_a_time_is_shown_in_the_zone_of_the_texts(texts: Texts) -> None:
    texts.template("one", "{{ x|moment }}")
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert texts.write("one", x=at) == "2026-03-02 23:30 UTC"
    assert texts.write("one", x=at, zone="Europe/Prague") == "2026-03-03 00:30 CET"
