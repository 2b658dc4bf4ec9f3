"""Reads a template as its reader would get it, and says what in it cannot be.

Every value is followed by its type, from the variables a text is given to what is shown. What only
the team gets (`{% if actor.is_staff %}`) is passed over where the reader is a customer, and the
other way round.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from jinja2 import nodes

from bot.wording.findings import Findings, Macros, Problem, Reader, Scope, Template
from bot.wording.narrowing import settled
from bot.wording.shapes import UNKNOWN, Shape, element_of, item_of
from bot.wording.values import Values

_LOOP: Mapping[str, Shape] = dict.fromkeys(
    ("index", "index0", "revindex", "revindex0", "length"), int
) | dict.fromkeys(("first", "last"), bool)


class Reading:
    """Templates, read for one reader.

    Args:
        reader: who they are for.
        find: returns a template by its name with its ending, or None.
    """

    def __init__(self, *, reader: Reader, find: Callable[[str], Template | None]) -> None:
        self._reader = reader
        self._find = find
        self._findings = Findings()
        self._values = Values(reader=reader, findings=self._findings, body=self._body)
        self._of: Mapping[type[nodes.Node], Callable[..., None]] = {
            nodes.Output: self._output,
            nodes.If: self._if,
            nodes.For: self._for,
            nodes.Assign: self._assign,
            nodes.Import: self._import,
            nodes.Include: self._include,
            nodes.FilterBlock: self._filter_block,
            nodes.Macro: self._macro,
        }

    @property
    def problems(self) -> list[Problem]:
        """What was found so far, in order."""
        return self._findings.all()

    def read(self, template: Template, given: Mapping[str, Shape]) -> None:
        """Read a template that is given these variables."""
        self._body(template.tree.body, Scope(template=template, names=dict(given)))

    def _body(self, body: Sequence[nodes.Node], scope: Scope) -> None:
        for node in body:
            self._statement(node, scope)

    def _statement(self, node: nodes.Node, scope: Scope) -> None:
        read = self._of.get(type(node))
        if read is None:
            self._findings.add(scope, node, f"`{type(node).__name__}` is not known here")
        else:
            read(node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for one in node.nodes:
            if not isinstance(one, nodes.TemplateData):
                self._values.shown(one, scope)

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        self._bind(node.target, self._values.value(node.node, scope), scope)

    def _filter_block(self, node: nodes.FilterBlock, scope: Scope) -> None:
        self._values.filtered(node.filter, scope, str)
        self._body(node.body, scope)

    def _macro(self, node: nodes.Macro, scope: Scope) -> None:
        scope.names[node.name] = Macros(
            template=scope.template, named={node.name: node}, around=scope.names
        )

    def _import(self, node: nodes.Import, scope: Scope) -> None:
        template = self._named(node.template, scope)
        scope.names[node.target] = (
            UNKNOWN
            if template is None
            else Macros(
                template=template,
                named=template.macros,
                around=scope.names if node.with_context else {},
            )
        )

    def _if(self, node: nodes.If, scope: Scope) -> None:
        self._values.value(node.test, scope)
        fixed = settled(self._reader, node.test)
        if fixed is not False:
            self._body(node.body, scope)
        if fixed is True:
            return
        for other in node.elif_:
            self._values.value(other.test, scope)
            fixed = settled(self._reader, other.test)
            if fixed is not False:
                self._body(other.body, scope)
            if fixed is True:
                return
        self._body(node.else_, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        inner = replace(scope, names=dict(scope.names))
        inner.names["loop"] = _LOOP
        self._bind(node.target, self._elements(node.iter, scope), inner)
        if node.test is not None:
            self._values.value(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, scope)

    def _elements(self, node: nodes.Node, scope: Scope) -> object:
        shape = self._values.value(node, scope)
        if shape is UNKNOWN:
            return UNKNOWN
        found = element_of(shape)
        if found is None:
            self._findings.add(scope, node, "this is no list to go through")
            return UNKNOWN
        return found

    def _bind(self, target: nodes.Node, shape: object, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.names[target.name] = shape
        elif isinstance(target, nodes.Tuple):
            for place, one in enumerate(target.items):
                found = UNKNOWN if shape is UNKNOWN else item_of(shape, place)
                self._bind(one, UNKNOWN if found is None else found, scope)

    def _include(self, node: nodes.Include, scope: Scope) -> None:
        template = self._named(node.template, scope)
        if template is not None and self._values.enter(node, scope):
            inner = Scope(template=template, names=dict(scope.names), depth=scope.depth + 1)
            self._body(template.tree.body, inner)

    def _named(self, node: nodes.Node, scope: Scope) -> Template | None:
        if not isinstance(node, nodes.Const) or not isinstance(node.value, str):
            self._findings.add(scope, node, "name the template itself, in quotes")
            return None
        found = self._find(node.value)
        if found is None:
            self._findings.add(scope, node, f"there is no template `{node.value}`")
        return found
