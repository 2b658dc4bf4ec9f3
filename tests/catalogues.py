"""The translations, brought up to the texts as they are: `python -m tests.catalogues`.

Run it after any text has changed; what it lists then has no translation yet.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.cases.access import Role
from bot.cases.answers import ANSWERS
from bot.cases.effects import DeliveryState
from bot.cases.erasure import CASE_ERASED, RECIPIENT_ERASED
from bot.cases.policy import CHECKLIST
from bot.delivery.chat import DEACTIVATED
from bot.guard import NO_CONTACT, NOT_OF_THE_TEAM, OTHER_CUSTOMER, OTHER_ISSUE
from bot.wording.sources import LOCALE, TEMPLATES
from bot.wording.words import ANSWER, PLACEHOLDER, places
from handlers import ALL
from handlers.on_transition import CLOSED, TOLD_LATER

ROOT = Path(__file__).parent.parent
LANGUAGES = tuple(sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))
NAMED_IN_CODE = frozenset({"about", "skipped", "what", "who"})
"""Arguments whose values are shown to people through the filter `word`."""
STRING = re.compile(r'"[^"\n]*"')
_OPTIONS = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}


def template() -> Catalog:
    """Return all there is to translate."""
    catalog = Catalog(charset="utf-8")
    for file, _, message, _, context in extract_from_dir(
        TEMPLATES, method_map=[("**.j2", "jinja2")], options_map={"**.j2": _OPTIONS}
    ):
        catalog.add(message, locations=[(f"templates/{file}", 0)], context=context)
    for word in sorted(words()):
        catalog.add(word, locations=[("words", 0)])
    for place in sorted(all_places()):
        catalog.add(place, locations=[("places", 0)], context=PLACEHOLDER)
    for name in ANSWERS:
        catalog.add(name, locations=[("answers", 0)], context=ANSWER)
    return catalog


REASONS = (
    OTHER_CUSTOMER, OTHER_ISSUE, NO_CONTACT, NOT_OF_THE_TEAM, DEACTIVATED,
    CASE_ERASED, RECIPIENT_ERASED, CLOSED, TOLD_LATER,
)  # fmt: skip
"""Why something was not sent."""


def words() -> set[str]:
    """Return the words that the code passes to the texts."""
    found = {one for handler in ALL for one in (handler.summary, handler.customer_summary)}
    found.update(role.value for role in Role)
    found.update(state.value for state in DeliveryState)
    found.update(CHECKLIST.values())
    found.update(REASONS)
    for folder in ("handlers", "bot/schedule"):
        for path in (ROOT / folder).rglob("*.py"):
            found.update(_named(ast.parse(path.read_text(encoding="utf-8"))))
    return {word for word in found if word and "/" not in word}


def all_places() -> set[str]:
    """Return the places to fill in of all commands that are shown anywhere."""
    texts = [usage for handler in ALL for usage in (handler.usage, handler.customer_usage)]
    for path in TEMPLATES.rglob("*.j2"):
        texts += STRING.findall(path.read_text(encoding="utf-8"))
    return {place for text in texts for place in places(text)}


def updated(language: str) -> Catalog:
    """Return the catalogue of a language with the messages there are now."""
    path = path_of(language)
    catalog = (
        read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else _begun(language)
    )
    newest = template()
    newest.creation_date = catalog.creation_date  # or the file would differ after every run
    catalog.update(newest, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def _begun(language: str) -> Catalog:
    header = f"# What the bot says, in {language}."
    return Catalog(
        locale=language,
        charset="utf-8",
        project="casebot",
        version="1",
        header_comment=header,
        last_translator="the team",
        language_team=language,
        msgid_bugs_address="none",
        fuzzy=False,
    )


def path_of(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return LOCALE / language / "LC_MESSAGES" / "bot.po"


def written(catalog: Catalog) -> str:
    """Return a catalogue as it is kept."""
    kept = BytesIO()
    write_po(kept, catalog, width=100, sort_output=True, include_lineno=False)
    return kept.getvalue().decode()


def untranslated(catalog: Catalog) -> list[str]:
    """Return the messages without a translation, or with one that is not sure."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(strings(message.string)))
    ]


def strings(string: str | Sequence[str] | None) -> Sequence[str]:
    """Return a message or a translation as its forms; a single one, where there is no plural."""
    return [string or ""] if string is None or isinstance(string, str) else string


def _named(tree: ast.AST) -> Iterator[str]:
    """Yield what is passed under the names above; of an f-string what stands before its value."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.keyword) or node.arg not in NAMED_IN_CODE:
            continue
        for value in ast.walk(node.value):
            if isinstance(value, ast.JoinedStr):
                first = value.values[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value).strip()
                break
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def main() -> int:
    """Write every catalogue anew and list what is left to do."""
    left = 0
    for language in sys.argv[1:] or LANGUAGES:
        catalog = updated(language)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_text(written(catalog), encoding="utf-8")
        for message in untranslated(catalog):
            left += 1
            print(f"{language}: {message}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
