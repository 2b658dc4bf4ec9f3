"""`/case digest on|off`: a daily message with one's own work and what is due."""

from dataclasses import replace

from bot.cases.calendar import calendar_of
from bot.cases.profile import Profile
from bot.cases.refusals import Refusal
from handlers.context import Context, Handler, Request

_ON_OR_OFF = {"on": True, "off": False}


async def run(context: Context, request: Request) -> str:
    """Turn the digest on or off; with neither, say which it is."""
    me = context.actor.person
    known = await context.tx.find_profile(me.id)
    profile = replace(known, person=me) if known else Profile(person=me)
    word = request.text.strip().casefold()
    if word:
        if word not in _ON_OR_OFF:
            raise Refusal("on_or_off", word=word[:40])
        policy = context.rules.policy
        following = calendar_of(policy.hours).next_at(context.now, policy.digest_at)
        wanted = _ON_OR_OFF[word]
        profile = replace(profile, digest=wanted, digest_at=following if wanted else None)
        await context.tx.save_profile(profile)
    return context.write("case_digest", profile=profile)


HANDLER = Handler(
    verb="digest",
    usage="case digest on|off",
    summary="your work and what is due, every working morning",
    example="case digest on",
    run=run,
    case=False,
)
