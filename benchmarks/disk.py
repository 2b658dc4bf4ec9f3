"""The least that keeping something can cost: a file replaced as a whole, on disk on return."""

import os
import time
from pathlib import Path


def replace_file(path: Path, content: bytes) -> float:
    """Replace the file and return how many seconds it took."""
    began = time.perf_counter()
    new = path.with_suffix(".new")
    with new.open("wb", buffering=0) as file:
        file.write(content)
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return time.perf_counter() - began


def replace_often(path: Path, *, size: int, times: int) -> list[float]:
    """Return what each of several replacements by a file of that size took, in seconds."""
    content = os.urandom(size)
    return [replace_file(path, content) for _ in range(times)]


def append_often(path: Path, *, size: int, times: int) -> list[float]:
    """Return what each of several appends of that size took until it was on disk, in seconds."""
    content = os.urandom(size)
    seconds = []
    with path.open("ab", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(content)
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - began)
    return seconds
