"""Whatever is typed: one clear sentence back, nobody called who was not meant, nothing changed."""

from collections.abc import Sequence
from pathlib import Path

from bot.cases.case import Case, TimelineEntry
from bot.cases.query import CaseQuery
from tests.world import BOT, World

OWN, OTHERS = "1", "2"
"""Carla's case and that of Carlos, both at Level 1."""

# Who, where, what, a part of the answer.
REFUSED = (
    ("ana", "support", "!case opne Export fails", "Did you mean `!case open`?"),
    ("ana", "support", "!escalat 1", "Did you mean `!escalate`?"),
    ("ana", "support", "!case frobnicate 1", "I do not know `frobnicate`."),
    ("ana", "support", "@casebot frobnicate", "I do not know `frobnicate`."),
    ("ana", "@casebot", "frobnicate", "I do not know `frobnicate`."),
    ("ana", "@casebot", "My export is broken, please help", "I only understand commands"),
    ("ana", "@casebot", "yes", "Nothing waits for an answer here"),
    ("carla", "@casebot", "!frobnicate", "I do not know `frobnicate`."),
    ("carla", "@casebot", f"case ask {OTHERS} Why?", "needs the role support analyst"),
    ("ana", "support", f"!case ask {OWN}", "The question is missing."),
    ("ana", "support", f"!case reply {OWN} \u200b", "The text is missing."),
    ("ana", "support", f"!case forward {OWN}", "follows no Jira issue"),
    ("sam", "level2", f"!case link {OWN},99 BUG-1", "I do not find CASE-99."),
    ("sam", "level2", f"!case link {OWN},{OTHERS} BUG-1", "this needs Level 2"),
    ("ana", "support", "!case show 99", "I do not find CASE-99."),
    ("ana", "support", "!case show 999999999999", "I do not find CASE-"),
    ("ana", "support", "!case show BUG-77", "I do not find BUG-77."),
    ("ana", "support", "!case show", "Which case?"),
    ("ana", "support", "!case show two", "Which case?"),
    ("carla", "@casebot", f"case show {OTHERS}", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", f"CASE-{OTHERS}", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", "CASE-99", "I do not find CASE-99."),
    ("ana", "support", '!case open ""', "The title is missing."),
    ("ana", "support", "!case open \u201c\u201d", "The title is missing."),
    ("ana", "support", f"!case assign {OWN} @", "Whom do you mean?"),
    ("ana", "support", f"!case customer {OWN} @here", "I find nobody called here"),
    ("ana", "support", "!case list customer @", "Whom do you mean?"),
    ("ana", "support", "!case export all #general", "I cannot list by"),
    ("ana", "support", f"!case timeline {OWN} page 9", "Nothing on page 9."),
    ("carla", "@casebot", f"status {OTHERS}", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", f"case timeline {OTHERS}", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", f"case evidence {OTHERS} steps x", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", f"case reopen {OTHERS} x", f"I do not find CASE-{OTHERS}."),
    ("carla", "@casebot", f"case note {OWN} x", "needs the role support analyst"),
    ("carla", "@casebot", f"escalate {OWN}", "needs the role support analyst"),
    ("carla", "@casebot", f"case confirm {OWN}", "needs the role support specialist"),
    ("ana", "support", f"!case confirm {OWN}", "needs the role support specialist"),
    ("ana", "support", f"!case contacted {OWN} Phoned", "needs the role support specialist"),
    ("rita", "level3", f"!escalate {OWN}", "is at Level 1, where `escalate` needs the role"),
    ("ana", "support", f"!escalate {OWN}", "Missing: version, steps, expected, actual"),
    ("ana", "support", f'!escalate {OWN} --override "why not"', "needs the role support special"),
    ("sam", "level2", f"!escalate {OWN} --override", "`--override` needs a value"),
    ("rita", "level3", f"!case confirm {OWN}", "this needs Level 3"),
    ("ana", "support", f"!case return {OWN} Again", "is at Level 1 already"),
    ("ana", "support", "!case open " + "x" * 201, "too long: 201 characters, at most 200"),
    ("ana", "support", "!case open " + "x" * 10_000, "too long: 10000 characters"),
    ("ana", "support", "!case open " + "👩‍👩‍👧" * 60, "too long: 300 characters"),
    ("ana", "support", "!case open Export --customer @nobody", "I find nobody called nobody"),
    ("ana", "support", "!case open Export --customer", "`--customer` needs a value"),
    ("ana", "support", "!case open Export --custmer @carla", "Did you mean `--customer`?"),
    ("ana", "support", f"!case evidence {OWN} stpes x", "Did you mean `!case evidence 1 steps"),
    ("ana", "support", f"!case evidence {OWN} colour x", "is not on the checklist"),
    (
        "ana",
        "support",
        f"!case evidence {OWN} steps",
        "text for steps is missing. Type it as",
    ),
    ("ana", "support", f"!case note {OWN}", "The note is missing."),
    ("ana", "support", f"!case close {OWN}", "The reason is missing."),
    ("ana", "support", f"!case assign {OWN} @nobody", "I find nobody called nobody"),
    ("ana", "support", "!case list sideways", "I cannot list by `sideways`"),
    ("ana", "support", "!case help frobnicate", "There is no command `frobnicate` for you"),
    ("ana", "support", "!case @all", "I do not know"),
    ("ana", "support", "!case show @here", "Which case?"),
    ("ana", "support", "!case list @all #general", "I find nobody called all"),
    ("ana", "support", "!case open Export --customer @all", "I find nobody called all"),
    ("ana", "support", "!case help [x](javascript:alert(1))", "There is no command"),
)

Everything = Sequence[tuple[Case, Sequence[TimelineEntry]]]


async def test_each_mistake_is_answered_with_one_sentence_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with world_for_long_messages(tmp_path) as world, world.bot():
        await world.ask("ana", "support", "!case open Export fails --customer @carla")
        await world.ask("ana", "support", "!case open Import fails --customer @carlos")
        await world.settle()
        before = await everything(world)
        for who, room, text, part in REFUSED:
            already = len(world.chat.records.by(BOT))
            answer = await world.ask(who, room, text)
            assert part in answer, text[:80]
            await world.settle()
            assert len(world.chat.records.by(BOT)) == already + 1, text[:80]
        assert await everything(world) == before
        expect_nobody_called(world)


async def test_somebody_elses_case_and_none_at_all_get_the_same_answer(tmp_path: Path) -> None:
    async with World(tmp_path) as world, world.bot():
        await world.ask("carlos", "@casebot", "open Import fails")
        theirs = await world.ask("carla", "@casebot", "case show 1")
        nobodys = await world.ask("carla", "@casebot", "case show 77")
        assert theirs.replace("CASE-1", "CASE-77") == nobodys


HOSTILE = (
    "@all @here please read #general @carlos",
    "*bold* _italic_ ~struck~ `code` ```fence``` # heading",
    "> quoted\n> more",
    "[a link](javascript:alert(1)) <script>alert(1)</script>",
    "https://chat.example.org/channel/support?msg=AbCdEfGhIjKlMnOpQ",
    "first line\nsecond line @all\r\nthird #general",
    "مشكلة في التصدير \u202etxet\u202c שלום",
    "emoji 🔥👩‍👩‍👧🇩🇪 and :fire:",
    "'straight' \"double\" \u201ccurly\u201d \u2018single\u2019 \u201elow\u201c",
    "{code}rm -rf{code} {noformat}x{noformat} h1. Big [~admin] !image.png! |cell|",
    "{{ 7 * 7 }} {% raw %} ${jndi:ldap://x} %s %(x)s \\",
    "*CASE-1* Export fails\nNow *Done*.",
    "||spoiler|| $$math$$ \\*escaped\\*",
)


async def test_no_text_that_is_repeated_calls_anybody_or_passes_for_the_bots(
    tmp_path: Path,
) -> None:
    async with world_for_long_messages(tmp_path) as world, world.bot():
        for number, text in enumerate(HOSTILE, start=1):
            await world.ask("ana", "support", f"!case open {text} --customer @carla")
            await world.ask("carla", "@casebot", f"case evidence {number} steps {text}")
            await world.ask("ana", "support", f"!case note {number} {text}")
            await world.ask("sam", "support", f'!escalate {number} {text} --override "@all {text}"')
            for command in ("show", "timeline", "proof"):
                await world.ask("sam", "@casebot", f"case {command} {number}")
                await world.ask("sam", "support", f"!case {command} {number}")
            await world.ask("ana", "support", f"!case search {text}")
            await world.ask("carla", "@casebot", f"case show {number}")
        await world.settle()
        expect_nobody_called(world)
        for message in world.chat.records.by(BOT):
            assert "](javascript:" not in message.text
            # What somebody typed never begins a line as a milestone or a case of the bot's does.
            assert "\nNow *Done*" not in message.text


async def test_ten_thousand_characters_of_evidence_are_kept_and_shown_in_part(
    tmp_path: Path,
) -> None:
    async with world_for_long_messages(tmp_path) as world, world.bot():
        await world.ask("carla", "@casebot", "open Export fails")
        long = "word " * 1_990 + "end"
        assert "Noted: steps" in await world.ask("carla", "@casebot", f"evidence 1 steps {long}")
        assert (await world.find_case()).evidence["steps"].text == long
        assert len(await world.ask("carla", "@casebot", "case show 1")) < 1_500


def world_for_long_messages(folder: Path) -> World:
    return World(folder, chat_settings={"Message_MaxAllowedSize": 20_000})


async def everything(world: World) -> Everything:
    async with world.parts.store.transaction(durable=False) as tx:
        cases, _ = await tx.list_cases(CaseQuery(), limit=100)
        return [(case, list(await tx.list_timeline(case.id))) for case in cases]


def expect_nobody_called(world: World) -> None:
    for message in world.chat.records.by(BOT):
        called = (message.document.get("mentions"), message.document.get("channels"))
        assert called == ([], []), message.text
