"""`/case dossier @person`: everything kept about somebody, as a file in a direct message."""

from bot.cases.effects import Audience, PersonExport, SendFile, ToPerson
from bot.cases.refusals import Refusal
from bot.holdings import find_holdings
from handlers.context import Context, Handler, Request
from handlers.whom import somebody


async def run(context: Context, request: Request) -> str:
    """Owe the file; it is made when it is sent."""
    person = await somebody(context, request.text, staff=True)
    if (await find_holdings(context.tx, person)).is_empty:
        raise Refusal("nothing_kept", name=person.username)
    key = f"{context.reply_key}/file"
    # Found again by its name after a doubtful send, so no two are the same.
    name = f"dossier-{context.now:%Y-%m-%d}-{context.message_id(key)[:6]}.json"
    message = context.message
    to = ToPerson(person=message.sender, room_id=message.room_id if message.direct else None)
    caption = context.write("case_dossier_caption", person=person)
    content = PersonExport(person=person)
    await context.owe(
        SendFile(to=to, name=name, caption=caption, content=content),
        key=key,
        audience=Audience.TEAM,
    )
    return context.write("case_dossier", name=name, person=person)


HANDLER = Handler(
    verb="dossier",
    usage="case dossier <@person>",
    summary="get everything kept about somebody, as a file in a direct message",
    example="case dossier @maria",
    run=run,
    case=False,
    names_person=True,
)
