"""Each command has a module, a role, a help, an example that works, a test and its line in docs."""

import re
from pathlib import Path

import pytest

from bot.cases.access import PERMISSIONS, Role
from handlers import ALL
from handlers.context import Handler
from handlers.parsing import Vocabulary, parse, split_flags, split_reference
from tests.reference import COMMANDS, commands, prefix_of

ROOT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("handler", ALL, ids=lambda handler: handler.verb)
VOCABULARY = Vocabulary(
    top=[handler.verb for handler in ALL if handler.top],
    under_case=[handler.verb for handler in ALL if not handler.top],
)


def test_no_two_commands_have_the_same_verb() -> None:
    verbs = [handler.verb for handler in ALL]
    assert sorted(set(verbs)) == sorted(verbs)


def test_who_may_use_a_command_is_said_of_every_command_and_of_no_other() -> None:
    assert set(PERMISSIONS) == {handler.verb for handler in ALL}
    assert all(set(row) == set(Role) for row in PERMISSIONS.values())


@EACH
def test_a_command_is_found_by_its_name(handler: Handler) -> None:
    modules = {f"case_{handler.verb}", handler.verb} if handler.top else {f"case_{handler.verb}"}
    assert handler.run.__module__.removeprefix("handlers.") in modules


def test_every_module_of_a_command_is_in_the_list() -> None:
    listed = {handler.run.__module__.removeprefix("handlers.") for handler in ALL}
    there = {
        path.stem for path in (ROOT / "handlers").glob("*.py") if "HANDLER = " in path.read_text()
    }
    assert there <= listed
    assert listed - there == {"case_help"}, "built from the others"


@EACH
def test_the_usage_says_how_it_is_typed(handler: Handler) -> None:
    assert re.match(rf"{prefix_of(handler)}( |$)", handler.usage)
    assert re.findall(r"--(\w+)", handler.usage) == list(handler.flags)
    if handler.case:
        assert "[id]" in handler.usage if handler.case_optional else "<id>" in handler.usage


@EACH
def test_the_summary_fits_into_a_line_of_the_help(handler: Handler) -> None:
    assert 0 < len(handler.summary) <= 80
    assert not handler.summary.endswith(".")


@EACH
@pytest.mark.parametrize("prefix", ["!", "/", "@casebot ", ""])
def test_the_example_is_understood(handler: Handler, prefix: str) -> None:
    typed = prefix + handler.example
    command = parse(typed, me="casebot", direct=not prefix, vocabulary=VOCABULARY)
    assert command is not None
    assert command.verb == handler.verb
    rest, flags = split_flags(command.rest, known=handler.flags)
    assert set(flags) <= set(handler.flags)
    if handler.case:
        reference, _ = split_reference(rest)
        assert reference.case_id == 42


@EACH
def test_somebody_types_it_in_a_test(handler: Handler) -> None:
    folders = (ROOT / "tests" / "unit", ROOT / "tests" / "acceptance")
    typed = re.compile(rf"""["'!/ ]{prefix_of(handler)}[ "']|["']{handler.verb} """)
    assert any(
        typed.search(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in folder.rglob("test_*.py")
    )


def test_the_documented_commands_are_those_of_the_code() -> None:
    right = commands()
    assert COMMANDS.read_text(encoding="utf-8") == right, (
        f"{COMMANDS.name} differs; `python -m tests.reference` writes it anew:\n\n{right}"
    )
