"""A file that is replaced as a whole: a reader, or a crash, finds the old one or the new one."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

import structlog

BACKUP_EVERY_SECONDS = 300.0

_log = structlog.get_logger(__name__)


_Mark = tuple[int, int]
"""How long a file is, and when it was written."""


class NotSyncedError(OSError):
    """The new content is in place, but whether it would outlast a power cut is not known."""


class AtomicFile:
    """One file, its last good copy (`<name>.bak`) and the folder they are in.

    Not for several threads or processes at a time: the caller keeps others out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_name(f"{path.name}.bak")
        self._new = path.with_name(f"{path.name}.tmp")
        self._new_backup = path.with_name(f"{path.name}.bak.tmp")
        self._backed_up_at = time.monotonic()
        self._known: _Mark | None = None

    def note(self) -> None:
        """Take the present content for ours, and good."""
        self._known = _mark_of(self.path)

    def remove_leftovers(self) -> None:
        """Remove what a killed process was still writing."""
        self._new.unlink(missing_ok=True)
        self._new_backup.unlink(missing_ok=True)

    def write(self, chunks: Iterable[bytes]) -> None:
        """Replace the content; on return it is on disk.

        Raises:
            NotSyncedError: the new content is in place, but may not outlast a power cut.
            OSError: the old content is untouched.
        """
        try:
            self._write_new(chunks)
            ours = self._is_still_ours()
            if ours:
                self._refresh_backup()
            os.replace(self._new, self.path)  # noqa: PTH105 - a failing disk is played here in tests
        except BaseException:
            self._new.unlink(missing_ok=True)
            raise
        self.note()
        if not ours:
            self._copy_what_is_ours()
        try:
            self._sync_folder()
        except OSError as error:
            raise NotSyncedError(error.errno, error.strerror) from error

    def copy_to_backup(self) -> None:
        """Keep the present content as the last good copy.

        A true copy: a program that writes into the file in place would change a hard link too.
        """
        try:
            with self.path.open("rb") as source, _create(self._new_backup) as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                os.fsync(copy.fileno())
            self._new_backup.replace(self.backup)
        except BaseException:
            # Half a copy would fill a full disk even more.
            self._new_backup.unlink(missing_ok=True)
            raise
        self._backed_up_at = time.monotonic()

    def renew_backup(self) -> None:
        """Let the last good copy hold nothing that the file does not; never raises.

        Where it cannot be copied it is removed: a copy is made again at the next start.
        """
        try:
            self.copy_to_backup()
            self._sync_folder()
        except OSError as error:
            _log.warning("storage_backup_failed", file=self.backup.name, reason=error.strerror)
            with contextlib.suppress(OSError):
                self.backup.unlink(missing_ok=True)

    def _write_new(self, chunks: Iterable[bytes]) -> None:
        with _create(self._new) as new:
            for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    rest = rest[new.write(rest) :]
            os.fsync(new.fileno())

    def _is_still_ours(self) -> bool:
        """Tell whether nobody else has written the file: what they wrote would be no good copy."""
        if self._known is None or _mark_of(self.path) == self._known:
            return True
        _log.warning(
            "storage_file_changed",
            file=self.path.name,
            reason="another program has written it; what the bot knows is written over that",
        )
        return False

    def _refresh_backup(self) -> None:
        """Keep what is about to be replaced, now and then; a link costs nothing."""
        if time.monotonic() - self._backed_up_at < BACKUP_EVERY_SECONDS:
            return
        try:
            self._new_backup.unlink(missing_ok=True)
            self._new_backup.hardlink_to(self.path)
            self._new_backup.replace(self.backup)
            self._backed_up_at = time.monotonic()
        except OSError as error:
            # An older copy than wanted is no reason to refuse the change itself.
            _log.warning("storage_backup_failed", file=self.backup.name, reason=error.strerror)

    def _copy_what_is_ours(self) -> None:
        try:
            self.copy_to_backup()
        except OSError as error:
            _log.warning("storage_backup_failed", file=self.backup.name, reason=error.strerror)

    def _sync_folder(self) -> None:
        if os.name == "nt":  # Windows cannot open a folder, and keeps renames by itself.
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mark_of(path: Path) -> _Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _create(path: Path) -> FileIO:
    """Create the file for its owner alone and open it for writing, without a buffer."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    path.unlink(missing_ok=True)
    return FileIO(os.open(path, flags, 0o600), "w")
