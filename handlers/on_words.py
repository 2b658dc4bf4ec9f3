"""A customer wrote plain words in a direct message."""

from bot.cases.refusals import Refusal
from handlers.context import Context


async def run(context: Context, words: str) -> str:
    """Say what can be typed."""
    raise Refusal("not_a_command" if words else "file_not_kept", prefix=context.prefix)
