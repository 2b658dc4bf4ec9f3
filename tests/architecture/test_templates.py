"""Every text is used, every text that is used is there, in every language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.cases.case import Milestone
from bot.rocketchat.text import escape, quote
from bot.wording import TEMPLATES, Wording
from bot.wording.sources import Sources
from tests.factories import NOW, build_alert, build_case, build_issue_link

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(Sources().languages())
PARTS = "_parts"
INTO_PARTS = re.compile(r"""{%-? (?:import|include|from|extends) "([\w/]+)\.j2\"""")
A_NAME = re.compile(r"(?:customer|staff|admin|refusals)/\w+")
# Other things are written, too: files, streams.
LIKE_A_NAME = re.compile(r"[a-z_*]+(?:/[a-z_*]+)?")


def names() -> set[str]:
    """Return the names of the texts."""
    return {
        path.relative_to(TEMPLATES).with_suffix("").as_posix() for path in TEMPLATES.rglob("*.j2")
    }


@cache
def trees() -> tuple[ast.Module, ...]:
    """Return the code of everything that writes texts."""
    paths = [path for package in ("bot", "handlers") for path in (ROOT / package).rglob("*.py")]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in paths)


def strings(node: ast.AST) -> Iterator[str]:
    """Yield the strings in some code; an f-string with `*` where a value is put in."""
    if isinstance(node, ast.JoinedStr):
        pieces = (part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
        yield "".join(str(piece) for piece in pieces)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from strings(child)


@cache
def refusals() -> frozenset[str]:
    """Return the kinds of all refusals."""
    return frozenset(
        kind
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal"
        for kind in strings(node.args[0])
    )


@cache
def written() -> frozenset[str]:
    """Return what is passed to `write` and `say`, and whatever else looks like a text's name."""
    found: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"write", "say"}:
                found.update(strings(node.args[0]) if node.args else ())
        found.update(one for one in strings(tree) if A_NAME.fullmatch(one))
    return frozenset(one for one in found if LIKE_A_NAME.fullmatch(one))


def matches(pattern: str, name: str) -> bool:
    """Tell whether a name may be meant by a string of the code."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"\w+"), name) is not None


def test_every_text_is_used() -> None:
    inner = {
        name
        for path in TEMPLATES.rglob("*.j2")
        for name in INTO_PARTS.findall(path.read_text(encoding="utf-8"))
    }
    used = written() - {"refusals/*"}
    unused = {
        name
        for name in names() - inner
        if not any(matches(pattern, name) for pattern in used)
        and name.removeprefix("refusals/") not in refusals()
    }
    assert unused == set()


def test_every_text_that_is_used_is_there() -> None:
    missing = {one for one in written() if not any(matches(one, name) for name in names())}
    assert missing == set()


def test_every_refusal_has_a_text() -> None:
    assert len(refusals()) > 20, "the search finds none any more"
    assert {kind for kind in refusals() if f"refusals/{kind}" not in names()} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("milestone", list(Milestone))
def test_every_milestone_has_a_text(language: str, milestone: Milestone) -> None:
    texts = Wording(escape=escape, quote=quote, split=lambda text: [text])
    case = build_case(issue=build_issue_link(), alert=build_alert(resolution="Fixed"))
    values = {"p": "", "case": case, "alert": case.alert, "milestone": milestone, "draft": ""}
    if milestone is Milestone.DONE:
        text = texts.write("staff/done", language, values)
    else:
        text = texts.write("customer/milestone", language, values)
    lines = text.split("\n")
    assert f"*{case.name}*" in lines[0]
    assert f"*{milestone}*" in lines[1]
    assert len(lines) > 2, "it says nothing of what that means"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("milestone", [one for one in Milestone if one is not Milestone.DONE])
def test_every_milestone_is_explained_wherever_it_is_shown(
    language: str, milestone: Milestone
) -> None:
    texts = Wording(escape=escape, quote=quote, split=lambda text: [text])
    values = {"p": "", "case": build_case(), "milestone": milestone, "overtaken": (), "at": NOW}
    for name in ("customer/back", "customer/caught_up"):
        after = texts.write(name, language, values).split(f"*{milestone}*", 1)[1]
        assert re.search(r"\w{4,} \w+ \w+", after.split(": ", 1)[1])
