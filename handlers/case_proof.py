"""`/case proof <id>`: who was told what, when, because of which change."""

from dataclasses import dataclass
from datetime import datetime

from bot.cases.effects import Delivery, DeliveryState, Say, ToPerson
from handlers.context import Context, Handler, Request

MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One delivery, as it is shown."""

    about: str
    owed_at: datetime
    to: str
    """The person's user name; empty for a room or for Jira."""
    state: DeliveryState
    finished_at: datetime | None
    detail: str
    """Why it was not sent, or has not been yet."""
    because: str
    """The change that caused it."""


async def run(context: Context, request: Request) -> str:
    """Show the newest part of the case's ledger."""
    deliveries = await context.tx.list_deliveries(request.case.id)
    lines = [line_of(delivery) for delivery in deliveries[-MOST:]]
    return context.write("case_proof", case=request.case, lines=lines)


def line_of(delivery: Delivery) -> LedgerLine:
    """Return a delivery as it is shown."""
    owed = delivery.owed
    to = owed.effect.to if isinstance(owed.effect, Say) else None
    return LedgerLine(
        about=owed.about,
        owed_at=delivery.owed_at,
        to=to.person.username if isinstance(to, ToPerson) else "",
        state=delivery.state,
        finished_at=delivery.finished_at,
        detail=delivery.detail or owed.skipped,
        because=owed.because,
    )


HANDLER = Handler(
    verb="proof",
    usage="case proof <id>",
    summary="who was told what, and what was not sent and why",
    example="case proof 42",
    run=run,
)
