"""`/case help [command]`: what the caller can do, with examples."""

from collections.abc import Sequence

from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.standing_in import may


def build(others: Sequence[Handler]) -> Handler:
    """Return the help for these commands."""

    async def run(context: Context, request: Request) -> str:
        """Show one line for each command the caller may use, or one command in full."""
        mine = [handler for handler in others if may(context, context.actor, handler.verb)]
        word = request.text.split()[0].casefold().lstrip("/!") if request.text.split() else ""
        if not word:
            return context.write("help", handlers=mine)
        for handler in mine:
            if handler.verb == word:
                return context.write("help_command", handler=handler)
        raise Refusal("unknown_help", word=word[:40])

    return Handler(
        verb="help",
        usage="help [command]",
        summary="what you can do here",
        example="help evidence",
        run=run,
        top=True,
        case=False,
    )
