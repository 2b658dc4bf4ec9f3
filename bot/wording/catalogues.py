"""Translations, read from `.po` files at start: there is no compiled file that could go stale."""

import gettext
import io
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


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
