from bot.jira.documents import (
    LIMIT,
    Document,
    Heading,
    Paragraph,
    Preformatted,
    clean,
    fit,
    is_too_long,
    length,
    one_line,
    split_links,
)


def test_controls_and_marks_that_turn_text_around_are_gone() -> None:
    assert clean("a\x00b\x1b[31m\u202ec\u2066d\ufeff\te\r\nf\rg\u2028h") == "ab[31mcd\te\nf\ng\nh"


def test_half_a_character_becomes_a_whole_one() -> None:
    assert clean("\ud83d!").encode() == "\ufffd!".encode()


def test_jira_counts_an_emoji_as_two() -> None:
    assert length("a😀") == 3


def test_one_line_is_cut_with_an_ellipsis() -> None:
    assert one_line(" a\n b\tc ", limit=10) == "a b c"
    assert one_line("abcdef", limit=4) == "abc…"


def test_a_short_document_is_not_touched() -> None:
    document = Document((Heading("T"), Paragraph("p"), Preformatted("x")))
    assert fit(document) == (document, 0)
    assert not is_too_long(document)


def test_a_long_document_is_cut_and_says_so() -> None:
    document = Document((Paragraph("x" * LIMIT), Preformatted("never"), Paragraph("seen")))
    fitted, left_out = fit(document)
    assert left_out == 9
    assert fitted.blocks == (
        Paragraph("x" * LIMIT),
        Paragraph("[cut here: 9 more characters]"),
    )
    assert is_too_long(document)


def test_nothing_follows_a_block_that_was_cut() -> None:
    fitted, left_out = fit(Document((Paragraph("abcdef"), Paragraph("g"))), limit=4)
    assert [block.text for block in fitted.blocks] == ["abcd", "[cut here: 3 more characters]"]
    assert left_out == 3
    fitted, left_out = fit(Document((Paragraph("😀😀"), Paragraph("g"))), limit=3)
    assert [block.text for block in fitted.blocks] == ["😀", "[cut here: 2 more characters]"]


def test_the_limit_holds_for_emoji() -> None:
    fitted, left_out = fit(Document((Paragraph("😀" * 10),)), limit=9)
    assert fitted.blocks[0].text == "😀" * 4
    assert left_out == 6


def test_links_end_where_the_sentence_goes_on() -> None:
    assert split_links("see (https://a.example/b_(c)), http://d.example.") == [
        ("see (", False),
        ("https://a.example/b_(c)", True),
        ("), ", False),
        ("http://d.example", True),
        (".", False),
    ]


def test_only_http_addresses_are_links() -> None:
    text = "javascript:alert(1) file:///etc/passwd https:// https://."
    assert split_links(text) == [(text, False)]
