"""What a query is made of, once read."""

from dataclasses import dataclass, field

from sandbox.jira.numbers import whole_number


class JqlSyntaxError(Exception):
    """The text is not JQL; the message is what the server answers."""


@dataclass(frozen=True, slots=True)
class Value:
    """A single word, quoted text or number."""

    text: str
    quoted: bool = False

    @property
    def number(self) -> int | None:
        """The value as an unquoted whole number, or None."""
        digits = self.text.removeprefix("-")
        number = None if self.quoted else whole_number(digits)
        return -number if number is not None and digits != self.text else number


@dataclass(frozen=True, slots=True)
class Empty:
    """`EMPTY` or `NULL`."""


@dataclass(frozen=True, slots=True)
class Function:
    """A call such as `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """A list in parentheses."""

    items: tuple["Operand", ...]


Operand = Value | Empty | Function | Values


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on a history operator: `AFTER -15m`, `BY "x"`, `TO Done`."""

    name: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Clause:
    """`field operator operand`, with predicates for `WAS` and `CHANGED`."""

    field: str
    operator: str
    operand: Operand | None = None
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    inner: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple["Condition", ...]


Condition = Clause | Not | And | Or


@dataclass(frozen=True, slots=True)
class Sort:
    """One field of `ORDER BY`."""

    field: str
    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; `where` is None when nothing restricts it."""

    where: Condition | None = None
    order: tuple[Sort, ...] = field(default=())
