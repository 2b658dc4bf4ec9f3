"""The TinyDB store's files: the lock, the file itself and its last good copy."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from storage.atomic_file import AtomicFile
from storage.base import StoreDamaged, StoreError, StoreLocked
from storage.tinydb_file import DamagedError, Snapshot, read_tables, write_chunks
from storage.tinydb_lines import LineTables
from storage.tinydb_memory import Memory


class Disk:
    """Where one store is kept. Everything but `prepare_write` blocks."""

    def __init__(self, path: Path) -> None:
        # A symbolic link would be replaced instead of followed, and have a lock of its own.
        self._path = _follow(path)
        self._file = AtomicFile(self._path)
        lock = self._path.with_name(f"{self._path.name}.lock")
        self._lock = FileLock(lock, timeout=0, mode=0o600, thread_local=False)

    def open(self) -> Memory:
        """Keep other processes out and read what there is; begin a new file if there is none.

        Raises:
            StoreLocked: another process has it.
            StoreDamaged: it cannot be read; nothing was changed.
            StoreError: the folder cannot be used, or a newer version wrote the file.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            return self._read() if self._path.exists() else self._create()
        except Timeout:
            raise StoreLocked(
                f"{self._path} is in use by another process: stop that one,"
                " or give this one a STORAGE_URL of its own."
            ) from None
        except OSError as error:
            raise StoreError(f"{self._path} cannot be used: {error.strerror or error}.") from error

    def prepare_write(self, snapshot: Snapshot, *, copy: bool = False) -> Callable[[], None]:
        """Return a function that writes the snapshot; it raises OSError if it cannot.

        Args:
            snapshot: what to write.
            copy: whether the last good copy is not to hold anything older either.
        """
        return partial(self._write, snapshot, copy=copy)

    def close(self) -> None:
        """Let other processes in."""
        self._lock.release()

    def _write(self, snapshot: Snapshot, *, copy: bool = False) -> None:
        self._file.write(write_chunks(snapshot))
        if copy:
            self._file.renew_backup()

    def _create(self) -> Memory:
        if self._file.backup.exists():
            raise StoreDamaged(
                f"{self._path} is missing, but its last good copy {self._file.backup.name} is"
                " there: copy it back to that name, or move it away to begin with nothing."
            )
        memory = Memory.empty(self._path.parent)
        self._write(memory.snapshot())
        return memory

    def _read(self) -> Memory:
        try:
            memory = _load(self._path)
        except (DamagedError, ValueError) as error:
            raise StoreDamaged(
                f"{self._path} is damaged ({error}). Nothing was changed. {self._find_good_copy()}"
            ) from error
        self._file.note()
        self._file.remove_leftovers()
        self._file.copy_to_backup()
        return memory

    def _find_good_copy(self) -> str:
        backup = self._file.backup
        try:
            _load(backup).close()
        except FileNotFoundError:
            mend = "restore it from your own backup"
            if not self._path.stat().st_size:
                mend = f"remove it to begin with nothing, or {mend}"
            return f"There is no copy beside it: {mend}."
        except (DamagedError, OSError, StoreError, ValueError):
            return f"{backup.name} is damaged too: restore it from your own backup."
        written = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
        return (
            f"The last good copy is {backup}, of {written:%Y-%m-%d %H:%M} UTC: copy it over the"
            " damaged file to go back to it."
        )


def _follow(path: Path) -> Path:
    # Newer versions of Python give a link that leads to itself back as it is.
    with contextlib.suppress(OSError, RuntimeError):
        path = path.resolve()
    if path.is_symlink():
        raise StoreError(f"{path} cannot be used: it is a symbolic link that leads to itself.")
    return path


def _load(path: Path) -> Memory:
    tables = LineTables(path.parent)
    try:
        with path.open("rb", buffering=1 << 20) as file:
            return Memory(read_tables(file, tables), tables)
    except StoreError as error:
        tables.close()
        raise StoreError(f"{path} {error}.") from None
    except BaseException:
        tables.close()
        raise
