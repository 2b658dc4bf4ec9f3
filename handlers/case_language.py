"""`/case language [id] <language>`: in which language somebody is written to."""

from dataclasses import replace

from bot.cases.case import Case, TimelineKind
from handlers.context import Context, Handler, Request
from handlers.languages import keep_language, known_language


async def run(context: Context, request: Request) -> str:
    """Change the language of a case's customer, or, without a case, one's own."""
    me = context.actor.person
    case = request.found
    if not request.text.strip():
        return await _show(context, case)
    language = known_language(context, request.text)
    person = case.customer if case else me
    await keep_language(context, person, language)
    if case is not None:
        await context.save(replace(case, language=language), quietly=True)
        await context.note(case, TimelineKind.CHANGED, f"language: {language}", by=me)
    answering = replace(context, language=language) if person.id == me.id else context
    return answering.write("case_language", case=case, name=context.texts.languages()[language])


async def _show(context: Context, case: Case | None) -> str:
    known = context.texts.languages()
    person = case.customer if case else context.actor.person
    code = await context.language_of(person, otherwise=case.language if case else "")
    return context.write("case_languages", case=case, name=known.get(code, code), languages=known)


HANDLER = Handler(
    verb="language",
    usage="case language [id] <language>",
    summary="the language I write in, to you or to the customer of a case",
    customer_summary="the language I write to you in",
    customer_usage="case language <language>",
    example="case language 42 pt_BR",
    run=run,
    case_optional=True,
)
