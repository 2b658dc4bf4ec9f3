"""What is a command, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.case import CaseId
from bot.cases.refusals import Refusal
from handlers.parsing import (
    CaseReference,
    Vocabulary,
    named_first,
    one_line,
    parse,
    split_flags,
    split_reference,
)

WORDS = Vocabulary(
    top=["escalate", "status", "help"], under_case=["open", "show", "evidence", "note"]
)
FLAGS = ("customer", "severity", "override")


def verb_of(text: str, *, direct: bool = False) -> tuple[str, str] | None:
    command = parse(text, me="casebot", direct=direct, vocabulary=WORDS)
    return (command.verb, command.rest) if command else None


@pytest.mark.parametrize(
    "text",
    [
        "/case open Export fails",
        "!case open Export fails",
        "@casebot case open Export fails",
        "@casebot: case open Export fails",
        "@casebot, /case open Export fails",
        "@CaseBot open Export fails",
        "  !CASE   Open Export fails ",
        "!case open\nExport fails",
        "\u200b!case open Export fails",
    ],
)
def test_every_form_is_the_same_command(text: str) -> None:
    assert verb_of(text) == ("open", "Export fails")


@pytest.mark.parametrize("text", ["case open It fails", "open It fails", "/case open It fails"])
def test_the_prefix_may_be_left_out_in_a_direct_message(text: str) -> None:
    assert verb_of(text, direct=True) == ("open", "It fails")


@pytest.mark.parametrize(
    "text",
    [
        "case open It fails",
        "open the door",
        "please !case open x",
        "@casebot2 case open x",
        "@casebot.other case open x",
        "!deploy now",
        "/giphy cat",
        "! case open",
        "//",
        "!",
        "",
        "   ",
        "@somebody !case open",
        "\u202e!esac",
    ],
)
def test_what_is_not_for_us_is_left_alone(text: str) -> None:
    assert verb_of(text) is None


@pytest.mark.parametrize(
    ("text", "nearest"), [("!case opne x", "case open"), ("!escalat 4", "escalate")]
)
def test_a_near_miss_is_offered_the_right_word(text: str, nearest: str) -> None:
    with pytest.raises(Refusal) as refusal:
        verb_of(text)
    assert refusal.value.kind == "unknown_verb"
    assert refusal.value.values["nearest"] == nearest


def test_ordinary_talk_in_a_direct_message_is_not_taken_for_a_typing_error() -> None:
    with pytest.raises(Refusal) as refusal:
        verb_of("hello, anybody there?", direct=True)
    assert refusal.value.kind == "not_a_command"


@pytest.mark.parametrize("text", ["@casebot", "@casebot:"])
def test_nothing_but_our_name_asks_for_help(text: str) -> None:
    assert verb_of(text) == ("help", "")


@pytest.mark.parametrize("text", ["!case", "/case", "@casebot case"])
def test_case_alone_asks_for_my_work(text: str) -> None:
    assert verb_of(text) == ("work", "")


def test_case_with_a_number_shows_it() -> None:
    assert verb_of("!case 42") == ("show", "42")


@pytest.mark.parametrize("text", ["!CASE-42", "@casebot case-42", "/case-42."])
def test_the_name_of_a_case_alone_shows_it(text: str) -> None:
    assert verb_of(text) == ("show", "case-42")
    assert verb_of("#42", direct=True) == ("show", "#42")
    assert verb_of("CASE-42") is None


@pytest.mark.parametrize("word", ["42", "CASE-42", "case-42", "#42", "42:"])
def test_a_case_has_several_names(word: str) -> None:
    assert split_reference(f"{word} some text") == (CaseReference(case_id=CaseId(42)), "some text")


def test_a_jira_key_names_a_case() -> None:
    assert split_reference("bug-7 x") == (CaseReference(issue_key="BUG-7"), "x")


def test_a_number_in_the_thread_of_a_case_is_text() -> None:
    reference, text = split_reference("2 users see it", implied=CaseId(42))
    assert (reference.case_id, text) == (42, "2 users see it")
    assert split_reference("42 users", implied=CaseId(42))[1] == "users"
    assert split_reference("CASE-2 users", implied=CaseId(42))[0].case_id == 2
    assert split_reference("2", implied=CaseId(42))[0].case_id == 2


def test_an_absurd_number_is_only_an_unknown_case() -> None:
    assert split_reference("999999999999")[0].case_id == 10**9


@pytest.mark.parametrize(
    ("text", "free", "flags"),
    [
        ("It fails --customer @carla", "It fails", {"customer": "@carla"}),
        ("--severity high It fails", "It fails", {"severity": "high"}),
        ('x --override "no time left"', "x", {"override": "no time left"}),
        ("x --override \u201cno time\u201d", "x", {"override": "no time"}),
        ("x \u2014customer @carla", "x", {"customer": "@carla"}),
        ("x --severity=high y", "x  y", {"severity": "high"}),
        ("crashes with --verbose on", "crashes with --verbose on", {}),
        ("it's \"quoted\" and 'so'", "it's \"quoted\" and 'so'", {}),
        ("a--customer b", "a--customer b", {}),
    ],
)
def test_flags_are_told_from_text(text: str, free: str, flags: dict[str, str]) -> None:
    assert split_flags(text, known=FLAGS) == (free, flags)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x --custmer @carla", "unknown_flag"),
        ("x --customer", "flag_without_value"),
        ('x --override ""', "flag_without_value"),
        ("x --severity --customer @c", "flag_without_value"),
    ],
)
def test_a_broken_flag_is_refused(text: str, kind: str) -> None:
    with pytest.raises(Refusal) as refusal:
        split_flags(text, known=FLAGS)
    assert refusal.value.kind == kind


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u200b", "\u202e\u2066"])
def test_a_title_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        one_line(text, what="title", longest=200)
    assert refusal.value.kind == "empty"


def test_other_scripts_and_emoji_are_text() -> None:
    assert one_line("🔥\nהייצוא נכשל", what="title", longest=200) == "🔥 הייצוא נכשל"


@given(st.text(), st.booleans())
def test_any_text_is_a_command_nothing_or_a_refusal(text: str, direct: bool) -> None:  # noqa: FBT001
    try:
        command = parse(text, me="casebot", direct=direct, vocabulary=WORDS)
    except Refusal:
        return
    if command is not None:
        assert command.verb in WORDS.all()
        assert command.rest == command.rest.strip()


@given(st.text())
def test_taking_flags_out_never_invents_text(text: str) -> None:
    try:
        free, flags = split_flags(text, known=FLAGS)
    except Refusal:
        return
    assert len(free) + sum(map(len, flags.values())) <= len(text)


def test_a_long_row_of_dots_is_read_once() -> None:
    # Once for each dot would take minutes, in which nobody else is answered.
    assert named_first("case 1 " + "." * 200_000) is None
    assert named_first("case 1 " + "." * 200_000 + "it is back") == 1
