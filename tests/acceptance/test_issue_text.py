"""The issue made from a case shows what people typed to the letter; nothing in it is markup."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.world import Deployment, World

TEXTS = (
    "{code}rm -rf{code} {noformat}x{noformat} {color:red}y{color}",
    "h1. Big [~admin] [^file.txt] !image.png! |cell| ||head||",
    "*bold* _it_ -struck- +ins+ ^up^ ~down~ ??cite?? {{mono}} ---- :) (!) \\\\ &amp;",
    "# one\n* two\n- three\nbq. quoted\n{noformat}\nlast {code}",
    "@all [x](javascript:alert(1)) <script>alert(1)</script>",
    "مشكلة 🔥👩‍👩‍👧 \u201ccurly\u201d 'straight' \"double\"",
)
PLAIN = frozenset({"doc", "paragraph", "heading", "text", "hardBreak", "codeBlock"})


async def issues_of(world: World) -> list[str]:
    """Make a case of each text, bring each into Jira, and return the keys."""
    keys = []
    for number, text in enumerate(TEXTS, start=1):
        first = text.split("\n")[0]
        await world.ask("ana", "support", f"!case open {first} --customer @carla")
        await world.ask("ana", "support", f"!case evidence {number} steps {text}")
        for who in ("sam", "sam"):
            await world.ask(who, "level2", f'!escalate {number} --override "known"')
        keys.append(await world.confirm(str(number)))
    return keys


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
async def test_the_summary_is_the_title(tmp_path: Path, deployment: Deployment) -> None:
    async with World(tmp_path, deployment=deployment) as world, world.bot():
        for key, text in zip(await issues_of(world), TEXTS, strict=True):
            assert world.jira.site.issue(key).summary == text.split("\n")[0]


async def test_in_cloud_the_text_stands_in_plain_text_nodes(tmp_path: Path) -> None:
    async with World(tmp_path, deployment="cloud") as world, world.bot():
        for key, text in zip(await issues_of(world), TEXTS, strict=True):
            description = world.jira.site.issue(key).description
            assert description is not None
            assert description.document is not None
            nodes = list(walk(description.document))
            assert {node["type"] for node in nodes} <= PLAIN
            assert all("marks" not in node for node in nodes)
            assert text in description.text


async def test_in_data_center_nothing_of_the_text_is_markup(tmp_path: Path) -> None:
    async with World(tmp_path, deployment="datacenter") as world, world.bot():
        for key, text in zip(await issues_of(world), TEXTS, strict=True):
            description = world.jira.site.issue(key).description
            assert description is not None
            steps = description.text.split("h3. Steps", 1)[1].split("\n\n", 1)[1]
            if "\n" in text:
                # Inside the block nothing is markup; it must not end before the text does.
                inner = steps.removeprefix("{noformat}\n").removesuffix("\n{noformat}")
                assert "{noformat}" not in inner
                assert inner.replace("{ noformat", "{noformat") == text
            else:
                assert unescaped(steps) == text
                assert not re.search(r"(?<!\\)(\{|\[|\||!image|\*bold|\?\?c)", steps)


def walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every node of an ADF document."""
    yield node
    for child in node.get("content", ()):
        yield from walk(child)


def unescaped(wiki: str) -> str:
    """Return what wiki markup without any markup shows."""
    return html.unescape(re.sub(r"\\(.)", r"\1", wiki))
