"""`solved [id]`: a customer says that it works now; closes the case."""

from handlers import on_words
from handlers.context import Context, Handler, Request
from handlers.guards import open_case
from handlers.verdict import solved, which


async def run(context: Context, request: Request) -> str:
    """Close the case; where nothing was said to be solved, the words go to the team."""
    case = await which(context, request.found)
    if case is None:
        return await on_words.run(context, context.message.text.strip())
    return await solved(context, open_case(case), request.text)


HANDLER = Handler(
    verb="solved",
    usage="solved [id]",
    summary="it works now",
    example="solved 42",
    run=run,
    top=True,
    case_optional=True,
)
