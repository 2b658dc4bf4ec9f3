import asyncio
from concurrent.futures import ThreadPoolExecutor

from storage.tinydb_commits import GroupCommit, Write


class Writes:
    """Counts what would be written."""

    def __init__(self) -> None:
        self.begun = 0

    def __call__(self) -> Write:
        self.begun += 1
        return lambda: None


async def test_everybody_who_waited_for_one_write_shares_the_next() -> None:
    writes = Writes()
    with ThreadPoolExecutor(max_workers=1) as executor:
        commits = GroupCommit(writes, executor)

        async def commit_five_times() -> None:
            for _ in range(5):
                changes = commits.begin()
                changes.made = True
                on_disk = commits.commit(changes, durable=True)
                assert on_disk is not None
                await on_disk

        await asyncio.gather(*(commit_five_times() for _ in range(20)))
        commits.close()
    assert writes.begun == 5


async def test_what_is_waited_for_when_the_store_closes_is_not_begun_afterwards() -> None:
    writes = Writes()
    with ThreadPoolExecutor(max_workers=1) as executor:
        commits = GroupCommit(writes, executor)
        changes = commits.begin()
        changes.made = True
        commits.commit(changes, durable=True)
        commits.close()
        await asyncio.sleep(0)
    assert writes.begun == 0
