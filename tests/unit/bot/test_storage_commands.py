"""What storage commands say."""

from typing import get_args

from bot.storage_commands import COUNTED
from storage.records import Record


def test_everything_that_is_kept_is_counted() -> None:
    kinds = {kind.__dataclass_fields__["kind"].default for kind in get_args(Record)}
    assert COUNTED.keys() == kinds - {"numbers"}
