"""Conditions that are settled by who reads."""

from jinja2 import nodes

from bot.wording.findings import Reader


def settled(reader: Reader, test: nodes.Node) -> bool | None:
    """Return what a condition is for this reader, or None if that depends on more.

    Settled is `actor.is_staff`, the macro parameter `staff`, and what is made of them.
    """
    match test:
        case nodes.Getattr(node=nodes.Name(name="actor"), attr="is_staff"):
            return reader is Reader.STAFF
        case nodes.Name(name="staff"):
            return reader is Reader.STAFF
        case nodes.Not():
            inner = settled(reader, test.node)
            return None if inner is None else not inner
        case nodes.And() | nodes.Or():
            return _joined(reader, test)
        case _:
            return None


def _joined(reader: Reader, test: nodes.And | nodes.Or) -> bool | None:
    decisive = isinstance(test, nodes.Or)
    sides = {settled(reader, test.left), settled(reader, test.right)}
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive
