"""`broken [id] <what happens>`: a customer says that it is still not solved; reopens the case."""

from handlers import on_words
from handlers.context import Context, Handler, Request
from handlers.verdict import broken, which


async def run(context: Context, request: Request) -> str:
    """Open the case again; where nothing was said to be solved, the words go to the team."""
    case = await which(context, request.found)
    if case is None:
        return await on_words.run(context, context.message.text.strip())
    return await broken(context, case, request.text)


HANDLER = Handler(
    verb="broken",
    usage="broken [id] <what happens>",
    summary="it is still not solved",
    example="broken 42 The same message appears",
    run=run,
    top=True,
    case_optional=True,
)
