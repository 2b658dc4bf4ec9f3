"""Languages: what they are called, and which one somebody means."""

from collections.abc import Iterable, Mapping

from babel import Locale, UnknownLocaleError


def names(codes: Iterable[str]) -> Mapping[str, str]:
    """Return what each language calls itself, by its code, sorted by code."""
    return {code: _name(code, code) for code in sorted(codes)}


def find(asked: str, codes: Iterable[str]) -> str | None:
    """Return the code of the language somebody means, or None.

    Args:
        asked: a code in any spelling (`pt-br`), its first part (`pt`), or a name in English or in
            the language itself.
        codes: the known languages.
    """
    known = sorted(codes)
    wanted = _folded(asked)
    if not wanted:
        return None
    for code in known:
        if wanted in {_folded(code), _folded(_name(code, code)), _folded(_name(code, "en"))}:
            return code
    for code in known:
        if wanted in {_first(code), *(_folded(_bare_name(code, in_)) for in_ in (code, "en"))}:
            return code
    return None


def _folded(text: str) -> str:
    return " ".join(text.replace("-", "_").split()).casefold()


def _first(code: str) -> str:
    return code.partition("_")[0].casefold()


def _name(code: str, in_language: str) -> str:
    try:
        return Locale.parse(code).get_display_name(in_language) or code
    except (ValueError, UnknownLocaleError):
        return code


def _bare_name(code: str, in_language: str) -> str:
    try:
        return Locale.parse(code).get_language_name(in_language) or code
    except (ValueError, UnknownLocaleError):
        return code
