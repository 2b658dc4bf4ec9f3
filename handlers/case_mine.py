"""`/case mine [filters] [page 2]`: the cases I own at any level; a customer's own ones."""

from handlers.case_list import show
from handlers.context import Context, Handler, Request
from handlers.filters import LISTING_FLAGS, PERSON_AFTER


async def run(context: Context, request: Request) -> str:
    """Show one page of my cases."""
    return await show(context, request, "mine", f"mine {request.text}")


HANDLER = Handler(
    verb="mine",
    usage="case mine [level 2 | closed | all …] [--product p] [--severity s] [page 2]",
    customer_usage="case mine [waiting | closed | all] [page 2]",
    summary="list my cases",
    example="case mine closed",
    run=run,
    case=False,
    flags=LISTING_FLAGS,
    names_person=True,
    person_after=PERSON_AFTER,
)
