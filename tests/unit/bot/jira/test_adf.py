import json

from bot.jira.adf import to_adf, to_text
from bot.jira.documents import Document, Heading, Paragraph, Preformatted


def text(value: str) -> dict[str, object]:
    return {"type": "text", "text": value}


def test_each_block_becomes_its_node() -> None:
    document = Document((Heading("Steps"), Paragraph("one\ntwo\n\nthree"), Preformatted("a\n  b")))
    assert to_adf(document) == {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "attrs": {"level": 3}, "content": [text("Steps")]},
            {"type": "paragraph", "content": [text("one"), {"type": "hardBreak"}, text("two")]},
            {"type": "paragraph", "content": [text("three")]},
            {"type": "codeBlock", "content": [text("a\n  b")]},
        ],
    }


def test_markup_in_a_customers_text_stays_text() -> None:
    words = "*x* _y_ [~admin] @all <script>alert(1)</script> {noformat} |a|"
    assert to_adf(Document((Paragraph(words),)))["content"] == [
        {"type": "paragraph", "content": [text(words)]}
    ]


def test_only_http_addresses_become_links() -> None:
    adf = to_adf(Document((Paragraph("https://a.example/x and javascript:alert(1)"),)))
    assert adf["content"] == [
        {
            "type": "paragraph",
            "content": [
                {
                    **text("https://a.example/x"),
                    "marks": [{"type": "link", "attrs": {"href": "https://a.example/x"}}],
                },
                text(" and javascript:alert(1)"),
            ],
        }
    ]


def test_no_text_node_is_empty() -> None:
    blank = Document((Paragraph("\n \n\n"), Heading("\x00"), Preformatted(" "), Paragraph("")))
    assert to_adf(blank)["content"] == []


def test_a_comments_heading_is_a_bold_line() -> None:
    adf = to_adf(Document((Heading("T"),)), headings=False)
    assert adf["content"] == [
        {"type": "paragraph", "content": [{**text("T"), "marks": [{"type": "strong"}]}]}
    ]


def test_what_was_rendered_reads_back() -> None:
    document = Document((Heading("T"), Paragraph("one\ntwo"), Preformatted("x\ny")))
    assert to_text(to_adf(document)) == "T\none\ntwo\nx\ny"


def test_parts_that_people_insert_are_read_by_their_text() -> None:
    adf = {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"id": "5", "text": "@Ann"}},
                    text(" see "),
                    {"type": "inlineCard", "attrs": {"url": "https://a.example"}},
                    {"type": "emoji", "attrs": {"shortName": ":ok:"}},
                ],
            },
            {"type": "somethingNew", "content": [{"type": "paragraph", "content": [text("in")]}]},
        ],
    }
    assert to_text(adf) == "@Ann see https://a.example:ok:\nin"


def test_nonsense_is_read_as_nothing() -> None:
    odd: list[object] = [None, 5, [], {}, {"type": ["text"]}, {"content": [None, {"type": "text"}]}]
    assert [to_text(nonsense) for nonsense in odd] == [""] * len(odd)
    assert to_text("plain") == "plain"


def test_a_bottomless_tree_ends() -> None:
    deep: object = text("x")
    for _ in range(5000):
        deep = {"type": "panel", "content": [deep]}
    assert to_text(deep) == ""
    assert json.dumps(to_adf(Document((Paragraph("x\n" * 40_000),))))
