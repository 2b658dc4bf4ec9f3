import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rocketchat.text import (
    ELLIPSIS,
    JOINER,
    escape,
    mention,
    message_length,
    quote,
    shorten,
    split,
)

# Rocket.Chat 7.7.1: what `MentionsParser.ts` and `parseUrlsInMessage.ts` look for, as seen from
# outside.
SERVER_MENTION = re.compile(r"(?:^|\s|>)@[0-9a-zA-Z_.-]+", re.MULTILINE)
SERVER_CHANNEL = re.compile(r"(?:^|\s|>)#[0-9a-zA-Z_.-]+", re.MULTILINE)

hostile = st.text(
    st.one_of(
        st.sampled_from(list("@#*_~`[]()<>|\\>-+1. \n\tahlemsgx:/?=&%")),
        st.characters(),
    ),
    max_size=60,
)


def shown(text: str) -> str:
    """What a reader sees of an escaped text."""
    return re.sub(r"\\([*_~`])", r"\1", text).replace(JOINER, "")


@pytest.mark.parametrize("text", ["@all", "hi @here", ">@all", "```\n@all\n```", "#general"])
def test_nobody_and_no_room_is_mentioned(text: str) -> None:
    escaped = escape(text)
    assert not SERVER_MENTION.search(escaped)
    assert not SERVER_CHANNEL.search(escaped)
    assert f"@{JOINER}" in escaped or f"#{JOINER}" in escaped


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*bold* _it_ ~no~ `code`", r"\*bold\* \_it\_ \~no\~ \`code\`"),
        ("[here](https://evil.example)", f"[here]{JOINER}(https://evil.example)"),
        ("<https://evil.example|bank>", f"<{JOINER}https://evil.example|bank>"),
        ("||hidden||", f"|{JOINER}|hidden|{JOINER}|"),
        ("> quoted", f"{JOINER}> quoted"),
        ("- item", f"{JOINER}- item"),
        ("1. item", f"{JOINER}1. item"),
        ("# title", f"#{JOINER} title"),
        (r"\*x", f"\\{JOINER}\\*x"),
        ("two\r\nlines\n\n  here ", "two lines here"),
        ("a\u202eb\u2066c\u0007d\u200be\u2028f", "abcde f"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("", ""),
        ("\u2060\u200b", ""),
    ],
)
def test_what_formats_is_broken(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    "text",
    [
        "Crash in C:\\Temp\\log.txt, 50% of the time (v2.1)",
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👍🏽 🇩🇪",
        "می‌خواهم",
        "https://docs.example.org/a_b/c_d?q=x_y#part_2",
        "write to jane.doe@example.org",
        "2 > 1",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_an_underscore_in_a_mail_address_does_not_start_italics() -> None:
    assert escape("a_b@example.org") == r"a\_b@example.org"


@pytest.mark.parametrize("name", ["msg", "m%73g", "%6D%73%67", "x=1&msg"])
@pytest.mark.parametrize("before", ["", "see,", "x", "ftp://a ", "(", "["])
def test_a_link_to_a_message_no_longer_quotes_it(name: str, before: str) -> None:
    escaped = escape(f"{before}https://chat.example.org/group/secret?{name}=abc")
    # The server's pattern for addresses ends at a word joiner, so no query is left to it.
    assert f"?{JOINER}" in escaped


def test_a_mention_inside_something_like_a_web_address_is_broken() -> None:
    assert f"@{JOINER}all" in escape("https://@all")
    assert f"@{JOINER}all" in escape("https://x.org/@all")
    assert f"@{JOINER}all" in escape("a@all.")


@given(hostile)
def test_whatever_is_typed_is_harmless_and_still_readable(text: str) -> None:
    escaped = escape(text)
    assert "\n" not in escaped
    assert message_length(escaped) <= 3 * message_length(text)
    assert not SERVER_MENTION.search(escaped)
    assert not SERVER_CHANNEL.search(escaped)
    assert "](" not in escaped
    assert not re.match(r">|[-+] |\d+\. ", escaped)
    escaped.encode()
    for char in shown(text):
        if char.isalnum() and char.isascii():
            assert char in escaped


@given(hostile)
def test_no_formatting_character_outside_an_address_is_bare(text: str) -> None:
    without_links = re.sub(r"https?://\S+", "", escape(text))
    assert not re.search(r"(?<!\\)[*~`]", without_links)


def test_long_runs_do_not_take_long() -> None:
    began = time.monotonic()
    for run in ("a" * 50_000, "https://" * 8_000, "?m" * 25_000, "a.-@" * 12_000, "\\" * 50_000):
        escape(run)
        shorten(run, 4_000)
        split(run, 4_000)
    assert time.monotonic() - began < 5


def test_a_quote_escapes_every_line() -> None:
    assert quote("\n*a*\n\n> @all\n\n") == f"> \\*a\\*\n>\n> {JOINER}> @{JOINER}all"


def test_a_mention_is_only_made_of_one_person() -> None:
    assert mention("jane.doe-1") == "@jane.doe-1"
    assert mention("all") == f"@{JOINER}all"
    assert mention("Here") == f"@{JOINER}Here"
    assert mention("a b") == f"@{JOINER}a b"


def test_length_counts_as_the_server_does() -> None:
    assert message_length("a") == 1
    assert message_length("é") == 1
    assert message_length("😀") == 2


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long" + ELLIPSIS),
        ("ab cd", 4, "ab" + ELLIPSIS),
        ("ab😀", 3, "ab" + ELLIPSIS),
        ("a😀bc", 4, "a😀" + ELLIPSIS),
        ("ae\u0301bc", 3, "a" + ELLIPSIS),
        ("👍🏽👍🏽", 5, "👍🏽" + ELLIPSIS),
        ("👩‍👩‍👧‍👦x", 8, ELLIPSIS),
        ("🇩🇪🇫🇷🇮🇹", 8, "🇩🇪" + ELLIPSIS),
        (f"abc@{JOINER}all", 5, "abc" + ELLIPSIS),
        (r"abc\*def", 5, "abc" + ELLIPSIS),
        ("abc", 1, ELLIPSIS),
        ("abc", 0, ""),
    ],
)
def test_shortening_keeps_characters_whole(text: str, limit: int, cut: str) -> None:
    assert shorten(text, limit) == cut


@given(st.text(max_size=80), st.integers(0, 40))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert message_length(shorten(text, limit)) <= limit


@given(st.text(max_size=200), st.integers(2, 40))
def test_split_parts_fit_and_lose_nothing_but_white_space(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert parts
    assert all(message_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_splitting_prefers_lines_then_words() -> None:
    assert split("first line\nsecond", 12) == ["first line", "second"]
    assert split("some words here", 11) == ["some words", "here"]
    assert split("unbreakable", 5) == ["unbre", "akabl", "e"]
    assert split("", 5) == [""]
