"""The file on a real disk: replaced as a whole, or not at all."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import storage.atomic_file
from storage.atomic_file import AtomicFile, NotSyncedError


@pytest.fixture
def file(tmp_path: Path) -> AtomicFile:
    """A file that holds `old`."""
    file = AtomicFile(tmp_path / "cases.json")
    file.write([b"o", b"ld"])
    return file


def names(file: AtomicFile) -> set[str]:
    return {path.name for path in file.path.parent.iterdir()}


def test_it_is_replaced_as_a_whole(file: AtomicFile) -> None:
    inode = file.path.stat().st_ino
    with file.path.open("rb") as reader:
        file.write([b"n", b"", b"ew"])
        assert reader.read() == b"old"
    assert file.path.read_bytes() == b"new"
    assert file.path.stat().st_ino != inode
    assert names(file) == {"cases.json"}


def test_only_its_owner_may_read_it(file: AtomicFile) -> None:
    file.path.chmod(0o644)
    file.write([b"new"])
    file.copy_to_backup()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.backup.stat().st_mode) == 0o600


def test_it_does_not_write_through_a_link_that_lies_in_wait(file: AtomicFile) -> None:
    victim = file.path.with_name("victim")
    victim.write_bytes(b"mine")
    file.path.with_name("cases.json.tmp").symlink_to(victim)
    file.write([b"new"])
    assert (victim.read_bytes(), file.path.read_bytes()) == (b"mine", b"new")


def test_leftovers_of_a_killed_process_are_removed(file: AtomicFile) -> None:
    for name in ("cases.json.tmp", "cases.json.bak.tmp"):
        file.path.with_name(name).write_bytes(b"half")
    file.remove_leftovers()
    assert names(file) == {"cases.json"}


def _fail(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_leaves_the_old_content_alone(
    file: AtomicFile, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, call, _fail)
    with pytest.raises(OSError, match="No space"):
        file.write([b"new"])
    assert file.path.read_bytes() == b"old"
    assert names(file) == {"cases.json"}


def test_content_that_fails_half_way_leaves_the_old_alone(file: AtomicFile) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise MemoryError

    with pytest.raises(MemoryError):
        file.write(chunks())
    assert file.path.read_bytes() == b"old"
    assert names(file) == {"cases.json"}


def test_a_folder_that_cannot_be_synced_is_told_apart(
    file: AtomicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def fsync(descriptor: int) -> None:
        synced.append(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            _fail()

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(NotSyncedError):
        file.write([b"new"])
    assert file.path.read_bytes() == b"new"
    assert len(synced) == 2


def test_a_copy_is_a_file_of_its_own(file: AtomicFile) -> None:
    file.copy_to_backup()
    with file.path.open("r+b") as careless:
        careless.write(b"XXX")
    assert file.backup.read_bytes() == b"old"


def test_the_copy_is_refreshed_now_and_then(
    file: AtomicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.copy_to_backup()
    file.write([b"second"])
    file.write([b"third"])
    assert file.backup.read_bytes() == b"old"
    monkeypatch.setattr(storage.atomic_file, "BACKUP_EVERY_SECONDS", 0.0)
    file.write([b"fourth"])
    assert (file.backup.read_bytes(), file.path.read_bytes()) == (b"third", b"fourth")
    assert names(file) == {"cases.json", "cases.json.bak"}


def test_a_copy_that_cannot_be_refreshed_does_not_stop_a_write(
    file: AtomicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.atomic_file, "BACKUP_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(os, "link", _fail)
    file.write([b"new"])
    assert file.path.read_bytes() == b"new"


@pytest.mark.parametrize("how", ["in its place", "over it", "gone"])
def test_what_another_program_wrote_is_no_good_copy(
    file: AtomicFile, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.atomic_file, "BACKUP_EVERY_SECONDS", 0.0)
    file.write([b"older"])
    if how == "in its place":
        file.path.with_name("edited").write_bytes(b"edited")
        file.path.with_name("edited").replace(file.path)
    elif how == "over it":
        file.path.write_bytes(b"edited")
    else:
        file.path.unlink()
    with capture_logs() as logs:
        file.write([b"new"])
    assert [one["event"] for one in logs] == ["storage_file_changed"]
    assert (file.path.read_bytes(), file.backup.read_bytes()) == (b"new", b"new")
    with capture_logs() as logs:
        file.write([b"newer"])
    assert (logs, file.backup.read_bytes()) == ([], b"new")


def test_a_copy_for_which_there_is_no_room_leaves_nothing_behind(
    file: AtomicFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.copy_to_backup()
    monkeypatch.setattr(os, "fsync", _fail)
    with pytest.raises(OSError, match="No space"):
        file.copy_to_backup()
    assert names(file) == {"cases.json", "cases.json.bak"}
    assert file.backup.read_bytes() == b"old"
