"""`/case note <id> <text>`: internal, never shown to a customer."""

from bot.cases.case import TimelineKind
from handlers.context import Context, Handler, Request
from handlers.parsing import some_text


async def run(context: Context, request: Request) -> str:
    """Keep an internal note."""
    text = some_text(request.text, what="note")
    await context.note(
        request.case, TimelineKind.NOTE, text, by=context.actor.person, internal=True
    )
    return context.write("case_note", case=request.case)


HANDLER = Handler(
    verb="note",
    usage="case note <id> <text>",
    summary="keep an internal note",
    example="case note 42 Same log line as last week",
    run=run,
)
