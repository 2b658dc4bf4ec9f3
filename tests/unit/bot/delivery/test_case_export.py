"""The file with the cases that are overdue when it is made."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from bot.cases.case import CaseState
from bot.cases.effects import CaseExport
from bot.cases.policy import Policy
from bot.cases.query import CaseQuery
from bot.clock import SystemClock
from bot.delivery.case_table import csv_lines
from bot.delivery.exports import Exports
from storage import open_store
from storage.base import Store
from tests.factories import build_case


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Export fails; a-b = c", "Export fails; a-b = c"),
        ("=1+1", "'=1+1"),
        (" \t@SUM(A1)", " \t'@SUM(A1)"),
        ("-v fails", "'-v fails"),
        ("\uff1d1", "'\uff1d1"),
        ("x;=1+1", "x;'=1+1"),
        ('x"; "=1+1', 'x"; "\'=1+1'),
        ("x\n+1", "x\n'+1"),
    ],
)
def test_nothing_that_was_typed_is_a_formula(typed: str, written: str) -> None:
    [line] = csv_lines([build_case(title=typed)])
    [cells] = csv.reader(StringIO(line.decode(), newline=""))
    assert cells[1] == written


async def filled(store: Store) -> None:
    """Let there be a new case and an old one."""
    now = SystemClock().now()
    async with store.transaction() as tx:
        for age in (timedelta(), timedelta(days=60)):
            number = await tx.allocate_case_id()
            await tx.add_case(replace(build_case(int(number)), opened_at=now - age))


async def test_only_what_is_overdue_is_in_the_file_when_that_was_asked_for(
    tmp_path: Path,
) -> None:
    async with open_store("tinydb://") as store:
        await filled(store)
        for overdue, names in ((True, ["CASE-2"]), (False, ["CASE-2", "CASE-1"])):
            content = CaseExport(
                query=CaseQuery(state=CaseState.OPEN), format="csv", overdue=overdue
            )
            await Exports(store, SystemClock(), Policy()).write(content, tmp_path / "cases.csv")
            lines = (tmp_path / "cases.csv").read_text(encoding="utf-8-sig").splitlines()
            assert [line.split(",")[0] for line in lines[1:]] == names
