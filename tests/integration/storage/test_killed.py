"""A process that is killed while it writes loses nothing that it had acknowledged."""

import asyncio
import random
import signal
import sys
from pathlib import Path

from bot.cases.case import MessageId
from bot.cases.query import CaseQuery
from storage import open_store
from storage.base import Store
from tests.factories import NOW

ROOT = Path(__file__).parents[3]
KILLS = 12

# Says a number only when the transaction that added it has returned. Four at a time, so that most
# of them share a write with others.
CHILD = """
import asyncio, sys
from bot.cases.case import MessageId
from storage import open_store
from tests.factories import NOW, build_case, build_entry, build_owed

async def commit(store):
    while True:
        async with store.transaction() as tx:
            number = await tx.allocate_case_id()
            await tx.add_case(build_case(number, title="x" * 200))
            await tx.add_timeline(build_entry(number))
            await tx.take_message(MessageId(f"m{number}"), at=NOW)
            await tx.owe(build_owed(f"k{number}", case_id=number), at=NOW)
        print(number, flush=True)

async def main():
    async with open_store(sys.argv[1]) as store:
        print("open", flush=True)
        await asyncio.gather(*(commit(store) for _ in range(4)))

asyncio.run(main())
"""


async def run_and_kill(url: str, after_lines: int) -> set[int]:
    """Start the child, kill it after some output; return the numbers it has acknowledged."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(after_lines)]
    child.send_signal(signal.SIGKILL)
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    return {int(line) for line in lines if line.endswith(b"\n") and line != b"open\n"}


async def find_kept(store: Store) -> set[int]:
    """Return the cases, after a check that each has all that its transaction wrote."""
    async with store.transaction() as tx:
        cases, total = await tx.list_cases(CaseQuery(), limit=100_000)
        assert len(cases) == total == await tx.count_pending()
        for case in cases:
            assert await tx.has_message(MessageId(f"m{case.id}"))
            assert len(await tx.list_timeline(case.id)) == 1
            assert len(await tx.list_deliveries(case.id)) == 1
        assert await tx.forget_messages(before=NOW) == 0
    return {case.id for case in cases}


async def test_what_a_killed_process_acknowledged_is_there(tmp_path: Path) -> None:
    url = f"tinydb:///{tmp_path}/cases.json"
    acknowledged: set[int] = set()
    seed = random.Random(20)  # noqa: S311 - the same kills every time
    for _ in range(KILLS):
        acknowledged |= await run_and_kill(url, seed.randint(1, 60))
        async with open_store(url) as store:
            kept = await find_kept(store)
        assert acknowledged <= kept
        # At most the four that were under way may be there unsaid.
        assert len(kept) <= len(acknowledged) + 4 * KILLS
    assert len(acknowledged) > KILLS
