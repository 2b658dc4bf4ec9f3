"""Expressions in a template: the type of each, and what in it cannot be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from jinja2 import nodes

from bot.wording.findings import Findings, Macros, Reader, Scope, choice, listed, near, spelt
from bot.wording.narrowing import settled
from bot.wording.shapes import (
    UNKNOWN,
    Method,
    field_of,
    fields_of,
    is_text,
    item_of,
    mapping_of,
    sequence_of,
    union,
)
from bot.wording.sieves import Sieves

_TRANSLATING = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
_DEEPEST = 20

Body = Callable[[Sequence[nodes.Node], Scope], None]
"""Reads statements."""


class Values:
    """Follows the types of the expressions in a template.

    Args:
        reader: who it is for.
        findings: where to say what cannot be.
        body: reads the body of a macro that is called.
    """

    def __init__(self, *, reader: Reader, findings: Findings, body: Body) -> None:
        self._reader = reader
        self._findings = findings
        self._body = body
        self._sieves = Sieves(reader=reader, findings=findings)
        self._of: Mapping[type[nodes.Node], Callable[..., object]] = {
            nodes.Const: lambda node, _: type(node.value),
            nodes.Concat: self._concatenated,
            nodes.Name: self._name,
            nodes.Getattr: self._field,
            nodes.Getitem: self._item,
            nodes.Call: self._call,
            nodes.Filter: self._filter,
            nodes.Test: self._yes_or_no,
            nodes.Not: self._yes_or_no,
            nodes.Compare: self._yes_or_no,
            nodes.CondExpr: self._either,
            nodes.And: self._both,
            nodes.Or: self._both,
            nodes.List: self._list,
            nodes.Tuple: self._list,
            nodes.Dict: self._dict,
            nodes.BinExpr: self._number,
            nodes.UnaryExpr: self._number,
        }

    def value(self, node: nodes.Node, scope: Scope) -> object:
        """Return the type of an expression."""
        for kind in type(node).__mro__:
            if kind in self._of:
                return self._of[kind](node, scope)
        self._findings.add(scope, node, f"`{type(node).__name__}` is not known here")
        return UNKNOWN

    def shown(self, node: nodes.Node, scope: Scope) -> None:
        """Make sure that an expression is something to read."""
        shape = self.value(node, scope)
        if isinstance(shape, Method | Macros | dict) or not is_text(shape):
            self._findings.add(scope, node, f"`{spelt(node)}` is no text: {choice(shape)}")

    def filtered(self, node: nodes.Filter, scope: Scope, shape: object) -> object:
        """Return the type of what a filter makes of a value."""
        others = [self.value(one, scope) for one in node.args]
        return self._sieves.through(node, scope, shape, others)

    def enter(self, node: nodes.Node, scope: Scope) -> bool:
        """Tell whether one more template or macro may follow; say so if not."""
        if scope.depth >= _DEEPEST:
            self._findings.add(scope, node, "this leads back to itself")
        return scope.depth < _DEEPEST

    def _concatenated(self, node: nodes.Concat, scope: Scope) -> object:
        for one in node.nodes:
            self.shown(one, scope)
        return str

    def _yes_or_no(self, node: nodes.Node, scope: Scope) -> object:
        self._children(node, scope)
        return bool

    def _number(self, node: nodes.Node, scope: Scope) -> object:
        self._children(node, scope)
        return int

    def _children(self, node: nodes.Node, scope: Scope) -> None:
        for child in node.iter_child_nodes():
            self.value(child.expr if isinstance(child, nodes.Operand) else child, scope)

    def _list(self, node: nodes.List | nodes.Tuple, scope: Scope) -> object:
        return sequence_of(union([self.value(one, scope) for one in node.items]))

    def _dict(self, node: nodes.Dict, scope: Scope) -> object:
        values = [self.value(pair.value, scope) for pair in node.items]
        return mapping_of(union(values))

    def _filter(self, node: nodes.Filter, scope: Scope) -> object:
        return self.filtered(node, scope, self.value(node.node, scope) if node.node else str)

    def _either(self, node: nodes.CondExpr, scope: Scope) -> object:
        self.value(node.test, scope)
        fixed = settled(self._reader, node.test)
        shapes = [] if fixed is False else [self.value(node.expr1, scope)]
        if fixed is not True and node.expr2 is not None:
            shapes.append(self.value(node.expr2, scope))
        return union(shapes)

    def _both(self, node: nodes.And | nodes.Or, scope: Scope) -> object:
        # Looked at though it may be settled: what is not given fails all the same when written.
        left = self.value(node.left, scope)
        fixed = settled(self._reader, node.left)
        if fixed is not None:
            ends = isinstance(node, nodes.Or)
            return bool if fixed is ends else self.value(node.right, scope)
        return union([left, self.value(node.right, scope)])

    def _name(self, node: nodes.Name, scope: Scope) -> object:
        if node.name in scope.names:
            return scope.names[node.name]
        known = sorted(name for name in scope.names if not name.startswith("_"))
        self._findings.add(
            scope,
            node,
            f"unknown variable `{node.name}`{near(node.name, known)}; known are {listed(known)}",
        )
        return UNKNOWN

    def _field(self, node: nodes.Getattr, scope: Scope) -> object:
        owner = self.value(node.node, scope)
        if owner is UNKNOWN:
            return UNKNOWN
        if isinstance(owner, Macros):
            return self._macro_of(owner, node, scope)
        found = owner.get(node.attr) if isinstance(owner, dict) else field_of(owner, node.attr)
        if found is not None:
            return found
        known = sorted(owner) if isinstance(owner, dict) else fields_of(owner)
        self._findings.add(
            scope,
            node,
            f"unknown field `{spelt(node)}`{self._reader.warning}{near(node.attr, known)};"
            f" `{spelt(node.node)}` has {listed(known)}",
        )
        return UNKNOWN

    def _macro_of(self, owner: Macros, node: nodes.Getattr, scope: Scope) -> object:
        if node.attr in owner.named:
            return replace(owner, named={node.attr: owner.named[node.attr]})
        close = near(node.attr, list(owner.named))
        what = f"`{owner.template.name}` has no macro `{node.attr}`{close}"
        self._findings.add(scope, node, what)
        return UNKNOWN

    def _item(self, node: nodes.Getitem, scope: Scope) -> object:
        owner = self.value(node.node, scope)
        index: object = slice(None)
        if not isinstance(node.arg, nodes.Slice):
            self.value(node.arg, scope)
            index = node.arg.value if isinstance(node.arg, nodes.Const) else None
        if owner is UNKNOWN:
            return UNKNOWN
        found = None if isinstance(owner, Macros | dict) else item_of(owner, index)
        if found is None:
            self._findings.add(scope, node, f"`{spelt(node.node)}` has no such item")
            return UNKNOWN
        return found

    def _call(self, node: nodes.Call, scope: Scope) -> object:
        if isinstance(node.node, nodes.Name) and node.node.name in _TRANSLATING:
            for one in (*node.args, *(keyword.value for keyword in node.kwargs)):
                self.shown(one, scope)
            return str
        called = self.value(node.node, scope)
        given = [self.value(one, scope) for one in node.args]
        named = {one.key: self.value(one.value, scope) for one in node.kwargs}
        if isinstance(called, Macros) and len(called.named) == 1:
            self._macro(node, called, given, named, scope)
            return str
        if isinstance(called, Method):
            return called.returns
        if called is not UNKNOWN:
            self._findings.add(scope, node, f"`{spelt(node.node)}` cannot be called")
        return UNKNOWN

    def _macro(
        self,
        node: nodes.Call,
        called: Macros,
        given: Sequence[object],
        named: Mapping[str, object],
        scope: Scope,
    ) -> None:
        """Read a macro with the types it is called with."""
        (macro,) = called.named.values()
        parameters = [one.name for one in macro.args]
        defaults = dict(zip(reversed(parameters), reversed(macro.defaults), strict=False))
        names: dict[str, object] = dict(called.around)
        for one in called.template.macros.values():
            names[one.name] = replace(called, named={one.name: one})
        for place, parameter in enumerate(parameters):
            if place < len(given):
                names[parameter] = given[place]
            elif parameter in named:
                names[parameter] = named[parameter]
            elif parameter in defaults:
                names[parameter] = self.value(defaults[parameter], scope)
            else:
                names[parameter] = UNKNOWN
                self._findings.add(scope, node, f"`{spelt(node.node)}` needs `{parameter}`")
        if self.enter(node, scope):
            inner = Scope(template=called.template, names=names, depth=scope.depth + 1)
            self._body(macro.body, inner)
