"""What was measured, and how it is shown."""

from collections.abc import Sequence
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


def show(rows: Sequence[Row]) -> None:
    """Print a table."""
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
