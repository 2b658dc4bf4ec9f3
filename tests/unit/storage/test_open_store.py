"""Which store a STORAGE_URL names."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from storage import name_of, open_store
from storage.base import StoreError


async def test_three_slashes_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_store("tinydb:///data/deep/cases.json"):
        assert (tmp_path / "data" / "deep" / "cases.json").is_file()


async def test_four_slashes_are_absolute(tmp_path: Path) -> None:
    url = f"tinydb:///{tmp_path}/cases.json"
    assert url.startswith("tinydb:////")
    async with open_store(url):
        assert (tmp_path / "cases.json").is_file()


async def _use(url: str) -> None:
    async with open_store(url) as store, store.transaction() as tx:
        await tx.set_mark("a", "1")


def test_no_path_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asyncio.run(_use("tinydb://"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "no scheme"),
        ("data/cases.json", "no scheme"),
        ("tinydb://data/cases.json", "three slashes"),
        ("tinydb:///", "no file"),
        ("tinydb:///data/", "no file"),
        ("sqlite:///secret.db", "unknown scheme"),
        ("TinyDB:///x.json", "unknown scheme"),
    ],
)
def test_any_other_url_is_refused_with_an_example(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refusal:
        open_store(url)
    assert "tinydb:///data/cases.json" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://bot:secret@db", "names no database"),
        ("postgresql+asyncpg://bot:secret@db/", "names no database"),
        ("postgres://bot:secret@[db/cases", "cannot be read"),
    ],
)
def test_a_url_without_a_database_is_refused_with_an_example(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refusal:
        open_store(url)
    assert "postgresql://user:password@host:5432/database" in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tinydb:///data/cases.json", "tinydb:///data/cases.json"),
        ("postgresql://bot:secret@db:5432/cases?password=secret", "postgresql://db:5432/cases"),
        ("postgresql+asyncpg://bot:se@cret@db/cases", "postgresql+asyncpg://db/cases"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert name_of(url) == shown


def test_a_backend_is_imported_only_when_it_is_asked_for() -> None:
    script = "import sys, storage; sys.exit('tinydb' in sys.modules)"
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)  # noqa: S603 - our own line
