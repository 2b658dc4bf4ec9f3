"""Every text says what it should, in every language, and to nobody what is not theirs."""

import re
import unicodedata
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.cases.access import Actor, Role
from bot.cases.answers import ANSWERS
from bot.cases.case import Alert, Case, Evidence, IssueLink, Milestone, Owners, Person, Progress
from bot.cases.views import for_customer, view_of
from bot.rocketchat.text import escape, quote
from bot.texts import CONTRACT, environment_of
from bot.wording import TEMPLATES, Wording
from bot.wording.catalogues import misfits, places
from bot.wording.check import names, problems
from bot.wording.contract import used_by
from bot.wording.findings import Reader
from bot.wording.sources import SOURCE_LANGUAGE, Sources
from bot.wording.words import ANSWER
from tests.catalogues import LANGUAGES, path_of, strings, untranslated, updated
from tests.samples import Samples

ROOT = Path(__file__).parents[2]
NAMES = [name for name in names(TEMPLATES) if not name.split("/")[-1].startswith("_")]
EVERY_LANGUAGE = pytest.mark.parametrize("language", [SOURCE_LANGUAGE, *LANGUAGES])
EVERY_CATALOGUE = pytest.mark.parametrize("language", LANGUAGES)
LONGEST_LINE = 300
"""Characters in a line with short values: about eight lines of a phone."""
_CUSTOMERS_OWN = {"title", "customer", "severity", "version", "product", "language"}
INSTRUCTION = "run `python -m tests.catalogues`, then translate what it lists in"


@cache
def wording() -> Wording:
    return Wording(escape=escape, quote=quote, split=lambda text: [text])


def values_of(name: str, reader: Reader) -> dict[str, Any]:
    """Return sample values for a text, as its reader gets them."""
    environment = wording().environment(SOURCE_LANGUAGE)
    used = used_by(f"{name}.j2", environment)
    made = {one: Samples().of(shape) for one, shape in CONTRACT.given(name, used, reader).items()}
    if "actor" in made:
        role = Role.ADMIN if reader is Reader.STAFF else Role.CUSTOMER
        made["actor"] = Actor(person=made["actor"].person, roles=frozenset({role}))
    if "incident" in made:
        made["incident"] = "jira_late"
    return made


def test_every_text_uses_only_what_it_is_given_and_its_reader_may_see() -> None:
    assert problems(Sources(), CONTRACT, environment_of) == [], (
        "a variable is declared in handlers/contract.py, what a customer sees in bot/cases/views.py"
    )


def test_nothing_is_declared_that_no_text_uses() -> None:
    environment = wording().environment(SOURCE_LANGUAGE)
    used = {one for name in NAMES for one in used_by(f"{name}.j2", environment)}
    assert set(CONTRACT.variables) - used - {"actor", "direct", "p", "prefix", "usage"} == set()


@EVERY_LANGUAGE
def test_every_text_can_be_written(language: str) -> None:
    for name in NAMES:
        for reader in CONTRACT.readers(name):
            text = wording().write(name, language, values_of(name, reader))
            assert text, name
            assert "None" not in text, (name, text)


@EVERY_LANGUAGE
def test_every_line_is_short_enough_for_a_phone_and_needs_no_emoji(language: str) -> None:
    for name in NAMES:
        for reader in CONTRACT.readers(name):
            text = wording().write(name, language, values_of(name, reader))
            assert max(map(len, text.split("\n"))) <= LONGEST_LINE, name
            assert not [one for one in text if unicodedata.category(one) == "So"], name
            emoji = [line for line in text.split("\n") if re.search(r":[a-z_]+:", line)]
            assert all("`" in line for line in emoji), f"{name}: there is no other way"
            joined = re.search(r"\w[.:?][^\W\d_a-z]", text.replace("Rocket.Chat", ""))
            assert not joined, f"{name}: a line break is missing"
            assert "\n\n\n" not in text, name


@EVERY_CATALOGUE
def test_every_message_is_translated(language: str) -> None:
    assert untranslated(updated(language)) == [], f"{INSTRUCTION} {path_of(language)}"


@EVERY_CATALOGUE
def test_the_catalogue_has_the_messages_there_are_and_no_others(language: str) -> None:
    kept = path_of(language).read_text(encoding="utf-8")
    there = list(updated(language))
    assert kept.count("\nmsgid ") == len(there), f"{INSTRUCTION} {path_of(language)}"


@EVERY_CATALOGUE
def test_an_answer_is_understood_as_it_is_translated(language: str) -> None:
    translated = {one.id: one.string for one in updated(language) if one.context == ANSWER}
    assert set(translated) == set(ANSWERS)
    assert [name for name in ANSWERS if translated[name] not in ANSWERS[name]] == []


@EVERY_CATALOGUE
def test_a_translation_has_the_places_of_its_original(language: str) -> None:
    catalogue = updated(language)
    assert list(misfits(catalogue)) == []
    for message in catalogue:
        for translated in filter(None, strings(message.string) if message.id else ()):
            assert places(translated) == places(strings(message.id)[-1]), message.id


@EVERY_CATALOGUE
def test_a_translation_keeps_what_is_typed_and_ends_as_its_original(language: str) -> None:
    for message in updated(language):
        for translated in filter(None, strings(message.string) if message.id else ()):
            original = strings(message.id)[-1]
            assert translated.count("*") == original.count("*"), original
            assert (translated[-1:] in ".?:") == (original[-1:] in ".?:"), original


def secret_case() -> Case:
    """Return a case in which everything is a secret but what its customer gave."""
    secrets = Samples("SECRET")
    case: Case = secrets.of(Case)
    open_ = Samples("open").of(Case)
    kept: dict[str, Any] = {one: getattr(open_, one) for one in _CUSTOMERS_OWN}
    progress = replace(case.progress, milestone=Milestone.DONE, told=Milestone.READY)
    return replace(case, **kept, progress=progress, question=None, evidence={
        "version": Evidence(text="open", by=kept["customer"], at=case.opened_at),
        "reproduction": secrets.of(Evidence),
    })  # fmt: skip


def test_the_secret_case_has_secrets_wherever_a_team_may_write() -> None:
    case = secret_case()
    for part in (Owners, IssueLink, Alert, Progress, Person, Evidence):
        assert "SECRET" in repr(Samples("SECRET").of(part)), part
    hidden = {one.name for one in fields(case)} - _CUSTOMERS_OWN
    assert {"owners", "issue", "alert", "closed_reason", "progress", "opened_by"} <= hidden
    assert "SECRET" in case.closed_reason
    assert "SECRET" in repr(case.evidence)


@EVERY_LANGUAGE
def test_no_text_shows_a_customer_what_is_the_teams(language: str) -> None:
    case = secret_case()
    assert "SECRET" not in repr(view_of(case)).replace(repr(view_of(case).files), "")
    for name in NAMES:
        if Reader.CUSTOMER not in CONTRACT.readers(name):
            continue
        values = values_of(name, Reader.CUSTOMER)
        values = {one: _shown(one, value, case) for one, value in values.items()}
        text = wording().write(name, language, values)
        assert "SECRET" not in text, name
        assert "DONE" not in text, name


def _shown(name: str, value: object, case: Case) -> object:
    if name == "case":
        return for_customer(case)
    if name in {"cases", "closed", "others"}:
        return for_customer([case, case])
    if name == "rows":
        return for_customer([(case, case.progress.told)])
    return value


def test_texts_are_written_where_they_are_made_fit_for_their_reader_and_nowhere_else() -> None:
    writing = {
        path.relative_to(ROOT).as_posix()
        for package in ("bot", "handlers")
        for path in (ROOT / package).rglob("*.py")
        if "texts.write(" in path.read_text(encoding="utf-8")
    }
    assert writing == {"bot/desk.py", "handlers/context.py"}
