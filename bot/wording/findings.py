"""What is found in a template, and where."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from jinja2 import nodes

from bot.wording.shapes import Method, fields_of


class Reader(Enum):
    """Who a text is for."""

    STAFF = "staff"
    CUSTOMER = "customer"

    @property
    def warning(self) -> str:
        """Return what to add where a field is not there for them."""
        return " (customers see nothing that is the team's)" if self is Reader.CUSTOMER else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a template that cannot be."""

    name: str
    """Of the template, with its ending."""
    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that has been parsed."""

    name: str
    tree: nodes.Template
    macros: Mapping[str, nodes.Macro]

    @classmethod
    def of(cls, name: str, tree: nodes.Template) -> Self:
        """Return a template with the macros it has."""
        macros = (node for node in tree.body if isinstance(node, nodes.Macro))
        return cls(name=name, tree=tree, macros={one.name: one for one in macros})


@dataclass(frozen=True, slots=True, kw_only=True)
class Macros:
    """One macro of a template, or all of them."""

    template: Template
    named: Mapping[str, nodes.Macro]
    around: Mapping[str, object] = field(default_factory=dict)
    """What they know besides what they are called with: nothing if they were imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where in which template we are, and what is known there."""

    template: Template
    names: dict[str, object] = field(default_factory=dict)
    """Name to type; also to `Macros`, and `loop` to what that has."""
    depth: int = 0
    """How many templates and macros lead here."""


class Findings:
    """Collects problems, each once, in the order they are found."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, scope: Scope, node: nodes.Node, what: str) -> None:
        """Note that something at a place cannot be."""
        self._found[Problem(name=scope.template.name, line=node.lineno, what=what)] = None

    def all(self) -> list[Problem]:
        """Return what was found."""
        return list(self._found)


def spelt(node: nodes.Node) -> str:
    """Return an expression about as it was typed."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{spelt(node.node)}.{node.attr}"
        case nodes.Getitem():
            return f"{spelt(node.node)}[…]"
        case nodes.Call():
            return f"{spelt(node.node)}(…)"
        case _:
            return "this"


def near(word: str, known: Sequence[str]) -> str:
    """Return a question for the known word that is probably meant; empty if there is none."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return ", ".join(names) if names else "none"


def choice(shape: object) -> str:
    """Return what to show instead of a value that is no text."""
    known = [] if isinstance(shape, Method | Macros | dict) else fields_of(shape)
    return f"choose one of {listed(known)}" if known else "it cannot be shown"
