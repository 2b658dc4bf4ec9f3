from typing import Any

import pytest

from sandbox.jira.adf import from_text, is_document, normalise, to_text


def doc(*content: object) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def paragraph(*content: object) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def text(value: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": value} | ({"marks": list(marks)} if marks else {})


ITEM = {"type": "listItem", "content": [paragraph(text("x"))]}


@pytest.mark.parametrize(
    "document",
    [
        doc(),
        doc(paragraph()),
        doc({"type": "paragraph"}),
        doc(paragraph(text("a"), {"type": "hardBreak"}, text("b", {"type": "strong"}))),
        doc({"type": "heading", "attrs": {"level": 6}, "content": [text("h")]}),
        doc({"type": "bulletList", "content": [ITEM]}),
        doc({"type": "codeBlock", "attrs": {"language": "text"}, "content": [text("c")]}),
        doc({"type": "blockquote", "content": [paragraph(text("q"))]}, {"type": "rule"}),
        doc(paragraph(text("l", {"type": "link", "attrs": {"href": "https://x.example"}}))),
        doc(paragraph(text("l", {"type": "code"}, {"type": "link", "attrs": {"href": "/"}}))),
        doc(paragraph({"type": "mention", "attrs": {"id": "1", "text": "@A"}})),
    ],
)
def test_documents_are_accepted(document: dict[str, Any]) -> None:
    assert is_document(document)


@pytest.mark.parametrize(
    "value",
    [
        "a string",
        None,
        {},
        {"type": "doc", "content": []},
        {"type": "doc", "version": 2, "content": []},
        {"type": "doc", "version": 1},
        doc() | {"extra": 1},
        doc(text("not in a block")),
        doc(paragraph(text(""))),
        doc(paragraph({"type": "text"})),
        doc(paragraph({"type": "unheard-of"})),
        doc({"type": "heading", "attrs": {"level": 7}}),
        doc({"type": "heading"}),
        doc({"type": "bulletList", "content": []}),
        doc({"type": "bulletList", "content": [paragraph()]}),
        doc({"type": "codeBlock", "content": [text("c", {"type": "strong"})]}),
        doc(paragraph(text("c", {"type": "code"}, {"type": "strong"}))),
        doc(paragraph(text("x", {"type": "sparkle"}))),
        doc(paragraph(text("x", {"type": "link"}))),
        doc(paragraph({"type": "mention", "attrs": {}})),
        doc(paragraph({"type": "hardBreak", "content": []})),
    ],
)
def test_everything_else_is_refused(value: object) -> None:
    assert not is_document(value)


def test_deep_nesting_is_refused() -> None:
    node = ITEM
    for _ in range(200):
        node = {"type": "listItem", "content": [{"type": "bulletList", "content": [node]}]}
    assert not is_document(doc({"type": "bulletList", "content": [node]}))


def test_neighbouring_equal_texts_become_one() -> None:
    strong = {"type": "strong"}
    stored = normalise(doc(paragraph(text("a"), text("b"), text("c", strong), text("d", strong))))
    assert stored == doc(paragraph(text("ab"), text("cd", strong)))


def test_plain_text_survives_the_way_there_and_back() -> None:
    written = "first line\nsecond line\n\nnext *paragraph*"
    document = from_text(written)
    assert is_document(document)
    assert to_text(document) == "first line\nsecond line\nnext *paragraph*"


def test_reading_descends_into_what_it_does_not_know() -> None:
    node = doc({"type": "unheard-of", "content": [paragraph(text("inside"))]})
    assert to_text(node) == "inside"
    card = doc(paragraph({"type": "inlineCard", "attrs": {"url": "https://x.example"}}))
    assert to_text(card) == "https://x.example"
