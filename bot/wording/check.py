"""Checks the folder of an installation's own texts, completely, before anybody reads one."""

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from babel import UnknownLocaleError
from babel.messages.pofile import PoFileError
from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from bot.wording.catalogues import misfits, read
from bot.wording.contract import Contract, used_by
from bot.wording.findings import Template
from bot.wording.reading import Reading
from bot.wording.sources import SOURCE_LANGUAGE, Sources

EnvironmentOf = Callable[[Sources, str], Environment]
"""Returns the environment of a language."""
_ENDING = ".j2"


def problems(sources: Sources, contract: Contract, environment_of: EnvironmentOf) -> list[str]:
    """Return what is wrong with the texts, each in one line that begins with file and line.

    Args:
        sources: where the texts are.
        contract: what they are given.
        environment_of: what writes them.
    """
    found: list[str] = []
    if sources.override is not None:
        if not sources.override.is_dir():
            return [f"{sources.override}: there is no such folder"]
        found += _strange_files(sources, sources.override)
    found += _catalogues(sources)
    if found:
        return found
    ours = environment_of(Sources(templates=sources.templates, locale=sources.locale), "en")
    concerned = _concerned(sources)
    for language in _languages_with_templates(sources):
        found += _templates(concerned, contract, environment_of(sources, language), ours)
    return list(dict.fromkeys(found))


def names(folder: Path) -> list[str]:
    """Return the names of the texts in a folder, sorted."""
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*{_ENDING}")
    )


def _languages_with_templates(sources: Sources) -> list[str]:
    own = sources.override
    others = sources.languages() - {SOURCE_LANGUAGE} if own is not None else set()
    return [SOURCE_LANGUAGE, *sorted(one for one in others if own and (own / one).is_dir())]


def _strange_files(sources: Sources, folder: Path) -> Iterator[str]:
    """Yield a line for each file that would not be read, which nobody would notice."""
    known = names(sources.templates)
    for path in sorted(folder.rglob("*")):
        place = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_dir() or any(part.startswith(".") for part in place.parts):
            continue
        if place.parts[0] == "locale":
            if len(place.parts) != 4 or place.parts[2:] != ("LC_MESSAGES", "bot.po"):  # noqa: PLR2004
                yield f"{path}: not read here; put it into locale/<language>/LC_MESSAGES/bot.po"
        elif place.suffix != _ENDING:
            yield f"{path}: not read; the name of a template ends in {_ENDING}"
        else:
            yield from _strange_name(path, place.with_suffix(""), sources.languages(), known)


def _strange_name(
    path: Path, place: PurePosixPath, languages: frozenset[str], known: list[str]
) -> Iterator[str]:
    name = place.as_posix()
    inner = PurePosixPath(*place.parts[1:]).as_posix()
    if name in known or (place.parts[0] in languages and inner in known):
        return
    if inner in known:
        yield (
            f"{path}: there are no translations into {place.parts[0]};"
            f" add locale/{place.parts[0]}/LC_MESSAGES/bot.po"
        )
        return
    wanted = inner if place.parts[0] in languages else name
    close = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {close[0]}{_ENDING}?" if close else "the names are those of our own texts"
    yield f"{path}: there is no text of this name; {hint}"


def _catalogues(sources: Sources) -> Iterator[str]:
    for language in sorted(sources.languages()):
        for path in sources.catalogues(language):
            try:
                catalogue = read(path, language)
            except (PoFileError, UnknownLocaleError, ValueError, LookupError) as error:
                yield f"{path}: cannot be read: {error}"
            else:
                yield from (f"{path}:{line}: {what}" for line, what in misfits(catalogue))


def _concerned(sources: Sources) -> list[str]:
    """Return the texts to read: those in the folder, and whatever uses one of them.

    Without a folder that is every text.
    """
    ours = {name: (sources.templates / f"{name}{_ENDING}") for name in names(sources.templates)}
    if sources.override is None:
        return list(ours)
    there = set(names(sources.override))
    known = {name for name in ours if any(own == name or own.endswith(f"/{name}") for own in there)}
    texts = {name: path.read_text(encoding="utf-8") for name, path in ours.items()}
    while True:
        using = {
            name
            for name, text in texts.items()
            if name not in known and any(f"{one}{_ENDING}" in text for one in known)
        }
        if not using:
            return sorted(known)
        known |= using


def _templates(
    concerned: list[str], contract: Contract, environment: Environment, ours: Environment
) -> Iterator[str]:
    library = _Library(environment)
    for name in concerned:
        if PurePosixPath(name).name.startswith("_"):
            continue  # pieces are read where they are used
        template = library.find(f"{name}{_ENDING}")
        if template is None:
            continue
        used = used_by(f"{name}{_ENDING}", ours)
        for reader in contract.readers(name):
            reading = Reading(reader=reader, find=library.find)
            reading.read(template, contract.given(name, used, reader))
            for problem in reading.problems:
                yield f"{library.path(problem.name)}:{problem.line}: {problem.what}"
    yield from library.broken


class _Library:
    """The templates of one language, each parsed once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._found: dict[str, Template | None] = {}
        self.broken: list[str] = []

    def find(self, name: str) -> Template | None:
        """Return a template; None if there is none or it cannot be parsed."""
        if name not in self._found:
            self._found[name] = self._parsed(name)
        return self._found[name]

    def path(self, name: str) -> str:
        """Return the file a template comes from."""
        loader = self._environment.loader
        return name if loader is None else loader.get_source(self._environment, name)[1] or name

    def _parsed(self, name: str) -> Template | None:
        loader = self._environment.loader
        if loader is None:
            return None
        try:
            source, path, _ = loader.get_source(self._environment, name)
            return Template.of(name, self._environment.parse(source, name, path))
        except TemplateSyntaxError as error:
            self.broken.append(f"{self.path(name)}:{error.lineno}: {error.message}")
        except UnicodeDecodeError:
            self.broken.append(f"{name}: this is not UTF-8")
        except TemplateNotFound:
            return None
        return None
