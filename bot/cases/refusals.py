"""Refusals: a "no" for a person, with the next step.

A handler raises one; nothing it changed is kept, and the router answers with the text of the same
name under `templates/refusals/`. One place, one wording for each kind.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """What was asked cannot be done; the person is told why and what to type instead.

    Attributes:
        kind: the name of the text.
        values: what the text needs; every value is escaped when it is written.
    """

    def __init__(self, kind: str, **values: object) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values: Mapping[str, object] = values
