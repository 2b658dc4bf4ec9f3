"""What the chat server serves of the page, and what it lets the page load."""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from sandbox.page import FOLDER
from tests.integration.sandbox.page.conftest import Served

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
SOURCES = {
    file: file.read_text("utf-8") for file in sorted(FOLDER.rglob("*")) if file.suffix in TYPES
}
SCRIPTS = [file for file in SOURCES if file.suffix == ".js"]
IMPORTED = re.compile(r'^import (?:[^"]* from )?"([^"]+)";', re.MULTILINE)
LINKED = re.compile(r'\b(?:src|href)="([^"]+)"')


def path_of(file: Path) -> str:
    return "/" + file.relative_to(FOLDER).as_posix()


def policy(header: str) -> dict[str, str]:
    rules = (rule.strip().partition(" ") for rule in header.split(";"))
    return {name: value for name, _, value in rules}


async def test_the_page_is_at_the_root(served: Served) -> None:
    answer, text = await served.get("/")
    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert text == SOURCES[FOLDER / "index.html"]


@pytest.mark.parametrize("file", SOURCES, ids=path_of)
async def test_each_file_is_served_with_its_type_and_the_policy(served: Served, file: Path) -> None:
    answer, text = await served.get(path_of(file))
    assert (answer.status, answer.content_type) == (200, TYPES[file.suffix])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert text == SOURCES[file]


@pytest.mark.parametrize(
    "path",
    [
        "/config.py",
        "/__init__.py",
        "/README.md",
        "/nothing.js",
        "/..%2frocketchat/server.py",
        "/%2e%2e/people.py",
        "/view/",
    ],
)
async def test_nothing_else_of_the_folder_is_served(served: Served, path: str) -> None:
    answer, text = await served.get(path)
    assert (answer.status, text) == (404, "")


async def test_everything_a_file_refers_to_exists(served: Served) -> None:
    links = [
        (file, link)
        for file, text in SOURCES.items()
        for link in (IMPORTED if file.suffix == ".js" else LINKED).findall(text)
    ]
    assert len(links) > 20
    for file, link in links:
        answer, _ = await served.get(urljoin(path_of(file), link))
        assert answer.status == 200, f"{file.name} refers to {link}"


def test_every_script_is_used() -> None:
    used = {
        (file.parent / link).resolve()
        for file, text in SOURCES.items()
        for link in (*IMPORTED.findall(text), "main.js")
    }
    assert {file for file in SCRIPTS if file.resolve() not in used} == set()


def test_nothing_is_loaded_from_elsewhere() -> None:
    namespace = "http://www.w3.org/2000/svg"
    for file, text in SOURCES.items():
        assert not re.search(r"""["'(`](?:https?:)?//\w""", text.replace(namespace, "")), file.name


def test_no_text_can_become_markup() -> None:
    sinks = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function"
        r"|createContextualFragment|DOMParser"
    )
    assert {file.name for file in SCRIPTS if sinks.search(SOURCES[file])} == set()
    page = SOURCES[FOLDER / "index.html"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)


async def test_the_policy_forbids_inline_scripts_and_strangers(served: Served) -> None:
    answer, _ = await served.get("/")
    rules = policy(answer.headers["Content-Security-Policy"])
    assert rules.pop("frame-src") == "http://127.0.0.1:3001"
    assert rules["default-src"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert set(rules.values()) == {"'none'", "'self'", "'script'"}


@pytest.mark.parametrize("address", [None, "", "javascript:alert(1)", "data:text/html,x", "/board"])
async def test_what_is_no_address_of_a_board_may_not_be_framed(
    served: Served, address: str | None
) -> None:
    served.server.page_config = {"board_url": address, "people": []}
    answer, _ = await served.get("/")
    assert policy(answer.headers["Content-Security-Policy"])["frame-src"] == "'none'"


async def test_an_address_cannot_add_to_the_policy(served: Served) -> None:
    served.server.page_config = {"board_url": "http://h.example; script-src *", "people": []}
    answer, _ = await served.get("/")
    header = answer.headers["Content-Security-Policy"]
    assert header.count("script-src") == 1
    assert "*" not in header


async def test_the_page_leaves_the_vendor_s_routes_alone(served: Served) -> None:
    answer, text = await served.get("/api/info")
    assert answer.status == 200
    assert '"success":true' in text.replace(" ", "")
