"""The Atlassian Document Format: checking, reading, and making it from plain text."""

from collections.abc import Mapping
from typing import Any

from sandbox.jira.model import RichText

_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "mediaInline"}
)
_BLOCK = frozenset(
    {
        "paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule",
        "panel", "table", "mediaGroup", "mediaSingle", "taskList", "decisionList", "expand",
        "blockCard", "embedCard", "nestedExpand", "layoutSection", "extension", "bodiedExtension",
    }
)  # fmt: skip
_CHILDREN: Mapping[str, frozenset[str]] = {
    "doc": _BLOCK,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": frozenset(
        {"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle", "taskList"}
    ),
    "codeBlock": frozenset({"text"}),
    "blockquote": frozenset(
        {"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle", "mediaGroup"}
    ),
    "panel": _BLOCK - {"panel", "table", "expand"},
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _BLOCK,
    "tableHeader": _BLOCK,
    "taskList": frozenset({"taskItem", "taskList"}),
    "taskItem": _INLINE,
    "decisionList": frozenset({"decisionItem"}),
    "decisionItem": _INLINE,
    "expand": _BLOCK,
    "nestedExpand": _BLOCK,
    "mediaSingle": frozenset({"media", "caption"}),
    "mediaGroup": frozenset({"media"}),
    "caption": _INLINE,
    "layoutSection": frozenset({"layoutColumn"}),
    "layoutColumn": _BLOCK,
    "bodiedExtension": _BLOCK,
}
_NEEDS_CONTENT = frozenset({"bulletList", "orderedList", "listItem", "blockquote", "table"})
_LEAVES = (_INLINE | {"rule", "media", "blockCard", "embedCard", "extension"}) - {"text"}
_NEEDS_ATTRS: Mapping[str, str] = {"mention": "id", "panel": "panelType"}
_MARKS = frozenset(
    {
        "strong", "em", "code", "strike", "underline", "link", "subsup", "textColor",
        "backgroundColor", "alignment", "indentation", "border", "annotation", "breakout",
    }
)  # fmt: skip
_WITH_CODE = frozenset({"code", "link", "annotation"})
_BROKEN_LINES = frozenset({"paragraph", "heading", "codeBlock", "taskItem", "decisionItem"})
_MAX_DEPTH = 60


def is_document(value: object) -> bool:
    """Tell whether a value is a well-formed document, as Cloud v3 wants it."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and set(value) <= {"type", "version", "content"}
        and _children_are_valid(value, 0)
    )


def _children_are_valid(node: Mapping[str, Any], depth: int) -> bool:
    kind = node["type"]
    content = node.get("content")
    if content is None:
        return kind not in _NEEDS_CONTENT
    if not isinstance(content, list) or depth > _MAX_DEPTH or kind not in _CHILDREN:
        return False
    if not content and kind in _NEEDS_CONTENT:
        return False
    allowed = _CHILDREN[kind]
    return all(
        _is_node(child, allowed, depth + 1, in_code=kind == "codeBlock") for child in content
    )


def _is_node(node: object, allowed: frozenset[str], depth: int, *, in_code: bool) -> bool:
    if not isinstance(node, dict):
        return False
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        return False
    if kind == "text":
        return _is_text(node, in_code=in_code)
    if not _attrs_are_valid(kind, node.get("attrs", {})):
        return False
    return "content" not in node if kind in _LEAVES else _children_are_valid(node, depth)


def _attrs_are_valid(kind: str, attrs: object) -> bool:
    if not isinstance(attrs, dict):
        return False
    if kind == "heading":
        return attrs.get("level") in range(1, 7)
    return kind not in _NEEDS_ATTRS or _NEEDS_ATTRS[kind] in attrs


def _is_text(node: Mapping[str, Any], *, in_code: bool) -> bool:
    text = node.get("text")
    marks = node.get("marks", [])
    if not isinstance(text, str) or not text or not isinstance(marks, list):
        return False
    if (marks and in_code) or not all(_is_mark(mark) for mark in marks):
        return False
    kinds = {mark["type"] for mark in marks}
    return "code" not in kinds or kinds <= _WITH_CODE


def _is_mark(mark: object) -> bool:
    if not isinstance(mark, dict):
        return False
    kind = mark.get("type")
    if not isinstance(kind, str) or kind not in _MARKS:
        return False
    if kind != "link":
        return True
    attrs = mark.get("attrs")
    return isinstance(attrs, dict) and isinstance(attrs.get("href"), str)


def normalise(node: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite a document the way Jira stores it: neighbouring equal texts become one."""
    result = dict(node)
    if isinstance(node.get("content"), list):
        content: list[dict[str, Any]] = []
        for child in node["content"]:
            _append_merged(content, normalise(child))
        result["content"] = content
    return result


def _append_merged(content: list[dict[str, Any]], child: dict[str, Any]) -> None:
    last = content[-1] if content else None
    if (
        last is not None
        and last.get("type") == child.get("type") == "text"
        and last.get("marks") == child.get("marks")
    ):
        last["text"] += child["text"]
    else:
        content.append(child)


def to_text(node: Mapping[str, Any]) -> str:
    """Return the words of a document as plain text, one line per block."""
    return _text_of(node).rstrip("\n")


def _text_of(node: Mapping[str, Any]) -> str:
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    attrs = node.get("attrs") or {}
    if kind in {"mention", "emoji"}:
        return str(attrs.get("text") or attrs.get("shortName") or "")
    if kind == "inlineCard":
        return str(attrs.get("url", ""))
    inner = "".join(_text_of(child) for child in node.get("content") or ())
    return inner + "\n" if kind in _BROKEN_LINES or kind == "rule" else inner


def from_text(text: str) -> dict[str, Any]:
    """Return plain text as a document: blank lines part paragraphs, line ends become breaks."""
    paragraphs = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip("\n")]
    return {"type": "doc", "version": 1, "content": [_paragraph(part) for part in paragraphs]}


def _paragraph(text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(text.strip("\n").split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def rich_text(value: str | Mapping[str, Any] | None) -> RichText | None:
    """Return a text or a document as the site keeps it."""
    if not value:
        return None
    if isinstance(value, str):
        return RichText(text=value)
    document = normalise(value)
    return RichText(text=to_text(document), document=document)
