"""What the texts are given: the agreement between the code and whoever changes a template."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, meta

from bot.wording.findings import Reader
from bot.wording.shapes import Shape, replaced

_COMMAND = frozenset({"p"})
"""What to put before a command; every text is given it."""
_ANSWER = frozenset({"actor", "direct"})
_REFUSAL = frozenset({"prefix", "usage"})
_MADE_BY_JINJA = frozenset({"_trans"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The variables of the texts, by name, and who reads them.

    A text is given the variables that our own template of its name uses.
    """

    variables: Mapping[str, Shape]
    """Type by name, as the team gets it."""
    special: Mapping[str, Mapping[str, Shape]] = field(default_factory=dict)
    """Text → type by name, where a name means something else."""
    team_only: Callable[[str], bool] = lambda _: False
    """Tells whether a text is an answer that no customer gets; all of `staff/` is anyway."""
    instead: Callable[[type], type | None] = lambda kind: kind
    """Returns the type a customer gets instead of one; None: nothing."""

    def readers(self, name: str) -> list[Reader]:
        """Return who reads a text."""
        if name.startswith("customer/"):
            return [Reader.CUSTOMER]
        if name.startswith(("staff/", "admin/")) or self.team_only(name):
            return [Reader.STAFF]
        return list(Reader)

    def given(self, name: str, used: Collection[str], reader: Reader) -> dict[str, Shape]:
        """Return what a text is given.

        Args:
            name: of the text, without its ending.
            used: what our own template of that name uses, see `used_by`.
            reader: who reads it.
        """
        names = {*used, *_COMMAND}
        if not name.startswith(("customer/", "staff/", "admin/")):
            names |= _ANSWER
        if name.startswith("refusals/"):
            names |= _REFUSAL
        types = {**self.variables, **self.special.get(name, {})}
        found = {one: types[one] for one in names if one in types}
        if reader is Reader.STAFF:
            return found
        seen = {one: replaced(shape, self.instead) for one, shape in found.items()}
        return {one: shape for one, shape in seen.items() if shape is not None}


def used_by(name: str, environment: Environment) -> set[str]:
    """Return the variables that a template and those it includes use.

    Args:
        name: of the template, with its ending.
        environment: finds it.
    """
    if environment.loader is None:
        return set()
    source, _, _ = environment.loader.get_source(environment, name)
    tree = environment.parse(source)
    used = meta.find_undeclared_variables(tree) - _MADE_BY_JINJA
    for other in meta.find_referenced_templates(tree):
        if other is not None and not other.startswith("_"):
            used |= used_by(other, environment)
    return used
