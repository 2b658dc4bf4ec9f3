"""The reference of commands as the code has it: `python -m tests.reference` writes it anew."""

from pathlib import Path

from bot.cases.access import LEVEL_ROLES, PERMISSIONS, Reach, Role
from bot.cases.case import Level
from bot.cases.policy import CHECKLIST
from handlers import ALL
from handlers.context import Handler

COMMANDS = Path(__file__).parent.parent / "docs" / "commands.md"

_INTRO = """\
# Commands

A command begins with `!`, `/` or a mention of the bot (`@casebot`); in a direct message with the
bot, with nothing. `!status`, `@casebot status` and, in a direct message, `status` are the same. The
`/` forms reach the bot only where the server lets unknown commands through, and `/status` and
`/help` never do: they are Rocket.Chat's own. `case help` shows what you may use, with examples.

- A case is `42`, `CASE-42` or the key of its Jira issue; typed alone, `CASE-42` shows it. In the
  case's own thread it may be left out, as may the word `case`, and in a direct message by a
  customer who has only one open case.
- `show`, `status` and `link` take several cases at once, as `42,43`; the key of an issue stands for
  all of its cases.
- What a customer will read, what cannot be undone and what touches many cases is shown first, and
  done on `yes`.
- Customers just write in a direct message with the bot: what is no command goes to the owner of
  their case, or becomes one if they have none.
- Somebody is named by their user name, `@carla`; `me` is you.
- Free text comes last and needs no quotes. The value of a flag does if it has spaces in it:
  `--product "Big App"`.
- Commands are taken in the support channels and in direct messages with the bot, and answered in
  the same room and thread.
- Whoever has none of the roles is a customer, and only ever reaches their own cases: of any other
  they get the same answer as of one that does not exist.
"""


def commands() -> str:
    """Return `docs/commands.md`."""
    return "\n".join([_INTRO, *_table(), "", *_levels(), "", *_evidence(), "", *_examples(), ""])


def _table() -> list[str]:
    roles = list(Role)
    head = ["Type", "What it does", *(_column(role) for role in roles)]
    rows = [
        [
            f"`{handler.usage}`".replace("|", "\\|"),
            handler.summary,
            *(_reach(handler, role) for role in roles),
        ]
        for handler in ALL
    ]
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def _reach(handler: Handler, role: Role) -> str:
    reach = PERMISSIONS[handler.verb][role]
    if reach is Reach.NONE:
        return ""
    return f"{reach.value} cases" if handler.case else "yes"


def _levels() -> list[str]:
    lines = [
        "`take`, `escalate` and `return` need a role that works at the level the case is at:",
        "",
    ]
    for level in Level:
        names = ", ".join(role.value for role in Role if role in LEVEL_ROLES[level])
        lines.append(f"- Level {int(level)}, {level.name.capitalize()}: {names}")
    return lines


def _evidence() -> list[str]:
    return [
        "The evidence an escalation needs:",
        "",
        *(f"- `{item}`: {meaning}" for item, meaning in CHECKLIST.items()),
    ]


def _examples() -> list[str]:
    return ["Examples:", "", "```", *(f"!{handler.example}" for handler in ALL), "```"]


def _column(role: Role) -> str:
    return role.value if role is Role.RND else role.value.capitalize()


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def prefix_of(handler: Handler) -> str:
    """Return what the usage and the example of a command begin with."""
    return handler.verb if handler.top else f"case {handler.verb}"


if __name__ == "__main__":
    COMMANDS.write_text(commands(), encoding="utf-8")
