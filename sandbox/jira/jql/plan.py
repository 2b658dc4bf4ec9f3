"""A query made ready to run: a test for one issue, and what it surely restricts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.jira.model import Issue

Test = Callable[[Issue], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What every match certainly has, so that an index can leave out the rest.

    None means unknown. Several bounds of one query all hold.
    """

    ids: frozenset[int] | None = None
    project_ids: frozenset[str] | None = None
    labels: frozenset[str] | None = None
    updated_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A condition, ready."""

    test: Test
    bounds: tuple[Bounds, ...] = ()


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field of the order, ready; the key is None for an empty value."""

    key: Callable[[Issue], Any]
    descending: bool


def nothing(_: Issue) -> bool:
    """Match no issue."""
    return False


def everything(_: Issue) -> bool:
    """Match every issue."""
    return True
