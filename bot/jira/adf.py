"""Atlassian Document Format, the rich text of Jira Cloud: documents into it, text out of it."""

from collections.abc import Iterator

from bot.jira.documents import Document, Heading, Preformatted, fit, split_links

Node = dict[str, object]

_PARTS = frozenset({"mention", "emoji", "status", "date", "placeholder"})
_BLOCKS = frozenset(
    {"paragraph", "heading", "codeBlock", "blockquote", "listItem", "rule", "tableRow", "panel"}
)
# Nobody nests deeper by hand; what does is an attempt on the interpreter's stack.
_DEEPEST = 60


def to_adf(document: Document, *, headings: bool = True) -> Node:
    """Render a document, cut to what Jira takes.

    Args:
        document: plain text in blocks; nothing in it is read as markup.
        headings: False for comments, where some sites refuse them: they become bold lines.
    """
    content: list[Node] = []
    for block in fit(document)[0].blocks:
        match block:
            case Heading(text=text):
                content.append(_heading(" ".join(text.split()), headings=headings))
            case Preformatted(text=text):
                content.append({"type": "codeBlock", "content": [{"type": "text", "text": text}]})
            case _:
                content.extend(_paragraphs(block.text))
    return {"type": "doc", "version": 1, "content": content}


def to_text(node: object) -> str:
    """Return the readable text of an ADF document; of anything else, as much as there is.

    A plain string, as Data Center sends, comes back as it is.
    """
    if isinstance(node, str):
        return node
    lines = "".join(_walk(node, _DEEPEST)).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _heading(text: str, *, headings: bool) -> Node:
    if headings:
        return {
            "type": "heading",
            "attrs": {"level": 3},
            "content": [{"type": "text", "text": text}],
        }
    strong: Node = {"type": "text", "text": text, "marks": [{"type": "strong"}]}
    return {"type": "paragraph", "content": [strong]}


def _paragraphs(text: str) -> Iterator[Node]:
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            yield {"type": "paragraph", "content": list(_inline(lines))}
            lines = []


def _inline(lines: list[str]) -> Iterator[Node]:
    for number, line in enumerate(lines):
        if number:
            yield {"type": "hardBreak"}
        for piece, is_link in split_links(line):
            node: Node = {"type": "text", "text": piece}
            if is_link:
                node["marks"] = [{"type": "link", "attrs": {"href": piece}}]
            yield node


def _walk(node: object, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth == 0:
        return
    kind = _string(node.get("type"))
    attrs = node.get("attrs")
    if kind == "text":
        yield _string(node.get("text"))
    elif kind == "hardBreak":
        yield "\n"
    elif kind in _PARTS and isinstance(attrs, dict):
        yield _string(attrs.get("text")) or _string(attrs.get("shortName"))
    elif kind == "inlineCard" and isinstance(attrs, dict):
        yield _string(attrs.get("url"))
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        yield from _walk(child, depth - 1)
    if kind in _BLOCKS:
        yield "\n"


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
