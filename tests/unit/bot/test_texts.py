"""An installation's own texts: what cannot be used is named, with the file, the line and a way."""

from pathlib import Path

import pytest

from bot.settings import Settings, load
from bot.start import CannotStart
from bot.texts import open_texts, problems_of

ROOT = Path(__file__).parents[3]
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


class Own:
    """A folder with texts of an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(self, **others: str) -> Settings:
        return load(ROOT / ".env.example", templates_folder=str(self.folder), **others)

    def problem(self) -> str:
        """Return the one problem there is."""
        [problem] = problems_of(self.settings())
        return problem


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path / "texts")


def test_what_is_right_is_used(own: Own) -> None:
    own.put("customer/closed.j2", "{{ case.name }} is over, {{ case.customer.name|upper }}.")
    own.put("pt_BR/customer/closed.j2", "{% trans n=case.name %}Acabou: {{ n }}{% endtrans %}")
    own.put("locale/de/LC_MESSAGES/bot.po", HEAD + 'msgid "Closed."\nmsgstr "Geschlossen."\n')
    own.put(".git/config", "is nobody's business")
    texts = open_texts(own.settings())
    assert set(texts.languages()) == {"de", "en", "pt_BR"}


SECRETS = (
    "{{ case.closed_reason }}",
    "{{ case.owners.specialist.name }}",
    "{{ case.issue.key }}",
    "{{ case.issue.url }}",
    "{{ case.alert.resolution }}",
    "{{ case.progress.status }}",
    "{{ case.progress.milestone }}",
    "{{ case.opened_by.name }}",
    "{{ case.updated_at|moment }}",
    "{{ case.evidence['steps'].by.name }}",
    "{% for item, given in case.evidence.items() %}{{ given.by.name }}{% endfor %}",
    "{% set one = case %}{{ one.closed_reason }}",
    "{% for one in [case] %}{{ one.closed_reason }}{% endfor %}",
    "{{ (case if case.title else none).closed_reason }}",
    "{{ [case]|map(attribute='closed_reason')|join }}",
    "{{ [case]|first|attr('closed_reason') }}",
    "{{ case['closed_reason'] }}",
    "{% macro m(one) %}{{ one.closed_reason }}{% endmacro %}{{ m(case) }}",
    '{% import "_parts.j2" as parts %}{{ parts.head(case) }}{{ parts.owned(case.owners) }}',
    '{% include "staff/issue_gone.j2" %}',
    "{{ notes }}",
    "{{ entries }}",
    "{{ case }}",
    "{{ case|pprint }}",
    "{{ case.__class__ }}",
    "{{ '{0.closed_reason}'.format(case) }}",
    "{{ self._TemplateReference__context }}",
)


@pytest.mark.parametrize("text", SECRETS)
def test_nothing_of_the_team_gets_into_a_text_for_customers(own: Own, text: str) -> None:
    path = own.put("customer/closed.j2", "Hello\n" + text)
    problems = problems_of(own.settings())
    assert problems
    assert any(f"{path}:2: " in one for one in problems) or "include" in text


@pytest.mark.parametrize("text", ["{{ case.closed_reason }}", "{{ case.issue.key }}"])
@pytest.mark.parametrize("name", ["status", "refusals/closed", "case_reopen"])
def test_an_answer_that_customers_get_too_shows_that_to_the_team_only(
    own: Own, name: str, text: str
) -> None:
    own.put(f"{name}.j2", text)
    assert "customers see nothing that is the team's" in own.problem()
    own.put(f"{name}.j2", f"{{% if actor.is_staff %}}{text}{{% endif %}}")
    assert problems_of(own.settings()) == []
    own.put(f"{name}.j2", f"{{% if not actor.is_staff %}}{text}{{% endif %}}")
    assert "customers see nothing that is the team's" in own.problem()


WRONG = (
    ("customer/closed.j2", "{{ case.titel }}", "did you mean `title`?"),
    ("customer/closed.j2", "{{ cas.title }}", "unknown variable `cas` (did you mean `case`?)"),
    ("customer/closed.j2", "{% if actor.is_staff %}x{% endif %}", "unknown variable `actor`"),
    ("customer/closed.j2", "{{ 'x' if not actor.is_staff }}", "unknown variable `actor`"),
    ("staff/due.j2", "{% if not actor.is_staff %}x{% endif %}", "unknown variable `actor`"),
    (
        "status.j2",
        "{% if case.issue and actor.is_staff %}x{% endif %}",
        "unknown field `case.issue`",
    ),
    ("customer/closed.j2", "{{ case.title", "unexpected end of template"),
    ("customer/closed.j2", "{% if case %}", "Unexpected end of template"),
    ("customer/closed.j2", "{{ case.title|safe }}", "unknown filter `safe`"),
    ("customer/closed.j2", "{{ case.title|momnt }}", "unknown filter `momnt`"),
    ("customer/closed.j2", "{{ case.title|moment }}", "`moment` shows a time"),
    ("customer/closed.j2", "{{ case.evidence }}", "is no text"),
    ("customer/closed.j2", "{{ case.customer }}", "choose one of id, name, username"),
    ("customer/closed.j2", "{% for x in case.title.y %}{% endfor %}", "`case.title` has none"),
    ("customer/closed.j2", '{% extends "customer/receipt.j2" %}', "`Extends` is not known here"),
    ("customer/closed.j2", '{% include "nothing.j2" %}', "there is no template `nothing.j2`"),
    ("customer/closed.j2", "{% include case.title %}", "name the template itself"),
    ("customer/closed.j2", '{% include "customer/closed.j2" %}', "leads back to itself"),
    (
        "customer/closed.j2",
        '{% import "_parts.j2" as parts %}{{ parts.heat(case) }}',
        "has no macro `heat` (did you mean `head`?)",
    ),
    ("_parts.j2", "{% macro head(case) %}{{ case.closed_reason }}{% endmacro %}", "closed_reason"),
    ("customer/closde.j2", "x", "did you mean customer/closed.j2?"),
    ("pt_BR/customer/closde.j2", "x", "did you mean customer/closed.j2?"),
    ("de/customer/closed.j2", "x", "add locale/de/LC_MESSAGES/bot.po"),
    ("customer/closed.txt", "x", "the name of a template ends in .j2"),
    ("locale/de.po", "x", "put it into locale/<language>/LC_MESSAGES/bot.po"),
    ("locale/de/LC_MESSAGES/bot.po", 'msgid "a\n', "cannot be read"),
    (
        "locale/de/LC_MESSAGES/bot.po",
        HEAD + 'msgid "Now *%(milestone)s*."\nmsgstr "Jetzt *%(meilenstein)s*."\n',
        "bot.po:5: the original has no %(meilenstein)s; it has %(milestone)s",
    ),
    (
        "locale/de/LC_MESSAGES/bot.po",
        HEAD + 'msgid "Closed."\nmsgstr "100% zu."\n',
        "is written %%",
    ),
    ("locale/not a language/LC_MESSAGES/bot.po", HEAD, "cannot be read"),
)


@pytest.mark.parametrize(("name", "text", "said"), WRONG)
def test_what_is_wrong_is_named_with_the_file(own: Own, name: str, text: str, said: str) -> None:
    path = own.put(name, text)
    problems = problems_of(own.settings())
    assert any(said in one and f"TEMPLATES_FOLDER {path}" in one for one in problems), problems
    with pytest.raises(CannotStart, match="TEMPLATES_FOLDER"):
        open_texts(own.settings())


def test_everything_wrong_is_named_at_once(own: Own) -> None:
    own.put("customer/closed.j2", "{{ a }}\n{{ b }}")
    own.put("staff/done.j2", "{{ c }}")
    said = "\n".join(problems_of(own.settings()))
    for name in ("`a`", "`b`", "`c`"):
        assert name in said


def test_a_folder_that_is_not_there_is_named(own: Own) -> None:
    assert "there is no such folder" in own.problem()


def test_a_default_language_without_texts_is_refused_with_the_known_ones(own: Own) -> None:
    own.put("customer/closed.j2", "x")
    [problem] = problems_of(own.settings(default_language="tlh"))
    assert problem.startswith("DEFAULT_LANGUAGE tlh: ")
    assert "en, pt_BR" in problem
    assert problems_of(own.settings(default_language="pt-br")) == []
    own.put("locale/tlh/LC_MESSAGES/bot.po", HEAD)
    assert problems_of(own.settings(default_language="tlh")) == []
