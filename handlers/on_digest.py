"""The daily digest of somebody who asked for it: own work, and what is due."""

from dataclasses import replace

from bot.cases.calendar import calendar_of
from bot.cases.case import Case, CaseId, UserId
from bot.cases.clocks import next_limit
from bot.cases.effects import ToPerson
from bot.desk import Desk
from handlers.case_work import own_work, steps_of

SHOWN = 20
_OWNED = 200


async def on_digest(desk: Desk, user_id: UserId) -> bool:
    """Send somebody's digest if it is due, and note when the next one is.

    Returns:
        Whether one is sent.
    """
    profile = await desk.tx.find_profile(user_id)
    if profile is None or not profile.digest:
        return False
    if profile.digest_at is None or profile.digest_at > desk.now:
        return False
    policy = desk.rules.policy
    steps = steps_of(desk, (await _own_cases(desk, user_id)).values())
    await desk.say(
        "staff/digest",
        ToPerson(person=profile.person),
        key=f"digest/{user_id}/{profile.digest_at.isoformat()}",
        language=profile.language or None,
        items=[(step, next_limit(step.case, policy)) for step in steps[:SHOWN]],
        more=len(steps) - SHOWN,
    )
    following = calendar_of(policy.hours).next_at(desk.now, policy.digest_at)
    await desk.tx.save_profile(replace(profile, digest_at=following))
    return True


async def _own_cases(desk: Desk, user_id: UserId) -> dict[CaseId, Case]:
    found: dict[CaseId, Case] = {}
    for query in own_work(user_id):
        cases, _ = await desk.tx.list_cases(query, limit=_OWNED)
        found |= {case.id: case for case in cases}
    return found
