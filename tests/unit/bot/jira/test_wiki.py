import re
import time

import pytest

from bot.jira.documents import Document, Heading, Paragraph, Preformatted, length
from bot.jira.wiki import escape, to_wiki


@pytest.mark.parametrize(
    ("plain", "markup"),
    [
        ("*bold* _it_ ~sub~ ^sup^", r"\*bold\* \_it\_ \~sub\~ \^sup\^"),
        ("{color:red}x{color}", r"\{color:red\}x\{color\}"),
        ("{noformat}", r"\{noformat\}"),
        ("[~admin] [x|http://a.example]", r"\[\~admin\] \[x\|http://a.example\]"),
        ("|a|", r"\|a\|"),
        ("!https://a.example/x.png!", r"\!https://a.example/x.png\!"),
        ("!x.png|width=1!", r"\!x.png\|width=1\!"),
        (r"C:\temp\*", "C:&#92;temp&#92;\\*"),
        (r"\)", "&#92;)"),
        ("&nbsp; &#42; a & b", "&amp;nbsp; &amp;#42; a & b"),
        ("&Dx;", "&amp;Dx;"),
        ("-gone- +new+ -- --- well-known", r"\-gone\- \+new\+ \-\- \-\-\- well-known"),
        ("CASE-42", "CASE-42"),
        ("??cited?? why?", r"\?\?cited\?\? why?"),
        (":) ;) (!) (x) (on) f(x)", "\\:) \\;) \\(\\!) \\(x) \\(on) f\\(x)"),
        ("h1. Title", r"h1\. Title"),
        ("  bq. q", r"  bq\. q"),
        ("# one\n* two", "\\# one\n\\* two"),
        ("----", r"\-\-\-\-"),
        ("plain words, 100% (really)", "plain words, 100% (really)"),
    ],
)
def test_nothing_in_plain_text_is_markup(plain: str, markup: str) -> None:
    assert escape(plain) == markup


def test_an_address_stays_clickable() -> None:
    assert escape("at https://a.example/x_y-z?q=1#top now") == (
        "at https://a.example/x_y-z?q=1#top now"
    )
    assert escape("https://a.example/*b!c") == "https://a.example/%2Ab%21c"


def test_preformatted_text_cannot_end_its_own_block() -> None:
    markup = to_wiki(Document((Preformatted("a {noformat} *b* {NoFormat:x}"),)))
    assert markup == "{noformat}\na { noformat} *b* { NoFormat:x}\n{noformat}"


def test_blocks_are_parted() -> None:
    document = Document((Heading("Steps *"), Paragraph("one\ntwo"), Preformatted("x")))
    assert to_wiki(document) == "h3. Steps \\*\n\none\ntwo\n\n{noformat}\nx\n{noformat}"


@pytest.mark.parametrize("unit", ["*", "\\", "x", "😀", "a*", "&lt;"])
def test_what_grows_by_escaping_still_fits(unit: str) -> None:
    began = time.perf_counter()
    markup = to_wiki(Document((Paragraph(unit * 40_000), Paragraph("end"))))
    assert 25_000 < length(markup) < 32_767
    assert re.search(r"\[cut here: \d+ more characters\\\]$", markup)
    assert time.perf_counter() - began < 5
