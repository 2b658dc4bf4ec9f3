"""Translations, read from `.po` files at start: there is no compiled file that could go stale."""

import gettext
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

_PLACE = re.compile(r"%\((\w+)\)s")


def read(path: Path, language: str) -> Catalog:
    """Read a catalogue.

    Raises:
        PoFileError: it cannot be read.
    """
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translations(paths: Sequence[Path], language: str) -> gettext.NullTranslations:
    """Return the translations of a language; a message that has none stays as it is written.

    Args:
        paths: the catalogues; where two translate a message, the later wins.
        language: which one they are in.
    """
    found: gettext.NullTranslations = gettext.NullTranslations()
    for path in paths:
        compiled = io.BytesIO()
        write_mo(compiled, read(path, language))
        compiled.seek(0)
        newer = gettext.GNUTranslations(compiled)
        newer.add_fallback(found)
        found = newer
    return found


def misfits(catalogue: Catalog) -> Iterator[tuple[int, str]]:
    """Yield line and sentence for each translation that would not take what is put into it."""
    for message in catalogue:
        if not message.id:
            continue
        wanted = places("".join(_strings(message.id)))
        for translated in filter(None, _strings(message.string)):
            line = message.lineno or 0
            if strange := places(translated) - wanted:
                yield line, f"the original has no %({min(strange)})s; it has {_list(wanted)}"
            if "%" in _PLACE.sub("", translated).replace("%%", ""):
                yield line, "a percent sign that stands for itself is written %%"


def places(text: str) -> set[str]:
    """Return the names of the values that are put into a message."""
    return set(_PLACE.findall(text))


def _strings(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text or ""] if text is None or isinstance(text, str) else text


def _list(names: set[str]) -> str:
    return ", ".join(f"%({name})s" for name in sorted(names)) or "none"
