"""What was measured, and how it is shown."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from rich.console import Console
from rich.table import Table

# Below this many samples a 99th percentile would be the slowest one under another name.
_ENOUGH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure."""

    part: str
    what: str
    value: str
    beside: str = ""
    """What it is measured against, in the same run."""
    aim: str = ""
    met: bool | None = None
    """None where there is no aim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One figure over several sizes."""

    part: str
    what: str
    points: Mapping[str, str]
    """By the name of the size, in order."""


def show(figures: Sequence[Row | Curve]) -> None:
    """Print a table of the rows, and one in Markdown for the curves of each part."""
    if rows := [one for one in figures if isinstance(one, Row)]:
        _show_rows(rows)
    curves = [one for one in figures if isinstance(one, Curve)]
    for part, members in itertools.groupby(curves, lambda curve: curve.part):
        print(f"\n{part}\n")
        print("\n".join(markdown_of(list(members))))


def markdown_of(curves: Sequence[Curve]) -> list[str]:
    """Return the lines of a table with a row for each curve; a size it does not have is empty."""
    sizes = list(dict.fromkeys(size for curve in curves for size in curve.points))
    lines = [f"| | {' | '.join(sizes)} |", f"|---|{'--:|' * len(sizes)}"]
    for curve in curves:
        points = " | ".join(curve.points.get(size, "") for size in sizes)
        lines.append(f"| {curve.what} | {points} |")
    return lines


def _show_rows(rows: Sequence[Row]) -> None:
    table = Table("part", "what", "measured", "beside, same run", "aim", "")
    part = ""
    for row in rows:
        if part and row.part != part:
            table.add_section()
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        shown = row.part if row.part != part else ""
        table.add_row(shown, row.what, row.value, row.beside, row.aim, verdict)
        part = row.part
    # Wide enough to be redirected into a file without breaking lines.
    Console(width=150).print(table)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """Return the value below which so many percent of the samples are."""
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]


def spread(seconds: Sequence[float]) -> str:
    """Return median and, given enough samples, the 99th percentile, in milliseconds."""
    shown = f"p50 {milliseconds(percentile(seconds, 50))}"
    if len(seconds) >= _ENOUGH:
        shown += f", p99 {milliseconds(percentile(seconds, 99))}"
    return shown


def milliseconds(seconds: float) -> str:
    """Show a span."""
    return f"{seconds * 1000:.2f} ms"


def short(seconds: float) -> str:
    """Show a span with three digits, in whichever unit is readable."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 100 else f"{value:.2g} ms"
