"""The rules a team sets for itself, and the people these rules name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from bot.cases.access import Actor
from bot.cases.case import Person
from bot.cases.policy import Policy
from bot.policy import PolicyProblem, read
from bot.settings import Settings
from bot.start import CannotStart


class Directory(Protocol):
    """Knows the people on the chat server."""

    async def find_person(self, user_name: str) -> Person | None:
        """Return the person of that name, or None."""
        ...

    async def find_actor(self, person: Person) -> Actor | None:
        """Return somebody with their roles; None where the server does not tell."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What the policy comes to on this server."""

    policy: Policy = field(default_factory=Policy)
    people: Mapping[str, Person] = field(default_factory=dict)
    """Whom the policy names, by user name in small letters, as far as they exist."""


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name, or the one that holds without a file.

    Raises:
        CannotStart: the file cannot be used; everything that is wrong is named.
    """
    try:
        policy = read(Path(settings.policy_file)) if settings.policy_file else Policy()
    except PolicyProblem as problem:
        raise CannotStart(str(problem)) from problem
    # Whoever set the interval before there was a policy still has it.
    alerts = replace(policy.alerts, every=settings.reminder_interval)
    return replace(policy, alerts=alerts)


def names_in(policy: Policy) -> Mapping[str, str]:
    """Return the user names in a policy, each with where it stands."""
    alerts = policy.alerts
    named = {name: "alerts.deputies" for pair in alerts.deputies.items() for name in pair}
    if alerts.lead:
        named[alerts.lead] = "alerts.lead"
    return named


async def find_team(policy: Policy, directory: Directory) -> tuple[Team, list[str]]:
    """Look up whom the policy names.

    Returns:
        The team, and a sentence for each name that nobody has, or nobody of the team.

    Raises:
        Fault: the server could not be asked.
    """
    people, problems = {}, []
    for name, place in names_in(policy).items():
        person = await directory.find_person(name)
        if person is None:
            problems.append(
                f"{place} in POLICY_FILE names '{name}', whom Rocket.Chat does not know."
                " Mend the name; until then others are told instead."
            )
            continue
        people[name] = person
        actor = await directory.find_actor(person)
        if actor is not None and not actor.is_staff:
            problems.append(
                f"{place} in POLICY_FILE names '{name}', who has no role of the team."
                " Give them one, or mend the name; until then others are told instead."
            )
    return Team(policy=policy, people=people), problems
