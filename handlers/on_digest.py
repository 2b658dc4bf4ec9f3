"""The daily digest of somebody who asked for it: what `/case` alone shows, and what is due."""

from dataclasses import replace

from bot.cases.access import Actor
from bot.cases.calendar import calendar_of
from bot.cases.clocks import next_limit
from bot.cases.effects import ToPerson
from bot.desk import Desk
from handlers.case_work import work_of

SHOWN = 20


async def on_digest(desk: Desk, actor: Actor) -> bool:
    """Send somebody's digest if it is due and there is work, and note when the next one is.

    Whoever is not of the team any more, or not for now, gets none.

    Returns:
        Whether one is sent.
    """
    profile = await desk.tx.find_profile(actor.person.id)
    if profile is None or not profile.digest:
        return False
    if profile.digest_at is None or profile.digest_at > desk.now:
        return False
    policy = desk.rules.policy
    calendar = calendar_of(policy.hours)
    # What was missed on a working day is not made up for on a free one.
    wanted = actor.may("digest") and calendar.works_on(desk.now)
    steps = (await work_of(desk, actor))[0] if wanted else ()
    if steps:
        await desk.say(
            "staff/digest",
            ToPerson(person=profile.person),
            key=f"digest/{actor.person.id}/{profile.digest_at.isoformat()}",
            language=profile.language or None,
            items=[(step, next_limit(step.case, policy)) for step in steps[:SHOWN]],
            more=len(steps) - SHOWN,
        )
    following = calendar.next_at(desk.now, policy.digest_at)
    await desk.tx.save_profile(replace(profile, digest_at=following))
    return bool(steps)
