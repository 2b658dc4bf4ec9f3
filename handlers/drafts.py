"""What a specialist may send to a customer, in the customer's language: nothing else is in it."""

from dataclasses import replace

from markupsafe import Markup

from bot.cases.case import Alert, Case
from bot.desk import Desk


async def solution(desk: Desk, case: Case, alert: Alert) -> Markup:
    """Return words that tell what came of the defect."""
    versions = ", ".join(alert.fix_versions)
    return await desk.letter("customer/solution", replace(case, alert=alert), versions=versions)
