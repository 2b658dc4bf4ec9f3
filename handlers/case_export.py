"""`/case export [filters]`: cases as a file for spreadsheets or programs, in a direct message."""

from typing import Literal

from bot.cases.effects import Audience, CaseExport, SendFile, ToPerson
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request
from handlers.filters import LISTING_FLAGS, PERSON_AFTER, Listing, read_listing
from handlers.overdue import list_overdue


async def run(context: Context, request: Request) -> str:
    """Owe the file; it is made when it is sent."""
    flags = {name: value for name, value in request.flags.items() if name in LISTING_FLAGS}
    listing = read_listing(context, request.text, flags)
    total = await _count(context, listing)
    if not total:
        return context.write("case_export", name="", total=0)
    file_format = _format(request.flags.get("format", "csv"))
    key = f"{context.reply_key}/file"
    # Found again by its name after a doubtful send, so no two are the same.
    name = f"cases-{context.now:%Y-%m-%d}-{context.message_id(key)[:6]}.{file_format}"
    message = context.message
    to = ToPerson(person=message.sender, room_id=message.room_id if message.direct else None)
    await context.owe(
        SendFile(
            to=to,
            name=name,
            caption=context.write("case_export_caption", words=listing.words),
            content=CaseExport(query=listing.query, format=file_format, overdue=listing.overdue),
        ),
        key=key,
        audience=Audience.TEAM,
    )
    return context.write("case_export", name=name, total=total)


async def _count(context: Context, listing: Listing) -> int:
    if listing.overdue:
        return len((await list_overdue(context, listing.query))[0])
    _, total = await context.tx.list_cases(listing.query, limit=1)
    return total


def _format(value: str) -> Literal["csv", "jsonl"]:
    asked = value.casefold().lstrip(".")
    if asked == "csv":
        return "csv"
    if asked in {"jsonl", "json", "ndjson"}:
        return "jsonl"
    raise Refusal("unknown_format", word=value[:20])


HANDLER = Handler(
    verb="export",
    usage="case export [closed | level 2 | all …] [--product p] [--severity s] [--format jsonl]",
    summary="get cases as a file, CSV or JSON Lines, in a direct message",
    example="case export all --format csv",
    run=run,
    case=False,
    flags=(*LISTING_FLAGS, "format"),
    names_person=True,
    person_after=PERSON_AFTER,
)
