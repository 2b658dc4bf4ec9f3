"""The policy file: the rules a team sets for itself, checked as a whole."""

from bot.policy.reading import PolicyProblem, read

__all__ = ["PolicyProblem", "read"]
